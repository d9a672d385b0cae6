"""Owns how emotion spreads between neighbours: each character excites the same label in those within its reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import Ledger
from emotion_runtime.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Caught:
    """Who caught one channel from whom this tick: `character` (k,), the strongest `source` (k,), the `rate` (k,)."""

    channel: int
    character: Ints
    source: Ints
    rate: Floats


class Contagion:
    """Excitation of label l in i: gain_i,l x sum of e_j,l over everybody else within i's radius for l, per second.

    Read at the tick's beginning and held for its length: characters are coupled at tick borders only, so the result
    of one long tick is not that of two short ones (all else in affect is exact for any length).
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._oneself = np.arange(world.n)
        self._rows: list[tuple[int, Ints, Floats, Floats]] = []
        for channel, label in enumerate(world.channels):
            spreading = [
                (row, each.gain, each.within)
                for row, person in enumerate(world.scene.characters)
                for each in person.contagion
                if each.label == label and each.gain > 0.0
            ]
            if spreading:
                rows, gains, radii = zip(*spreading, strict=True)
                reach = np.array(radii)[:, None] * np.array(radii)[:, None]
                self._rows.append((channel, np.array(rows, dtype=np.int32), np.array(gains), reach))

    def spread(self, excite: Floats) -> list[Caught]:
        """Add this tick's rates to `excite` (n, c); return what was caught from whom, for the ledger."""
        world = self._world
        caught: list[Caught] = []
        if not self._rows or world.n < 2:
            return caught
        squared = self._squared_distances()
        for channel, rows, gain, reach in self._rows:
            near = squared[rows] <= reach
            given = np.where(near, world.emotion[None, :, channel], 0.0)
            total = np.add.accumulate(given, axis=1)[:, -1]  # strictly left to right: the same bits everywhere
            reached = near.any(axis=1)
            rate = gain * total
            excite[rows, channel] += rate
            caught.append(Caught(channel, rows[reached], given[reached].argmax(axis=1).astype(np.int32), rate[reached]))
        return caught

    def _squared_distances(self) -> Floats:
        """(n, n) square metres between any two, infinite to oneself."""
        world = self._world
        x, y, z = (world.position[: world.n, axis] for axis in range(3))
        dx, dy, dz = x[:, None] - x, y[:, None] - y, z[:, None] - z
        squared: Floats = dx * dx + dy * dy + dz * dz
        squared[self._oneself, self._oneself] = np.inf
        return squared


def credit(caught: Caught, world: World, ledger: Ledger) -> Ints:
    """Cause numbers (k,) for rows of one channel: contagion of that label from the strongest neighbour."""
    label = world.channels[caught.channel]
    return np.array([ledger.number("contagion", source, label) for source in caught.source.tolist()], dtype=np.int32)
