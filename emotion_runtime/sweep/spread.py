"""Owns where the lives of a sweep are lived: in this process, in several here, or on a Ray cluster; the same work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, Protocol

from emotion_runtime.spreading import in_processes, on_ray, require_ray
from emotion_runtime.sweep.life import Life, live_all
from emotion_runtime.sweep.plan import Plan

BATCH: Final = 20
"""Lives that are handed out at once: seconds of work, so that nobody waits long for the last."""


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
    return lambda plan, work: in_processes(partial(live_all, plan), work, count)


def ray(address: str | None = None) -> Executor:
    """On a Ray cluster: of this address, of the environment's, or a new one on this machine.

    Raises MissingExtraError without Ray. Every machine needs this package in this version.
    """
    require_ray()
    return lambda plan, work: on_ray(partial(live_all, plan), work, address)
