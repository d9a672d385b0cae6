"""Owns triggers: for all slots at once, who may start, on whom, and which running actions may go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from behaviors.columns import SHARED_PAIRS, Bound, Frame, Pairs
from behaviors.errors import RuleError
from behaviors.expressions import compile
from behaviors.forest import Slots
from behaviors.rules import AutonomousRule, Who
from behaviors.senses import Cast, Flags, Floats, Ints, Senses

SMALL_CAST = 64
"""Up to so many characters a rule is evaluated for all of them: cheaper than picking out those that have it."""

EVERYONE = slice(None)


class Sight:
    """What the triggers say in one tick, one row a slot.

    `ready`: the slot does not run, and its trigger holds for some candidate. `bearer`: the subject chosen where ready,
    else -1. `holds`: the slot runs and may go on with its fixed bearer.
    """

    __slots__ = ("_metres", "_owner", "bearer", "holds", "ready")

    def __init__(self, size: int, owner: Mapping[int, _Group]) -> None:
        self.ready: Flags = np.zeros(size, np.bool_)
        self.bearer: Ints = np.full(size, -1, np.int32)
        self.holds: Flags = np.zeros(size, np.bool_)
        self._owner = owner
        self._metres: dict[_Group, Floats] = {}

    def keep(self, group: _Group, metres: Floats) -> None:
        """Keep the distances of an `all` group, infinite where the trigger does not hold, for `all_bearers`."""
        self._metres[group] = metres

    def all_bearers(self, slot: int) -> Ints:
        """All subjects in range for which the trigger of a ready slot held, ascending distance, then index.

        More than one only for `all`; empty for a slot that is not ready.
        """
        if not self.ready[slot]:
            return np.zeros(0, np.int32)
        group = self._owner.get(slot)
        if group is None:
            return self.bearer[slot : slot + 1].copy()
        row = self._metres[group][group.local[np.searchsorted(group.slots, slot)]]
        order = np.argsort(row, kind="stable")
        subjects: Ints = group.candidates[order[row[order] < np.inf]]
        return subjects


class _Group:
    """All slots of one rule (or a part of them, when their candidates would be too many at once)."""

    def __init__(self, rule: AutonomousRule, slots: Ints, characters: Ints, cast: Cast) -> None:
        where = f"rule `{rule.name}`"
        self.who = rule.bearer.who
        self.within = rule.bearer.within
        self.slots = slots
        self.characters = characters
        self.trigger = Bound(compile(rule.trigger), cast, where, rule.bearer)
        self.release = None if rule.release is None else Bound(compile(rule.release), cast, where, rule.bearer)
        self.people_only = self.trigger.whole_bearer or (self.release is not None and self.release.whole_bearer)
        self.count = len(cast.characters)
        dense = self.count <= SMALL_CAST
        self.rows = EVERYONE if dense else characters
        self.local: Ints = characters if dense else np.arange(len(characters), dtype=np.int32)
        self.label = -1
        self.candidates: Ints = np.zeros(0, np.int32)
        self.named = -1
        self._resolve(rule, cast, where)

    def _resolve(self, rule: AutonomousRule, cast: Cast, where: str) -> None:
        """Find what the bearer selector names, and prepare the pairs that never change."""
        name = rule.bearer.name
        everyone = np.arange(self.count, dtype=np.int32)[self.rows]
        match self.who:
            case Who.SELF:
                self.pairs = Pairs(self.rows, everyone, everyone)
            case Who.NAMED:
                subjects = cast.subjects
                if name not in subjects:
                    raise RuleError("unknown_bearer", f"there is nobody and nothing called `{name}`", "", where)
                self.named = subjects[name]
                self.pairs = Pairs(self.rows, self.named, self.named if self.named < self.count else 0)
            case Who.NEAREST | Who.ALL:
                if name not in cast.tagged:
                    raise RuleError("unknown_tag", f"nobody has the tag `{name}`", "give it to somebody", where)
                self.candidates = np.asarray(cast.tagged[name], np.int32)
                columns = (
                    slice(self.count) if np.array_equal(self.candidates, np.arange(self.count)) else self.candidates
                )
                self.pairs = Pairs(self.rows, columns, columns, grid=True)
                self.others = everyone[:, None] != self.candidates
            case Who.CAUSE:
                if name not in cast.labels:
                    raise RuleError("unknown_label", f"`{name}` is not an emotion of this scene", "", where)
                self.label = cast.labels.index(name)
            case _:
                pass

    def start(self, frame: Frame, sight: Sight) -> None:
        """Fill in `ready` and `bearer` for the slots of this group."""
        if self.who is Who.NEAREST or self.who is Who.ALL:
            self._choose(frame, sight)
            return
        bearer = sight.bearer
        if self.who is Who.SELF or self.who is Who.NAMED:
            pairs, holds = self.pairs, self.trigger(frame, self.pairs)
            if self.within < np.inf:
                holds = holds & (frame.distance(pairs) <= self.within)
            bearer[self.slots] = self.characters if self.who is Who.SELF else self.named
        else:
            subjects = self._pointed(frame.senses)
            pairs = _pairs_of(self.rows, subjects, self.count)
            holds = self._may(subjects) & self.trigger(frame, pairs)
            if self.within < np.inf:
                holds = holds & (frame.distance(pairs) <= self.within)
            bearer[self.slots] = subjects[self.local]
        sight.ready[self.slots] = holds[self.local] if holds.ndim else holds

    def _pointed(self, senses: Senses) -> Ints:
        """Whom the senses point at, a subject or -1 for each row."""
        match self.who:
            case Who.CAUSE:
                column = senses.cause[self.rows, self.label]
            case Who.SPEAKER:
                column = senses.speaker[self.rows]
            case _:
                column = senses.target[self.rows]
        return column

    def _may(self, subjects: Ints) -> Flags:
        """Which subjects can be bearers at all: somebody, and a character if the rule reads the bearer's emotions."""
        there: Flags = subjects >= 0
        return there & (subjects < self.count) if self.people_only else there

    def _choose(self, frame: Frame, sight: Sight) -> None:
        if not len(self.candidates):
            return
        fits = self.trigger(frame, self.pairs)
        if not fits.any():
            return
        metres = frame.distance(self.pairs)
        fits = fits & self.others
        if self.within < np.inf:
            fits &= metres <= self.within
        metres = np.where(fits, metres, np.inf)
        nearest = metres.argmin(axis=1)[self.local]
        sight.bearer[self.slots] = self.candidates[nearest]
        sight.ready[self.slots] = metres[self.local, nearest] < np.inf
        if self.who is Who.ALL:
            sight.keep(self, metres)

    def go_on(self, frame: Frame, running: Flags, bearer: Ints, sets: Mapping[int, Ints], holds: Flags) -> None:
        """Fill in `holds` for the slots of this group that run."""
        local = np.flatnonzero(running[self.slots])
        slots = self.slots[local]
        rows = self.characters[local]
        if self.who is not Who.ALL:
            holds[slots] = self._held(frame, rows, bearer[slots])
            return
        several = [sets[slot] for slot in slots.tolist()]
        sizes = [len(each) for each in several]
        pairs_hold = self._held(frame, np.repeat(rows, sizes), np.concatenate(several))
        owner = np.repeat(np.arange(len(slots)), sizes)
        holds[slots] = np.bincount(owner[pairs_hold], minlength=len(slots)) > 0

    def _held(self, frame: Frame, rows: Ints, subjects: Ints) -> Flags:
        pairs = _pairs_of(rows, subjects, self.count)
        held = self.trigger(frame, pairs) if self.release is None else ~self.release(frame, pairs)
        held = self._may(subjects) & held
        return held & (frame.distance(pairs) <= self.within) if self.within < np.inf else held


def _pairs_of(rows: Ints | slice, subjects: Ints, count: int) -> Pairs:
    characters = np.where((subjects >= 0) & (subjects < count), subjects, 0)
    return Pairs(rows, np.maximum(subjects, 0), characters)


class Triggers:
    """Evaluates the triggers and releases of all slots. Keeps nothing from tick to tick.

    Raises `RuleError` at construction for a name, tag, label or subject the cast does not have.
    """

    def __init__(self, cast: Cast, slots: Slots, rules: Sequence[AutonomousRule]) -> None:
        self._size = len(slots)
        order = np.argsort(slots.rule, kind="stable").astype(np.int32)
        self._groups: list[_Group] = []
        for number in np.unique(slots.rule).tolist():
            mine = order[slots.rule[order] == number]
            rule = rules[number]
            reach = len(cast.tagged.get(rule.bearer.name, ())) if rule.bearer.who in (Who.NEAREST, Who.ALL) else 1
            step = max(1, SHARED_PAIRS // max(reach, 1))
            for first in range(0, len(mine), step):
                part = mine[first : first + step]
                self._groups.append(_Group(rule, part, slots.character[part], cast))
        self._order = np.concatenate([np.zeros(0, np.int32), *(group.slots for group in self._groups)])
        sizes = [len(group.slots) for group in self._groups]
        self._starts = np.cumsum([0, *sizes])[:-1]
        self._sizes = sizes
        self._owner = {slot: group for group in self._groups if group.who is Who.ALL for slot in group.slots.tolist()}

    def look(self, senses: Senses, running: Flags, bearer: Ints, sets: Mapping[int, Ints]) -> Sight:
        """Evaluate one tick.

        `running` (S,) and `bearer` (S,) are the columns of `Actions`: which slots run, with which fixed bearer;
        `sets` the fixed bearers of running `all` slots.
        """
        frame = Frame(senses)
        sight = Sight(self._size, self._owner)
        if not self._groups:
            return sight
        busy = np.add.reduceat(running[self._order], self._starts, dtype=np.int64).tolist()
        for group, size, count in zip(self._groups, self._sizes, busy, strict=True):
            if count < size:
                group.start(frame, sight)
            if count:
                group.go_on(frame, running, bearer, sets, sight.holds)
        sight.ready &= ~running
        sight.bearer[~sight.ready] = -1
        return sight
