"""Owns the numbers of a face over an utterance that a cross-modal network is fed with, in training and at run time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

FACE_FRAMES_PER_SECOND: Final = 5.0
"""Frames of a face that are looked at, in clips for training and in the sidecar."""


def face_statistics(frames: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """(104,): the mean of each of the 52 coefficients, then its standard deviation, over (k, 52) frames, k > 0.

    Sums in the order of the frames, so that the same frames give the same bits.
    """
    rows = [[float(value) for value in frame] for frame in frames]
    count = float(len(rows))
    means, spreads = [], []
    for column in zip(*rows, strict=True):
        total = squares = 0.0
        for value in column:
            total += value
        mean = total / count
        for value in column:
            squares += (value - mean) * (value - mean)
        means.append(mean)
        spreads.append(math.sqrt(squares / count))
    return (*means, *spreads)
