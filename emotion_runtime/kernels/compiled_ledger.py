"""Owns the numba form of the ledger: credit to a cause, bringing a cell back to scale 1, and what holds most."""

from __future__ import annotations

import numba
import numpy as np

from emotion_runtime.kernels.compiled_contagion import STRICT
from emotion_runtime.kernels.tables import FORGOTTEN, NOBODY, SLOTS


@numba.njit(**STRICT)
def _subject(cause, width):  # type: ignore[no-untyped-def]
    return np.int32(np.uint32(cause) // np.uint32(width)) - np.int32(1) if cause != NOBODY else np.int32(NOBODY)


@numba.njit(**STRICT)
def find_strongest(cause, amount, width, i, c):  # type: ignore[no-untyped-def]
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
def admit(cause, amount, other, i, c, number, stored):  # type: ignore[no-untyped-def]
    """Credit a cause that has no slot: to a free slot, else to that of the weakest; chosen without a branch."""
    free, weakest, least = -1, 0, abs(amount[c, i, 0])
    for s in range(SLOTS):
        free = SLOTS - 1 - s if cause[c, i, SLOTS - 1 - s] == NOBODY else free
        size = abs(amount[c, i, s])
        weakest = s if size < least else weakest
        least = size if size < least else least
    if free >= 0:
        cause[c, i, free] = number
        amount[c, i, free] = stored
    elif abs(stored) < least:
        other[c, i] += stored
    else:
        other[c, i] += amount[c, i, weakest]
        cause[c, i, weakest] = number
        amount[c, i, weakest] = stored


@numba.njit(inline="always", **STRICT)
def credit(cause, amount, other, i, c, number, stored):  # type: ignore[no-untyped-def]
    """To the cause that has a slot, else as `admit`.

    Arrays are passed one by one: a table handed on would have its references counted for every row.
    """
    slot = -1
    for s in range(SLOTS):
        slot = s if cause[c, i, s] == number else slot
    if slot >= 0:
        amount[c, i, slot] += stored
    else:
        admit(cause, amount, other, i, c, number, stored)


@numba.njit(**STRICT)
def rescale(ledger, i, c):  # type: ignore[no-untyped-def]
    """Bring a cell back to scale 1, and forget what has become too small to matter."""
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
        ledger.strongest[c, i] = find_strongest(ledger.cause, ledger.amount, ledger.width, i, c)


@numba.njit(**STRICT)
def reasons(characters, channel, emotion, baseline, ledger, found, sums):  # type: ignore[no-untyped-def]
    """As `accounts.reasons`."""
    for row in range(len(characters)):
        i, c = characters[row], channel[row]
        if c == NOBODY:
            c = np.int32(0)
            for other in range(1, len(baseline)):
                c = np.int32(other) if emotion[other, i] - baseline[other, i] > emotion[c, i] - baseline[c, i] else c
        scale = ledger.scale[c, i]
        slot, most = 0, -1.0
        for s in range(SLOTS):
            size = abs(ledger.amount[c, i, s] * scale) if ledger.cause[c, i, s] != NOBODY else 0.0
            slot, most = (s, size) if size > most else (slot, most)
        found[0, row], found[1, row] = c, ledger.cause[c, i, slot]
        sums[0, row], sums[1, row] = emotion[c, i], ledger.amount[c, i, slot] * scale
        sums[2, row] = ledger.other[c, i] * scale
