"""Owns what one subscriber gets of the faces: which form, which characters, and in which bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """What a subscriber wants: `characters` by name, or those within `radius` metres of a point or of a subject.

    `around` is the point, `near` a character or object, wherever it is. None of these: everybody.
    """

    form: Form = "none"
    encoding: Encoding = "float32"
    characters: tuple[str, ...] = ()
    around: tuple[float, float, float] | None = None
    radius: float = 0.0
    near: str = ""

    def __post_init__(self) -> None:
        if self.form not in NAMES or self.encoding not in ("float32", "u8"):
            raise InputError("bad_value", f"faces as '{self.form}' in '{self.encoding}' are not known")
        ways = bool(self.characters) + (self.around is not None) + bool(self.near)
        centre = self.around is not None or bool(self.near)
        if ways > 1 or centre != (0.0 < self.radius < float("inf")):
            raise InputError("bad_value", "name characters, or a centre with a radius above 0, not both")


@dataclass(frozen=True, slots=True)
class FaceBlock:
    """Bytes for the wire: `index` uint32 ascending rows (empty: all n), `weights` rows of float32 or u8."""

    form: Form
    encoding: Encoding
    count: int
    index: bytes
    weights: bytes


def chosen_rows(
    wish: FaceWish, n: int, subject: Mapping[str, int], position: NDArray[np.floating], *, strict: bool = True
) -> NDArray[np.intp]:
    """Ascending rows of the characters, the first `n` subjects, that a subscriber wants.

    `subject` name -> row of `position` (s, 3), metres. Raises InputError `unknown_character` or `unknown_subject`
    for a name that is not there; unless `strict`, it is left out.
    """
    if wish.characters:
        rows = {name: subject.get(name, n) for name in wish.characters}
        missing = [name for name, row in rows.items() if row >= n]
        if missing and strict:
            raise InputError("unknown_character", f"there is no character `{missing[0][:80]}`")
        return np.array(sorted({row for row in rows.values() if row < n}), dtype=np.intp)
    centre: Sequence[float] | None = wish.around
    if wish.near:
        if wish.near not in subject:
            if strict:
                raise InputError("unknown_subject", f"there is no character or object `{wish.near[:80]}`")
            return np.zeros(0, dtype=np.intp)
        centre = position[subject[wish.near]].tolist()
    if centre is not None:
        x, y, z = (position[:n, axis] - centre[axis] for axis in range(3))
        return np.flatnonzero(x * x + y * y + z * z <= wish.radius * wish.radius)
    return np.arange(n, dtype=np.intp)


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
