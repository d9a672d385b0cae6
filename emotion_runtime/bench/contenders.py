"""Owns our own contenders of the behavior benchmark: the reference executor, the numpy form and the numba form."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from behaviors import Cast, CompiledExecutor, Conditions, Executor, Forest, ReferenceExecutor, Senses
from behaviors.compiled.planes import WORD
from behaviors.compiled.seeing import Seer
from behaviors.executor import CONDITIONS_SEEN, TRIGGERS_SEEN, Reported
from emotion_runtime.bench import workload


class Contender(Protocol):
    """Somebody who ticks the common tree. `flee` and `events` count what happened, for the check of equal work."""

    flee: int
    events: int

    def tick(self, inputs: workload.Walk) -> float:
        """One tick of all characters with (2, n) inputs; the seconds it took, without counting."""
        ...


class Ours:
    """An executor of ours: floats to conditions, the trees, and the slots that begin and end.

    The engine's part, which is to notice how long actions have run, is not timed.
    """

    def __init__(self, count: int, make: Callable[..., Executor]) -> None:
        self.count = count
        self.flee = 0
        self.events = 0
        forest = workload.forest(count)
        self.executor = make(forest)
        names = tuple(f"c{place}" for place in range(count))
        cast = Cast(names, (), workload.LABELS, (), {}, {})
        self.emotion = np.zeros((len(workload.LABELS), count))
        nobody = np.full(count, -1, np.int32)
        self.senses = Senses(
            self.emotion.T,
            np.zeros((3, count)).T,
            np.zeros((0, count)).T,
            np.zeros((count, 3)),
            np.zeros((0, 0)),
            np.full((count, len(workload.LABELS)), -1, np.int32),
            nobody,
            nobody,
            np.zeros(0),
        )
        self.conditions = Conditions(cast, forest)
        if isinstance(self.executor, CompiledExecutor):
            self.executor.seer = Seer(cast, forest, self.executor.blocks)
        slots = len(forest.slots)
        self.nothing = np.zeros(0, np.bool_)
        self.yes = np.ones(slots, np.bool_)
        self.reported = np.zeros(slots, np.uint8)
        self.lasts = np.tile([np.iinfo(np.int32).max if each is None else each - 1 for each in workload.LASTS], count)
        self.begun = np.zeros(slots, np.int32)
        self.running = np.zeros(slots, np.bool_)
        self.now = 0

    def tick(self, inputs: workload.Walk) -> float:
        """See `Contender.tick`."""
        self.emotion[1], self.emotion[0] = inputs
        self.reported[:] = (self.running & (self.now - self.begun >= self.lasts)) * np.uint8(Reported.SUCCESS)
        begin = time.perf_counter()
        sights = self.executor.attend(self.senses, TRIGGERS_SEEN | CONDITIONS_SEEN)
        examined = self.nothing if sights & CONDITIONS_SEEN else self.conditions.look(self.senses)
        outcomes = self.executor.tick(self.now, self.yes, self.yes, self.reported, examined)
        took = time.perf_counter() - begin
        self.running[:] = outcomes.running
        self.begun[outcomes.begun] = self.now
        self.events += len(outcomes.begun) + len(outcomes.over)
        self.flee += int(np.count_nonzero(outcomes.running[:: len(workload.LEAVES)]))
        self.now += 1
        return took


def reference(count: int) -> Contender:
    """Plain py_trees under our contract."""
    return Ours(count, ReferenceExecutor)


def numpy(count: int) -> Contender:
    """The compiled trees, in numpy."""
    return Ours(count, lambda forest: CompiledExecutor(forest, "numpy"))


def numba(count: int) -> Contender:
    """The compiled trees, in numba, in one thread."""
    return Ours(count, _in_numba)


def two_threads(count: int) -> Contender:
    """The same in two halves side by side: what crowds get from `HALVED_CHARACTERS` on."""
    pool = ThreadPoolExecutor(1)

    def both(first: Callable[[], object], second: Callable[[], object]) -> None:
        later = pool.submit(second)
        first()
        later.result()

    def make(forest: Forest) -> CompiledExecutor:
        executor = _in_numba(forest)
        executor.both, executor.halved_from = both, 2 * WORD
        return executor

    return Ours(count, make)


def _in_numba(forest: Forest) -> CompiledExecutor:
    executor = CompiledExecutor(forest, "numba")
    executor.halved_from = sys.maxsize
    return executor
