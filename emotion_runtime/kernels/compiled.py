"""Owns the numba form of the kernels: the same arithmetic in the same order as the numpy form, one thread or two.

Importing this module imports numba: `emotion_runtime.kernels.choice` does it, in a background thread. Strict: no
fastmath, no parallel reductions, so that a product and a sum are never contracted and every machine agrees.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from emotion_runtime.affect.exponential import COEFFICIENTS, LARGEST_DIRECT, SATURATED
from emotion_runtime.kernels.compiled_contagion import STRICT, catch, fill_grid
from emotion_runtime.kernels.tables import BLOCK, FORGOTTEN, NOBODY, SLOTS, SMALLEST_SCALE

__all__ = ["advance", "catch", "fill_grid", "gather", "near", "publish"]

_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12, _C13 = COEFFICIENTS


@numba.njit(inline="always", **STRICT)
def _series(x):  # type: ignore[no-untyped-def]
    q = _C13 * x + _C12
    q = q * x + _C11
    q = q * x + _C10
    q = q * x + _C9
    q = q * x + _C8
    q = q * x + _C7
    q = q * x + _C6
    q = q * x + _C5
    q = q * x + _C4
    q = q * x + _C3
    q = q * x + _C2
    q = q * x + _C1
    return q * x + _C0


@numba.njit(**STRICT)
def _any_length(x):  # type: ignore[no-untyped-def]
    """1 - exp(-x) and its quotient by x, for x beyond LARGEST_DIRECT too."""
    reduced = SATURATED if x > SATURATED else x
    halvings = 0
    while reduced > LARGEST_DIRECT:
        reduced = reduced * 0.5
        halvings += 1
    quotient = _series(reduced)
    result = quotient * reduced
    for _ in range(halvings):
        result = result * (2.0 - result)
    if halvings:
        quotient = result / x
    return result, quotient


@numba.njit(**STRICT)
def gather(first, last, due, position, member, active, raster, hits, n):  # type: ignore[no-untyped-def]
    """As `plain.gather`."""
    most = 0
    room = hits.rate.shape[1]
    everywhere = raster.rows * raster.columns
    for block in range(first, last):
        if not due[block]:
            continue
        wanted = 0
        for i in range(block * BLOCK, min((block + 1) * BLOCK, n)):
            x, y, z = position[i, 0], position[i, 1], position[i, 2]
            column, row = (x - raster.x) * raster.inverse, (z - raster.z) * raster.inverse
            cell = everywhere
            if column >= 0.0 and column < raster.columns and row >= 0.0 and row < raster.rows:
                cell = int(row) * raster.columns + int(column)
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
def _subject(cause, width):  # type: ignore[no-untyped-def]
    return np.int32(np.uint32(cause) // np.uint32(width)) - np.int32(1) if cause != NOBODY else np.int32(NOBODY)


@numba.njit(**STRICT)
def _find_strongest(cause, amount, width, i, c):  # type: ignore[no-untyped-def]
    """Who gave most, of the four slots of a cell."""
    s0, s1 = _subject(cause[c, i, 0], width), _subject(cause[c, i, 1], width)
    s2, s3 = _subject(cause[c, i, 2], width), _subject(cause[c, i, 3], width)
    a0, a1, a2, a3 = amount[c, i, 0], amount[c, i, 1], amount[c, i, 2], amount[c, i, 3]
    best, strongest = 0.0, np.int32(NOBODY)
    for subject in (s0, s1, s2, s3):
        if subject != NOBODY and subject != i:  # noqa: PLR1714 - a tuple of two kinds of integers is not compiled
            total = a0 if s0 == subject else 0.0
            total += a1 if s1 == subject else 0.0
            total += a2 if s2 == subject else 0.0
            total += a3 if s3 == subject else 0.0
            if total > best:
                best, strongest = total, subject
    return strongest


@numba.njit(**STRICT)
def _credit(cause, amount, other, scale, i, c, number, value):  # type: ignore[no-untyped-def]
    """To the cause that has a slot, else to a free slot, else to the weakest; chosen without a branch.

    Arrays are passed one by one: a table handed on would have its references counted for every row.
    """
    stored = value / scale[c, i]
    slot, free, weakest, least = -1, -1, 0, abs(amount[c, i, 0])
    for s in range(SLOTS):
        slot = s if cause[c, i, s] == number else slot
        free = SLOTS - 1 - s if cause[c, i, SLOTS - 1 - s] == NOBODY else free
        size = abs(amount[c, i, s])
        weakest = s if size < least else weakest
        least = size if size < least else least
    if slot >= 0:
        amount[c, i, slot] += stored
    elif free >= 0:
        cause[c, i, free] = number
        amount[c, i, free] = stored
    elif abs(stored) < least:
        other[c, i] += stored
    else:
        other[c, i] += amount[c, i, weakest]
        cause[c, i, weakest] = number
        amount[c, i, weakest] = stored


@numba.njit(**STRICT)
def _rescale(ledger, i, c):  # type: ignore[no-untyped-def]
    factor = ledger.scale[c, i]
    for s in range(SLOTS):
        real = ledger.amount[c, i, s] * factor
        if abs(real) >= FORGOTTEN:
            ledger.amount[c, i, s] = real
        else:
            ledger.amount[c, i, s] = 0.0
            ledger.cause[c, i, s] = NOBODY
    left = ledger.other[c, i] * factor
    ledger.other[c, i] = left if abs(left) >= FORGOTTEN else 0.0
    ledger.scale[c, i] = 1.0
    if ledger.asked[c]:
        ledger.strongest[c, i] = _find_strongest(ledger.cause, ledger.amount, ledger.width, i, c)


@numba.njit(**STRICT)
def _press(block, n, hits, active, drives, caught, excite, inhibit):  # type: ignore[no-untyped-def]
    """Sum all rates of one block: objects, actions, neighbours."""
    low, high = block * BLOCK, min((block + 1) * BLOCK, n)
    excite[:] = 0.0
    inhibit[:] = 0.0
    for row in range(hits.filled[block]):
        i, c, rate = hits.character[block, row] - low, active.channel[hits.change[block, row]], hits.rate[block, row]
        if rate > 0.0:
            excite[c, i] += rate
        else:
            inhibit[c, i] += -rate
    for row in range(drives.start[block], drives.start[block + 1]):
        i, c, rate = drives.character[row] - low, drives.channel[row], drives.rate[row]
        if rate > 0.0:
            excite[c, i] += rate
        else:
            inhibit[c, i] += -rate
    for k in range(len(caught.code)):
        into, rates, source = excite[caught.channel[k]], caught.rate[k], caught.source[k]
        for i in range(low, high):
            if source[i] != NOBODY:
                into[i - low] += rates[i]


@numba.njit(**STRICT)
def _account(block, n, hits, active, drives, caught, fixed, share, ledger):  # type: ignore[no-untyped-def]
    """Credit every cause of one block, in the order of the sum."""
    low, high = block * BLOCK, min((block + 1) * BLOCK, n)
    cause, amount, other, scale = ledger.cause, ledger.amount, ledger.other, ledger.scale
    strongest, asked, width, baseline = ledger.strongest, ledger.asked, ledger.width, fixed.baseline
    who, what, rates, channels, numbers = hits.character, hits.change, hits.rate, active.channel, active.cause
    for row in range(hits.filled[block]):
        i, change, rate = who[block, row], what[block, row], rates[block, row]
        c = channels[change]
        calm = baseline[c, i]
        value = rate * (share[c, i - low] * (1.0 - calm if rate > 0.0 else calm))
        _credit(cause, amount, other, scale, i, c, numbers[change], value)
        if asked[c]:
            strongest[c, i] = _find_strongest(cause, amount, width, i, c)
    who_driven, channel_driven, rate_driven, cause_driven = drives.character, drives.channel, drives.rate, drives.cause
    for row in range(drives.start[block], drives.start[block + 1]):
        i, c, rate = who_driven[row], channel_driven[row], rate_driven[row]
        calm = baseline[c, i]
        value = rate * (share[c, i - low] * (1.0 - calm if rate > 0.0 else calm))
        _credit(cause, amount, other, scale, i, c, cause_driven[row], value)
        if asked[c]:
            strongest[c, i] = _find_strongest(cause, amount, width, i, c)
    sources, rates = caught.source, caught.rate
    for k in range(len(caught.code)):
        c, code = caught.channel[k], caught.code[k]
        for i in range(low, high):
            source = sources[k, i]
            if source != NOBODY:
                rate, calm = rates[k, i], baseline[c, i]
                value = rate * (share[c, i - low] * (1.0 - calm if rate > 0.0 else calm))
                _credit(cause, amount, other, scale, i, c, (source + 1) * width + code, value)
                if asked[c]:
                    strongest[c, i] = _find_strongest(cause, amount, width, i, c)


@numba.njit(**STRICT)
def advance(  # type: ignore[no-untyped-def]
    first, last, dt, feelings, fixed, mood_gone, hits, active, drives, caught, ledger, work
):
    """As `plain.advance`. `work` needs 3 c + 7 rows."""
    channels, n = fixed.baseline.shape
    share = work[2 * channels : 3 * channels]
    rest = work[3 * channels :]
    rate, target, near, far, p, a, d = rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], rest[6]
    for block in range(first, last):
        low, high = block * BLOCK, min((block + 1) * BLOCK, n)
        size = high - low
        _press(block, n, hits, active, drives, caught, work[:channels], work[channels : 2 * channels])
        slow, gone_mood = fixed.slow[low:high], mood_gone[low:high]
        for c in range(channels):
            excite, inhibit = work[c], work[channels + c]
            e, b, k = feelings.emotion[c, low:high], fixed.baseline[c, low:high], fixed.decay[c, low:high]
            long = 0
            for i in range(size):
                total = k[i] + excite[i] + inhibit[i]
                rate[i] = total
                target[i] = (excite[i] + k[i] * b[i]) / total
                near[i] = total * dt
                far[i] = abs(total - slow[i]) * dt
            for i in range(size):
                long |= (near[i] > LARGEST_DIRECT) | (far[i] > LARGEST_DIRECT)
            if not long:
                for i in range(size):
                    near[i] = _series(near[i]) * near[i]
                    far[i] = _series(far[i])
            else:
                for i in range(size):
                    near[i] = _any_length(near[i])[0]
                    far[i] = _any_length(far[i])[1]
            part, scale = share[c], ledger.scale[c, low:high]
            small = 0
            p0, p1, p2 = fixed.pad[c, 0], fixed.pad[c, 1], fixed.pad[c, 2]
            for i in range(size):
                gone = near[i]
                step = target[i] - e[i]
                least = gone if gone < gone_mood[i] else gone_mood[i]
                overlap = (1.0 - least) * far[i] * (slow[i] * dt)
                pull = (target[i] - b[i]) * gone_mood[i] - step * overlap
                pull = pull * fixed.gain
                far[i] = pull
                e[i] = e[i] + step * gone
            if c == 0:
                for i in range(size):
                    p[i], a[i], d[i] = far[i] * p0, far[i] * p1, far[i] * p2
            else:
                for i in range(size):
                    p[i] += far[i] * p0
                    a[i] += far[i] * p1
                    d[i] += far[i] * p2
            for i in range(size):
                part[i] = near[i] / rate[i]
                scale[i] = scale[i] * (1.0 - near[i])
            for i in range(size):
                small |= scale[i] < SMALLEST_SCALE
            if small:
                for i in range(size):
                    if scale[i] < SMALLEST_SCALE:
                        _rescale(ledger, low + i, c)
        for axis in range(3):
            m, home, moved = feelings.mood[axis, low:high], fixed.home[axis, low:high], rest[4 + axis]
            for i in range(size):
                m[i] = ((m[i] - home[i]) * (1.0 - gone_mood[i]) + home[i]) + moved[i]
        calm = feelings.emotion[channels, low:high]
        for i in range(size):
            calm[i] = feelings.emotion[0, low + i]
        for c in range(1, channels):
            e = feelings.emotion[c, low:high]
            for i in range(size):
                calm[i] = e[i] if e[i] > calm[i] else calm[i]
        for i in range(size):
            calm[i] = 1.0 - calm[i]
        _account(block, n, hits, active, drives, caught, fixed, share, ledger)


@numba.njit(**STRICT)
def publish(first, last, feelings, columns, emotion, mood, largest):  # type: ignore[no-untyped-def]
    """As `plain.publish`."""
    n = feelings.emotion.shape[1]
    most, one = np.float32(largest), np.float32(1.0)
    for block in range(first, last):
        low, high = block * BLOCK, min((block + 1) * BLOCK, n)
        for i in range(low, high):
            for row in range(len(columns)):
                value = np.float32(feelings.emotion[row, i])
                emotion[i, columns[row]] = value if value < most else most
            for axis in range(3):
                value = np.float32(feelings.mood[axis, i])
                value = value if value > -one else -one
                mood[i, axis] = value if value < one else one


@numba.njit(**STRICT)
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
