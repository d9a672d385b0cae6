"""Owns a machine reader of faces: a stand-in for viewers that shares neither mesh nor recipe table with the generator.

It sees 68 landmarks, explains their movement by FACS action units on our own 26-handle face, and compares with action
unit sets of another source than the recipe table's. It is a check that faces can be told apart by somebody else's
definitions. It is no human, and no evidence of what humans see: for that there is the study kit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.landmarks import own_basis
from emotion_runtime.expression.shapes import COLUMN, sides

Floats = NDArray[np.float64]

UNITS: Final = {
    1: "browInnerUp", 2: "browOuterUp", 4: "browDown", 5: "eyeWide", 6: "cheekSquint", 7: "eyeSquint", 9: "noseSneer",
    10: "mouthUpperUp", 12: "mouthSmile", 14: "mouthDimple", 15: "mouthFrown", 16: "mouthLowerDown",
    17: "mouthShrugLower", 18: "mouthPucker", 20: "mouthStretch", 22: "mouthFunnel", 24: "mouthPress", 26: "jawOpen",
    28: "mouthRollLower",
}  # fmt: skip
"""Action unit -> ARKit shape, where public tables agree."""

PROTOTYPES: Final[Mapping[str, tuple[tuple[int, ...], ...]]] = {
    "anger": ((4, 5, 7, 24), (4, 5, 7, 10, 22, 26), (4, 7, 17, 24), (4, 5, 7, 17, 24)),
    "disgust": ((9, 10, 17), (9, 16), (9, 17), (10, 17), (9, 10, 16, 26)),
    "fear": ((1, 2, 4, 5, 20, 26), (1, 2, 4, 5, 26), (1, 2, 5, 20), (1, 2, 4, 5, 7, 20)),
    "joy": ((6, 12), (12,), (6, 12, 26)),
    "sadness": ((1, 4, 15), (1, 4, 15, 17), (1, 15, 17), (1, 4, 17)),
    "surprise": ((1, 2, 5, 26), (1, 2, 26), (1, 2, 5)),
}
"""Emotion -> variants of unit sets after the FACS Investigator's Guide: other sets than those of recipes.yaml."""

STILL: Final = 0.85
"""Below this mean movement, in px at 64 px between the eyes and after smoothing, a face is read as neutral."""
ARTICULATORS: Final = (10, 14, 16, 17, 18, 22, 24, 26, 28)
"""Units that speech moves: in a face that speaks they explain movement, but tell nothing about emotion."""
RIDGE: Final = 2e-3
SWEEPS: Final = 60


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads emotions from landmarks; `labels` are what it can answer."""

    labels: tuple[str, ...]
    _units: Floats
    _patterns: Floats
    _told: Floats
    _owner: NDArray[np.intp]

    def read(self, moved: Floats, *, speaking: bool = False) -> list[str]:
        """One label a face from landmark movements (f, 68, 2) in IOD units."""
        flat = moved.reshape(len(moved), -1)
        amounts = _nonnegative(self._units, flat)
        patterns = self._patterns
        if speaking:
            amounts = amounts * self._told
            patterns = patterns * self._told
        explained, patterns = amounts @ self._units, patterns @ self._units
        patterns = patterns / np.maximum(np.linalg.norm(patterns, axis=1, keepdims=True), 1e-9)
        length = np.linalg.norm(explained, axis=1)
        score = (explained / np.maximum(length, 1e-9)[:, None]) @ patterns.T
        best = self._owner[score.argmax(axis=1)]
        size = 64.0 * length / np.sqrt(68.0)
        return ["neutral" if small else self.labels[owner] for owner, small in zip(best, size < STILL, strict=True)]


def _nonnegative(units: Floats, flat: Floats) -> Floats:
    """(f, u) least-squares amounts of units (u, d) in movements (f, d), none below 0: cyclic coordinate descent."""
    gram = units @ units.T + RIDGE * np.eye(len(units))
    wanted = flat @ units.T
    amounts = np.zeros_like(wanted)
    for _ in range(SWEEPS):
        for u in range(len(units)):
            rest = wanted[:, u] - amounts @ gram[:, u] + amounts[:, u] * gram[u, u]
            amounts[:, u] = np.maximum(rest, 0.0) / gram[u, u]
    return amounts


def machine_reader() -> Reader:
    """The reader over the seven default labels."""
    moves = own_basis().moves
    unit = {
        number: np.sum([moves[COLUMN[each]] for each in sides(shape)], axis=0).ravel()
        for number, shape in UNITS.items()
    }
    labels, numbers = tuple(PROTOTYPES), list(UNITS)
    patterns, owner = [], []
    for index, label in enumerate(labels):
        for variant in PROTOTYPES[label]:
            patterns.append([float(number in variant) for number in numbers])
            owner.append(index)
    told = np.array([float(number not in ARTICULATORS) for number in numbers])
    return Reader(labels, np.stack(list(unit.values())), np.array(patterns), told, np.array(owner, dtype=np.intp))


def confusion(shown: Sequence[str], read: Sequence[str], labels: Sequence[str]) -> NDArray[np.int64]:
    """Counts (k, k): rows what was shown, columns what was read, both in the order of `labels`."""
    place = {label: index for index, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for one, other in zip(shown, read, strict=True):
        counts[place[one], place[other]] += 1
    return counts
