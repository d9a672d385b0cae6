"""The contract between executors: the same calls give the same statuses, events in the same order, and state bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import given

from behaviors.executor import Executor
from behaviors.forest import Forest
from behaviors.reference import ReferenceExecutor
from behaviors.trees import Node
from tests.behaviors.growth import crowd, crowds, examples, forest_of, kinds, script, seeds, shares
from tests.behaviors.play import bytes_of

Maker = Callable[[Forest], Executor]


def compare(roots: Sequence[Node | None], seed: int, share: float, *makers: Maker) -> int:
    """Play one script on the reference executor and on others; every tick must be equal. Gives the ticks played."""
    return compare_on(forest_of(roots), seed, share, *makers)


def compare_on(forest: Forest, seed: int, share: float, *makers: Maker) -> int:
    """The same for any forest."""
    reference = ReferenceExecutor(forest)
    others = [make(forest) for make in makers]
    ticks = script(forest, seed, share)
    for number, tick in enumerate(ticks):
        wanted, state = tick.give(reference), reference.state()
        for other in others:
            found, theirs = tick.give(other), other.state()
            for name in ("begun", "over", "running", "ended"):
                mine, other_s = getattr(wanted, name), getattr(found, name)
                assert mine.dtype == other_s.dtype, (number, name)
                assert np.array_equal(mine, other_s), (number, name, mine, other_s)
            for name in ("status", "counter", "deadline_us"):
                assert np.array_equal(getattr(state, name), getattr(theirs, name)), (number, name)
            assert bytes_of(state) == bytes_of(theirs), number
            assert [each.tobytes() for each in reference.columns()] == [each.tobytes() for each in other.columns()]
    return len(ticks)


def compare_many(count: int, *makers: Maker, shrink: bool = True) -> int:
    """Compare on so many random casts. Gives the ticks played. Raises AssertionError for the first difference."""
    played = 0

    @examples(count, shrink)
    @given(kinds, crowds, seeds, shares)
    def one(roots: list[Node], times: int, seed: int, share: float) -> None:
        nonlocal played
        played += compare(crowd(roots, times), seed, share, *makers)

    one()
    return played
