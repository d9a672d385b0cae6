"""Owns how one job becomes one result whatever the model does: loading it once, one retry, a code for every failure."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import Final

from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.perception.results import Job, Model, TextResult

FAILED: Final = "perception_failed"
"""The model raised or gave no probabilities, twice."""
UNAVAILABLE: Final = "perception_unavailable"
"""The model could not be loaded; health says why."""
SHED: Final = "perception_shed"
"""Given up untried because too many lines were waiting."""
CLOSED: Final = "perception_closed"
"""Given up untried because the service was closed."""
STALE: Final = "perception_stale"
"""Given up untried because it was called off, or waited longer than anybody cares."""

_TRIES: Final = 2
_SUM_TOLERANCE: Final = 1e-6


class Answerer:
    """A model behind a wall: `load` and `answer` raise nothing but the user's Ctrl-C. For one thread only."""

    def __init__(self, load: Callable[[], Model], clock: Callable[[], float]) -> None:
        """`load` makes the model; `clock` gives seconds."""
        self._load = load
        self._clock = clock
        self._model: Model | None = None
        self.tried = False
        self.labels: tuple[str, ...] = ()
        self.max_batch = 1
        self.trouble = ""

    @property
    def usable(self) -> bool:
        """Whether the model was loaded."""
        return self._model is not None

    def load(self) -> None:
        """Loads the model, once; what went wrong is then in `trouble`."""
        if self.tried:
            return
        self.tried = True
        try:
            model = self._load()
            self.labels = tuple(model.labels)
            self.trouble = str(getattr(model, "notice", ""))
            self.max_batch = max(1, int(getattr(model, "max_batch", 1)))
            self._model = model
        except BaseException as error:
            self._note(error)

    def answer_all(self, jobs: Sequence[Job]) -> list[TextResult]:
        """The results of several jobs, in one run where the model takes batches.

        When that run fails, each job is asked alone: one bad line does not take the others with it.
        """
        self.load()
        ask_all = getattr(self._model, "ask_all", None)
        if len(jobs) == 1 or ask_all is None:
            return [self.answer(job) for job in jobs]
        begun = self._clock()
        try:
            rows = [tuple(float(value) for value in row) for row in ask_all(jobs)]
        except BaseException as error:
            self._note(error)
            return [self.answer(job) for job in jobs]
        if len(rows) != len(jobs):
            self.trouble = f"the model gave {len(rows)} answers to {len(jobs)} jobs"
            return [self.answer(job) for job in jobs]
        each = (self._clock() - begun) / len(jobs)
        return [
            self.answer(job) if self._fault(row) else TextResult(job.ticket, row, each)
            for job, row in zip(jobs, rows, strict=True)
        ]

    def answer(self, job: Job) -> TextResult:
        """The result of one job; `seconds` is what the model took, both tries together."""
        self.load()
        if self._model is None:
            return TextResult(job.ticket, (), failed=UNAVAILABLE)
        begun = self._clock()
        for _ in range(_TRIES):
            try:
                probabilities = tuple(float(value) for value in job.ask(self._model))
            except BaseException as error:
                self._note(error)
                continue
            fault = self._fault(probabilities)
            if not fault:
                return TextResult(job.ticket, probabilities, self._clock() - begun)
            self.trouble = fault
        return TextResult(job.ticket, (), self._clock() - begun, FAILED)

    def _note(self, error: BaseException) -> None:
        """Remembers what a model raised: anything at all, for a panic in native code is no `Exception`."""
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise error
        self.trouble = describe(error)

    def _fault(self, probabilities: tuple[float, ...]) -> str:
        if len(probabilities) != len(self.labels):
            return f"the model gave {len(probabilities)} probabilities for {len(self.labels)} labels"
        if not all(math.isfinite(value) and 0.0 <= value <= 1.0 + _SUM_TOLERANCE for value in probabilities):
            return "the model gave something that is no probability"
        if abs(math.fsum(probabilities) - 1.0) > _SUM_TOLERANCE:
            return "the model gave probabilities that do not sum to 1"
        return ""


def describe(error: BaseException) -> str:
    """One bounded line about an exception, with code and remedy where it has them."""
    if isinstance(error, EmotionRuntimeError):
        remedy = f" ({error.remedy})" if error.remedy else ""
        return f"{error.code}: {error.message}{remedy}"[:1000]
    return f"{type(error).__name__}: {error}"[:1000]
