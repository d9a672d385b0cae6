"""Owns who is near whom in a crowd: pairs within a distance by a uniform grid, in parts that fit memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from behaviors.senses import Floats, Ints

MOST_PAIRS = 1 << 20
"""Pairs given at a time, unless one character alone has more."""
MOST_CELLS = 1 << 20
"""Cells along one axis; a smaller radius than that allows is searched in larger cells."""
ROOMY = 1.000001
"""Cubes are larger than the radius by more than the rounding of a quotient can be wrong."""
Longs = NDArray[np.int64]


class Grid:
    """Points in cubes with edges of at least `radius` metres: whatever is within it is in one of 27 cubes."""

    def __init__(self, points: Floats, radius: float) -> None:
        self.points = points
        low, high = points.min(axis=0), points.max(axis=0)
        widest = float((high - low).max())
        self.edge = max(radius * ROOMY if radius < np.inf else widest, widest / MOST_CELLS, 1e-9)
        self.low = low
        self.shape = (np.floor((high - low) / self.edge) + 3).astype(np.int64)
        keys = self._key(self._cells(points))
        self.order: Longs = np.argsort(keys, kind="stable")
        self.keys = keys[self.order]

    def _cells(self, points: Floats) -> Longs:
        """Which cube each point is in; cubes from 1, one cube of margin around all; outside it, the margin."""
        cells = np.floor((points - self.low) / self.edge) + 1
        found: Longs = np.minimum(np.maximum(cells, 0), self.shape - 1).astype(np.int64)
        return found

    def _key(self, cells: Longs) -> Longs:
        found: Longs = (cells[..., 0] * self.shape[1] + cells[..., 1]) * self.shape[2] + cells[..., 2]
        return found

    def around(self, points: Floats) -> Iterator[tuple[Longs, Longs, Longs]]:
        """For parts of `points`, in order: rows of points, rows of the grid's points, and where each point's begin.

        Pairs of one point stand together; a point that has nobody in its 27 cubes is in no pair.
        """
        starts, counts = self._ranges(points)
        total = np.cumsum(counts.sum(axis=1))
        first = 0
        while first < len(points):
            before = int(total[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(total, before + MOST_PAIRS, "right")))
            yield self._expanded(starts[first:last], counts[first:last], first)
            first = last

    def _ranges(self, points: Floats) -> tuple[Longs, Longs]:
        """Nine runs of three cubes for each point, as ranges of the sorted keys."""
        cells = self._cells(points)
        x, y = np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij")
        steps = np.stack([x.ravel(), y.ravel(), np.zeros(9, np.int64)], axis=1)
        run = cells[:, None, :] + steps
        inside = ((run >= 0) & (run < self.shape)).all(axis=2)
        run[..., 2] = np.maximum(cells[:, None, 2] - 1, 0)
        low = np.searchsorted(self.keys, self._key(run), "left")
        run[..., 2] = np.minimum(cells[:, None, 2] + 1, self.shape[2] - 1)
        high = np.searchsorted(self.keys, self._key(run), "right")
        return low, np.where(inside, high - low, 0)

    def _expanded(self, starts: Longs, counts: Longs, first: int) -> tuple[Longs, Longs, Longs]:
        each = counts.ravel()
        ends = np.cumsum(each)
        size = int(ends[-1]) if len(ends) else 0
        places = np.arange(size) - np.repeat(ends - each, each) + np.repeat(starts.ravel(), each)
        of_point = counts.sum(axis=1)
        rows = np.repeat(np.arange(len(counts)) + first, of_point)
        filled = of_point > 0
        begins = (np.cumsum(of_point) - of_point)[filled]
        return rows, self.order[places], begins


def smallest(values: Floats, ties: Ints, begins: Longs) -> tuple[Floats, Ints]:
    """In each run of pairs that begins at `begins`: the smallest value, and the smallest tie-break that has it."""
    if not len(begins):
        return np.zeros(0), np.zeros(0, np.int32)
    best: Floats = np.minimum.reduceat(values, begins)
    sizes = np.diff(np.append(begins, len(values)))
    first = np.where(values == np.repeat(best, sizes), ties, np.iinfo(np.int32).max)
    return best, np.minimum.reduceat(first, begins).astype(np.int32)
