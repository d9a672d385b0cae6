"""Owns the tables that the loop of many ticks is given, beside those of the kernels and of looking."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.kernels.tables import Attitude, Bytes, Caught, Floats, Grid, Ints, Reaches

Longs = NDArray[np.int64]


class Spreading(NamedTuple):
    """Contagion: what `catch` is given. `due` (1,); `on` 0 where nobody catches anything."""

    on: int
    due: Bytes
    reaches: Reaches
    attitude: Attitude
    grid: Grid
    caught: Caught


class Acting(NamedTuple):
    """Actions (S slots, C conditions): what is known of them before a tick, and room for what each tick finds."""

    running: Bytes
    """as `Actions` knows it: before the tick"""
    playing: Bytes
    """as the trees know it"""
    able: Bytes
    """0 for rules that are not in their character's sub-list"""
    started_us: Longs
    timeout_us: Longs
    rest_until_us: Longs
    reported: Bytes
    ends: Floats
    """(S,) seconds at which an engine will report on a running action; infinite where it will not"""
    outcome: Bytes
    """(S,) what it will report, as `Reported`"""
    codes: Bytes
    ready: Bytes
    holds: Bytes
    examined: Bytes
    before: Bytes
    """(3, S) ready, holds and codes of the tick before"""
    examined_before: Bytes
    chosen: Ints
    reach: Floats
    wake: Longs
    """(B,) see `tick_grove`"""
    ended: Bytes
    begun: Ints
    over: Ints
    sizes: Longs
    stack: Floats


class Watching(NamedTuple):
    """Formulas (W) that end the leap after the tick in which one has its `wanted` truth."""

    rows: Ints
    first: Ints
    """(W,) rows of each"""
    last: Ints
    wanted: Bytes


class Kept(NamedTuple):
    """The published emotions of every tick: `emotion` (ticks or 0, n, L); `columns` and `largest` as for `publish`."""

    emotion: NDArray[np.float32]
    mood: NDArray[np.float32]
    columns: Ints
    largest: float
