"""Owns the numba form of the flow: what acts on a block is summed, the block is stepped, and every cause is credited.

The inner loops write one array only, at fixed places of it: then the compiler needs few checks that arrays do not
overlap, and works on several characters with each instruction.
"""

from __future__ import annotations

import numba
import numpy as np

from behaviors.compiled.intrinsics import fetch
from emotion_runtime.affect.exponential import COEFFICIENTS, LARGEST_DIRECT, SATURATED, SHORT
from emotion_runtime.kernels.compiled_contagion import STRICT
from emotion_runtime.kernels.compiled_ledger import credit, find_strongest, rescale
from emotion_runtime.kernels.tables import BLOCK, NOBODY, PART, SLOTS, SMALLEST_SCALE

_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12, _C13 = COEFFICIENTS

EMOTION, SCALE, SHARE, PLEASURE, AROUSAL, DOMINANCE = (row * PART for row in range(6))
"""Places of the results of one part."""
AHEAD = 12
"""Credits ahead for which memory is fetched."""


@numba.njit(inline="always", **STRICT)
def _short(x):  # type: ignore[no-untyped-def]
    """(1 - exp(-x)) / x up to SHORT."""
    q = _C8 * x + _C7
    q = q * x + _C6
    q = q * x + _C5
    q = q * x + _C4
    q = q * x + _C3
    q = q * x + _C2
    q = q * x + _C1
    return q * x + _C0


@numba.njit(inline="always", **STRICT)
def _direct(x):  # type: ignore[no-untyped-def]
    """(1 - exp(-x)) / x up to LARGEST_DIRECT."""
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
    long = q * x + _C0
    short = _short(x)
    return short if x <= SHORT else long


@numba.njit(**STRICT)
def _any_length(x):  # type: ignore[no-untyped-def]
    """1 - exp(-x) and its quotient by x, for x beyond LARGEST_DIRECT too."""
    reduced = SATURATED if x > SATURATED else x
    halvings = 0
    while reduced > LARGEST_DIRECT:
        reduced = reduced * 0.5
        halvings += 1
    quotient = _direct(reduced)
    result = quotient * reduced
    for _ in range(halvings):
        result = result * (2.0 - result)
    if halvings:
        quotient = result / x
    return result, quotient


@numba.njit(inline="always", **STRICT)
def _step(done, excite, inhibit, e, b, k, scale, slow, gone_mood, dt, gain, p, a, d, i, gone, quotient, total):  # type: ignore[no-untyped-def]
    """One channel of one character, given 1 - exp(-x) and the quotient; results into `done`."""
    target = (excite + k * b) / total
    step = target - e
    least = gone if gone < gone_mood else gone_mood
    overlap = (1.0 - least) * quotient * (slow * dt)
    pull = (target - b) * gone_mood - step * overlap
    pull = pull * gain
    done[EMOTION + i] = e + step * gone
    done[SCALE + i] = scale * (1.0 - gone)
    done[SHARE + i] = gone / total
    done[PLEASURE + i] += pull * p
    done[AROUSAL + i] += pull * a
    done[DOMINANCE + i] += pull * d


@numba.njit(inline="always", **STRICT)
def _up_to(most, excite, inhibit, k, slow, dt):  # type: ignore[no-untyped-def]
    """Whether no argument of the series is beyond `most`."""
    beyond = 0
    for i in range(len(k)):
        total = k[i] + excite[i] + inhibit[i]
        near, far = total * dt, abs(total - slow[i]) * dt
        beyond |= (near > most) | (far > most)
    return beyond == 0


@numba.njit(**STRICT)
def _flow(done, excite, inhibit, e, b, k, scale, slow, gone_mood, dt, gain, p, a, d):  # type: ignore[no-untyped-def]
    """Step one channel of one part."""
    if _up_to(SHORT, excite, inhibit, k, slow, dt):
        for i in range(len(e)):
            total = k[i] + excite[i] + inhibit[i]
            near, far = total * dt, abs(total - slow[i]) * dt
            gone, quotient = _short(near) * near, _short(far)
            _step(
                done, excite[i], inhibit[i], e[i], b[i], k[i], scale[i], slow[i], gone_mood[i], dt, gain, p, a, d, i,
                gone, quotient, total,
            )  # fmt: skip
    elif _up_to(LARGEST_DIRECT, excite, inhibit, k, slow, dt):
        for i in range(len(e)):
            total = k[i] + excite[i] + inhibit[i]
            near, far = total * dt, abs(total - slow[i]) * dt
            gone, quotient = _direct(near) * near, _direct(far)
            _step(
                done, excite[i], inhibit[i], e[i], b[i], k[i], scale[i], slow[i], gone_mood[i], dt, gain, p, a, d, i,
                gone, quotient, total,
            )  # fmt: skip
    else:
        for i in range(len(e)):
            total = k[i] + excite[i] + inhibit[i]
            gone, quotient = _any_length(total * dt)[0], _any_length(abs(total - slow[i]) * dt)[1]
            _step(
                done, excite[i], inhibit[i], e[i], b[i], k[i], scale[i], slow[i], gone_mood[i], dt, gain, p, a, d, i,
                gone, quotient, total,
            )  # fmt: skip


@numba.njit(**STRICT)
def _end_of(who, row, last, high):  # type: ignore[no-untyped-def]
    """The first row, from `row` on, of a character from `high` on; rows ascend by character."""
    while row < last and who[row] < high:
        row += 1
    return row


@numba.njit(**STRICT)
def _press(low, high, hits, active, drives, caught, ledger, block, rows, rates):  # type: ignore[no-untyped-def]
    """Sum all rates of one part: objects, actions, neighbours. `rates` (c, 3, PART): excitation, inhibition, share.

    `rows`: first and last of the block's hits, first and last of the drives.
    """
    for c in range(len(rates)):
        excite, inhibit = rates[c, 0], rates[c, 1]
        for i in range(high - low):
            excite[i], inhibit[i] = 0.0, 0.0
    who, what, strengths, channels = hits.character[block], hits.change[block], hits.rate[block], active.channel
    n = ledger.scale.shape[1]
    for row in range(rows[0], rows[1]):
        rate, c = strengths[row], channels[what[row]]
        rates[c, 0 if rate > 0.0 else 1, who[row] - low] += abs(rate)
        cell = SLOTS * (c * n + who[row])  # credited after the step: far apart in memory, so fetched meanwhile
        fetch(ledger.cause, cell)
        fetch(ledger.amount, cell)
    driven, channel, speed = drives.character, drives.channel, drives.rate
    for row in range(rows[2], rows[3]):
        rates[channel[row], 0 if speed[row] > 0.0 else 1, driven[row] - low] += abs(speed[row])
    for each in range(len(caught.code)):
        into, given = rates[caught.channel[each], 0], caught.rate[each, low:high]
        source = caught.source[each, low:high]
        for i in range(high - low):
            into[i] += given[i] if source[i] != NOBODY else 0.0


@numba.njit(inline="always", **STRICT)
def _credit(low, i, c, rate, number, rates, baseline, ledger):  # type: ignore[no-untyped-def]
    """Credit one rate to its cause."""
    calm = baseline[c, i]
    value = rate * (rates[c, 2, i - low] * (1.0 - calm if rate > 0.0 else calm))
    credit(ledger.cause, ledger.amount, ledger.other, i, c, number, value / ledger.scale[c, i])
    if ledger.asked[c]:
        ledger.strongest[c, i] = find_strongest(ledger.cause, ledger.amount, ledger.width, i, c)


@numba.njit(**STRICT)
def _account(low, high, hits, active, drives, caught, block, rows, rates, baseline, ledger, found):  # type: ignore[no-untyped-def]
    """Credit every cause of one part, in the order of the sum."""
    who, what, strengths = hits.character[block], hits.change[block], hits.rate[block]
    for row in range(rows[0], rows[1]):
        change = what[row]
        c, number = active.channel[change], active.cause[change]
        _credit(low, who[row], c, strengths[row], number, rates, baseline, ledger)
    for row in range(rows[2], rows[3]):
        c, rate, number = drives.channel[row], drives.rate[row], drives.cause[row]
        _credit(low, drives.character[row], c, rate, number, rates, baseline, ledger)
    for each in range(len(caught.code)):
        _credit_neighbours(low, high, each, caught, rates, baseline, ledger, found)


@numba.njit(**STRICT)
def _credit_neighbours(low, high, each, caught, rates, baseline, ledger, found):  # type: ignore[no-untyped-def]
    """Credit what a part catches in one channel."""
    c, code, width, asked = caught.channel[each], caught.code[each], ledger.width, ledger.asked[caught.channel[each]]
    cause, amount, other, strongest = ledger.cause, ledger.amount, ledger.other, ledger.strongest
    source, given, scale = caught.source[each, low:high], caught.rate[each, low:high], ledger.scale[c, low:high]
    calm, share = baseline[c, low:high], rates[c, 2]
    count = 0
    for i in range(high - low):
        found[count] = i
        count += source[i] != NOBODY
    n = ledger.scale.shape[1]
    for place in range(count):
        i = found[place]
        cell = SLOTS * (c * n + low + found[min(place + AHEAD, count - 1)])
        fetch(cause, cell)
        fetch(amount, cell)
        by, number = given[i], (source[i] + 1) * width + code
        value = by * (share[i] * (1.0 - calm[i] if by > 0.0 else calm[i]))
        credit(cause, amount, other, low + i, c, number, value / scale[i])
        if asked:
            strongest[c, low + i] = find_strongest(cause, amount, width, low + i, c)


@numba.njit(**STRICT)
def _part(low, high, dt, feelings, fixed, mood_gone, ledger, rates, done):  # type: ignore[no-untyped-def]
    """Step the characters `low` to `high`."""
    channels = len(fixed.baseline)
    size = high - low
    slow, gone_mood = fixed.slow[low:high], mood_gone[low:high]
    for axis in range(3):
        moved = done[PLEASURE + axis * PART : PLEASURE + axis * PART + size]
        for i in range(size):
            moved[i] = -0.0  # not 0.0: what is added to it is then kept to the sign of zero
    calm = feelings.emotion[channels, low:high]
    for c in range(channels):
        e, scale = feelings.emotion[c, low:high], ledger.scale[c, low:high]
        _flow(
            done, rates[c, 0], rates[c, 1], e, fixed.baseline[c, low:high], fixed.decay[c, low:high], scale, slow,
            gone_mood, dt, fixed.gain, fixed.pad[c, 0], fixed.pad[c, 1], fixed.pad[c, 2],
        )  # fmt: skip
        if c == 0:
            for i in range(size):
                calm[i] = done[EMOTION + i]
        for i in range(size):
            e[i] = done[EMOTION + i]
            calm[i] = done[EMOTION + i] if done[EMOTION + i] > calm[i] else calm[i]
        share = rates[c, 2]
        small = 0
        for i in range(size):
            scale[i] = done[SCALE + i]
            share[i] = done[SHARE + i]
            small |= done[SCALE + i] < SMALLEST_SCALE
        if small:
            for i in range(size):
                if scale[i] < SMALLEST_SCALE:
                    rescale(ledger, low + i, c)
    for i in range(size):
        calm[i] = 1.0 - calm[i]
    for axis in range(3):
        m, home = feelings.mood[axis, low:high], fixed.home[axis, low:high]
        moved = done[PLEASURE + axis * PART : PLEASURE + (axis + 1) * PART]
        for i in range(size):
            m[i] = ((m[i] - home[i]) * (1.0 - gone_mood[i]) + home[i]) + moved[i]


@numba.njit(**STRICT)
def advance(  # type: ignore[no-untyped-def]
    first, last, dt, feelings, fixed, mood_gone, hits, active, drives, caught, ledger, work
):
    """As `plain.advance`. `work` needs 3 c + 7 rows of PART or more."""
    channels, n = fixed.baseline.shape
    flat = work.reshape(-1)
    rates = flat[: 3 * channels * PART].reshape(channels, 3, PART)
    done = flat[3 * channels * PART :]
    found = done[6 * PART : 7 * PART].view(np.int32)
    for block in range(first, last):
        hit, driven = 0, drives.start[block]
        end = min((block + 1) * BLOCK, n)
        for low in range(block * BLOCK, end, PART):
            high = min(low + PART, end)
            next_hit = _end_of(hits.character[block], hit, hits.filled[block], high)
            next_driven = _end_of(drives.character, driven, drives.start[block + 1], high)
            rows = hit, next_hit, driven, next_driven
            hit, driven = next_hit, next_driven
            _press(low, high, hits, active, drives, caught, ledger, block, rows, rates)
            _part(low, high, dt, feelings, fixed, mood_gone, ledger, rates, done)
            _account(low, high, hits, active, drives, caught, block, rows, rates, fixed.baseline, ledger, found)
