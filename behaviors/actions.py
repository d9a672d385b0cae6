"""Owns the life of actions: which slot plays what, since when, on whom, and the ordered starts and stops of a tick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from behaviors.acts import ActionsState, ActionTables, Changed, Played, Sighted, Started, Stopped
from behaviors.compiled import warming
from behaviors.errors import ReportError, StateError
from behaviors.executor import NOBODY, Codes, Ended, Outcomes, Reported
from behaviors.forest import Forest
from behaviors.forms import micros
from behaviors.rules import Who
from behaviors.senses import Flags, Ints

__all__ = ["ActionTables", "Actions", "ActionsState", "Changed", "Played", "Sighted", "Started", "Stopped"]

REASONS = tuple(Ended)
MANY = 12
"""From so many slots that begin or end in one tick on the compiled form is used, where it is there."""
TOLD = 9
"""Rows of what the compiled form tells of them."""
SUCCEEDED, FAILED = int(Reported.SUCCESS), int(Reported.FAILURE)
NEVER_US = np.iinfo(np.int64).max


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
        self._hurried = np.flatnonzero(self._timeout_us != NEVER_US)
        self._first_timeout_us = NEVER_US
        self._rests_until_us = 0
        self._answered: list[int] = []
        self.compiled = True
        """Whether the compiled form may be used where it is there."""
        self._told = np.zeros((TOLD, 64), np.int64)
        self._for_all = np.array([rule.bearer.who is Who.ALL for rule in forest.rules], np.bool_)[of_rule]
        self._sometimes_all = bool(self._for_all.any())

    def __contains__(self, action: int) -> bool:
        """Whether an action of this number is under way."""
        return action in self._slot_of

    def slot_of(self, action: int) -> int:
        """The slot that plays an action, or -1."""
        return self._slot_of.get(action, -1)

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
        if not self._reported[slot]:
            self._reported[slot] = SUCCEEDED if ok else FAILED
            self._answered.append(slot)
        return slot

    def lend(self) -> ActionTables:
        """The columns that say what may start and go on, for who takes many ticks in a row; only to be read."""
        return ActionTables(
            self.running,
            self.bearer,
            self.started_us,
            self._timeout_us,
            self.rest_until_us,
            self._reported,
            self._first_timeout_us,
            bool(self._answered),
        )

    def reported(self, now_us: int) -> Codes:
        """A `Reported` code for each slot (S,): what the engine said, or TIMEOUT past its time; lent."""
        if now_us < self._first_timeout_us:
            return self._reported
        codes = self._reported.copy()
        running = self._hurried[self.running[self._hurried]]
        ends = self.started_us[running] + self._timeout_us[running]
        self._first_timeout_us = int(ends.min(initial=NEVER_US))
        late = running[ends <= now_us]
        codes[late[codes[late] == Reported.NOTHING]] = Reported.TIMEOUT
        return codes

    def resting(self, now_us: int) -> Ints:
        """Slots that rest after a failure or a timeout: those that `rested` takes away."""
        if now_us < self._rests_until_us:
            return np.flatnonzero(self.rest_until_us > now_us).astype(np.int32)
        return NOBODY

    def rested(self, now_us: int, ready: Flags) -> Flags:
        """`ready` (S,), changed in place: without the slots that rest after a failure or a timeout."""
        if now_us < self._rests_until_us:
            ready &= self.rest_until_us <= now_us
        return ready

    def apply(self, now_us: int, outcomes: Outcomes, sight: Sighted) -> tuple[Stopped | Started, ...]:
        """As `change`, told one by one: all stops by ascending slot, then all starts by ascending slot."""
        found = self.change(now_us, outcomes, sight)
        why = [REASONS[reason] for reason in found.reasons]
        stops = map(Stopped, found.over.tolist(), found.ended, found.of, why, found.since)
        return *stops, *map(Started, found.begun.tolist(), found.started, found.on)

    def change(self, now_us: int, outcomes: Outcomes, sight: Sighted) -> Changed:
        """Take over what the executor did. The slots are lent, as they are in the outcomes."""
        if self._answered:
            self._reported[self._answered] = Reported.NOTHING
            self._answered.clear()
        begun, over = outcomes.begun, outcomes.over
        first, self._next = self._next, self._next + len(begun)
        started = range(first, self._next)
        turn = warming.turning() if self.compiled and len(begun) + len(over) >= MANY else None
        if turn is None or not sight.bearer.flags.c_contiguous:
            ended, since, was_on, reasons = self._end(over, outcomes.ended, now_us) if len(over) else ([], [], [], [])
            is_on = self._begin(begun, started, now_us, sight.bearer) if len(begun) else []
            played, plays = self._whose(over), self._whose(begun)
        else:
            told = self._turn(turn, now_us, first, outcomes, sight.bearer)
            ended, since, was_on, reasons = told[:4]
            played, is_on, plays = Played(*told[4:6]), told[6], Played(*told[7:])
        for action in ended:
            del self._slot_of[action]
        of = list(map(self._set_of, over.tolist(), was_on) if self.sets else zip(was_on))
        on = self._bear(begun, is_on, sight) if is_on else []
        self._slot_of.update(zip(started, begun.tolist(), strict=True))
        return Changed(over, ended, of, reasons, since, played, begun, started, on, plays)

    def _turn(
        self, turn: Callable[..., Any], now_us: int, first: int, outcomes: Outcomes, chosen: Ints
    ) -> list[list[int]]:
        """What `_end`, `_begin` and `_whose` do, compiled."""
        slots, over, begun = self.forest.slots, outcomes.over, outcomes.begun
        if self._told.shape[1] < max(len(over), len(begun)):
            self._told = np.zeros((TOLD, 2 * max(len(over), len(begun))), np.int64)
        rests, shortest = turn(
            now_us,
            first,
            over,
            begun,
            outcomes.ended,
            chosen,
            slots.character,
            slots.rule,
            self.running,
            self.action,
            self.bearer,
            self.started_us,
            self.rest_until_us,
            self._timeout_us,
            self._rest_us,
            self._told,
        )
        self._rests_until_us = max(self._rests_until_us, rests)
        self._hurry(now_us, shortest)
        ended: list[list[int]] = self._told[:6, : len(over)].tolist()
        return ended + self._told[6:, : len(begun)].tolist()  # type: ignore[no-any-return]

    def _whose(self, slots: Ints) -> Played:
        if not len(slots):
            return Played([], [])
        return Played(self.forest.slots.character[slots].tolist(), self.forest.slots.rule[slots].tolist())

    def _hurry(self, now_us: int, shortest: int) -> None:
        if shortest < NEVER_US:
            self._first_timeout_us = min(self._first_timeout_us, now_us + shortest)

    def _end(self, slots: Ints, codes: Codes, now_us: int) -> tuple[list[int], list[int], list[int], list[int]]:
        reasons = codes[slots]
        actions, began = self.action[slots].tolist(), self.started_us[slots].tolist()
        bearers = self.bearer[slots].tolist()
        failed = slots[(reasons == Ended.ENGINE_FAILURE) | (reasons == Ended.TIMEOUT)]
        if len(failed):
            self.rest_until_us[failed] = now_us + self._rest_us[failed]
            self._rests_until_us = max(self._rests_until_us, int(self.rest_until_us[failed].max()))
        self.running[slots] = False
        self.action[slots] = 0
        self.bearer[slots] = -1
        self.started_us[slots] = 0
        return actions, began, bearers, reasons.tolist()

    def _set_of(self, slot: int, bearer: int) -> tuple[int, ...]:
        """The bearers of a slot that ends."""
        several = self.sets.pop(slot, None)
        return (bearer,) if several is None else tuple(several.tolist())

    def _begin(self, slots: Ints, actions: range, now_us: int, chosen: Ints) -> list[int]:
        bearers = chosen[slots]
        self.running[slots] = True
        self.action[slots] = np.arange(actions.start, actions.stop, dtype=np.uint64)
        self.bearer[slots] = bearers
        self.started_us[slots] = now_us
        if len(self._hurried):
            self._hurry(now_us, int(self._timeout_us[slots].min()))
        several: list[int] = bearers.tolist()
        return several

    def _bear(self, slots: Ints, bearers: list[int], sight: Sighted) -> list[tuple[int, ...]]:
        """On whom the actions of slots that begin are."""
        several = slots[self._for_all[slots]].tolist() if self._sometimes_all else ()
        if not several:
            return list(zip(bearers))
        for slot in several:
            self.sets[slot] = sight.all_bearers(slot)
        return [
            tuple(self.sets[slot].tolist()) if slot in self.sets else (bearer,)
            for slot, bearer in zip(slots.tolist(), bearers, strict=True)
        ]

    def columns(self, first: int, last: int) -> tuple[NDArray[np.generic], ...]:
        """What is remembered of the actions of some slots, and of all `sets`: lent, equal runs give equal bytes."""
        held = sorted(self.sets.items()) if self.sets else []
        columns = self.action, self.bearer, self.started_us, self.rest_until_us
        return (*[column[first:last] for column in columns], *(several for _, several in held))

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
        self._rests_until_us = int(self.rest_until_us.max(initial=0))
        self._answered = np.flatnonzero(self._reported).tolist()
        self._first_timeout_us = 0
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
        if state.set_bearer.shape != held.shape:
            raise StateError("bad_state", "the bearers of `all` are not as many as their slots")
        if not np.array_equal(np.unique(held), np.flatnonzero(state.running & self._for_all)):
            raise StateError("bad_state", "the bearers of `all` belong to other slots than those that run such a rule")
        if len(set(numbers.tolist())) != len(numbers) or (numbers == 0).any() or (numbers >= state.next_action).any():
            raise StateError("bad_state", "two running actions share a number, or one has none")
