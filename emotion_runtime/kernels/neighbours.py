"""Owns the numpy form of contagion: whom each character attends to, and what it catches from them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.kernels import few
from emotion_runtime.kernels.few import RELATION
from emotion_runtime.kernels.tables import BLOCK, NOBODY, Attitude, Bytes, Caught, Floats, Grid, Ints, Reaches

Longs = NDArray[np.int64]

ATTENTION: Final = 16
"""A character attends to at most so many others: the nearest, and of equally near ones the first in the scene."""

FARTHEST: Final = 1e9
"""Metres; beyond this all places are the same to the grid (not to the distances)."""

DENSE: Final = 64
"""Up to so many characters all pairs are looked at."""


def fill_grid(grid: Grid, here: Floats, cells: Ints) -> None:
    """Sort the places `here` (n, 3) into the cells of a grid. `cells` (n,) is room for the compiled form."""
    x = np.minimum(np.maximum(here[:, 0], -FARTHEST), FARTHEST)
    z = np.minimum(np.maximum(here[:, 2], -FARTHEST), FARTHEST)
    cell = ((z - grid.z) * grid.inverse).astype(np.int64) * grid.columns + ((x - grid.x) * grid.inverse).astype(
        np.int64
    )
    grid.start[0] = 0
    np.cumsum(np.bincount(cell, minlength=len(grid.start) - 1), out=grid.start[1:])
    grid.order[:] = np.argsort(cell, kind="stable")
    grid.place[:] = here[grid.order]


def grid_shape(width: float, depth: float, reach: float, n: int) -> tuple[float, int, int]:
    """Cell size, columns and rows: cells no smaller than `reach`, and not many more of them than characters."""
    size = max(reach * 1.0000001, 1e-3)
    while (int(width / size) + 1) * (int(depth / size) + 1) > 4 * n + 64:
        size *= 2.0
    return size, int(width / size) + 2, int(depth / size) + 2


def catch(
    first: int,
    last: int,
    due: Bytes,
    emotion: Floats,
    reaches: Reaches,
    attitude: Attitude,
    grid: Grid,
    caught: Caught,
) -> None:
    """Fill `caught` for those blocks of the grid's order from `first` to `last` that are due.

    Rate of channel l in i: gain_i,l x sum over j of (1 + RELATION x likes_i,j) e_j,l, over those of the ATTENTION
    nearest others within i's widest reach that are within i's reach for l, in ascending order of j.
    """
    n = len(reaches.widest)
    if n <= few.FEW:
        few.catch(emotion, reaches, attitude, grid, caught)
        return
    for block in range(first, last):
        if not due[block]:
            continue
        low, high = block * BLOCK, min((block + 1) * BLOCK, n)
        who = grid.order[low:high]
        local, entry, squared = _pairs(low, high, reaches.widest[who], grid)
        local, other, squared = _attended(local, grid.order[entry], squared)
        mine = who[local]
        weight = 1.0 + RELATION * likes(attitude, mine, other)
        for number, channel in enumerate(reaches.channel.tolist()):
            near = (squared <= reaches.reach[number, mine]) & (reaches.gain[number, mine] > 0.0)
            given = np.where(near, weight * emotion[channel, other], 0.0)
            total = np.bincount(local, given, high - low)
            caught.rate[number, who] = reaches.gain[number, who] * total
            caught.source[number, who] = _strongest(local[near], other[near], given[near], high - low)


def _pairs(low: int, high: int, widest: Floats, grid: Grid) -> tuple[Longs, Longs, Floats]:
    """Rows of the block, and entries of the grid within their widest reach, with square metres."""
    here = grid.place[low:high]
    if len(grid.order) <= DENSE:
        squared = _squared(here[:, None, :] - grid.place)
        near = squared <= widest[:, None]
        near[np.arange(high - low), np.arange(low, high)] = False
        row, column = np.nonzero(near)
        return row, column, squared[row, column]
    local, entry = _around(here, grid)
    squared = _squared(here.take(local, axis=0) - grid.place.take(entry, axis=0))
    near = squared <= widest.take(local)
    near &= entry != local + low
    found = np.flatnonzero(near)
    return local[found], entry[found], squared[found]


def _squared(gap: Floats) -> Floats:
    x, y, z = gap[..., 0], gap[..., 1], gap[..., 2]
    squared: Floats = x * x + y * y + z * z
    return squared


def _around(here: Floats, grid: Grid) -> tuple[Longs, Longs]:
    """All entries in the nine cells around each of these."""
    x = np.minimum(np.maximum(here[:, 0], -FARTHEST), FARTHEST)
    z = np.minimum(np.maximum(here[:, 2], -FARTHEST), FARTHEST)
    column = ((x - grid.x) * grid.inverse).astype(np.int64)
    row = ((z - grid.z) * grid.inverse).astype(np.int64)
    rows = row[:, None] + np.arange(-1, 2)
    inside = (rows >= 0) & (rows < grid.rows)
    base = np.where(inside, rows, 0) * grid.columns
    start = grid.start[base + np.maximum(column - 1, 0)[:, None]]
    stop = grid.start[base + np.minimum(column + 2, grid.columns)[:, None]]
    sizes = np.where(inside, stop - start, 0).ravel()
    skipped = np.cumsum(sizes) - sizes
    entry = np.arange(sizes.sum()) + np.repeat(start.ravel() - skipped, sizes)
    return np.repeat(np.repeat(np.arange(len(here)), 3), sizes), entry


def _attended(local: Longs, other: Ints, squared: Floats) -> tuple[Longs, Ints, Floats]:
    """The ATTENTION nearest of each, by ascending index. Rows by `local`."""
    if len(local) and np.bincount(local).max() > ATTENTION:
        order = np.lexsort((other, squared, local))
        local, other, squared = local[order], other[order], squared[order]
        kept = np.arange(len(local)) - np.searchsorted(local, local) < ATTENTION
        local, other, squared = local[kept], other[kept], squared[kept]
    order = np.argsort(local * (2**31) + other)
    return local[order], other[order], squared[order]


def _strongest(local: Longs, other: Ints, given: Floats, size: int) -> Ints:
    """Who gave most to each, the first of equals; NOBODY where nobody was near. Rows by `local`, then `other`."""
    source = np.full(size, NOBODY, np.int32)
    if len(local):
        starts = np.flatnonzero(np.diff(local, prepend=-1))
        best = np.repeat(np.maximum.reduceat(given, starts), np.diff(starts, append=len(local)))
        most = np.flatnonzero(given == best)[::-1]
        source[local[most]] = other[most]  # the first comes last, and stays
    return source


def likes(attitude: Attitude, mine: Ints, other: Ints) -> Floats:
    """What each of `mine` (k,) thinks of each of `other`, 0 where nothing is stated."""
    found = np.zeros(len(mine))
    if not len(attitude.who):
        return found
    n = len(attitude.start) - 1
    keys = np.repeat(np.arange(n), np.diff(attitude.start)) * n + attitude.who
    asked = mine.astype(np.int64) * n + other
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, attitude.value[place], 0.0)
