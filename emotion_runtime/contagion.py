"""Owns how emotion spreads between neighbours: each character excites the same label in those within its reach."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.kernels.neighbours import DENSE, FARTHEST, grid_shape
from emotion_runtime.kernels.tables import (
    NOBODY,
    REFRESH_TICKS,
    REFRESHED_TOGETHER,
    Attitude,
    Caught,
    Floats,
    Grid,
    Reaches,
    blocks,
)
from emotion_runtime.world import World

Array = NDArray[Any]

AFTER_OBJECTS: Final = 2
"""Ticks between the rounds of objects and of neighbours: where blocks are no multiple of six, the first ticks of a
round look at one block more, and those of one round are the last of the other."""


class Contagion:
    """What neighbours give each other in one tick.

    Read at the tick's beginning and held for its length: characters are coupled at tick borders only, so the result
    of one long tick is not that of two short ones (all else in affect is exact for any length).
    """

    def __init__(self, world: World, kernels: Kernels) -> None:
        self._world = world
        self._kernels = kernels
        self._reaches = _reaches(world)
        channels = self._reaches.channel
        shape = (len(channels), world.n)
        codes = [world.ledger.codes.code("contagion", world.channels[channel]) for channel in channels.tolist()]
        self.caught = Caught(channels, np.array(codes, np.int32), np.zeros(shape), np.full(shape, NOBODY, np.int32))
        self._nothing = not len(channels) or world.n < 2
        self._widest = float(np.sqrt(self._reaches.widest.max(initial=0.0)))
        stated = world.attitudes
        self._attitude = Attitude(stated.start, stated.who, stated.value)
        self._order = np.arange(world.n, dtype=np.int32)
        self._cells = np.zeros(world.n, np.int32)
        self._place = np.zeros((world.n, 3))
        everybody = np.array([0, world.n, world.n, world.n, world.n], np.int32)
        self._whole = Grid(0.0, 0.0, 0.0, 2, 2, everybody, self._order, self._place)
        self._grid: Grid | None = None
        self._due = np.ones(blocks(world.n), np.uint8)
        self._every = 1 if world.n <= REFRESHED_TOGETHER else REFRESH_TICKS
        self._start = np.zeros(2, np.int32)

    def spread(self, tick: int) -> None:
        """Fill `caught` with this tick's rates."""
        if self._nothing:
            return
        kernels, world = self._kernels, self._world
        turn = (tick + AFTER_OBJECTS) % self._every
        if turn == 0 or self._grid is None:
            self._grid = self._sorted(world.position)
        self._due[:] = 1
        if self._every > 1:
            self._due[:] = 0
            self._due[turn :: self._every] = 1
        kernels.split(
            kernels.form.catch,
            self._due,
            world.feelings.emotion,
            self._reaches,
            self._attitude,
            self._grid,
            self.caught,
        )

    def lend(self) -> tuple[bool, NDArray[np.uint8], Reaches, Attitude, Grid]:
        """What `catch` is given for a small cast, and whether anybody catches anything; places are those of now."""
        self._due[:] = 1
        return not self._nothing, self._due, self._reaches, self._attitude, self._sorted(self._world.position)

    def held(self) -> dict[str, Array]:
        """What a crowd keeps from one tick to a later one, as arrays by name; empty where each looks anew."""
        grid = self._grid
        if self._every == 1 or self._nothing or grid is None:
            return {}
        return {
            "shape": np.array([grid.x, grid.z, grid.inverse]),
            "cells": np.array([grid.columns, grid.rows], np.int64),
            "start": grid.start.copy(),
            "order": grid.order.copy(),
            "place": grid.place.copy(),
            "rate": self.caught.rate.copy(),
            "source": self.caught.source.copy(),
        }

    def hold(self, held: dict[str, Array]) -> None:
        """Go on with what `held` gave. Raises UsageError for what cannot be a grid of this world."""
        n = self._world.n
        (x, z, inverse), (columns, rows) = held["shape"].tolist(), held["cells"].tolist()
        start, order, place = held["start"], held["order"], held["place"]
        sound = columns > 0 and rows > 0 and len(start) == columns * rows + 1 and inverse > 0.0
        sound = sound and order.shape == (n,) and place.shape == (n, 3) and bool(np.isfinite(place).all())
        sound = sound and held["rate"].shape == held["source"].shape == self.caught.rate.shape
        sound = sound and bool(np.isfinite((x, z, inverse)).all() and np.isfinite(held["rate"]).all())
        if not sound or not np.array_equal(np.sort(order), np.arange(n)):
            raise UsageError("bad_state", "the neighbours of a crowd do not fit this scene")
        near = [(np.clip(place[:, axis], -FARTHEST, FARTHEST) - edge) * inverse for axis, edge in ((0, x), (2, z))]
        sound = all(
            bool((side >= 0.0).all() and (side < most).all()) for side, most in zip(near, (columns, rows), strict=True)
        )
        sound = sound and int(start[0]) == 0 and int(start[-1]) == n and bool((np.diff(start) >= 0).all())
        if not sound or int(held["source"].min()) < NOBODY or int(held["source"].max()) >= n:
            raise UsageError("bad_state", "the neighbours of a crowd stand outside their grid")
        self._order[:], self._place[:] = order, place
        self._start = np.array(start, np.int32)
        self._grid = Grid(x, z, inverse, columns, rows, self._start, self._order, self._place)
        self.caught.rate[:], self.caught.source[:] = held["rate"], held["source"]

    def _sorted(self, position: Floats) -> Grid:
        """Cells of at least the widest reach, and who stands in which."""
        n = self._world.n
        here = position[:n]
        if n <= DENSE:  # all pairs will be looked at, and one cell is enough
            self._place[:] = here
            return self._whole
        edges = self._kernels.form.edges if self._kernels.is_compiled else _edges
        left, right, near, far = (min(max(float(edge), -FARTHEST), FARTHEST) for edge in edges(here))
        size, columns, rows = grid_shape(right - left, far - near, self._widest, n)
        cells = columns * rows
        if len(self._start) <= cells:
            self._start = np.zeros(2 * cells + 1, np.int32)
        grid = Grid(left, near, 1.0 / size, columns, rows, self._start[: cells + 1], self._order, self._place)
        self._kernels.form.fill_grid(grid, here, self._cells)
        return grid


def _edges(here: Floats) -> tuple[float, float, float, float]:
    """The least and the greatest x, and z, of places (n, 3)."""
    x, z = here[:, 0], here[:, 2]
    return float(x.min()), float(x.max()), float(z.min()), float(z.max())


def _reaches(world: World) -> Reaches:
    """The scene's contagion as columns: one row for each channel that spreads at all."""
    gain, reach = np.zeros((len(world.channels), world.n)), np.zeros((len(world.channels), world.n))
    for row, person in enumerate(world.scene.characters):
        for each in person.contagion:
            if each.gain > 0.0:
                gain[world.channel[each.label], row] = each.gain
                reach[world.channel[each.label], row] = each.within * each.within
    used = np.flatnonzero(gain.any(axis=1)).astype(np.int32)
    gain, reach = gain[used], reach[used]
    widest: Floats = np.where(gain > 0.0, reach, -1.0).max(axis=0, initial=-1.0)
    return Reaches(gain, reach, widest, used)
