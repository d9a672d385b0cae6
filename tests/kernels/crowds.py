"""Random small worlds for the kernels: people, objects, running actions, likes and a ledger in use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emotion_runtime.kernels.raster import build_raster
from emotion_runtime.kernels.tables import (
    BLOCK,
    NOBODY,
    SLOTS,
    Accounts,
    Active,
    Attitude,
    Caught,
    Drives,
    Feelings,
    Fixed,
    Floats,
    Grid,
    Hits,
    Raster,
    Reaches,
    blocks,
)

CHANNELS, CODES = 3, 11


@dataclass
class Crowd:
    """All tables of n people under r object rules."""

    n: int
    position: Floats
    member: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    active: Active
    raster: Raster
    hits: Hits
    fixed: Fixed
    feelings: Feelings
    gone: Floats
    drives: Drives
    caught: Caught
    reaches: Reaches
    attitude: Attitude
    ledger: Accounts

    @property
    def count(self) -> int:
        return blocks(self.n)

    def room(self) -> Grid:
        return Grid(0.0, 0.0, 0.1, 1, 1, np.zeros(2, np.int32), np.zeros(self.n, np.int32), np.zeros((self.n, 3)))

    def bytes(self) -> list[bytes]:
        """Everything that a step changes."""
        ledger = self.ledger
        changed = (*self.feelings, ledger.cause, ledger.amount, ledger.other, ledger.scale, ledger.strongest)
        return [array.tobytes() for array in changed]


def crowd(seed: int, n: int, rules: int, side: float = 40.0, dt: float = 1 / 60) -> Crowd:
    """The same for the same arguments."""
    chance = np.random.default_rng(seed)
    position = chance.uniform(-side, side, (n + rules, 3))
    position[:, 1] *= 0.05
    if n > 3:
        position[: n // 4] = position[0]  # some stand in one place
    sizes = chance.integers(1, 3, rules)
    start = np.zeros(rules + 1, np.int32)
    np.cumsum(sizes, out=start[1:])
    changes = int(start[-1])
    within = chance.uniform(1.0, 15.0, rules)
    within[chance.random(rules) < 0.1] = np.inf
    fade = chance.integers(0, 3, rules).astype(np.uint8)
    fade[~np.isfinite(within)] = 0
    active = Active(
        np.column_stack((position[n:], within)),
        fade,
        chance.integers(0, 2, rules).astype(np.int32),
        np.where(chance.random(rules) < 0.9, NOBODY, chance.integers(0, n, rules)).astype(np.int32),
        start,
        chance.integers(0, CHANNELS, changes).astype(np.int32),
        chance.uniform(-0.5, 0.5, changes),
        chance.integers(0, CODES, changes).astype(np.int32),
    )
    baseline = chance.uniform(0.01, 0.2, (CHANNELS, n))
    drives = np.sort(chance.integers(0, n, n // 3)).astype(np.int32)
    stated = [np.sort(chance.choice(n, min(n, 3), replace=False)) for _ in range(n)]
    gain = np.where(chance.random((2, n)) < 0.8, 0.02, 0.0)
    reach = chance.uniform(1.0, 30.0, (2, n))
    count = blocks(n)
    room = (count, 8 * BLOCK)
    return Crowd(
        n=n,
        position=position,
        member=(chance.random((2, n)) < 0.7).astype(np.uint8),
        active=active,
        raster=build_raster(active),
        hits=Hits(np.zeros(room, np.int32), np.zeros(room, np.int32), np.zeros(room), np.zeros(count, np.int32)),
        fixed=Fixed(
            baseline,
            np.log(2) / chance.uniform(1.0, 60.0, (CHANNELS, n)),
            chance.uniform(-0.5, 0.5, (3, n)),
            np.log(2) / chance.uniform(30.0, 300.0, n),
            chance.uniform(-1.0, 1.0, (CHANNELS, 3)),
            1.0,
        ),
        feelings=Feelings(chance.uniform(0.05, 0.95, (CHANNELS + 1, n)), chance.uniform(-0.5, 0.5, (3, n))),
        gone=chance.uniform(0.0, 0.01, n) if dt < 1 else chance.uniform(0.5, 1.0, n),
        drives=Drives(
            drives,
            chance.integers(0, CHANNELS, n // 3).astype(np.int32),
            chance.uniform(-0.3, 0.3, n // 3),
            chance.integers(0, (n + 1) * CODES, n // 3).astype(np.int32),
            np.searchsorted(drives, np.arange(count + 1) * BLOCK).astype(np.int32),
        ),
        caught=Caught(
            np.array([0, 2], np.int32), np.array([4, 5], np.int32), np.zeros((2, n)), np.full((2, n), -1, np.int32)
        ),
        reaches=Reaches(gain, reach, np.where(gain > 0.0, reach, -1.0).max(axis=0), np.array([0, 2], np.int32)),
        attitude=Attitude(
            np.arange(n + 1, dtype=np.int64) * min(n, 3),
            np.concatenate(stated).astype(np.int32),
            chance.uniform(-1.0, 1.0, n * min(n, 3)),
        ),
        ledger=Accounts(
            np.full((CHANNELS, n, SLOTS), NOBODY, np.int32),
            np.zeros((CHANNELS, n, SLOTS)),
            np.zeros((CHANNELS, n)),
            np.tile(0.5 ** (np.arange(n) % 40), (CHANNELS, 1)),
            np.full((CHANNELS + 1, n), NOBODY, np.int32),
            np.array([1, 0, 1], np.uint8),
            CODES,
        ),
    )
