"""Owns where the lives of a sweep are lived: in this process, in several here, or on a Ray cluster; the same work."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol

from emotion_runtime.errors import MissingExtraError
from emotion_runtime.sweep.life import Life, live_all
from emotion_runtime.sweep.plan import Plan

BATCH: Final = 20
"""Lives that are handed out at once: seconds of work, so that nobody waits long for the last."""
AHEAD: Final = 2
"""Batches handed out for each worker; further ones wait here, so that memory stays bounded."""


class Executor(Protocol):
    """Does batches of seeds, in any order; gives each batch's lives as they are done."""

    def __call__(self, plan: Plan, work: Iterable[tuple[int, ...]]) -> Iterator[list[Life]]:
        """Lives of each batch."""
        ...


def batches(seeds: Sequence[int], size: int = BATCH) -> Iterator[tuple[int, ...]]:
    """Seeds in batches."""
    for begin in range(0, len(seeds), size):
        yield tuple(seeds[begin : begin + size])


def sweep(
    plan: Plan,
    seeds: Sequence[int],
    executor: Executor | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Life]:
    """All lives in the order of their seeds, whoever lived them. `tell` gets how many are done."""
    lives: list[Life] = []
    for done in (executor or here)(plan, batches(seeds)):
        lives += done
        tell(len(lives))
    return sorted(lives, key=lambda life: life.seed)


def here(plan: Plan, work: Iterable[tuple[int, ...]]) -> Iterator[list[Life]]:
    """One batch after the other, in this process."""
    for seeds in work:
        yield live_all(plan, seeds)


def processes(count: int) -> Executor:
    """In so many processes of this machine."""

    def run(plan: Plan, work: Iterable[tuple[int, ...]]) -> Iterator[list[Life]]:
        # spawn: the same on every system, and no half-copied threads
        with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
            waiting: set[Future[list[Life]]] = set()
            todo = iter(work)
            while True:
                for seeds in todo:
                    waiting.add(pool.submit(live_all, plan, seeds))
                    if len(waiting) >= AHEAD * count:
                        break
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for each in done:
                    yield each.result()

    return run


def ray(address: str | None = None) -> Executor:
    """On a Ray cluster: of this address, of the environment's, or a new one on this machine.

    Raises MissingExtraError without Ray. Every machine needs this package in this version.
    """
    if find_spec("ray") is None:
        raise MissingExtraError("missing_extra", "a cluster needs Ray", 'pip install "emotion-runtime[ray]"')

    def run(plan: Plan, work: Iterable[tuple[int, ...]]) -> Iterator[list[Life]]:
        cluster: Any = import_module("ray")
        own = not cluster.is_initialized()
        if own:
            cluster.init(address=address, include_dashboard=False, log_to_driver=False, logging_level="error")
        try:
            task, shared = cluster.remote(live_all), cluster.put(plan)
            most = AHEAD * max(1, int(cluster.cluster_resources().get("CPU", 1)))
            waiting: list[Any] = []
            todo = iter(work)
            while True:
                for seeds in todo:
                    waiting.append(task.remote(shared, seeds))
                    if len(waiting) >= most:
                        break
                if not waiting:
                    return
                done, waiting = cluster.wait(waiting, num_returns=1)
                for each in done:
                    yield cluster.get(each)
        finally:
            if own:
                cluster.shutdown()

    return run
