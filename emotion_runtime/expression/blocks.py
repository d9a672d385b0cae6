"""Owns what one subscriber gets of the faces: which form, which characters, and in which bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError
from emotion_runtime.expression.shapes import ARKIT, VRM

Form = Literal["none", "arkit52", "vrm"]
Encoding = Literal["float32", "u8"]

NAMES: Final = {"none": (), "arkit52": ARKIT, "vrm": VRM}
"""Columns of each form."""


@dataclass(frozen=True, slots=True)
class FaceWish:
    """What a subscriber wants: `characters` by name, or those within `radius` metres of `around`; neither: all."""

    form: Form = "none"
    encoding: Encoding = "float32"
    characters: tuple[str, ...] = ()
    around: tuple[float, float, float] | None = None
    radius: float = 0.0

    def __post_init__(self) -> None:
        if self.form not in NAMES or self.encoding not in ("float32", "u8"):
            raise InputError("bad_value", f"faces as '{self.form}' in '{self.encoding}' are not known")
        if self.around is not None and (self.characters or not 0.0 < self.radius < float("inf")):
            raise InputError("bad_value", "name characters or give a centre with a radius above 0, not both")


@dataclass(frozen=True, slots=True)
class FaceBlock:
    """Bytes for the wire: `index` uint32 ascending rows (empty: all n), `weights` rows of float32 or u8."""

    form: Form
    encoding: Encoding
    count: int
    index: bytes
    weights: bytes


def chosen_rows(wish: FaceWish, names: Sequence[str], position: NDArray[np.floating]) -> NDArray[np.intp]:
    """Ascending rows of the characters a subscriber wants. Raises InputError `unknown_character`."""
    if wish.characters:
        row_of = {name: row for row, name in enumerate(names)}
        missing = [name for name in wish.characters if name not in row_of]
        if missing:
            raise InputError("unknown_character", f"there is no character '{missing[0]}'")
        return np.array(sorted({row_of[name] for name in wish.characters}), dtype=np.intp)
    if wish.around is not None:
        x, y, z = (position[:, axis] - wish.around[axis] for axis in range(3))
        return np.flatnonzero(x * x + y * y + z * z <= wish.radius * wish.radius)
    return np.arange(len(names), dtype=np.intp)


def face_block(wish: FaceWish, weights: NDArray[np.float32], rows: NDArray[np.intp]) -> FaceBlock:
    """The block of one frame from all weights (n, columns of the form)."""
    if wish.form == "none":
        return FaceBlock("none", wish.encoding, 0, b"", b"")
    everyone = len(rows) == len(weights)
    part = weights if everyone else weights[rows]
    body = to_u8(part).tobytes() if wish.encoding == "u8" else part.astype("<f4", copy=False).tobytes()
    return FaceBlock(wish.form, wish.encoding, len(part), b"" if everyone else rows.astype("<u4").tobytes(), body)


def to_u8(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """0..1 as 0..255, rounded half up; 0 and 1 are kept, the rest is off by at most 1/510."""
    return (weights * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)


def from_u8(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The other way."""
    return values.astype(np.float32) / np.float32(255.0)
