"""Owns the simplest engine there is: it plays every action for its nominal time and then reports success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Playable(Protocol):
    """Any start command, of the wire or of the simulation."""

    @property
    def action(self) -> int:
        """Number of the action."""
        ...

    @property
    def lasts(self) -> float:
        """Nominal seconds."""
        ...


class Stoppable(Protocol):
    """Any stop command."""

    @property
    def action(self) -> int:
        """Number of the action."""
        ...


class NominalPlayer:
    """Pure and deterministic: time is whatever the caller says it is, in seconds."""

    def __init__(self) -> None:
        self._ends: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def __contains__(self, action: int) -> bool:
        return action in self._ends

    def start(self, command: Playable, now: float, *, elapsed: float = 0.0) -> None:
        """Play from `now`; `elapsed` seconds are already done (an action taken over from a snapshot)."""
        self._ends[command.action] = now + max(0.0, command.lasts - elapsed)

    def stop(self, command: Stoppable) -> None:
        """Stop playing; unknown numbers are fine, since a stop also closes what was reported as ended."""
        self._ends.pop(command.action, None)

    def due(self, now: float) -> list[int]:
        """Take out the actions that have ended by `now`, in ascending order of their numbers."""
        ended = sorted(action for action, end in self._ends.items() if end <= now)
        for action in ended:
            del self._ends[action]
        return ended

    @property
    def ends(self) -> dict[int, float]:
        """When each action ends, seconds; a copy."""
        return dict(self._ends)

    def restore(self, ends: Mapping[int, float]) -> None:
        """Play these, and nothing else."""
        self._ends = dict(ends)

    def clear(self) -> None:
        """Forget everything: the world is another one."""
        self._ends.clear()
