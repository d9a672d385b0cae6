"""Owns the worker between a simulation and a model: jobs in and results out without ever holding up a tick."""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from emotion_runtime.perception.answering import CLOSED, FAILED, SHED, STALE, UNAVAILABLE, Answerer
from emotion_runtime.perception.ledger import Ledger, PerceptionHealth
from emotion_runtime.perception.queue import Waiting
from emotion_runtime.perception.results import Job, Model, TextJob, TextResult, VoiceJob

WORKER: Final = "emotion-runtime-perception"
"""The name of every thread that may be inside ONNX Runtime."""
MAX_WAITING: Final = 1024
PATIENCE_S: Final = 10.0
"""A run of the model that takes longer hangs: a line takes milliseconds, and a minute old emotion is of no use."""
MOST_ABANDONED: Final = 3
"""Workers that hang and cannot be ended; with so many no other is started until one comes back."""
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


class VoiceService(Protocol):
    """What a simulation needs of a voice model: a `TextService` for clips, whose jobs can be called off."""

    def submit(self, job: VoiceJob) -> bool:
        """Takes a job without blocking: True, and it will be answered exactly once; False, and it never will."""
        ...

    def collect(self) -> list[TextResult]:
        """The results there are, in the order of submission, without blocking."""
        ...

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        """Collects once `count` results are there (None: all that are under way), or after `timeout` seconds."""
        ...

    def cancel(self, ticket: int) -> None:
        """Calls a job off: one that still waits comes back failed `perception_stale`; any other is answered."""
        ...

    def health(self) -> PerceptionHealth:
        """Counters and state now."""
        ...

    def close(self) -> None:
        """Ends it; what is still waiting comes back failed. A second call does nothing."""
        ...


class PerceptionService:
    """A `TextService` with one worker thread, which also loads the model, so that neither holds up the caller.

    Lines addressed to somebody are answered before those only overheard. When more than `max_waiting` jobs wait, the
    oldest overheard one (or else the oldest) is given up and comes back failed `perception_shed`: the newest lines are
    the ones a game still cares about. With `stale_after`, a job that waited so many seconds for a loaded model comes
    back failed `perception_stale`. A model that takes batches gets all that wait, up to its `max_batch`; fewer wait
    `max_delay` seconds for company. A job is refused after `close`, or when far more results lie uncollected than can
    wait.

    A worker that died, or hangs in the model for longer than `patience`, is replaced, with the model loaded anew; its
    lines are tried once more, each alone, and then come back failed `perception_failed`. A thread that hangs cannot be
    ended: with three of them everything fails with `perception_unavailable` until one comes back. `health` tells.

    Which lines are given up depends on timing: use `InlineService` where runs must repeat.
    """

    def __init__(
        self,
        load: Callable[[], Model],
        *,
        max_waiting: int = MAX_WAITING,
        max_delay: float = 0.0,
        stale_after: float | None = None,
        patience: float = PATIENCE_S,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`load` makes the model and is called once in each worker. `clock` gives seconds, to time the answers."""
        if max_waiting < 1:
            raise ValueError(f"max_waiting must be at least 1, not {max_waiting}")
        self._max_waiting = max_waiting
        self._max_delay = max_delay
        self._stale_after = stale_after
        self._ready_at = 0.0
        self._clock = clock
        self._load = load
        self._patience = patience
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._news = threading.Condition(self._lock)
        self._ledger = Ledger()
        self._waiting: Waiting[Job] = Waiting()
        self._running: list[tuple[int, Job]] = []
        self._closed = False
        self._again: deque[tuple[int, Job]] = deque()
        """Jobs of a worker that was lost, to be tried once more."""
        self._tried: set[int] = set()
        self._abandoned: list[threading.Thread] = []
        self._restarts = 0
        self._lost = ""
        self._begun = 0.0
        self._labels: tuple[str, ...] = ()
        self._start_worker()
        # who forgets to close it must not end the interpreter under a thread that is inside the model
        atexit.register(self.close)

    def submit(self, job: Job) -> bool:
        """Takes a job without blocking: True, and it will be answered exactly once; False, and it never will."""
        with self._lock:
            if self._closed or self._ledger.uncollected >= UNCOLLECTED_PER_WAITING * self._max_waiting:
                self._ledger.refused += 1
                return False
            self._watch()
            self._waiting.put(self._ledger.take(), job, self._clock())
            if not self._staffed:
                self._give_up(self._waiting.take(1), UNAVAILABLE)
                return True
            if len(self._waiting) > self._max_waiting:
                self._give_up([self._waiting.oldest()], SHED)
            self._work.notify()
            return True

    def collect(self) -> list[TextResult]:
        """The results there are, in the order of submission, without blocking."""
        with self._lock:
            self._watch()
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
                self._watch()
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
                state = "ready" if self._answerer.usable and self._staffed else "unavailable"
            trouble = self._answerer.trouble or self._lost
            return self._ledger.health(state, trouble, self._answerer.labels or self._labels, self._restarts)

    def close(self, timeout: float = 2.0) -> None:
        """Gives up what is waiting, lets the line under way finish and joins the worker, for `timeout` seconds at most.

        A model that hangs longer is left to its daemon thread, and its line comes back failed `perception_closed`.
        """
        atexit.unregister(self.close)
        with self._lock:
            self._closed = True
            self._give_up([*self._again, *self._waiting.take(len(self._waiting))], CLOSED)
            self._again.clear()
            self._work.notify_all()
            self._news.notify_all()
        self._worker.join(timeout)
        with self._lock:
            running, self._running = self._running, []
            self._give_up(running, CLOSED)

    def cancel(self, ticket: int) -> None:
        """Calls a job off: one that still waits comes back failed `perception_stale`; any other is answered."""
        with self._lock:
            self._give_up(self._waiting.remove(ticket), STALE)

    def _give_up(self, jobs: Iterable[tuple[int, Job]], code: str) -> None:
        for number, job in jobs:
            self._ledger.finish(number, TextResult(job.ticket, (), failed=code))
        self._news.notify_all()

    def _start_worker(self) -> None:
        self._answerer = Answerer(self._load, self._clock)
        self._loading = self._staffed = True
        self._worker = threading.Thread(target=self._run, args=(self._answerer,), name=WORKER, daemon=True)
        self._worker.start()

    def _watch(self) -> None:
        """Replace a worker that died or hangs; the caller holds the lock."""
        if self._closed:
            return
        if not self._staffed:
            self._staff()
        elif not self._worker.is_alive():
            self._replace("the worker of the model ended")
        elif self._running and self._clock() - self._begun > self._patience:
            self._abandoned.append(self._worker)
            self._replace(f"the model gave no answer within {self._patience:g} s")

    def _replace(self, why: str) -> None:
        self._restarts += 1
        self._labels = self._answerer.labels or self._labels
        running, self._running = self._running, []
        for number, job in running:
            if number in self._tried:
                self._tried.discard(number)
                self._give_up([(number, job)], FAILED)
            else:
                self._tried.add(number)
                self._again.append((number, job))
        self._lost = f"{why}; it was started again ({self._restarts})"
        self._staffed = False
        self._staff()

    def _staff(self) -> None:
        self._abandoned = [each for each in self._abandoned if each.is_alive()]
        if len(self._abandoned) < MOST_ABANDONED:
            self._start_worker()
            return
        self._lost = f"{len(self._abandoned)} workers hang in the model; restart the sidecar, or use another model"
        self._give_up([*self._again, *self._waiting.take(len(self._waiting))], UNAVAILABLE)
        self._again.clear()

    def _run(self, answerer: Answerer) -> None:
        answerer.load()
        with self._lock:
            if answerer is self._answerer:
                self._loading = False
                self._ready_at = self._clock()
        while jobs := self._next(answerer):
            results = answerer.answer_all([job for _, job in jobs])
            with self._lock:
                if answerer is not self._answerer or not self._running:
                    return
                self._running = []
                self._tried.difference_update(number for number, _ in jobs)
                for (number, _), result in zip(jobs, results, strict=True):
                    self._ledger.finish(number, result)
                self._news.notify_all()

    def _next(self, answerer: Answerer) -> list[tuple[int, Job]]:
        """What to answer now: waits for it; nothing when the service is closed, or another worker took over."""
        most = answerer.max_batch
        with self._lock:
            while not self._closed and answerer is self._answerer:
                if self._again:
                    self._running = [self._again.popleft()]
                    self._begun = self._clock()
                    return self._running
                if not self._waiting:
                    self._work.wait()
                    continue
                until = time.monotonic() + self._max_delay
                while len(self._waiting) < most and not self._closed and (left := until - time.monotonic()) > 0.0:
                    self._work.wait(left)
                now = self._clock()
                if self._stale_after is not None and now - self._ready_at >= self._stale_after:
                    self._give_up(self._waiting.stale(now - self._stale_after), STALE)
                if answerer is not self._answerer:
                    return []
                self._running = [] if self._closed else self._waiting.take(most)
                if self._running:
                    self._begun = self._clock()
                    return self._running
        return []


class InlineService:
    """A `TextService` that answers inside `submit`, in the caller's thread: for lock-step and headless runs.

    It blocks for the model's time, sheds nothing, and so gives the same results on every run.
    """

    def __init__(self, load: Callable[[], Model], *, clock: Callable[[], float] = time.perf_counter) -> None:
        """`load` makes the model and is called at the first job."""
        self._answerer = Answerer(load, clock)
        self._ledger = Ledger()
        self._closed = False

    def submit(self, job: Job) -> bool:
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

    def cancel(self, ticket: int) -> None:
        """Does nothing: everything is answered already."""

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
