"""Owns the digest of a tick: 16 bytes over the state, taken while a second thread does what only reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from emotion_runtime.kernels.choice import Kernels

State = Mapping[str, Sequence[NDArray[np.generic]]]
T = TypeVar("T")

MANY: Final = 48
"""Objects from which on waking the second thread is worth it."""


def digest_of(tick: int, now_us: int, state: State) -> bytes:
    """XXH3 of 128 bits over the two numbers as text, and all arrays one after the other."""
    hashed = xxhash.xxh3_128(_header(tick, now_us))
    for columns in state.values():
        for column in columns:
            hashed.update(column.data)
    return hashed.digest()


def digest_beside(
    kernels: Kernels, tick: int, now_us: int, state: State, make: Callable[[], T], count: int
) -> tuple[bytes, T]:
    """The same, and what `make` returns: `count` objects, for which it may only read the state.

    Where two threads work and there are many, side by side.

    Whatever makes objects holds the interpreter's lock, and `xxhash` asks for it anew with each array: the compiled
    form does it all in one call without.
    """
    if count < MANY or kernels.threads == 1 or not kernels.is_compiled:
        made = make()
        return digest_of(tick, now_us, state), made
    found: list[bytes] = []
    columns: list[NDArray[Any]] = [column for several in state.values() for column in several]
    made = kernels.both(lambda: found.append(kernels.form.hash128(_header(tick, now_us), columns)), make)
    return found[0], made


def _header(tick: int, now_us: int) -> bytes:
    return b"%d %d" % (tick, now_us)
