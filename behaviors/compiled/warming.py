"""Owns whether the numba kernels are there: `warm` compiles or loads them, `loaded` says if that has happened."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from behaviors.compiled.program import ROOM

Kernel = Callable[..., None]


class _Loaded:
    """The kernels of this process, once they can be called without a wait."""

    kernel: Kernel | None = None
    looking: Kernel | None = None
    seeing: Kernel | None = None
    turning: Callable[..., tuple[int, int]] | None = None
    lock = threading.Lock()


def available() -> bool:
    """Whether the kernel can run here: numba is installed (not imported for that), bytes are little-endian."""
    return sys.byteorder == "little" and importlib.util.find_spec("numba") is not None


def loaded() -> Kernel | None:
    """The kernel, if `warm` has finished; executors ask at the start of each tick."""
    return _Loaded.kernel


def looking() -> Kernel | None:
    """The kernel of triggers and conditions, likewise."""
    return _Loaded.looking


def seeing() -> Kernel | None:
    """The kernel of both as bits, likewise."""
    return _Loaded.seeing


def turning() -> Callable[..., tuple[int, int]] | None:
    """The kernel of actions that end and begin, likewise."""
    return _Loaded.turning


def warm() -> Kernel:
    """Compile the kernel, or load it from numba's cache; seconds the first time. Any thread may call it.

    Raises `ModuleNotFoundError` without numba (extra `fast`).
    """
    with _Loaded.lock:
        if _Loaded.kernel is None:
            quick = import_module("behaviors.compiled.quick").quick
            found: Kernel = import_module("behaviors.compiled.kernel").tick
            found(*_nobody())
            looking_ = import_module("behaviors.compiled.looking")
            looking_.look(*_nowhere())
            looking_.see(*_nothing())
            turning_ = import_module("behaviors.compiled.turning")
            turning_.turn(*_no_actions())
            _Loaded.kernel, _Loaded.looking, _Loaded.seeing, _Loaded.turning = map(
                quick, (found, looking_.look, looking_.see, turning_.turn)
            )
        return _Loaded.kernel


def _nobody() -> tuple[Any, ...]:
    """Arguments of the types that executors pass, with nobody in them."""
    ints, longs = np.zeros(0, np.int32), np.zeros(0, np.int64)
    octets = np.zeros(0, np.uint8)
    words = np.zeros((0, 0), np.uint64)
    scratch = np.zeros((2, 1), np.uint64)
    return (
        np.zeros((0, 7), np.int32),
        longs,
        np.zeros((0, 2), np.int64),
        ints,
        0,
        words,
        np.zeros((0, 0), np.int64),
        np.zeros(0, np.uint64),
        ints,
        ints,
        ints,
        np.zeros(0, np.uint64),
        scratch,
        0,
        0,
        0,
        octets,
        octets,
        octets,
        octets,
        words,
        0,
        np.zeros(ROOM, np.uint64),
        octets,
        octets,
        ints,
        ints,
        np.zeros(2, np.int64),
    )


def _nowhere() -> tuple[Any, ...]:
    """The same for looking."""
    ints, table = np.zeros((0, 4), np.int32), np.zeros((0, 0))
    octets = np.zeros(0, np.uint8)
    groups = np.zeros((0, 9), np.int32)
    return 0, 0, ints, np.zeros(0), groups, table, table, table, table, octets, octets, octets, octets


def _nothing() -> tuple[Any, ...]:
    """The same for seeing."""
    views, rows, table = np.zeros((0, 4), np.int32), np.zeros((0, 4), np.int32), np.zeros((0, 0))
    return 0, 0, 0, 0, views, rows, np.zeros(0), table, table, table, table, np.zeros((0, 0), np.uint64)


def _no_actions() -> tuple[Any, ...]:
    """The same for turning; the columns of a forest may not be written, which for the compiler is another type."""
    ints, longs, truths = np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    forest = np.zeros(0, np.int32)
    forest.flags.writeable = False
    columns = truths, np.zeros(0, np.uint64), ints, longs, longs, longs, longs
    return 0, 1, ints, ints, np.zeros(0, np.uint8), ints, forest, forest, *columns, np.zeros((0, 0), np.int64)
