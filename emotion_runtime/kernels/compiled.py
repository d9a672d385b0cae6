"""Owns the numba form of what is near, what is in reach and what is published; flow and contagion have their own files.

Importing this module imports numba: `emotion_runtime.kernels.choice` does it, in a background thread. Strict: no
fastmath, no parallel reductions, so that a product and a sum are never contracted and every machine agrees.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from behaviors.compiled.intrinsics import fetch_read, put_single
from emotion_runtime.kernels.compiled_contagion import MAKING, STRICT, catch, edges, fill_grid
from emotion_runtime.kernels.compiled_digest import hash128
from emotion_runtime.kernels.compiled_flow import advance
from emotion_runtime.kernels.compiled_ledger import reasons
from emotion_runtime.kernels.framing import LEAST
from emotion_runtime.kernels.tables import BLOCK, NOBODY, PART

__all__ = [
    "act_out",
    "advance",
    "are_sound",
    "catch",
    "edges",
    "feel",
    "fill_grid",
    "frame",
    "gather",
    "hash128",
    "near",
    "publish",
    "reasons",
]


AHEAD = 8
"""Characters ahead for which memory is fetched: first where their cell begins, then what is there."""


@numba.njit(inline="always", **STRICT)
def _cell(position, i, raster):  # type: ignore[no-untyped-def]
    """The cell of the raster in which a character stands."""
    column, row = (position[i, 0] - raster.x) * raster.inverse, (position[i, 2] - raster.z) * raster.inverse
    cell = raster.rows * raster.columns
    if column >= 0.0 and column < raster.columns and row >= 0.0 and row < raster.rows:
        cell = int(row) * raster.columns + int(column)
    return cell


@numba.njit(**STRICT)
def gather(first, last, due, position, member, active, raster, hits, n):  # type: ignore[no-untyped-def]
    """As `plain.gather`."""
    most = 0
    room = hits.rate.shape[1]
    for block in range(first, last):
        if not due[block]:
            continue
        wanted = 0
        for i in range(block * BLOCK, min((block + 1) * BLOCK, n)):
            x, y, z = position[i, 0], position[i, 1], position[i, 2]
            fetch_read(raster.start, _cell(position, min(i + 2 * AHEAD, n - 1), raster))
            soon = raster.start[_cell(position, min(i + AHEAD, n - 1), raster)]
            fetch_read(raster.place, 4 * soon)
            fetch_read(raster.place, 4 * soon + 8)
            fetch_read(raster.rule, soon)
            cell = _cell(position, i, raster)
            for entry in range(raster.start[cell], raster.start[cell + 1]):
                dx, dy, dz = x - raster.place[entry, 0], y - raster.place[entry, 1], z - raster.place[entry, 2]
                metres = math.sqrt(dx * dx + dy * dy + dz * dz)
                within = raster.place[entry, 3]
                if not metres <= within:
                    continue
                rule = raster.rule[entry]
                if member[active.tag[rule], i] == 0:
                    continue
                if active.only[rule] != NOBODY and active.only[rule] != i:
                    continue
                strength = 1.0
                if active.fade[rule] != 0:
                    share = metres / within
                    strength = 1.0 - share if active.fade[rule] == 1 else 1.0 / (1.0 + 4.0 * share * share)
                for change in range(active.start[rule], active.start[rule + 1]):
                    if wanted < room:
                        hits.character[block, wanted] = i
                        hits.change[block, wanted] = change
                        hits.rate[block, wanted] = strength * active.rate[change]
                    wanted += 1
        hits.filled[block] = min(wanted, room)
        most = max(most, wanted)
    return most


@numba.njit(**STRICT)
def feel(first, last, mood, felt):  # type: ignore[no-untyped-def]
    """`felt` (3, n) is `mood`, limited to -1..1, as `World.senses` has it."""
    low, high = first * BLOCK, min(last * BLOCK, mood.shape[1])
    for axis in range(3):
        here, there = mood[axis, low:high], felt[axis, low:high]
        for i in range(high - low):
            value = here[i] if here[i] > -1.0 else -1.0
            there[i] = value if value < 1.0 else 1.0


@numba.njit(**STRICT)
def publish(first, last, feelings, columns, emotion, mood, largest):  # type: ignore[no-untyped-def]
    """As `plain.publish`."""
    n, width = feelings.emotion.shape[1], np.uint64(emotion.shape[1])
    most, one = np.float32(largest), np.float32(1.0)
    flat, moods = emotion.reshape(-1), mood.reshape(-1)
    end = min(last * BLOCK, n)
    for low in range(first * BLOCK, end, PART):
        size = min(PART, end - low)
        for row in range(len(columns)):
            felt = feelings.emotion[row, low : low + size]
            # places count without a sign: for a number that may be negative every access is checked for that
            place = np.uint64(low) * width + np.uint64(columns[row])
            for i in range(size):
                value = np.float32(felt[i])
                flat[place] = value if value < most else most
                place += width
        for axis in range(3):
            felt, place = feelings.mood[axis, low : low + size], np.uint64(3 * low + axis)
            for i in range(size):
                value = np.float32(felt[i])
                value = value if value > -one else -one
                moods[place] = value if value < one else one
                place += np.uint64(3)


@numba.njit(**STRICT)
def frame(first, last, feelings, columns, labels, out, emotion, mood, largest):  # type: ignore[no-untyped-def]
    """As `framing.frame`."""
    n, width = feelings.emotion.shape[1], 4 * labels
    least, most, one = np.float32(LEAST), np.float32(largest), np.float32(1.0)
    end = min(last * BLOCK, n)
    for low in range(first * BLOCK, end, PART):
        size = min(PART, end - low)
        for row in range(len(columns)):
            felt, place = feelings.emotion[row, low : low + size], emotion + low * width + 4 * columns[row]
            for i in range(size):
                value = np.float32(felt[i])
                value = value if value > least else least
                put_single(out, place, value if value < most else most)
                place += width
        for axis in range(3):
            felt, place = feelings.mood[axis, low : low + size], mood + 12 * low + 4 * axis
            for i in range(size):
                value = np.float32(felt[i])
                value = value if value > -one else -one
                put_single(out, place, value if value < one else one)
                place += 12


@numba.njit(**STRICT)
def act_out(changed, owner, start, running, rule, acted):  # type: ignore[no-untyped-def]
    """As `Behaving._act_out`, for the slots `changed`: their characters act out the last rule that runs, or 0."""
    for place in range(len(changed)):
        who = owner[changed[place]]
        found = np.uint16(0)
        for slot in range(start[who], start[who + 1]):
            found = np.uint16(rule[slot] + 1) if running[slot] else found
        acted[who] = found


SINGLES, ROWS = (
    numba.types.Array(number, axes, "C", readonly=True) for number, axes in ((numba.float32, 2), (numba.uint32, 1))
)


@numba.njit(numba.boolean(ROWS, SINGLES), **STRICT)  # one for arrays that may be written and such that may not
def are_sound(index, xyz):  # type: ignore[no-untyped-def]
    """Whether all places (k, 3) are finite, and the rows (k,) that they are for ascend strictly."""
    wrong = np.uint32(0)
    places = xyz.reshape(-1)
    for i in range(len(places)):
        wrong |= np.uint32(places[i] - places[i] != np.float32(0.0))
    for i in range(1, len(index)):
        wrong |= np.uint32(index[i] <= index[i - 1])
    return wrong == np.uint32(0)


@numba.njit(**MAKING)
def near(position, x, y, z, squared):  # type: ignore[no-untyped-def]
    """As `plain.near`."""
    n = len(squared)
    found = np.empty(n, np.int32)
    count = 0
    for i in range(n):
        dx, dy, dz = position[i, 0] - x, position[i, 1] - y, position[i, 2] - z
        if dx * dx + dy * dy + dz * dz < squared[i]:
            found[count] = i
            count += 1
    return found[:count].copy()
