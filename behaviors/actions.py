"""Owns the life of actions: which slot plays what, since when, on whom, and the ordered starts and stops of a tick."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from behaviors.errors import ReportError, StateError
from behaviors.executor import Codes, Ended, Outcomes, Reported
from behaviors.forest import Forest
from behaviors.forms import micros
from behaviors.rules import Who
from behaviors.senses import Flags, Ints
from behaviors.triggers import Sight

NEVER_US = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Started:
    """An action begins. `bearers` are subjects, nearest first; exactly one unless the rule says `all`."""

    slot: int
    action: int
    bearers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """An action is over. `bearers` are those it began with, `started_us` when that was."""

    slot: int
    action: int
    bearers: tuple[int, ...]
    reason: Ended
    started_us: int


@dataclass(frozen=True, slots=True, eq=False)
class ActionsState:
    """All that `Actions` remembers. Columns (S,), but `next_action` (1,) and the pairs of `all` bearers (P,)."""

    running: Flags
    action: NDArray[np.uint64]
    bearer: Ints
    started_us: NDArray[np.int64]
    rest_until_us: NDArray[np.int64]
    reported: Codes
    next_action: NDArray[np.uint64]
    set_slot: Ints
    set_bearer: Ints


class Actions:
    """Columns over the slots of a forest; all read-only for callers.

    `running` bool, `action` uint64 (0 = none; from 1, rising in the order of starts), `bearer` int32 subject or -1,
    `started_us` and `rest_until_us` int64 simulated microseconds. `sets` maps a running slot of an `all` rule to the
    bearers it began with. A tick goes: `reported`, `rested`, the executor, `apply`.
    """

    def __init__(self, forest: Forest) -> None:
        size = len(forest.slots)
        self.forest = forest
        self.running: Flags = np.zeros(size, np.bool_)
        self.action = np.zeros(size, np.uint64)
        self.bearer: Ints = np.full(size, -1, np.int32)
        self.started_us = np.zeros(size, np.int64)
        self.rest_until_us = np.zeros(size, np.int64)
        self.sets: dict[int, Ints] = {}
        self._reported: Codes = np.zeros(size, np.uint8)
        self._slot_of: dict[int, int] = {}
        self._next = 1
        of_rule = forest.slots.rule
        spans = [micros(rule.timeout) if isfinite(rule.timeout) else NEVER_US for rule in forest.rules]
        rests = [micros(rule.rest) for rule in forest.rules]
        self._timeout_us = np.array(spans, np.int64)[of_rule]
        self._rest_us = np.array(rests, np.int64)[of_rule]
        self._hurried = bool((self._timeout_us != NEVER_US).any())
        self._for_all = np.array([rule.bearer.who is Who.ALL for rule in forest.rules], np.bool_)[of_rule]

    def slot(self, action: int) -> int:
        """The slot that plays an action. Raises `ReportError` when none does."""
        slot = self._slot_of.get(action)
        if slot is None:
            raise ReportError(
                "unknown_action",
                f"no action {action} is running",
                "it may have been stopped in the meantime; a result after a stop needs no answer",
            )
        return slot

    def report(self, action: int, ok: bool) -> int:
        """Note the engine's result for the next tick and return the slot; the first result of a tick counts.

        Raises `ReportError`, and changes nothing, for an action that is not running.
        """
        slot = self.slot(action)
        if self._reported[slot] == Reported.NOTHING:
            self._reported[slot] = Reported.SUCCESS if ok else Reported.FAILURE
        return slot

    def reported(self, now_us: int) -> Codes:
        """A `Reported` code for each slot (S,): what the engine said, else TIMEOUT for actions past their time."""
        codes = self._reported.copy()
        if self._hurried:
            late = self.running & (codes == Reported.NOTHING) & (now_us - self.started_us >= self._timeout_us)
            codes[late] = Reported.TIMEOUT
        return codes

    def rested(self, now_us: int) -> Flags:
        """Slots (S,) that may start: not resting after a failure or a timeout. To be and-ed with what is ready."""
        return self.rest_until_us <= now_us

    def apply(self, now_us: int, outcomes: Outcomes, sight: Sight) -> tuple[Stopped | Started, ...]:
        """Take over what the executor did. All stops by ascending slot, then all starts by ascending slot."""
        ended = np.flatnonzero(outcomes.ended)
        begun = np.flatnonzero(outcomes.running & ~self.running)
        self._reported[:] = Reported.NOTHING
        if not len(ended) and not len(begun):
            return ()
        stops = [self._end(slot, Ended(int(outcomes.ended[slot])), now_us) for slot in ended.tolist()]
        starts = [self._begin(slot, now_us, sight) for slot in begun.tolist()]
        return (*stops, *starts)

    def _bearers(self, slot: int) -> tuple[int, ...]:
        several = self.sets.get(slot)
        return (int(self.bearer[slot]),) if several is None else tuple(several.tolist())

    def _end(self, slot: int, reason: Ended, now_us: int) -> Stopped:
        stop = Stopped(slot, int(self.action[slot]), self._bearers(slot), reason, int(self.started_us[slot]))
        if reason in (Ended.ENGINE_FAILURE, Ended.TIMEOUT):
            self.rest_until_us[slot] = now_us + self._rest_us[slot]
        del self._slot_of[stop.action]
        self.sets.pop(slot, None)
        self.running[slot] = False
        self.action[slot] = 0
        self.bearer[slot] = -1
        self.started_us[slot] = 0
        return stop

    def _begin(self, slot: int, now_us: int, sight: Sight) -> Started:
        action = self._next
        self._next += 1
        self._slot_of[action] = slot
        self.running[slot] = True
        self.action[slot] = action
        self.bearer[slot] = sight.bearer[slot]
        self.started_us[slot] = now_us
        if self._for_all[slot]:
            self.sets[slot] = sight.all_bearers(slot)
        return Started(slot, action, self._bearers(slot))

    def state(self) -> ActionsState:
        """A copy of the state; equal runs give equal bytes."""
        held = sorted(self.sets.items())
        return ActionsState(
            self.running.copy(),
            self.action.copy(),
            self.bearer.copy(),
            self.started_us.copy(),
            self.rest_until_us.copy(),
            self._reported.copy(),
            np.array([self._next], np.uint64),
            np.array([slot for slot, several in held for _ in several], np.int32),
            np.concatenate([np.zeros(0, np.int32), *(several for _, several in held)]),
        )

    def restore(self, state: ActionsState) -> None:
        """Go back to a state of an equal forest. Raises `StateError`, and changes nothing, when it does not fit."""
        self._check(state)
        self.running = state.running.copy()
        self.action = state.action.copy()
        self.bearer = state.bearer.copy()
        self.started_us = state.started_us.copy()
        self.rest_until_us = state.rest_until_us.copy()
        self._reported = state.reported.copy()
        self._next = int(state.next_action[0])
        self._slot_of = {int(self.action[slot]): slot for slot in np.flatnonzero(self.running).tolist()}
        self.sets = {slot: state.set_bearer[state.set_slot == slot] for slot in sorted(set(state.set_slot.tolist()))}

    def _check(self, state: ActionsState) -> None:
        mine = self.state()
        for each in fields(ActionsState):
            wanted, given = getattr(mine, each.name), getattr(state, each.name)
            if given.dtype != wanted.dtype or (not each.name.startswith("set_") and given.shape != wanted.shape):
                raise StateError("bad_state", f"{each.name} is {given.dtype}{given.shape}: not of this forest")
        numbers = state.action[state.running]
        held = state.set_slot
        if state.set_bearer.shape != held.shape or (len(held) and not state.running[held].all()):
            raise StateError("bad_state", "the bearers of `all` belong to slots that do not run")
        if len(set(numbers.tolist())) != len(numbers) or (numbers == 0).any() or (numbers >= state.next_action).any():
            raise StateError("bad_state", "two running actions share a number, or one has none")
