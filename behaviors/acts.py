"""Owns what is told of actions: what begins and ends in a tick, as columns or one by one, and the state to be saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from behaviors.executor import Codes, Ended
from behaviors.senses import Flags, Ints


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


class Played(NamedTuple):
    """Whose slots they are, and which rules these play."""

    characters: list[int]
    rules: list[int]


class Changed(NamedTuple):
    """What a tick changed, as columns by ascending slot: the slots `over` ended, and the slots `begun` began.

    `ended` and `started` are the numbers of their actions, `of` and `on` their bearers, nearest first; `reasons` are
    `Ended` codes, `since` when the ended ones had begun, `played` and `plays` whose they are.
    """

    over: Ints
    ended: list[int]
    of: list[tuple[int, ...]]
    reasons: list[int]
    since: list[int]
    played: Played
    begun: Ints
    started: range
    on: list[tuple[int, ...]]
    plays: Played

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
