"""Owns the numpy form of the published columns where they lie in a frame: at any byte of it, little-endian."""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.kernels.tables import BLOCK, Bytes, Feelings, Ints

F32: Final = np.dtype("<f4")
LEAST: Final = float(np.finfo(np.float32).tiny)
"""The smallest emotion that is published: the least normal float32, 2^-126."""


def frame(
    first: int,
    last: int,
    feelings: Feelings,
    columns: Ints,
    labels: int,
    out: Bytes,
    emotion: int,
    mood: int,
    largest: float,
) -> None:
    """As `plain.publish`, into the bytes `out`: emotions (n, `labels`) from byte `emotion` on, mood from `mood` on."""
    n = feelings.emotion.shape[1]
    rows = slice(first * BLOCK, min(last * BLOCK, n))
    published, moods = view(out, emotion, (n, labels)), view(out, mood, (n, 3))
    for row, column in enumerate(columns.tolist()):
        felt = feelings.emotion[row, rows].astype(np.float32)
        published[rows, column] = np.minimum(np.maximum(felt, np.float32(LEAST)), np.float32(largest))
    for axis in range(3):
        felt = feelings.mood[axis, rows].astype(np.float32)
        moods[rows, axis] = np.minimum(np.maximum(felt, np.float32(-1.0)), np.float32(1.0))


def view(out: Bytes, place: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Bytes of `out` from `place` on as little-endian float32."""
    size = 4 * shape[0] * shape[1]
    return out[place : place + size].view(F32).reshape(shape)


def put(out: Bytes, place: int, column: NDArray[Any]) -> None:
    """Copy a whole column, little-endian, to `out` from byte `place` on."""
    lies_so = sys.byteorder == "little" and column.flags.c_contiguous
    values = column if lies_so else np.ascontiguousarray(column, column.dtype.newbyteorder("<"))
    values = values.reshape(-1)
    out[place : place + values.nbytes] = values.view(np.uint8)
