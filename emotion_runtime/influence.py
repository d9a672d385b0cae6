"""Owns what smart objects do to characters: which rules act now, where they reach, and whom they touch."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from behaviors.columns import Bound, Frame, Pairs
from behaviors.errors import RuleError
from behaviors.expressions import compile
from behaviors.objects import Influence as PlainInfluence
from behaviors.rules import Fade, InteractiveRule, Who
from emotion_runtime.errors import UsageError
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.kernels.raster import build_raster
from emotion_runtime.kernels.tables import (
    BLOCK,
    NOBODY,
    REFRESH_TICKS,
    REFRESHED_TOGETHER,
    Active,
    Drives,
    Floats,
    Hits,
    Raster,
    blocks,
)
from emotion_runtime.world import World

UNMOVED_UP_TO = 1024
"""Up to so many characters it is worth asking whether anybody moved at all."""

MOST_ROOM = 1 << 20
"""Rows of one block that are believed of a saved state."""

Array = NDArray[Any]

FADES = {Fade.NONE: 0, Fade.LINEAR: 1, Fade.INVERSE_SQUARE: 2}
NO_PAIR = Pairs(0)

Longs = NDArray[np.int64]


class Influence:
    """The interactive rules of all objects of a scene, on the tables of the kernels.

    `hits` and `active` say what acts on whom, from one `look` to the next. Raises `RuleError` at construction for a
    rule that an object cannot have.
    """

    def __init__(self, world: World, rules: Sequence[InteractiveRule], kernels: Kernels) -> None:
        self._world = world
        self._kernels = kernels
        self._special = _Special(world, [rule for rule in rules if _is_special(rule)])
        rules = [rule for rule in rules if not _is_special(rule)]
        self._rules = _Rules(world, rules)
        self._frame = Frame(world.surroundings())
        self._on = np.zeros(len(rules), np.bool_)
        self._variables: bytes | None = None
        self._values = np.full(len(world.variables), np.nan)
        self._places = b""
        self._standing = b""
        room = 64 if world.n <= 64 else 2048
        self.active: Active = self._rules.active(self._on, world)
        self._raster: Raster = build_raster(self.active)
        self.hits = _room(blocks(world.n), room)
        self._due = np.zeros(blocks(world.n), np.uint8)
        self._refresh = 1 if world.n <= REFRESHED_TOGETHER else REFRESH_TICKS

    def look(self, tick: int) -> None:
        """Bring `active` and `hits` up to this tick."""
        if not len(self._on):
            return
        world = self._world
        changed = self._conditions()
        places = world.position[world.n :].tobytes()
        if changed or places != self._places:
            self._places = places
            self.active = self._rules.active(self._on, world)
            self._raster = build_raster(self.active)
            changed = True
        changed |= self._rules.choose(self.active, world.position)
        if world.n <= UNMOVED_UP_TO:
            standing = world.position[: world.n].tobytes()
            if not changed and standing == self._standing:
                return
            self._standing = standing
        self._due[:] = 1
        if not changed and self._refresh > 1:
            self._due[:] = 0
            self._due[tick % self._refresh :: self._refresh] = 1
        self._gather()

    def held(self) -> dict[str, Array]:
        """What a crowd keeps from one `look` to a later one, as arrays by name; empty where each looks anew."""
        if self._refresh == 1 or self._variables is None:
            return {}
        hits = self.hits
        rows = np.concatenate(
            [np.arange(count) + block * hits.rate.shape[1] for block, count in enumerate(hits.filled)]
        )
        return {
            "on": self._on.copy(),
            "values": self._values.copy(),
            "only": self.active.only.copy(),
            "room": np.array([hits.rate.shape[1]], np.int64),
            "filled": hits.filled.copy(),
            "character": hits.character.reshape(-1)[rows],
            "change": hits.change.reshape(-1)[rows],
            "rate": hits.rate.reshape(-1)[rows],
        }

    def hold(self, held: dict[str, Array]) -> None:
        """Go on with what `held` gave: for a world that stands as it stood then. Raises UsageError, else."""
        world, n = self._world, self._world.n
        filled, room = held["filled"], int(held["room"][0])
        total = int(filled.sum())
        sound = filled.min() >= 0 and filled.max() <= room <= MOST_ROOM and total == len(held["rate"])
        sound = sound and held["on"].shape == self._on.shape and held["values"].shape == self._values.shape
        if not sound:
            raise UsageError("bad_state", "the rates of a crowd do not fit this scene")
        active = self._rules.active(held["on"], world)
        block = np.repeat(np.arange(len(filled)), filled)
        sound = active.only.shape == held["only"].shape and bool((held["character"] // BLOCK == block).all())
        sound = sound and _within(held["character"], n) and _within(held["change"], len(active.rate))
        if not sound or not _within(held["only"] + 1, n + 1) or not np.isfinite(held["rate"]).all():
            raise UsageError("bad_state", "the rates of a crowd name what is not in this scene")
        self._on[:] = held["on"]
        self._values[:] = held["values"]
        self._variables = self._values.tobytes()
        self._places = world.position[n:].tobytes()
        active.only[:] = held["only"]
        self.active, self._raster = active, build_raster(active)
        self.hits = _room(len(filled), room)
        place = np.arange(total) - np.repeat(np.cumsum(filled) - filled, filled)
        for name in ("character", "change", "rate"):
            getattr(self.hits, name)[block, place] = held[name]
        self.hits.filled[:] = filled

    @property
    def claims(self) -> NDArray[np.bool_]:
        """(k, n) who holds a place, for each rule with `claims`: part of the state."""
        return self._special.rules.claims

    def carry(self, before: Influence, stay: Longs, rows: Longs) -> None:
        """Take over the places that characters hold: old rows `stay` are the new `rows`."""
        old = dict(zip(before._special.rules.claiming, before.claims, strict=True))
        for name, held in zip(self._special.rules.claiming, self.claims, strict=True):
            if name in old:
                held[rows] = old[name][stay]

    def joined(self, drives: Drives) -> Drives:
        """The rates of running actions, with those of the rules that the raster does not know before them."""
        return self._special.joined(drives)

    def _gather(self) -> None:
        kernels, world = self._kernels, self._world
        while True:
            most = max(
                kernels.split(
                    kernels.form.gather,
                    self._due,
                    world.position,
                    self._rules.member,
                    self.active,
                    self._raster,
                    self.hits,
                    world.n,
                )
            )
            if most <= self.hits.rate.shape[1]:
                return
            self.hits = _room(blocks(world.n), 2 * most)
            self._due[:] = 1

    def _conditions(self) -> bool:
        """Ask the conditions of the rules whose variables changed; returns whether any answer changed."""
        variables = self._world.variables
        now = variables.tobytes()
        if now == self._variables:
            return False
        asked = self._rules.readers(variables != self._values, first=self._variables is None)
        self._variables = now
        self._values[:] = variables
        before = self._on.copy()
        for rule in asked:
            self._on[rule] = bool(self._rules.conditions[rule](self._frame, NO_PAIR))
        return bool((before != self._on).any())


def _within(numbers: Array, limit: int) -> bool:
    return not len(numbers) or (int(numbers.min()) >= 0 and int(numbers.max()) < limit)


def _room(count: int, size: int) -> Hits:
    shape = (count, size)
    return Hits(np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(shape), np.zeros(count, np.int32))


def _is_special(rule: InteractiveRule) -> bool:
    """Whether its reach is more than a distance: these are few, and each is asked by itself."""
    return rule.fade is Fade.CURVE or rule.in_sight or rule.capacity > 0 or rule.claims


class _Special:
    """Rules with a curve, a line of sight or a capacity, in their plain form: one at a time over all characters."""

    def __init__(self, world: World, rules: Sequence[InteractiveRule]) -> None:
        self.rules = PlainInfluence(world.cast, rules)
        self._senses = world.surroundings()
        self._world = world
        self._number = [world.ledger.number("object", world.subject[rule.inflicter], rule.name) for rule in rules]
        shape = (world.n, len(world.rows)) if rules else (0, 0)
        self._sums = np.zeros(shape), np.zeros(shape)

    def joined(self, drives: Drives) -> Drives:
        """`drives` with the rates of this tick before them, by character."""
        effects = self.rules.act(self._senses, *self._sums) if self._number else []
        if not effects:
            return drives
        sizes = [len(effect.characters) for effect in effects]
        character = np.concatenate([*(effect.characters for effect in effects), drives.character])
        channel = np.repeat(np.array([effect.label for effect in effects], np.int32), sizes)
        cause = np.repeat(np.array([self._number[effect.rule] for effect in effects], np.int32), sizes)
        order = np.argsort(character, kind="stable")
        character = character[order].astype(np.int32)
        return Drives(
            character,
            np.concatenate([channel, drives.channel])[order],
            np.concatenate([*(effect.rates for effect in effects), drives.rate])[order],
            np.concatenate([cause, drives.cause])[order],
            np.searchsorted(character, np.arange(blocks(self._world.n) + 1) * BLOCK).astype(np.int32),
        )


class _Rules:
    """All rules as columns, in the order of the scene."""

    def __init__(self, world: World, rules: Sequence[InteractiveRule]) -> None:
        cast, subjects = world.cast, world.subject
        self.count = world.n
        self._subject = np.zeros(len(rules), np.int32)
        self._within = np.zeros(len(rules))
        self._fade = np.zeros(len(rules), np.uint8)
        self._tag = np.zeros(len(rules), np.int32)
        self._only = np.full(len(rules), NOBODY, np.int32)
        self._nearest = np.zeros(len(rules), np.bool_)
        self.conditions: list[Bound] = []
        self._read: dict[int, list[int]] = {}
        tags: dict[str, int] = {}
        changes: list[tuple[int, float, int]] = []
        starts = [0]
        for number, rule in enumerate(rules):
            where = f"rule `{rule.inflicter}.{rule.name}`"
            if rule.inflicter not in subjects or subjects[rule.inflicter] < world.n:
                raise RuleError("unknown_object", f"there is no object `{rule.inflicter}`", "declare it", where)
            program = compile(rule.trigger)
            self.conditions.append(Bound(program, cast, where, None, rule.inflicter))
            for name in program.names:
                row = cast.variables.get(f"{rule.inflicter}.{name}", cast.variables.get(name, -1))
                self._read.setdefault(row, []).append(number)
            if not program.names:
                self._read.setdefault(-1, []).append(number)
            self._subject[number] = subjects[rule.inflicter]
            self._within[number] = rule.bearer.within
            self._fade[number] = FADES[rule.fade if 0 < rule.bearer.within < inf else Fade.NONE]
            self._nearest[number] = rule.bearer.who is Who.NEAREST
            if rule.bearer.who is Who.NAMED and subjects.get(rule.bearer.name, world.n) < world.n:
                self._only[number] = subjects[rule.bearer.name]
                tag = ""
            elif rule.bearer.who in (Who.NEAREST, Who.ALL):
                tag = rule.bearer.name
            else:
                raise RuleError(
                    "wrong_bearer",
                    f"an object cannot act on `{rule.bearer}`",
                    "use all(tag) within 5 m, nearest(tag) within 5 m, or the name of a character",
                    where,
                )
            self._tag[number] = tags.setdefault(tag, len(tags))
            for change in rule.effect:
                if change.on_self or not change.per_second or change.label not in world.channel:
                    what = "use a rate on its bearer's emotion, as +0.1/s"
                    raise RuleError("wrong_effect", f"an object cannot cause `{change}`", what, where)
                cause = world.ledger.number("object", subjects[rule.inflicter], rule.name)
                changes.append((world.channel[change.label], change.amount, cause))
            starts.append(len(changes))
        self._start = np.array(starts, np.int32)
        self._channel = np.array([channel for channel, _, _ in changes], np.int32)
        self._rate = np.array([rate for _, rate, _ in changes])
        self._cause = np.array([cause for _, _, cause in changes], np.int32)
        self.member = np.zeros((max(1, len(tags)), world.n), np.uint8)
        for tag, row in tags.items():
            if tag == "":
                self.member[row] = 1
            elif tag in cast.tagged:
                self.member[row, cast.tagged[tag]] = 1
            else:
                raise RuleError("unknown_tag", f"nobody has the tag `{tag}`", "give it to somebody")

    def readers(self, changed: np.ndarray[tuple[int], np.dtype[np.bool_]], *, first: bool) -> Sequence[int]:
        """The rules whose condition may have changed, ascending."""
        if first:
            return range(len(self.conditions))
        rows = np.flatnonzero(changed).tolist()
        return sorted({rule for row in rows for rule in self._read.get(row, ())})

    def active(self, on: np.ndarray[tuple[int], np.dtype[np.bool_]], world: World) -> Active:
        """The rules that act now, in order."""
        rules = np.flatnonzero(on)
        sizes = self._start[rules + 1] - self._start[rules]
        start = np.zeros(len(rules) + 1, np.int32)
        np.cumsum(sizes, out=start[1:])
        change = np.arange(start[-1]) + np.repeat(self._start[rules] - start[:-1], sizes)
        self._active_nearest = np.flatnonzero(self._nearest[rules]).tolist()
        return Active(
            place=np.column_stack((world.position[self._subject[rules]], self._within[rules])),
            fade=self._fade[rules],
            tag=self._tag[rules],
            only=self._only[rules],
            start=start,
            channel=self._channel[change],
            rate=self._rate[change],
            cause=self._cause[change],
        )

    def choose(self, active: Active, position: Floats) -> bool:
        """Find the one character of each acting `nearest` rule; returns whether any is another than before."""
        changed = False
        for rule in self._active_nearest:
            candidates = np.flatnonzero(self.member[active.tag[rule]])
            gap = position[candidates] - active.place[rule, :3]
            metres = np.sqrt(gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1] + gap[:, 2] * gap[:, 2])
            chosen = candidates[metres.argmin()]
            changed |= bool(active.only[rule] != chosen)
            active.only[rule] = chosen
        return changed
