"""Owns the contract of every executor: what goes into a tick, what comes out, and why a slot ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from behaviors.errors import StateError
from behaviors.forest import Forest
from behaviors.forms import Ended, Reported
from behaviors.rules import State
from behaviors.senses import Flags, Ints, Senses

__all__ = [
    "SMALL_CAST",
    "Codes",
    "Ended",
    "Executor",
    "ExecutorState",
    "Outcomes",
    "Reported",
    "checked_state",
    "why_ended",
]

SMALL_CAST = 64
"""Characters up to which a forest is ticked and digested one tree at a time."""

NOBODY: Ints = np.zeros(0, np.int32)
TRIGGERS_SEEN, CONDITIONS_SEEN = 1, 2
"""Sights: what an executor may look at by itself."""

Codes: TypeAlias = NDArray[np.uint8]
Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What a tick did, one row a slot: `running` after it, and an `Ended` code for those that ran before and not after.

    `begun` and `over` are the same as ascending slots: who runs now and did not, who ran and does not. A slot that
    started and was stopped within the tick never ran: it is in none. All arrays are lent until the next tick.
    """

    running: Flags
    ended: Codes
    begun: Ints
    over: Ints


@dataclass(frozen=True, slots=True, eq=False)
class ExecutorState:
    """All an executor remembers, one row a node of the forest; equal states, equal futures.

    `status`: a `State`; IDLE for a node not visited in the last tick, ABORTED for one that its parent stopped in it,
    SUCCESS for a child of a running parallel that is done.
    `counter`: completions counted by a running repeat, failures by a running retry, 1 for a once that is done.
    `deadline_us`: simulated microseconds; a running timeout's or delay's end, a cooldown's end.
    """

    status: Codes
    counter: Counts
    deadline_us: Counts


class Executor(Protocol):
    """Ticks all trees of a forest. Two executors given the same calls return the same bytes."""

    forest: Forest

    @property
    def running(self) -> Flags:
        """(S,) the slots that run; lent until the next tick."""
        ...

    def tick(self, now_us: int, ready: Flags, holds: Flags, reported: Codes, conditions: Flags) -> Outcomes:
        """One tick at `now_us` microseconds of simulated time, never less than in the tick before.

        Slots (S,): `ready`, the leaf may start; `holds`, a running leaf may go on; `reported`, a `Reported` code of a
        running leaf. `conditions` (C,): the rows of `Forest.conditions`. Inputs of slots that cannot use them are
        ignored.
        """
        ...

    def attend(self, senses: Senses, wanted: int, barred: Ints = NOBODY) -> int:
        """Look at senses by itself in the coming tick, as far as it can.

        Returns which of the `wanted` sights it takes upon itself: with `TRIGGERS_SEEN` `ready` and `holds` are not
        read in that tick, with `CONDITIONS_SEEN` `conditions` are not. `barred`: slots that may not start, whatever
        their triggers say.
        """
        ...

    def state(self) -> ExecutorState:
        """A copy of the state."""
        ...

    def columns(self) -> Sequence[NDArray[np.generic]]:
        """The same state in few bytes, for a digest: the same arrays from every executor, C-contiguous, only lent.

        Up to `SMALL_CAST` characters those of `state`; above that one of planes and one of deadlines for each shape
        of tree, in the order in which shapes appear in the forest.
        """
        ...

    def restore(self, state: ExecutorState) -> None:
        """Go back to a state of an equal forest. Raises `StateError`, and changes nothing, when it does not fit."""
        ...


def why_ended(forest: Forest, begun: Ints, over: Ints, reported: Codes, themselves: Flags) -> Codes:
    """The `Ended` code of each slot in `over`.

    `begun` and `over` as in `Outcomes`; `reported` what was reported on each of `over`, `themselves` whether it ended
    by itself in this tick, whatever its parent did then. A report stands even if the parent stopped the leaf. All
    others were stopped by their parent: OUTRANKED when a slot left of it in its tree started in this tick, else
    PARENT_ENDED.
    """
    first = forest.slot_start[forest.slots.character[over]]
    outranked = np.searchsorted(begun, over) > np.searchsorted(begun, first)
    stopped = np.where(outranked, np.uint8(Ended.OUTRANKED), np.uint8(Ended.PARENT_ENDED))
    cause = np.where(themselves, np.uint8(Ended.TRIGGER_LOST), stopped)
    return np.where(reported != Reported.NOTHING, reported, cause)


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
