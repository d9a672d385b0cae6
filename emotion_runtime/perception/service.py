"""Owns the queue between a simulation and its text model: jobs in and results out without ever holding up a tick."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from emotion_runtime.perception.answering import CLOSED, SHED, Answerer
from emotion_runtime.perception.ledger import Ledger, PerceptionHealth
from emotion_runtime.perception.results import TextJob, TextModel, TextResult

MAX_WAITING: Final = 1024
UNCOLLECTED_PER_WAITING: Final = 4
"""Jobs handed in and not collected may be at most this many times `max_waiting`, so that memory is bounded."""

_NAP_S: Final = 0.5
"""A longer wait is cut into pieces of this length, because on Windows Ctrl-C does not interrupt a lock."""


class TextService(Protocol):
    """What a simulation needs of perception; `PerceptionService` and `InlineService` both are one."""

    def submit(self, job: TextJob) -> bool:
        """Takes a job without blocking: True, and it will be answered exactly once; False, and it never will."""
        ...

    def collect(self) -> list[TextResult]:
        """The results there are, in the order of submission, without blocking."""
        ...

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        """Collects once `count` results are there (None: all that are under way), or after `timeout` seconds."""
        ...

    def health(self) -> PerceptionHealth:
        """Counters and state now."""
        ...

    def close(self) -> None:
        """Ends it; what is still waiting comes back failed. A second call does nothing."""
        ...


class PerceptionService:
    """A `TextService` with one worker thread, which also loads the model, so that neither holds up the caller.

    When more than `max_waiting` jobs wait, the oldest is given up and comes back failed `perception_shed`: the newest
    lines are the ones a game still cares about. A job is refused after `close`, or when far more results lie
    uncollected than can wait. Which lines are shed depends on timing: use `InlineService` where runs must repeat.
    """

    def __init__(
        self,
        load: Callable[[], TextModel],
        *,
        max_waiting: int = MAX_WAITING,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`load` makes the model and is called once, in the worker. `clock` gives seconds, to time the answers."""
        if max_waiting < 1:
            raise ValueError(f"max_waiting must be at least 1, not {max_waiting}")
        self._max_waiting = max_waiting
        self._answerer = Answerer(load, clock)
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._news = threading.Condition(self._lock)
        self._ledger = Ledger()
        self._waiting: deque[tuple[int, TextJob]] = deque()
        self._running: tuple[int, TextJob] | None = None
        self._loading = True
        self._closed = False
        self._worker = threading.Thread(target=self._run, name="emotion-runtime-perception", daemon=True)
        self._worker.start()

    def submit(self, job: TextJob) -> bool:
        """Takes a job without blocking: True, and it will be answered exactly once; False, and it never will."""
        with self._lock:
            if self._closed or self._ledger.uncollected >= UNCOLLECTED_PER_WAITING * self._max_waiting:
                self._ledger.refused += 1
                return False
            self._waiting.append((self._ledger.take(), job))
            if len(self._waiting) > self._max_waiting:
                self._give_up_oldest(SHED)
            self._work.notify()
            return True

    def collect(self) -> list[TextResult]:
        """The results there are, in the order of submission, without blocking."""
        with self._lock:
            return self._ledger.collect()

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        """Like collect, but first waits for `count` results (None: all that are under way), `timeout` seconds at most.

        It never waits for more results than jobs were handed in.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._lock:
            wanted = self._ledger.uncollected if count is None else count
            while self._ledger.finished < min(wanted, self._ledger.uncollected):
                nap = _NAP_S if deadline is None else min(_NAP_S, deadline - time.monotonic())
                if nap <= 0.0:
                    break
                self._news.wait(nap)
            return self._ledger.collect()

    def health(self) -> PerceptionHealth:
        """Counters and state now."""
        with self._lock:
            if self._closed:
                state = "closed"
            elif self._loading:
                state = "loading"
            else:
                state = "ready" if self._answerer.usable else "unavailable"
            return self._ledger.health(state, self._answerer.trouble, self._answerer.labels)

    def close(self, timeout: float = 2.0) -> None:
        """Gives up what is waiting, lets the line under way finish and joins the worker, for `timeout` seconds at most.

        A model that hangs longer is left to its daemon thread, and its line comes back failed `perception_closed`.
        """
        with self._lock:
            self._closed = True
            while self._waiting:
                self._give_up_oldest(CLOSED)
            self._work.notify_all()
            self._news.notify_all()
        self._worker.join(timeout)
        with self._lock:
            if self._running is not None:
                number, job = self._running
                self._running = None
                self._ledger.finish(number, TextResult(job.ticket, (), failed=CLOSED))
                self._news.notify_all()

    def _give_up_oldest(self, code: str) -> None:
        number, job = self._waiting.popleft()
        self._ledger.finish(number, TextResult(job.ticket, (), failed=code))
        self._news.notify_all()

    def _run(self) -> None:
        self._answerer.load()
        with self._lock:
            self._loading = False
        while True:
            with self._lock:
                while not self._waiting and not self._closed:
                    self._work.wait()
                if self._closed:
                    return
                number, job = self._running = self._waiting.popleft()
            result = self._answerer.answer(job)
            with self._lock:
                if self._running is None:
                    return
                self._running = None
                self._ledger.finish(number, result)
                self._news.notify_all()


class InlineService:
    """A `TextService` that answers inside `submit`, in the caller's thread: for lock-step and headless runs.

    It blocks for the model's time, sheds nothing, and so gives the same results on every run.
    """

    def __init__(self, load: Callable[[], TextModel], *, clock: Callable[[], float] = time.perf_counter) -> None:
        """`load` makes the model and is called at the first job."""
        self._answerer = Answerer(load, clock)
        self._ledger = Ledger()
        self._closed = False

    def submit(self, job: TextJob) -> bool:
        """Answers the job at once; the result is there for `collect`. False, and no answer, after `close`."""
        if self._closed:
            self._ledger.refused += 1
            return False
        self._ledger.finish(self._ledger.take(), self._answerer.answer(job))
        return True

    def collect(self) -> list[TextResult]:
        """The results of all jobs since the last call, in the order of submission."""
        return self._ledger.collect()

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        """The same as `collect`: everything is answered already."""
        return self._ledger.collect()

    def health(self) -> PerceptionHealth:
        """Counters and state now."""
        if self._closed:
            state = "closed"
        elif not self._answerer.tried:
            state = "loading"
        else:
            state = "ready" if self._answerer.usable else "unavailable"
        return self._ledger.health(state, self._answerer.trouble, self._answerer.labels)

    def close(self) -> None:
        """Takes no more jobs."""
        self._closed = True
