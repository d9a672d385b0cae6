"""Owns what running actions do while they last: their per-second aims as one table of rates, by character."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from behaviors.actions import Actions
from behaviors.forest import Forest
from behaviors.rules import Change, Who
from emotion_runtime.kernels.tables import BLOCK, Drives, Ints, blocks
from emotion_runtime.world import World

NO_INTS: Final = np.zeros(0, np.int32)
FEW: Final = 24
"""Running actions up to which plain numbers beat arrays."""
SCANNED_UP_TO: Final = 4096
"""Slots up to which all are looked at for those that run."""


@dataclass(frozen=True, slots=True, eq=False)
class _Aim:
    """One per-second change of one rule, and its place among the rule's changes."""

    rule: int
    place: int
    change: Change
    channel: int
    code: int
    all_bearers: bool


class Driving:
    """The rates of all running actions; built anew only after some action began or ended (`changed`)."""

    def __init__(self, world: World, forest: Forest) -> None:
        self.changed = True
        self._n = world.n
        self._width = world.ledger.codes.width
        self._forest = forest
        self._aims = [
            _Aim(
                number,
                place,
                change,
                world.channel[change.label],
                world.ledger.codes.code("action", rule.name),
                rule.bearer.who is Who.ALL,
            )
            for number, rule in enumerate(forest.rules)
            for place, change in enumerate(rule.aim)
            if change.per_second
        ]
        self._aims_of: dict[int, list[_Aim]] = {}
        for aim in self._aims:
            self._aims_of.setdefault(aim.rule, []).append(aim)
        self._rule_of = forest.slots.rule
        self._bounds = np.arange(blocks(world.n) + 1) * BLOCK
        self._none = Drives(NO_INTS, NO_INTS, np.zeros(0), NO_INTS, np.zeros(blocks(world.n) + 1, np.int32))
        self._drives = self._none
        driven = np.zeros(len(forest.rules), np.bool_)
        driven[[aim.rule for aim in self._aims]] = True
        self._aimed = driven
        self._slots: NDArray[np.int64] | None = None
        """The slots that play a rule with such a change now, ascending; None: not known."""

    def follow(self, begun: Ints) -> None:
        """The slots `begun` run now and did not in the tick before; others may have ended."""
        self.changed = True
        if self._slots is not None and len(begun):
            new = begun[self._aimed[self._forest.slots.rule[begun]]]
            if len(new):
                self._slots = np.union1d(self._slots, new.astype(np.int64))

    def forget(self) -> None:
        """Any slot may have begun or ended."""
        self.changed = True
        self._slots = None

    def drives(self, actions: Actions) -> Drives:
        """Rows by character, then by slot, then by place in the rule."""
        if self.changed and self._aims:
            self._drives = self._build(actions)
        self.changed = False
        return self._drives

    def _build(self, actions: Actions) -> Drives:
        if len(actions.running) <= SCANNED_UP_TO:
            running = np.flatnonzero(actions.running)
            if len(running) <= FEW:
                return self._build_few(running.tolist(), actions)
        if self._slots is None:
            self._slots = np.flatnonzero(self._aimed[self._forest.slots.rule])
        self._slots = self._slots[actions.running[self._slots]]
        parts = [each for aim in self._aims if len((each := self._reached(aim, actions))[0])]
        if not parts:
            return self._none
        slot, target = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        sizes = [len(p[0]) for p in parts]
        aims = [p[2] for p in parts]
        place = np.repeat([aim.place for aim in aims], sizes)
        order = np.lexsort((place, slot, target))
        target, slot = target[order].astype(np.int32), slot[order]
        cause = (self._forest.slots.character[slot] + 1) * self._width
        cause += np.repeat(np.array([aim.code for aim in aims], np.int32), sizes)[order]
        return Drives(
            target,
            np.repeat(np.array([aim.channel for aim in aims], np.int32), sizes)[order],
            np.repeat(np.array([aim.change.amount for aim in aims]), sizes)[order],
            cause.astype(np.int32),
            np.searchsorted(target, self._bounds).astype(np.int32),
        )

    def _build_few(self, running: list[int], actions: Actions) -> Drives:
        """The same for a handful of actions, in plain numbers, which beat arrays when there are few of them."""
        rows: list[tuple[int, int, int, _Aim]] = []
        for slot in running:
            for aim in self._aims_of.get(int(self._rule_of[slot]), ()):
                if aim.change.on_self:
                    rows.append((int(self._forest.slots.character[slot]), slot, aim.place, aim))
                    continue
                bearers = actions.sets[slot].tolist() if aim.all_bearers else (int(actions.bearer[slot]),)
                rows.extend((bearer, slot, aim.place, aim) for bearer in bearers if 0 <= bearer < self._n)
        if not rows:
            return self._none
        rows.sort(key=itemgetter(0, 1, 2))
        target = np.array([row[0] for row in rows], np.int32)
        owners = self._forest.slots.character
        return Drives(
            target,
            np.array([row[3].channel for row in rows], np.int32),
            np.array([row[3].change.amount for row in rows], np.float64),
            np.array([(int(owners[row[1]]) + 1) * self._width + row[3].code for row in rows], np.int32),
            np.searchsorted(target, self._bounds).astype(np.int32),
        )

    def _reached(self, aim: _Aim, actions: Actions) -> tuple[NDArray[np.int64], Ints, _Aim]:
        """Slots that run it, and whose emotion each moves: the inflicter's, or that of bearers who are characters."""
        assert self._slots is not None
        slots = self._slots[self._forest.slots.rule[self._slots] == aim.rule]
        if aim.change.on_self:
            return slots, self._forest.slots.character[slots], aim
        if aim.all_bearers:
            several = [actions.sets[slot] for slot in slots.tolist()]
            slots = np.repeat(slots, [len(each) for each in several])
            bearers = np.concatenate([NO_INTS, *several])
        else:
            bearers = actions.bearer[slots]
        there = (bearers >= 0) & (bearers < self._n)
        return slots[there], bearers[there], aim
