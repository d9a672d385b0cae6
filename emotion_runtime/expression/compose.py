"""Owns who has the mouth: lips win while a character speaks, its emotion keeps a share, and closures close."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.shapes import COLUMN, LOWER, sides
from emotion_runtime.expression.visemes import shape_rows

Floats = NDArray[np.float64]

MOUTH: Final = np.array([COLUMN[name] for name in LOWER], dtype=np.intp)
"""Columns that speech and emotion share."""
JAW_OPEN: Final = COLUMN["jawOpen"]
MOUTH_CLOSE: Final = COLUMN["mouthClose"]
PARTING: Final = np.array(
    [COLUMN[each] for name in ("jawOpen", "mouthFunnel", "mouthLowerDown", "mouthUpperUp") for each in sides(name)]
    + [COLUMN["tongueOut"], COLUMN["mouthShrugUpper"]],
    dtype=np.intp,
)
"""Shapes that part the lips: a closure takes them away."""


class Mouths:
    """Lips of m speaking characters put onto their faces. Dials per character: `jaw`, `lip` (m,), each 0..2."""

    def __init__(self, jaw: Floats, lip: Floats) -> None:
        rows = [shape_rows(float(j), float(each)) for j, each in zip(jaw, lip, strict=True)]
        self._rows = np.stack(rows) if rows else np.zeros((0, 15, len(COLUMN)))

    def lips(self, shares: Floats) -> Floats:
        """(m, 52) what the visemes alone show, from shares (m, 15); summed viseme by viseme, in their order."""
        total = np.zeros((len(shares), self._rows.shape[2]))
        for viseme in np.flatnonzero(shares[:, 1:].any(axis=0)) + 1:
            total += shares[:, viseme, None] * self._rows[:, viseme]
        return total


def compose(face: Floats, lips: Floats, closed: Floats, speaking: Floats, share: Floats) -> Floats:
    """(m, 52) faces with lips: emotion (m, 52), lips (m, 52), and per character closed, speaking, share (m,) in 0..1.

    mouth = lips + emotion x (1 - speaking x (1 - share)); the upper face is the emotion's. A closure of degree c leaves
    (1 - c) of all that parts the lips. At the end everything is limited to 0..1 and mouthClose to jawOpen, beyond
    which it would push the lips through each other.
    """
    result = face.astype(np.float64)
    keep = 1.0 - speaking * (1.0 - share)
    result[:, MOUTH] = lips[:, MOUTH] + result[:, MOUTH] * keep[:, None]
    result[:, PARTING] *= (1.0 - closed)[:, None]
    np.minimum(np.maximum(result, 0.0), 1.0, out=result)
    result[:, MOUTH_CLOSE] = np.minimum(result[:, MOUTH_CLOSE], result[:, JAW_OPEN])
    return result


def mouth_share(strengths: NDArray[np.floating], speaking_share: NDArray[np.floating]) -> Floats:
    """(m,) the part of its mouth that each character's emotion keeps: strengths (m, k) weigh the shares (k,)."""
    total, weighed = np.zeros(len(strengths)), np.zeros(len(strengths))
    for k in range(strengths.shape[1]):
        total += strengths[:, k]
        weighed += strengths[:, k] * speaking_share[k]
    return weighed / np.maximum(total, 1e-9)
