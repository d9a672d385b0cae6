"""Owns the tables that kernels read and write: plain arrays of fixed types, the same for both forms."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]

BLOCK: Final = 1024
"""Characters of one block: what is worked on at once fits the cache, and threads split at whole blocks."""

PART: Final = 264
"""Characters that the compiled form steps at a time, for the first-level cache: no power of two, whose multiples share
the same few places of it."""

REFRESHED_TOGETHER: Final = 4096
"""Up to so many characters objects and neighbours are looked at for all of them every tick."""

REFRESH_TICKS: Final = 6
"""In a larger crowd a block is looked at every sixth tick (and at once when an object changes); rates hold between."""

SLOTS: Final = 4
"""Causes remembered for each character and emotion."""

NOBODY: Final = -1

SMALLEST_SCALE: Final = 2.0**-40
"""Below this a cell of the ledger is brought back to scale 1."""

FORGOTTEN: Final = 2.0**-60
"""Contributions below this are forgotten when their cell is brought back to scale 1."""

EPSILON: Final = 2.0**-24
"""Emotions are kept in [EPSILON, 1 - EPSILON] by impulses: strictly inside (0, 1), in float32 too."""


def blocks(n: int) -> int:
    """How many blocks n characters fill."""
    return (n + BLOCK - 1) // BLOCK


class Fixed(NamedTuple):
    """What does not change while a scene runs: c channels, n characters, one contiguous row a channel."""

    baseline: Floats
    """(c, n)"""
    decay: Floats
    """(c, n) per second"""
    home: Floats
    """(3, n) default mood"""
    slow: Floats
    """(n,) decay of mood per second"""
    pad: Floats
    """(c, 3)"""
    gain: float


class Feelings(NamedTuple):
    """The state of affect: `emotion` (c + 1, n), the last row neutral; `mood` (3, n)."""

    emotion: Floats
    mood: Floats


class Accounts(NamedTuple):
    """The columns of the ledger; amounts are in units of their cell's `scale`."""

    cause: Ints
    """(c, n, SLOTS) cause numbers or NOBODY"""
    amount: Floats
    """(c, n, SLOTS)"""
    other: Floats
    """(c, n)"""
    scale: Floats
    """(c, n)"""
    strongest: Ints
    """(c + 1, n) subject that gave most, for the channels asked about"""
    asked: Bytes
    """(c,) channels for which `strongest` is kept"""
    width: int
    """cause = (subject + 1) * width + code"""


class Active(NamedTuple):
    """Object rules whose condition holds, in the order of the scene: A rules."""

    place: Floats
    """(A, 4): x, y, z, greatest distance in metres"""
    fade: Bytes
    """(A,) 0 none, 1 linear, 2 inverse square"""
    tag: Ints
    """(A,) row of the membership table"""
    only: Ints
    """(A,) the one character acted on, or NOBODY for all in range"""
    start: Ints
    """(A + 1,) first change of each rule"""
    channel: Ints
    """(C,) channel of each change"""
    rate: Floats
    """(C,) signed rate per second at full strength"""
    cause: Ints
    """(C,)"""


class Raster(NamedTuple):
    """Square cells of the floor with the rules that reach into each, ascending; the last cell is everywhere else."""

    x: float
    z: float
    inverse: float
    """cells per metre"""
    columns: int
    rows: int
    start: Ints
    """(cells + 2,)"""
    rule: Ints
    place: Floats
    """(entries, 4), copied from the rules: read in one go"""


class Hits(NamedTuple):
    """What acts on whom, B blocks of up to H rows each, by character, then by change."""

    character: Ints
    """(B, H)"""
    change: Ints
    """(B, H)"""
    rate: Floats
    """(B, H) signed, per second, faded by distance"""
    filled: Ints
    """(B,) rows of each block"""


class Drives(NamedTuple):
    """Rates of running actions: D rows by character, then in the order of slots."""

    character: Ints
    channel: Ints
    rate: Floats
    cause: Ints
    start: Ints
    """(B + 1,) first row of each block"""


class Caught(NamedTuple):
    """What each character catches from its neighbours in k channels."""

    channel: Ints
    """(k,)"""
    code: Ints
    """(k,) of the cause"""
    rate: Floats
    """(k, n) per second"""
    source: Ints
    """(k, n) the strongest neighbour, or NOBODY where there is none in reach"""


class Reaches(NamedTuple):
    """How contagion works in k channels."""

    gain: Floats
    """(k, n) per second, 0 where a character catches nothing"""
    reach: Floats
    """(k, n) square metres"""
    widest: Floats
    """(n,) largest reach of each character, negative where it catches nothing"""
    channel: Ints
    """(k,)"""


class Attitude(NamedTuple):
    """Who likes whom, in compressed rows: `who` ascends within `start[i]:start[i + 1]`."""

    start: NDArray[np.int64]
    who: Ints
    value: Floats


class Grid(NamedTuple):
    """Characters by cell of the floor: `order` lists them cell by cell, ascending within a cell.

    `place` are the metres where they stood when they were sorted, in the same order.
    """

    x: float
    z: float
    inverse: float
    columns: int
    rows: int
    start: Ints
    """(cells + 1,)"""
    order: Ints
    """(n,)"""
    place: Floats
    """(n, 3)"""
