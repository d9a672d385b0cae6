"""Owns 68 landmarks from 52 weights: our own basis built from the handles, and a basis read from a file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.handles import HANDLES, MIRROR, MOVES, NEUTRAL_HALF, PAIRED, PUSHES
from emotion_runtime.expression.shapes import ARKIT, mirrored

Floats = NDArray[np.float64]

POINTS: Final = 68
LIPS: Final = slice(48, 68)
PIXELS: Final = 64.0
"""The scale of every figure in px: this many between the eye centres."""


@dataclass(frozen=True, eq=False)
class Basis:
    """A linear face in IOD units: `neutral` (68, d), `moves` (52, 68, d) with d = 2 (frontal) or 3. Rows as `ARKIT`."""

    name: str
    neutral: Floats
    moves: Floats

    def landmarks(self, weights: NDArray[np.floating]) -> Floats:
        """(..., 68, d) positions in IOD of weights (..., 52)."""
        moved = np.tensordot(np.asarray(weights, dtype=np.float64), self.moves, axes=([-1], [0]))
        return np.asarray(self.neutral + moved)

    def frontal(self) -> Basis:
        """The same without depth."""
        return Basis(self.name, self.neutral[:, :2], self.moves[:, :, :2])


@cache
def own_basis() -> Basis:
    """The basis that ships with the package, made of 26 handles."""
    neutral = np.zeros((POINTS, 2))
    for point, x, y in NEUTRAL_HALF:
        neutral[point] = x, y
        neutral[MIRROR[point]] = -x, y
    moves = np.zeros((len(ARKIT), POINTS, 2))
    for shape, text in MOVES.items():
        field = _field(shape, text)
        moves[ARKIT.index(shape)] = field
        if mirrored(shape) != shape:
            moves[ARKIT.index(mirrored(shape))] = _flipped(field)
    return Basis("own, 26 handles", _scaled(neutral)[0], moves)


def read_basis(path: str | Path) -> Basis:
    """A basis from an .npz file: `neutral` (68, 3), `basis` (52, 68, 3), `names` (52). Any unit: scaled to IOD.

    Raises UsageError `bad_basis` or `no_such_file`.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as file:
            neutral, moves = file["neutral"].astype(np.float64), file["basis"].astype(np.float64)
            names = [str(name) for name in file["names"]]
    except OSError as error:
        raise UsageError("no_such_file", f"{path} cannot be read: {error}") from None
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError("bad_basis", f"{path} is no basis: {error}", "see docs/expression.md") from None
    if sorted(names) != sorted(ARKIT) or neutral.shape[0] != POINTS or moves.shape != (len(names), *neutral.shape):
        raise UsageError("bad_basis", f"{path} does not hold 68 landmarks for ARKit's 52 shapes")
    neutral, factor = _scaled(neutral)
    order = [names.index(name) for name in ARKIT]
    return Basis(Path(path).stem, neutral, moves[order] * factor)


def eye_centres(points: Floats) -> tuple[Floats, Floats]:
    """The centres of the right and of the left eye of (..., 68, d): means of 36-41 and of 42-47."""
    return points[..., 36:42, :].mean(axis=-2), points[..., 42:48, :].mean(axis=-2)


def _scaled(neutral: Floats) -> tuple[Floats, float]:
    right, left = eye_centres(neutral)
    factor = 1.0 / float(np.linalg.norm(left - right))
    return (neutral - (left + right) / 2.0) * factor, factor


def _field(shape: str, text: str) -> Floats:
    words = text.split()
    sided = shape.endswith("Left") and shape not in PUSHES
    field = np.zeros((POINTS, 2))
    for handle, dx, dy in zip(words[::3], words[1::3], words[2::3], strict=True):
        move = np.array([float(dx), float(dy)])
        for point, share in HANDLES[handle]:
            across = MIRROR[point]
            field[point] += share * move
            if across == point:
                continue
            if handle in PAIRED:
                if not sided:
                    field[across] += share * (move if shape in PUSHES else move * (-1.0, 1.0))
            else:
                field[across] += share * move
    return field


def _flipped(field: Floats) -> Floats:
    flipped = np.zeros_like(field)
    for point, across in MIRROR.items():
        flipped[across] = field[point] * (-1.0, 1.0)
        flipped[point] = field[across] * (-1.0, 1.0)
    return flipped
