"""Owns how kernels are compiled, and the types and constants they share. Needs numba."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
WORD = 64
ONE = np.uint64(1)
NOTHING = np.uint64(0)
LANES = np.uint64(0x0101010101010101)
BYTE = np.uint64(255)


STRICT: dict[str, Any] = {"cache": True, "nogil": True, "fastmath": False, "error_model": "numpy", "boundscheck": False}


def jit(kernel: Kernel) -> Kernel:
    """Strict, without the lock, kept on disk; without numba's memory management (`_nrt`).

    That counts references to arrays, atomically, wherever a loop hands one on. Such a kernel cannot make arrays, nor
    call one that does.
    """
    compiled: Kernel = import_module("numba").njit(_nrt=False, **STRICT)(kernel)
    return compiled


def jit_within(kernel: Kernel) -> Kernel:
    """The same for a small kernel that is laid into its callers: a call would hand on each array number by number."""
    compiled: Kernel = import_module("numba").njit(_nrt=False, forceinline=True, **STRICT)(kernel)
    return compiled


def jit_making(kernel: Kernel) -> Kernel:
    """The same for a kernel that makes arrays."""
    compiled: Kernel = import_module("numba").njit(_nrt=True, **STRICT)(kernel)
    return compiled
