"""The compiled executor gives the same bytes as the reference, in both forms, and needs little memory."""

from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from behaviors import compiled
from behaviors.compiled import CompiledExecutor, compile_tree, warming
from behaviors.executor import Outcomes
from behaviors.expressions import parse
from behaviors.trees import Filter, Leaf, Modifier, Modify, Node, Parallel, Repeat, Selector
from tests.behaviors.equality import compare, compare_many
from tests.behaviors.fuzz import in_numpy
from tests.behaviors.growth import crowd, crowds, examples, forest_of, kinds, script, seeds
from tests.behaviors.mutations import QUICK, caught
from tests.behaviors.play import bytes_of

TWELVE = Selector(
    (
        Filter(Leaf("a"), parse("fear > 0.6")),
        Modify(Leaf("b"), Modifier.GUARD, 0.0, parse("anger > 0.5")),
        Parallel((Leaf("c"), Repeat(Leaf("d"), 1000))),
    )
)
"""The tree of the benchmark: 9 of our nodes and 2 conditions; 12 nodes in py_trees."""


@pytest.fixture
def numba() -> None:
    if compiled.available():
        compiled.warm()
    elif os.environ.get("EMOTION_RUNTIME_CI"):
        pytest.fail("numba is not installed")
    else:
        pytest.skip("numba (extra `fast`) is not installed")


def in_numba(forest: object) -> CompiledExecutor:
    return CompiledExecutor(forest, "numba")  # type: ignore[arg-type]


def test_the_numpy_form_equals_the_reference_on_random_trees() -> None:
    compare_many(110, in_numpy)


@pytest.mark.usefixtures("numba")
def test_the_numba_form_equals_the_reference_on_random_trees() -> None:
    compare_many(45, in_numba)


@pytest.mark.parametrize("name", QUICK)
def test_a_fault_in_the_compiler_is_noticed(name: str) -> None:
    assert caught(name)


@pytest.mark.usefixtures("numba")
@pytest.mark.parametrize("times", [1, 70])
def test_a_wide_tree_with_many_leaves_is_equal_in_all_forms(times: int) -> None:
    wide = Selector(tuple(Filter(Leaf("abcd"[place % 4]), parse("fear < 0.5")) for place in range(19)))
    compare([wide, TWELVE] * times, 7, 0.5, in_numpy, in_numba)


@examples(25)
@given(kinds, crowds, seeds, st.integers(0, 20))
def test_a_state_goes_from_one_executor_to_the_other(roots: list[Node], times: int, seed: int, moment: int) -> None:
    cast = crowd(roots, times)
    first, second = in_numpy(forest_of(cast)), in_numpy(forest_of(cast))
    ticks = script(first.forest, seed, 0.3)
    for tick in ticks[:moment]:
        tick.give(first)
    second.restore(first.state())
    for tick in ticks[moment:]:
        assert tick.give(first).running.tobytes() == tick.give(second).running.tobytes()
        assert bytes_of(first.state()) == bytes_of(second.state())


@pytest.mark.usefixtures("numba")
def test_the_kernel_takes_over_between_two_ticks_and_no_byte_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = compiled.loaded()
    monkeypatch.setattr(warming._Loaded, "kernel", None)
    switching, numpy_only = CompiledExecutor(forest_of([TWELVE] * 80)), in_numpy(forest_of([TWELVE] * 80))
    for number, tick in enumerate(script(switching.forest, 3, 0.5)):
        if number == 9:
            monkeypatch.setattr(warming._Loaded, "kernel", kernel)
        mine, theirs = tick.give(switching), tick.give(numpy_only)
        assert mine.begun.tolist() == theirs.begun.tolist()
        assert mine.ended.tobytes() == theirs.ended.tobytes()
        assert bytes_of(switching.state()) == bytes_of(numpy_only.state())


def test_characters_with_trees_of_one_shape_share_a_program() -> None:
    one = Selector((Filter(Leaf("a"), parse("fear < 0.5")), Leaf("b")))
    other = Selector((Filter(Leaf("c"), parse("joy > 0.1")), Leaf("d")))
    assert compile_tree(one).key == compile_tree(other).key
    assert len(in_numpy(forest_of([one, other, None, one])).blocks) == 1


def test_the_tree_of_the_benchmark_keeps_at_most_16_bytes_a_character() -> None:
    assert in_numpy(forest_of([TWELVE] * 100)).bytes_per_character <= 16


@pytest.mark.usefixtures("numba")
def test_a_steady_tick_allocates_nothing_that_grows_with_the_cast() -> None:
    peaks = []
    for count in (640, 6400):
        executor = in_numba(forest_of([TWELVE] * count))
        ticks = script(executor.forest, 5, 0.5)
        outcomes: Outcomes = ticks[0].give(executor)
        tracemalloc.start()
        for tick in ticks[1:]:
            outcomes = tick.give(executor)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(outcomes.begun)
    assert peaks[1] < peaks[0] + 4096


def test_an_empty_forest_ticks_in_the_compiled_form() -> None:
    none, nothing = np.zeros(0, np.bool_), np.zeros(0, np.uint8)
    outcomes = in_numpy(forest_of([None, None])).tick(0, none, none, nothing, none)
    assert outcomes.running.shape == outcomes.ended.shape == (0,)
