"""Owns the numba form of contagion: the grid, whom each attends to, and what it catches; as `kernels.neighbours`."""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np

from behaviors.compiled.intrinsics import fetch, fetch_read
from emotion_runtime.kernels.few import RELATION
from emotion_runtime.kernels.neighbours import ATTENTION, FARTHEST
from emotion_runtime.kernels.tables import BLOCK, NOBODY

STRICT: Final[dict[str, Any]] = {"nogil": True, "cache": True, "error_model": "numpy", "fastmath": False, "_nrt": False}
"""No fastmath and no parallel reductions: a product and a sum are never contracted, and every machine agrees.

Without numba's memory management (`_nrt`): it counts references to arrays, atomically, for each row that a loop hands
on, which was a third of the time of all kernels. Such a kernel cannot make arrays, nor call one that does.
"""
MAKING: Final[dict[str, Any]] = {**STRICT, "_nrt": True}
"""The same for kernels that make arrays."""

AHEAD: Final = 16
"""Characters ahead for which memory is fetched."""


@numba.njit(**STRICT)
def edges(here):  # type: ignore[no-untyped-def]
    """The least and the greatest x, and z, of places (n, 3)."""
    left, right, near, far = here[0, 0], here[0, 0], here[0, 2], here[0, 2]
    for i in range(len(here)):
        x, z = here[i, 0], here[i, 2]
        left, right = x if x < left else left, x if x > right else right
        near, far = z if z < near else near, z if z > far else far
    return left, right, near, far


@numba.njit(**STRICT)
def fill_grid(grid, here, cells):  # type: ignore[no-untyped-def]
    """As `neighbours.fill_grid`: a counting sort, stable."""
    start, n = grid.start, len(cells)
    start[:] = 0
    for i in range(n):
        x, z = min(max(here[i, 0], -FARTHEST), FARTHEST), min(max(here[i, 2], -FARTHEST), FARTHEST)
        cell = int((z - grid.z) * grid.inverse) * grid.columns + int((x - grid.x) * grid.inverse)
        cells[i] = cell
        start[cell + 1] += 1
    for cell in range(1, len(start)):
        start[cell] += start[cell - 1]
    for i in range(n):
        fetch(start, cells[min(i + 2 * AHEAD, n - 1)])
        there = start[cells[min(i + AHEAD, n - 1)]]  # about where that one will go
        fetch(grid.order, there)
        fetch(grid.place, 3 * there)
        cell = cells[i]
        entry = start[cell]
        grid.order[entry] = i
        grid.place[entry, 0], grid.place[entry, 1], grid.place[entry, 2] = here[i, 0], here[i, 1], here[i, 2]
        start[cell] = entry + 1
    for cell in range(len(start) - 1, 0, -1):
        start[cell] = start[cell - 1]
    start[0] = 0


@numba.njit(inline="always", **STRICT)
def _attend(here, reach, grid, who, far):  # type: ignore[no-untyped-def]
    """Fill `who` and `far` with the ATTENTION others nearest to the one at `here` of the grid's order."""
    x, y, z = grid.place[here, 0], grid.place[here, 1], grid.place[here, 2]
    column = int((min(max(x, -FARTHEST), FARTHEST) - grid.x) * grid.inverse)
    row = int((min(max(z, -FARTHEST), FARTHEST) - grid.z) * grid.inverse)
    left, right = max(column - 1, 0), min(column + 2, grid.columns)
    above, level = max(row - 1, 0) * grid.columns, row * grid.columns
    below = min(row + 1, grid.rows - 1) * grid.columns
    first, second, third = grid.start[above + left], grid.start[level + left], grid.start[below + left]
    # three rows of cells as one loop: its end is foretold wrongly once, not three times
    one = grid.start[above + right] - first if row > 0 else 0
    two = one + grid.start[level + right] - second
    all_ = two + (grid.start[below + right] - third if row + 1 < grid.rows else 0)
    second -= one
    third -= two
    count = 0
    for each in range(all_):
        entry = np.uint64(each + (first if each < one else second if each < two else third))
        dx, dy, dz = x - grid.place[entry, 0], y - grid.place[entry, 1], z - grid.place[entry, 2]
        squared = dx * dx + dy * dy + dz * dz
        if not squared <= reach or entry == np.uint64(here):
            continue
        j = grid.order[entry]
        if count == ATTENTION:
            if squared > far[count - 1] or (squared == far[count - 1] and j > who[count - 1]):
                continue
            count -= 1
        place = count
        while place > 0 and (squared < far[place - 1] or (squared == far[place - 1] and j < who[place - 1])):
            far[place], who[place] = far[place - 1], who[place - 1]
            place -= 1
        far[place], who[place] = squared, j
        count += 1
    return count


@numba.njit(inline="always", **STRICT)
def _likes(attitude, i, j):  # type: ignore[no-untyped-def]
    low, high = attitude.start[i], attitude.start[i + 1]
    while low < high:
        middle = (low + high) // 2
        if attitude.who[middle] < j:
            low = middle + 1
        else:
            high = middle
    if low < attitude.start[i + 1] and attitude.who[low] == j:
        return attitude.value[low]
    return 0.0


@numba.njit(**STRICT)
def _catch(first, last, due, emotion, reaches, attitude, grid, caught, who, far, weight):  # type: ignore[no-untyped-def]
    """As `catch`, with room for those that one character attends to."""
    n = len(reaches.widest)
    channels = len(reaches.channel)
    for here in range(first * BLOCK, min(last * BLOCK, n)):
        if not due[here // BLOCK]:
            continue
        # the order is that of the floor, so what is told of each is far apart in memory: it is fetched meanwhile
        ahead = grid.order[min(here + AHEAD, n - 1)]
        fetch_read(reaches.widest, ahead)
        for k in range(channels):
            cell = k * n + ahead
            fetch(caught.rate, cell)
            fetch(caught.source, cell)
            fetch_read(reaches.gain, cell)
            fetch_read(reaches.reach, cell)
            fetch_read(emotion, reaches.channel[k] * n + ahead)
        i = grid.order[here]
        count = 0
        if reaches.widest[i] >= 0.0:
            count = _attend(here, reaches.widest[i], grid, who, far)
        if count == 0:
            for k in range(channels):
                caught.rate[k, i] = 0.0
                caught.source[k, i] = NOBODY
            continue
        for a in range(1, count):  # by ascending index from here on
            j, d = who[a], far[a]
            b = a
            while b > 0 and who[b - 1] > j:
                who[b], far[b] = who[b - 1], far[b - 1]
                b -= 1
            who[b], far[b] = j, d
        for a in range(count):
            weight[a] = 1.0 + RELATION * _likes(attitude, i, who[a])
        for k in range(channels):
            total, best, source = 0.0, 0.0, NOBODY
            if reaches.gain[k, i] > 0.0:
                channel = reaches.channel[k]
                for a in range(count):
                    if far[a] <= reaches.reach[k, i]:
                        given = weight[a] * emotion[channel, who[a]]
                        total += given
                        if source == NOBODY or given > best:
                            best, source = given, who[a]
            caught.rate[k, i] = reaches.gain[k, i] * total
            caught.source[k, i] = source


@numba.njit(**MAKING)
def catch(first, last, due, emotion, reaches, attitude, grid, caught):  # type: ignore[no-untyped-def]
    """As `neighbours.catch`."""
    who, far, weight = np.empty(ATTENTION, np.int32), np.empty(ATTENTION), np.empty(ATTENTION)
    _catch(first, last, due, emotion, reaches, attitude, grid, caught, who, far, weight)
