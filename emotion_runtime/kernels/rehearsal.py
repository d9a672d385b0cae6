"""Owns the compilation of the numba form: every kernel is called once on a tiny crowd, with the types of a real one."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from behaviors.compiled import warm
from emotion_runtime.kernels.tables import (
    BLOCK,
    NOBODY,
    PART,
    SLOTS,
    Accounts,
    Active,
    Attitude,
    Caught,
    Drives,
    Feelings,
    Fixed,
    Grid,
    Hits,
    Raster,
    Reaches,
)

N, CHANNELS = 3, 2


def compiled(tell: Callable[[str], None] = lambda _: None) -> ModuleType:
    """Import and compile, or load from numba's cache, everything; returns the form, ready to run.

    `tell` gets the name of each kernel when it is ready.
    """
    from emotion_runtime.kernels import compiled as form  # noqa: PLC0415 - brings numba with it

    tell("numba")
    fixed = Fixed(_ones(CHANNELS, N) * 0.1, _ones(CHANNELS, N), _ones(3, N), _ones(N), _ones(CHANNELS, 3), 1.0)
    feelings = Feelings(_ones(CHANNELS + 1, N) * 0.2, _ones(3, N))
    ledger = Accounts(
        cause=np.full((CHANNELS, N, SLOTS), NOBODY, np.int32),
        amount=np.zeros((CHANNELS, N, SLOTS)),
        other=np.zeros((CHANNELS, N)),
        scale=_ones(CHANNELS, N),
        strongest=_ints(CHANNELS + 1, N),
        asked=np.ones(CHANNELS, np.uint8),
        width=7,
    )
    position = np.zeros((N + 1, 3))
    active = Active(
        _ones(1, 4),
        np.zeros(1, np.uint8),
        _ints(1),
        np.full(1, NOBODY, np.int32),
        np.array([0, 1], np.int32),
        _ints(1),
        _ones(1),
        _ints(1),
    )
    raster = Raster(-5.0, -5.0, 0.1, 1, 1, np.array([0, 1, 1], np.int32), _ints(1), _ones(1, 4))
    hits = Hits(_ints(1, 8), _ints(1, 8), np.zeros((1, 8)), _ints(1))
    drives = Drives(_ints(1), _ints(1), _ones(1), _ints(1), np.array([0, 1], np.int32))
    grid = Grid(0.0, 0.0, 0.1, 2, 2, _ints(5), _ints(N), np.zeros((N, 3)))
    caught = Caught(_ints(1), _ints(1), np.zeros((1, N)), _ints(1, N))
    reaches = Reaches(_ones(1, N), _ones(1, N), _ones(N), _ints(1))
    attitude = Attitude(np.zeros(N + 1, np.int64), _ints(0), np.zeros(0))

    form.gather(0, 1, np.ones(1, np.uint8), position, np.ones((1, N), np.uint8), active, raster, hits, N)
    tell("gather")
    form.edges(position[:N])
    form.fill_grid(grid, position[:N], _ints(N))
    tell("fill_grid")
    form.catch(0, 1, np.ones(1, np.uint8), feelings.emotion, reaches, attitude, grid, caught)
    tell("catch")
    work = np.zeros((3 * CHANNELS + 7, max(BLOCK, PART)))
    form.advance(0, 1, 0.01, feelings, fixed, _ones(N), hits, active, drives, caught, ledger, work)
    tell("advance")
    form.publish(0, 1, feelings, _ints(CHANNELS + 1), np.zeros((N, 3), np.float32), np.zeros((N, 3), np.float32), 0.99)
    tell("publish")
    form.frame(0, 1, feelings, _ints(CHANNELS + 1), 3, np.zeros(200, np.uint8), 0, 100, 0.99)
    tell("frame")
    form.hash128(b"0 0", [np.zeros(300, np.uint8)])
    tell("digest")
    owner, start, rule = (_read_only(each) for each in (_ints(1), np.array([0, 1]), _ints(1)))
    form.act_out(_ints(1), owner, start, np.ones(1, np.bool_), rule, np.zeros(N, np.uint16))
    form.reasons(_ints(1), _ints(1), feelings.emotion, fixed.baseline, ledger, _ints(2, 1), np.zeros((3, 1)))
    tell("actions")
    form.are_sound(np.arange(N, dtype=np.uint32), np.zeros((N, 3), np.float32))
    tell("positions")
    form.feel(0, 1, feelings.mood, _ones(3, N))
    tell("feel")
    form.near(position, 0.0, 0.0, 0.0, _ones(N))
    tell("near")
    warm()
    tell("trees")
    return _quick(form)


def _quick(form: ModuleType) -> ModuleType:
    """The same kernels, called without asking for the types of their arguments, which are those of above."""
    from behaviors.compiled.quick import quick  # noqa: PLC0415 - as above

    found = ModuleType(form.__name__, form.__doc__)
    for name in form.__all__:
        setattr(found, name, quick(getattr(form, name)))
    return found


def _ones(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.ones(shape)


def _read_only(column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """As the columns of a forest are, which for the compiler is another type."""
    column.flags.writeable = False
    return column


def _ints(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.zeros(shape, np.int32)
