"""Owns columns: numpy arrays <-> the little-endian blobs that messages carry, with shape and range checks."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.errors import BadColumnError, BadValueError

F32: Final = np.dtype("<f4")
U16: Final = np.dtype("<u2")
U32: Final = np.dtype("<u4")
LEAST_OPEN: Final = float(np.finfo(np.float32).tiny)
"""Smallest value `pack_open_unit` writes: the least normal float32, 2^-126."""
MOST_OPEN: Final = 1.0 - 2.0**-24
"""Largest value `pack_open_unit` writes: the float32 next below 1."""

Floats: TypeAlias = NDArray[np.float32]


def pack_f32(array: ArrayLike, name: str = "column") -> bytes:
    """Return the values, row by row, as little-endian float32.

    Raises BadValueError when a value is not finite as a float32.
    """
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(array, dtype=F32)
    # min and max carry a NaN along, and both are finite only if all are
    if values.size and not (np.isfinite(values.min()) and np.isfinite(values.max())):
        _require(np.isfinite(values), values, name, "finite")
    return values.tobytes()


def pack_open_unit(array: ArrayLike, name: str = "emotion") -> bytes:
    """Return values strictly inside (0, 1) as float32 that are still strictly inside after rounding.

    A float64 just below 1 would round to 1.0: it becomes `MOST_OPEN`, and one just above 0 `LEAST_OPEN`.
    Raises BadValueError for values outside [0, 1].
    """
    values = np.asarray(array)
    if values.size and values.dtype == F32 and values.min() >= LEAST_OPEN and values.max() <= MOST_OPEN:
        return values.tobytes()
    _require((values >= 0.0) & (values <= 1.0), values, name, "in 0..1")
    return np.ascontiguousarray(np.clip(values, LEAST_OPEN, MOST_OPEN), dtype=F32).tobytes()


def pack_u16(array: ArrayLike, name: str = "column") -> bytes:
    """Return the values as little-endian uint16. Raises BadValueError for values that do not fit."""
    return _pack_integers(array, U16, name)


def pack_u32(array: ArrayLike, name: str = "column") -> bytes:
    """Return the values as little-endian uint32. Raises BadValueError for values that do not fit."""
    return _pack_integers(array, U32, name)


def f32(blob: bytes, rows: int, columns: int, name: str) -> Floats:
    """Return the blob as a read-only float32 array of shape (rows, columns). Raises BadColumnError on its length."""
    return _view(blob, F32, rows * columns, name).reshape(rows, columns)


def u16(blob: bytes, rows: int, name: str) -> NDArray[np.uint16]:
    """Return the blob as a read-only uint16 array of shape (rows,). Raises BadColumnError on its length."""
    return _view(blob, U16, rows, name)


def u32(blob: bytes, rows: int, name: str) -> NDArray[np.uint32]:
    """Return the blob as a read-only uint32 array of shape (rows,). Raises BadColumnError on its length."""
    return _view(blob, U32, rows, name)


def require_inside(values: Floats, low: float, high: float, name: str, *, strictly: bool = False) -> None:
    """Raise BadValueError unless all values are in low..high (`strictly`: without the ends). NaN is outside."""
    if values.size == 0:
        return
    # min and max carry a NaN along, and no comparison with NaN holds: two passes check range and finiteness.
    least, most = values.min(), values.max()
    if strictly:
        if not (least > low and most < high):
            _require((values > low) & (values < high), values, name, f"strictly inside ({low:g}, {high:g})")
    elif not (least >= low and most <= high):
        _require((values >= low) & (values <= high), values, name, f"in {low:g}..{high:g}")


def require_finite(values: Floats, name: str) -> None:
    """Raise BadValueError if a value is NaN or infinite."""
    _require(np.isfinite(values), values, name, "finite")


def _view(blob: bytes, dtype: np.dtype[Any], count: int, name: str) -> NDArray[Any]:
    needed = count * dtype.itemsize
    if len(blob) != needed:
        raise BadColumnError(
            f"{len(blob)} bytes where {count} values of {dtype.itemsize} bytes make {needed}", where=f"$.{name}"
        )
    return np.frombuffer(blob, dtype=dtype)


def _pack_integers(array: ArrayLike, dtype: np.dtype[Any], name: str) -> bytes:
    values = np.asarray(array)
    if values.dtype != dtype:
        if values.size == 0:
            return b""
        if not np.issubdtype(values.dtype, np.integer):
            raise BadValueError(f"integers are needed, got {values.dtype}", where=f"$.{name}")
        most = int(np.iinfo(dtype).max)
        _require((values >= 0) & (values <= most), values, name, f"in 0..{most}")
    return np.ascontiguousarray(values, dtype=dtype).tobytes()


def _require(good: NDArray[np.bool_], values: NDArray[Any], name: str, rule: str) -> None:
    """Raise BadValueError naming the first entry that is not good."""
    if good.all():
        return
    place = np.unravel_index(int(np.argmin(good)), good.shape)
    path = "".join(f"[{int(index)}]" for index in place)
    raise BadValueError(f"{values[place]!s} is not {rule}", where=f"$.{name}{path}")
