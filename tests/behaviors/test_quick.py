"""A kernel that does not look at types is looked at in tests: other memory than it was compiled for is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

if "EMOTION_RUNTIME_CI" not in os.environ:
    pytest.importorskip("numba", reason="the compiled form needs numba: pip install 'emotion-runtime[fast]'")

import numba

from behaviors.compiled import loaded, warm
from behaviors.compiled.quick import CHECKED, quick


class Table(NamedTuple):
    """As kernels are given them."""

    column: Any


@numba.njit
def doubled(first: int, column: Any, kept: Any, table: Table) -> float:
    total = 0.0
    for i in range(first, len(column)):
        column[i] = column[i] * 2.0
        total += column[i] + kept[i] + table.column[i]
    return total


def kept(size: int) -> Any:
    column = np.ones(size)
    column.flags.writeable = False
    return column


@pytest.fixture(params=[True, False], ids=["checked", "unchecked"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., float]:
    if request.param:
        monkeypatch.setenv(CHECKED, "1")
    else:
        monkeypatch.delenv(CHECKED)
    doubled(0, np.ones(2), kept(2), Table(np.ones(2)))
    return quick(doubled)


def test_it_does_what_the_kernel_does(kernel: Callable[..., float]) -> None:
    column = np.arange(5.0)
    assert kernel(1, column, kept(5), Table(np.zeros(5))) == 24.0
    assert column.tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_memory_of_another_kind_is_refused_in_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHECKED, "1")
    doubled(0, np.ones(2), kept(2), Table(np.ones(2)))
    call, fine = quick(doubled), np.ones(4)
    assert call(0, fine, fine, Table(fine)) > 0.0, "what may be written may be read too"
    for column in (np.ones(4, np.float32), np.ones((4, 4)), np.ones(8)[::2], kept(4), [1.0]):
        with pytest.raises(TypeError, match="argument 1 of doubled"):
            call(0, column, kept(4), Table(fine))
        with pytest.raises(TypeError, match="argument 3 of doubled"):
            call(0, fine, kept(4), Table(column))
    with pytest.raises(TypeError, match="argument 0 of doubled is float64"):
        call(0.5, fine, kept(4), Table(fine))
    with pytest.raises(TypeError, match="takes 4 arguments, not 3"):
        call(0, fine, kept(4))


def test_all_tests_look_at_what_kernels_are_given() -> None:
    assert CHECKED in os.environ
    warm()
    kernel = loaded()
    assert kernel is not None
    with pytest.raises(TypeError, match="tick takes"):
        kernel()


def test_a_kernel_of_two_minds_or_of_none_is_left_as_it_is() -> None:
    either: Any = numba.njit(lambda number: number + 1)

    assert quick(either) is either, "it was not compiled for anything yet"
    either(1)
    either(1.5)
    assert quick(either) is either
    assert quick(len) is len
