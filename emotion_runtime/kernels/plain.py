"""Owns the numpy form of the kernels: the plain statement of what each computes, and the default."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.dynamics import flow_columns
from emotion_runtime.kernels import accounts, few
from emotion_runtime.kernels.accounts import reasons
from emotion_runtime.kernels.neighbours import catch, fill_grid
from emotion_runtime.kernels.tables import (
    BLOCK,
    NOBODY,
    Accounts,
    Active,
    Bytes,
    Caught,
    Drives,
    Feelings,
    Fixed,
    Floats,
    Hits,
    Ints,
    Raster,
)

NDArrayF32 = NDArray[np.float32]

__all__ = ["advance", "catch", "fill_grid", "gather", "near", "publish", "reasons"]

DENSE = 8192
"""Up to so many pairs of character and rule, looking at all of them is cheaper than looking them up in the raster."""


def gather(
    first: int,
    last: int,
    due: Bytes,
    position: Floats,
    member: Bytes,
    active: Active,
    raster: Raster,
    hits: Hits,
    n: int,
) -> int:
    """Find what acts on the characters of the blocks `first` to `last` that are due.

    Returns the room that the fullest block needs; more than H means that rows were left out.
    """
    if few.few(n, len(active.tag)):
        return few.gather(position, member, active, hits, n)
    most = 0
    for block in range(first, last):
        if not due[block]:
            continue
        low, high = block * BLOCK, min((block + 1) * BLOCK, n)
        who, rule, metres = _in_reach(low, high, position, member, active, raster)
        strength = _strength(metres, active.place[rule, 3], active.fade[rule])
        sizes = active.start[rule + 1] - active.start[rule]
        if len(sizes) and sizes.max() == 1:
            change = active.start[rule]
        else:
            skipped = np.cumsum(sizes) - sizes
            change = (np.arange(sizes.sum()) + np.repeat(active.start[rule] - skipped, sizes)).astype(np.int32)
            who, strength = np.repeat(who, sizes), np.repeat(strength, sizes)
        most = max(most, len(change))
        count = min(len(change), hits.rate.shape[1])
        hits.character[block, :count] = who[:count]
        hits.change[block, :count] = change[:count]
        hits.rate[block, :count] = (strength * active.rate[change])[:count]
        hits.filled[block] = count
    return most


def _in_reach(
    low: int, high: int, position: Floats, member: Bytes, active: Active, raster: Raster
) -> tuple[Ints, Ints, Floats]:
    """Pairs of character and rule in reach, by character, then rule, with their distances in metres."""
    here = position[low:high]
    rules = len(active.tag)
    if len(here) * rules <= DENSE:
        metres = _metres(here[:, None, :] - active.place[:, :3])
        near = metres <= active.place[:, 3]
        near &= (member[:, low:high] != 0).T[:, active.tag]
        near &= (active.only == NOBODY) | (active.only == np.arange(low, high)[:, None])
        row, column = np.nonzero(near)
        return (row + low).astype(np.int32), column.astype(np.int32), metres[row, column]
    local, entry = _candidates(here, raster)
    reach = raster.place.take(entry, axis=0)
    metres = _metres(here.take(local, axis=0) - reach[:, :3])
    reached = np.flatnonzero(metres <= reach[:, 3])
    rule, metres = raster.rule[entry[reached]], metres[reached]
    who = local[reached] + np.int32(low)
    may = member[active.tag[rule], who] != 0
    may &= (active.only[rule] == NOBODY) | (active.only[rule] == who)
    return who[may], rule[may], metres[may]


def _metres(gap: Floats) -> Floats:
    x, y, z = gap[..., 0], gap[..., 1], gap[..., 2]
    return np.sqrt(x * x + y * y + z * z)


def _candidates(here: Floats, raster: Raster) -> tuple[Ints, NDArray[np.int64]]:
    """Rows of `here`, and entries of the raster."""
    column, row = (here[:, 0] - raster.x) * raster.inverse, (here[:, 2] - raster.z) * raster.inverse
    outside = ~((column >= 0.0) & (column < raster.columns) & (row >= 0.0) & (row < raster.rows))
    strays = bool(outside.any())
    if strays:
        column[outside] = row[outside] = 0.0
    cell = row.astype(np.int64) * raster.columns + column.astype(np.int64)
    if strays:
        cell[outside] = raster.rows * raster.columns
    start = raster.start[cell]
    sizes = raster.start[cell + 1] - start
    ends = np.cumsum(sizes)
    entry = np.arange(ends[-1]) + np.repeat(start - (ends - sizes), sizes)
    return np.repeat(np.arange(len(here), dtype=np.int32), sizes), entry


def _strength(metres: Floats, within: Floats, fade: Bytes) -> Floats:
    """1, 1 - r/R, or 1/(1 + (2r/R)^2)."""
    if (fade == 1).all():
        return 1.0 - metres / within
    strength = np.ones(len(metres))
    if fade.any():
        faded = fade != 0
        share = metres[faded] / within[faded]
        strength[faded] = np.where(fade[faded] == 1, 1.0 - share, 1.0 / (1.0 + 4.0 * share * share))
    return strength


def advance(
    first: int,
    last: int,
    dt: float,
    feelings: Feelings,
    fixed: Fixed,
    mood_gone: Floats,
    hits: Hits,
    active: Active,
    drives: Drives,
    caught: Caught,
    ledger: Accounts,
    work: Floats,
) -> None:
    """Step the blocks `first` to `last` by `dt` seconds under all that acts on them, and credit every cause.

    Rates are summed in the order objects, actions, neighbours. `work` (rows, BLOCK): its first 2 c rows are used.
    """
    channels, n = fixed.baseline.shape
    for block in range(first, last):
        low, high = block * BLOCK, min((block + 1) * BLOCK, n)
        size = high - low
        handful = few.acting(block, low, high, hits, active, drives, caught, ledger.width)
        if handful is not None:
            excite, inhibit = work[:channels, :size], work[channels : 2 * channels, :size]
            excite[:] = 0.0
            inhibit[:] = 0.0
            few.press(handful, excite, inhibit)
        else:
            who, channel, rate, cause = _acting(block, low, high, hits, active, drives, caught, ledger.width)
            up, cell = rate > 0.0, channel.astype(np.int64) * size + who
            where = np.where(up, cell, cell + channels * size)
            # sums in the order of the rows
            sums: NDArray[Any] = np.bincount(where, weights=np.abs(rate), minlength=2 * channels * size)
            excite, inhibit = sums.reshape(2, channels, size)
        rows = slice(low, high)
        part = Fixed(
            fixed.baseline[:, rows],
            fixed.decay[:, rows],
            fixed.home[:, rows],
            fixed.slow[rows],
            fixed.pad,
            fixed.gain,
        )
        emotion, mood = feelings.emotion[:channels, rows], feelings.mood[:, rows]
        moved = flow_columns(part, mood_gone[rows], emotion, mood, excite, inhibit, dt)
        emotion[:] = moved.emotion
        mood[:] = moved.mood
        np.subtract(1.0, moved.emotion.max(axis=0), out=feelings.emotion[channels, rows])
        accounts.decay(ledger, moved.kept, low)
        if handful is not None:
            few.account(handful, low, part.baseline, moved.share, ledger)
        else:
            calm = part.baseline[channel, who]
            amounts = rate * (moved.share.reshape(-1)[cell] * np.where(up, 1.0 - calm, calm))
            accounts.add(ledger, who + np.int32(low), channel, cause, amounts)


def _acting(
    block: int, low: int, high: int, hits: Hits, active: Active, drives: Drives, caught: Caught, width: int
) -> tuple[Ints, Ints, Floats, Ints]:
    """Rows within the block, channels, signed rates and causes of all that acts, in the order of their sum."""
    count = int(hits.filled[block])
    change = hits.change[block, :count]
    who = [hits.character[block, :count] - np.int32(low)]
    channel, rate, cause = [active.channel[change]], [hits.rate[block, :count]], [active.cause[change]]
    driven = slice(int(drives.start[block]), int(drives.start[block + 1]))
    if driven.stop > driven.start:
        who.append(drives.character[driven] - np.int32(low))
        channel.append(drives.channel[driven])
        rate.append(drives.rate[driven])
        cause.append(drives.cause[driven])
    for number, code in enumerate(caught.code.tolist()):
        source = caught.source[number, low:high]
        reached = np.flatnonzero(source != NOBODY).astype(np.int32)
        if len(reached):
            who.append(reached)
            channel.append(np.full(len(reached), caught.channel[number], np.int32))
            rate.append(caught.rate[number, low:high][reached])
            cause.append((source[reached] + np.int32(1)) * np.int32(width) + np.int32(code))
    if len(who) == 1:
        return who[0], channel[0], rate[0], cause[0]
    return np.concatenate(who), np.concatenate(channel), np.concatenate(rate), np.concatenate(cause)


def publish(
    first: int, last: int, feelings: Feelings, columns: Ints, emotion: NDArrayF32, mood: NDArrayF32, largest: float
) -> None:
    """Write float32 rows: `emotion` (n, L), state row r in column `columns[r]`, at most `largest`; `mood`."""
    n = feelings.emotion.shape[1]
    rows = slice(first * BLOCK, min(last * BLOCK, n))
    for row, column in enumerate(columns.tolist()):
        emotion[rows, column] = feelings.emotion[row, rows]
    np.minimum(emotion[rows], np.float32(largest), out=emotion[rows])
    for axis in range(3):
        mood[rows, axis] = feelings.mood[axis, rows]
    np.minimum(np.maximum(mood[rows], np.float32(-1.0)), np.float32(1.0), out=mood[rows])


def near(position: Floats, x: float, y: float, z: float, squared: Floats) -> Ints:
    """Ascending rows of those whose square distance (n,) to a point is less than `squared` (n,)."""
    here = position[: len(squared)]
    dx, dy, dz = here[:, 0] - x, here[:, 1] - y, here[:, 2] - z
    return np.flatnonzero(dx * dx + dy * dy + dz * dz < squared).astype(np.int32)
