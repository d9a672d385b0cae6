"""Owns the raster of object rules: which of them reach into which square of the floor."""

from __future__ import annotations

from typing import Final

import numpy as np

from emotion_runtime.kernels.tables import Active, Raster

CELL_M: Final = 10.0
MOST_CELLS: Final = 65_536
ENTRIES_PER_RULE: Final = 64
FARTHEST: Final = 1e9
MARGIN: Final = 1e-6
"""Cells are widened by this share of themselves, so that no rounding loses a character at a rule's very edge."""


def build_raster(active: Active) -> Raster:
    """Squares of 10 m, or larger ones where that would be too many; rules without a limit are in every square."""
    x, z, within = active.place[:, 0], active.place[:, 2], active.place[:, 3]
    bounded = np.isfinite(within) & (np.abs(x) < FARTHEST) & (np.abs(z) < FARTHEST) & (within < FARTHEST)
    rules = np.flatnonzero(bounded)
    everywhere = np.flatnonzero(~bounded)
    if not len(rules):
        return _filled(active, 0.0, 0.0, CELL_M, 0, 0, np.zeros((0, 4), np.int64), rules, everywhere)
    low_x, high_x = x[rules] - within[rules], x[rules] + within[rules]
    low_z, high_z = z[rules] - within[rules], z[rules] + within[rules]
    size = CELL_M
    while True:
        left, near = float(low_x.min()) - size * 0.5, float(low_z.min()) - size * 0.5
        columns = int((float(high_x.max()) - left) / size) + 2
        rows = int((float(high_z.max()) - near) / size) + 2
        box = np.stack(
            (
                np.floor((low_x - left) / size - MARGIN),
                np.floor((high_x - left) / size + MARGIN),
                np.floor((low_z - near) / size - MARGIN),
                np.floor((high_z - near) / size + MARGIN),
            ),
            axis=1,
        ).astype(np.int64)
        entries = int(((box[:, 1] - box[:, 0] + 1) * (box[:, 3] - box[:, 2] + 1)).sum())
        cells = columns * rows
        few = entries + len(everywhere) * cells <= ENTRIES_PER_RULE * len(active.tag) + 4096
        if (cells <= MOST_CELLS and few) or cells <= 16:
            return _filled(active, left, near, size, columns, rows, box, rules, everywhere)
        size *= 2.0


def _filled(
    active: Active,
    left: float,
    near: float,
    size: float,
    columns: int,
    rows: int,
    box: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    rules: np.ndarray[tuple[int], np.dtype[np.int64]],
    everywhere: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> Raster:
    wide, deep = box[:, 1] - box[:, 0] + 1, box[:, 3] - box[:, 2] + 1
    sizes = wide * deep
    place = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    across = np.repeat(wide, sizes)
    cell = (np.repeat(box[:, 2], sizes) + place // np.maximum(across, 1)) * columns
    cell += np.repeat(box[:, 0], sizes) + place % np.maximum(across, 1)
    cells = columns * rows
    cell = np.concatenate((cell, np.tile(np.arange(cells + 1), len(everywhere))))
    rule = np.concatenate((np.repeat(rules, sizes), np.repeat(everywhere, cells + 1)))
    order = np.lexsort((rule, cell))
    start = np.zeros(cells + 2, np.int32)
    np.cumsum(np.bincount(cell, minlength=cells + 1), out=start[1:])
    listed = rule[order].astype(np.int32)
    return Raster(left, near, 1.0 / size, columns, rows, start, listed, np.ascontiguousarray(active.place[listed]))
