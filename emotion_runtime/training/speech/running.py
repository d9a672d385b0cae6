"""Owns the comparison of a clip with its speaker's earlier ones: a running mean and spread that begins at a prior."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.training.speech.nodes import Graph

MEAN_WEIGHT: Final = 1.0
"""The average voice counts for as many clips of the speaker's own when the mean is taken."""
SPREAD_WEIGHT: Final = 10.0
"""And for as many when the spread is taken, which one clip tells little about."""
FLOOR: Final = 0.01
REMEMBERED: Final = 200.0
"""Clips after which older ones fade, so that a new microphone is got used to."""
LIMIT: Final = 5.0
"""Standard deviations at which a number is cut."""

Floats = NDArray[np.float64]


def standard(features: NDArray[np.float32], mean: Floats, spread: Floats) -> Floats:
    """Against the training set: (x - mean) / spread, cut at LIMIT."""
    return np.asarray(np.clip((features - mean) / spread, -LIMIT, LIMIT), np.float64)


def in_order(rows: Floats) -> Floats:
    """Rows (clips, features) of one speaker in the order heard, each against those up to and with itself."""
    count = np.arange(1, len(rows) + 1, dtype=np.float64)[:, None]
    total, squares = np.cumsum(rows, axis=0), np.cumsum(rows * rows, axis=0)
    return compared(rows, count, total, squares)


def compared(row: Floats, count: Floats, total: Floats, squares: Floats) -> Floats:
    """`row` against what is known with it: (x - m) / sqrt(v).

    m = total / (MEAN_WEIGHT + n); v = (SPREAD_WEIGHT + sum (x_i - m)^2) / (SPREAD_WEIGHT + n) + FLOOR. The prior is
    mean 0 and variance 1: that of the training set after `standard`.
    """
    mean = total / (MEAN_WEIGHT + count)
    scatter = np.maximum(squares - 2.0 * mean * total + count * mean * mean, 0.0)
    return np.asarray((row - mean) / np.sqrt((SPREAD_WEIGHT + scatter) / (SPREAD_WEIGHT + count) + FLOOR))


def orderings(
    rows: Floats, speaker: NDArray[np.int64], chance: np.random.Generator
) -> tuple[Floats, NDArray[np.int64]]:
    """All rows as they would be met in one random order of each speaker's clips, and each clip's place in it."""
    out, place = np.empty_like(rows), np.empty(len(rows), np.int64)
    for each in np.unique(speaker):
        order = chance.permutation(np.flatnonzero(speaker == each))
        out[order], place[order] = in_order(rows[order]), np.arange(len(order))
    return out, place


def write_running(graph: Graph, row: str, count: str, total: str, squares: str) -> tuple[str, str, str, str]:
    """The same as ONNX: the compared row (1, features), and count, total and squares for the next clip."""
    more = graph.add(count, graph.const([1.0]))
    flat = graph.reshape(row, -1)
    total = graph.add(total, flat)
    squares = graph.add(squares, graph.mul(flat, flat))
    mean = graph.div(total, graph.add(more, graph.const([MEAN_WEIGHT])))
    twice = graph.mul(graph.mul(mean, total), graph.const([2.0]))
    scatter = graph.add(graph.sub(squares, twice), graph.mul(graph.mul(mean, mean), more))
    spread = graph.div(
        graph.add(graph.op("Relu", scatter), graph.const([SPREAD_WEIGHT])),
        graph.add(more, graph.const([SPREAD_WEIGHT])),
    )
    scaled = graph.div(graph.sub(flat, mean), graph.op("Sqrt", graph.add(spread, graph.const([FLOOR]))))
    fade = graph.op("Min", graph.div(graph.const([REMEMBERED]), more), graph.const([1.0]))
    return (
        graph.reshape(scaled, 1, -1),
        graph.mul(more, fade),
        graph.mul(total, fade),
        graph.mul(squares, fade),
    )
