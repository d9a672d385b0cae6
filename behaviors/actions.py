"""Owns the life of actions: which slot plays what, since when, on whom, and the ordered starts and stops of a tick."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from behaviors.errors import ReportError, StateError
from behaviors.executor import NOBODY, Codes, Ended, Outcomes, Reported
from behaviors.forest import Forest
from behaviors.forms import micros
from behaviors.rules import Who
from behaviors.senses import Flags, Ints

REASONS = tuple(Ended)
SUCCEEDED, FAILED = int(Reported.SUCCESS), int(Reported.FAILURE)
NEVER_US = np.iinfo(np.int64).max


class Sighted(Protocol):
    """What the start of an action needs to know of the triggers; see `behaviors.triggers.Sight`."""

    @property
    def bearer(self) -> Ints:
        """(S,) the subject chosen."""
        ...

    def all_bearers(self, slot: int) -> Ints:
        """All subjects for which the trigger of a ready slot held, nearest first."""
        ...


class Started(NamedTuple):
    """An action begins. `bearers` are subjects, nearest first; exactly one unless the rule says `all`."""

    slot: int
    action: int
    bearers: tuple[int, ...]


class Stopped(NamedTuple):
    """An action is over. `bearers` are those it began with, `started_us` when that was."""

    slot: int
    action: int
    bearers: tuple[int, ...]
    reason: Ended
    started_us: int


class Changed(NamedTuple):
    """What a tick changed, as columns by ascending slot: the slots `over` ended, and the slots `begun` began.

    `ended` and `started` are the numbers of their actions, `of` and `on` their bearers, nearest first; `reasons` are
    `Ended` codes, `since` when the ended ones had begun.
    """

    over: Ints
    ended: list[int]
    of: list[tuple[int, ...]]
    reasons: list[int]
    since: list[int]
    begun: Ints
    started: range
    on: list[tuple[int, ...]]

    @property
    def events(self) -> int:
        """How many ended or began."""
        return len(self.ended) + len(self.on)


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


class ActionTables(NamedTuple):
    """Columns (S,), the first moment at which an action may have timed out, and whether anything was reported."""

    running: Flags
    bearer: Ints
    started_us: NDArray[np.int64]
    timeout_us: NDArray[np.int64]
    rest_until_us: NDArray[np.int64]
    reported: Codes
    first_timeout_us: int
    answered: bool


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
        self._for_all = np.array([rule.bearer.who is Who.ALL for rule in forest.rules], np.bool_)[of_rule]

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
        ended, since, of, reasons = self._end(over, outcomes.ended[over], now_us) if len(over) else ([], [], [], [])
        first, self._next = self._next, self._next + len(begun)
        started = range(first, self._next)
        on = self._begin(begun, started, now_us, sight) if len(begun) else []
        return Changed(over, ended, of, reasons, since, begun, started, on)

    def _end(
        self, slots: Ints, reasons: Codes, now_us: int
    ) -> tuple[list[int], list[int], list[tuple[int, ...]], list[int]]:
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
        for action in actions:
            del self._slot_of[action]
        on_whom = map(self._set_of, slots.tolist(), bearers) if self.sets else zip(bearers)
        return actions, began, list(on_whom), reasons.tolist()

    def _set_of(self, slot: int, bearer: int) -> tuple[int, ...]:
        """The bearers of a slot that ends."""
        several = self.sets.pop(slot, None)
        return (bearer,) if several is None else tuple(several.tolist())

    def _begin(self, slots: Ints, actions: range, now_us: int, sight: Sighted) -> list[tuple[int, ...]]:
        several = slots.tolist()
        bearers = sight.bearer[slots]
        self._slot_of.update(zip(actions, several, strict=True))
        self.running[slots] = True
        self.action[slots] = np.arange(actions.start, actions.stop, dtype=np.uint64)
        self.bearer[slots] = bearers
        self.started_us[slots] = now_us
        if len(self._hurried):
            spans = self._timeout_us[slots]
            first = int(spans.min())
            if first < NEVER_US:
                self._first_timeout_us = min(self._first_timeout_us, now_us + first)
        for slot in slots[self._for_all[slots]].tolist():
            self.sets[slot] = sight.all_bearers(slot)
        if not self.sets:
            return list(zip(bearers.tolist()))
        return [
            tuple(self.sets[slot].tolist()) if slot in self.sets else (bearer,)
            for slot, bearer in zip(several, bearers.tolist(), strict=True)
        ]

    def columns(self) -> tuple[NDArray[np.generic], ...]:
        """What is remembered of running actions, for a digest: lent, equal runs give equal bytes."""
        held = sorted(self.sets.items()) if self.sets else []
        return (self.action, self.bearer, self.started_us, self.rest_until_us, *(several for _, several in held))

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
