"""Owns the account of jobs handed in: results not yet collected, and the counters that health shows."""

from __future__ import annotations

from dataclasses import dataclass

from emotion_runtime.perception.answering import CLOSED, SHED, STALE
from emotion_runtime.perception.results import TextResult


@dataclass(frozen=True, slots=True)
class PerceptionHealth:
    """Counters since the start. submitted = answered + failed + shed + those under way.

    `state`: loading, ready, unavailable or closed. `seconds`: time spent in the model. `refused`: jobs not taken.
    `trouble`: the latest thing that went wrong, with its remedy; '' if nothing did.
    """

    state: str
    submitted: int
    answered: int
    failed: int
    shed: int
    refused: int
    seconds: float
    trouble: str
    labels: tuple[str, ...]
    restarts: int = 0
    """Workers that died or hung and were replaced."""


class Ledger:
    """Results not yet collected, and the counters. Not thread-safe: the owner holds a lock around it."""

    def __init__(self) -> None:
        self.submitted = 0
        self.refused = 0
        self.uncollected = 0
        self._answered = 0
        self._failed = 0
        self._shed = 0
        self._seconds = 0.0
        self._done: list[tuple[int, TextResult]] = []

    def take(self) -> int:
        """Enters a job; its number tells the order of submission."""
        self.submitted += 1
        self.uncollected += 1
        return self.submitted

    def finish(self, number: int, result: TextResult) -> None:
        """Enters the result of job `number`."""
        self._done.append((number, result))
        self._seconds += result.seconds
        if not result.failed:
            self._answered += 1
        elif result.failed in (SHED, CLOSED, STALE):
            self._shed += 1
        else:
            self._failed += 1

    @property
    def finished(self) -> int:
        """How many results could be collected now."""
        return len(self._done)

    def collect(self) -> list[TextResult]:
        """Takes out all results, in the order of submission."""
        done, self._done = self._done, []
        self.uncollected -= len(done)
        done.sort(key=lambda entry: entry[0])
        return [result for _, result in done]

    def health(self, state: str, trouble: str, labels: tuple[str, ...], restarts: int = 0) -> PerceptionHealth:
        """The counters, with what only the owner knows."""
        return PerceptionHealth(
            state=state,
            submitted=self.submitted,
            answered=self._answered,
            failed=self._failed,
            shed=self._shed,
            refused=self.refused,
            seconds=self._seconds,
            trouble=trouble,
            labels=labels,
            restarts=restarts,
        )
