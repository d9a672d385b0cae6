"""Owns the contract of every executor: what goes into a tick, what comes out, and why a slot ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from behaviors.errors import StateError
from behaviors.forest import Forest
from behaviors.forms import Ended, Reported
from behaviors.rules import State
from behaviors.senses import Flags

__all__ = ["Codes", "Ended", "Executor", "ExecutorState", "Outcomes", "Reported", "checked_state", "reasons"]

Codes: TypeAlias = NDArray[np.uint8]
Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What a tick did, one row a slot: `running` after it, and an `Ended` code for those that ran before and not after.

    A slot that started and was stopped within the tick never ran: it is in neither.
    """

    running: Flags
    ended: Codes


@dataclass(frozen=True, slots=True, eq=False)
class ExecutorState:
    """All an executor remembers, one row a node of the forest; equal states, equal futures.

    `status`: a `State`; IDLE for a node not visited in the last tick, ABORTED for one that its parent stopped in it.
    `counter`: completions counted by a running repeat, failures by a running retry, 1 for a once that is done.
    `deadline_us`: simulated microseconds; a running timeout's or delay's end, a cooldown's end.
    """

    status: Codes
    counter: Counts
    deadline_us: Counts


class Executor(Protocol):
    """Ticks all trees of a forest. Two executors given the same calls return the same bytes."""

    forest: Forest

    def tick(self, now_us: int, ready: Flags, holds: Flags, reported: Codes, conditions: Flags) -> Outcomes:
        """One tick at `now_us` microseconds of simulated time, never less than in the tick before.

        Slots (S,): `ready`, the leaf may start; `holds`, a running leaf may go on; `reported`, a `Reported` code of a
        running leaf. `conditions` (C,): the rows of `Forest.conditions`. Inputs of slots that cannot use them are
        ignored.
        """
        ...

    def state(self) -> ExecutorState:
        """A copy of the state."""
        ...

    def restore(self, state: ExecutorState) -> None:
        """Go back to a state of an equal forest. Raises `StateError`, and changes nothing, when it does not fit."""
        ...


def reasons(forest: Forest, before: Flags, after: Flags, fate: Codes, reported: Codes) -> Codes:
    """The `Ended` code of every slot, zero for those that did not end.

    `fate` is what a leaf that ended by itself wrote down. A report stands even if the parent stopped the leaf. All
    others were stopped by their parent: OUTRANKED when a slot left of it in its tree started in this tick, else
    PARENT_ENDED.
    """
    ended = np.zeros(len(before), np.uint8)
    gone = before & ~after
    if not gone.any():
        return ended
    cause = np.where(reported != Reported.NOTHING, reported, fate)
    stopped = gone & (cause == 0)
    if stopped.any():
        started = np.concatenate([[0], np.cumsum(after & ~before)])
        first = forest.slot_start[forest.slots.character]
        outranked = started[:-1] > started[first]
        cause = np.where(stopped, np.where(outranked, np.uint8(Ended.OUTRANKED), np.uint8(Ended.PARENT_ENDED)), cause)
    ended[gone] = cause[gone]
    return ended


def checked_state(forest: Forest, state: ExecutorState) -> None:
    """Raise `StateError` for columns that do not fit the forest."""
    rows = int(forest.node_start[-1])
    for name, column in (("status", state.status), ("counter", state.counter), ("deadline_us", state.deadline_us)):
        if column.shape != (rows,):
            raise StateError("bad_state", f"{name} has shape {column.shape}, and the forest has {rows} nodes")
    if rows and int(state.status.max()) > State.ABORTED:
        raise StateError("bad_state", "status holds a number that is no state")
    if rows and min(int(state.counter.min()), int(state.deadline_us.min())) < 0:
        raise StateError("bad_state", "counters and deadlines are never negative")
