"""Owns a service that begins with its first job: a game without voices pays nothing for a voice model."""

from __future__ import annotations

import time
from collections.abc import Callable

from emotion_runtime.perception.ledger import PerceptionHealth
from emotion_runtime.perception.results import Job, Model, TextResult
from emotion_runtime.perception.service import PerceptionService

_CLOSED_EARLY = PerceptionHealth("closed", 0, 0, 0, 0, 0, 0.0, "", ())
_ASLEEP = PerceptionHealth("asleep", 0, 0, 0, 0, 0, 0.0, "", ())


class OnDemand:
    """A `VoiceService` that starts its worker, which loads the model, when the first job comes."""

    def __init__(self, load: Callable[[], Model], *, max_waiting: int = 256, stale_after: float | None = None) -> None:
        """`load` makes the model. The rest as in `PerceptionService`."""
        self._load = load
        self._max_waiting = max_waiting
        self._stale_after = stale_after
        self._service: PerceptionService | None = None
        self._closed = False

    def submit(self, job: Job) -> bool:
        """Takes a job without blocking: True, and it will be answered exactly once; False, and it never will."""
        if self._closed:
            return False
        if self._service is None:
            self._service = PerceptionService(
                self._load, max_waiting=self._max_waiting, stale_after=self._stale_after, clock=time.perf_counter
            )
        return self._service.submit(job)

    def collect(self) -> list[TextResult]:
        """The results there are, in the order of submission, without blocking."""
        return [] if self._service is None else self._service.collect()

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        """Collects once `count` results are there (None: all that are under way), or after `timeout` seconds."""
        return [] if self._service is None else self._service.wait(count, timeout)

    def cancel(self, ticket: int) -> None:
        """Calls a job off: one that still waits comes back failed `perception_stale`; any other is answered."""
        if self._service is not None:
            self._service.cancel(ticket)

    def health(self) -> PerceptionHealth:
        """Counters and state now; `asleep` before the first job."""
        if self._service is None:
            return _CLOSED_EARLY if self._closed else _ASLEEP
        return self._service.health()

    def close(self) -> None:
        """Ends it; what is still waiting comes back failed. A second call does nothing."""
        self._closed = True
        if self._service is not None:
            self._service.close()
