"""Owns the numba form of looking: triggers and conditions on a character's own columns, a part of the crowd at a time.

Import this module only through `behaviors.compiled.warming`: it needs numba. The meaning is that of
`behaviors.triggers` and `behaviors.conditions`, whose numpy form is the plain statement.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.intrinsics import above, below, unlike
from behaviors.compiled.jit import NOTHING, ONE, WORD, Bytes, Ints, Words, jit

Floats = NDArray[np.float64]

TRUE = np.uint8(1)
PART = 256
"""Characters whose registers are worked on at once."""


@jit
def compare(act: int, to: Floats, x: Floats, y: Floats, n: int) -> None:
    """The operations that give true or false."""
    if act == 9:
        for i in range(n):
            to[i] = 1.0 if x[i] < y[i] else 0.0
    elif act == 10:
        for i in range(n):
            to[i] = 1.0 if x[i] <= y[i] else 0.0
    elif act == 11:
        for i in range(n):
            to[i] = 1.0 if x[i] > y[i] else 0.0
    elif act == 12:
        for i in range(n):
            to[i] = 1.0 if x[i] >= y[i] else 0.0
    elif act == 13:
        for i in range(n):
            to[i] = 1.0 if x[i] == y[i] else 0.0
    elif act == 14:
        for i in range(n):
            to[i] = 1.0 if x[i] != y[i] else 0.0
    elif act == 15:
        for i in range(n):
            to[i] = 1.0 if (x[i] != 0.0) & (y[i] != 0.0) else 0.0
    elif act == 16:
        for i in range(n):
            to[i] = 1.0 if (x[i] != 0.0) | (y[i] != 0.0) else 0.0
    elif act == 17:
        for i in range(n):
            to[i] = x[i] if x[i] < y[i] else y[i]
    else:
        for i in range(n):
            to[i] = x[i] if x[i] > y[i] else y[i]


@jit
def one(act: int, to: Floats, x: Floats, constant: float, n: int) -> None:
    """The operations on one register or column."""
    if act == 0:
        for i in range(n):
            to[i] = x[i]
    elif act == 1:
        for i in range(n):
            to[i] = constant
    elif act == 2:
        for i in range(n):
            to[i] = -x[i]
    elif act == 3:
        for i in range(n):
            to[i] = 1.0 if x[i] == 0.0 else 0.0
    elif act == 4:
        for i in range(n):
            to[i] = abs(x[i])
    elif act == 19:
        for i in range(n):
            to[i] = 1.0 if x[i] < constant else 0.0
    else:
        for i in range(n):
            to[i] = 1.0 if x[i] > constant else 0.0


@jit
def reckon(act: int, to: Floats, x: Floats, y: Floats, n: int) -> None:
    """The operations that give numbers."""
    if act == 5:
        for i in range(n):
            to[i] = x[i] + y[i]
    elif act == 6:
        for i in range(n):
            to[i] = x[i] - y[i]
    elif act == 7:
        for i in range(n):
            to[i] = x[i] * y[i]
    else:
        for i in range(n):
            to[i] = x[i] / y[i]


@jit
def run(
    rows: Ints, first: int, last: int, constants: Floats, emotion: Floats, mood: Floats, traits: Floats,
    registers: Floats, low: int, n: int,
) -> None:  # fmt: skip
    """One expression for the characters from `low` on."""
    for row in range(first, last):
        act, a, b = rows[row, 0], rows[row, 2], rows[row, 3]
        to = registers[rows[row, 1]]
        if act == 0 or act >= 19:
            kind = a if act == 0 else a % 3
            place = b if act == 0 else a // 3
            column = emotion[place] if kind == 0 else mood[place] if kind == 1 else traits[place]
            one(act, to, column[low : low + n], constants[b] if act != 0 else 0.0, n)
        elif act == 1:
            one(act, to, to, constants[a], n)
        elif act <= 4:
            one(act, to, registers[a], 0.0, n)
        elif act <= 8:
            reckon(act, to, registers[a], registers[b], n)
        else:
            compare(act, to, registers[a], registers[b], n)


@jit
def look(
    first: int, last: int, rows: Ints, constants: Floats, groups: Ints, emotion: Floats, mood: Floats,
    traits: Floats, registers: Floats, truths: Bytes, running: Bytes, ready: Bytes, holds: Bytes,
) -> None:  # fmt: skip
    """All groups for the characters `first` to `last`, into `ready` and `holds`.

    A group (9 numbers): its first character and the one after its last; the place of the first in the outputs, and
    the step from one to the next; rows of the expression, and of the release (none: both 0); 1 for conditions, which
    go to `ready` whether or not anything runs. `truths`: room for 2 PART.
    """
    for low in range(first, last, PART):
        high = min(low + PART, last)
        for g in range(groups.shape[0]):
            begin, end = max(low, groups[g, 0]), min(high, groups[g, 1])
            n = end - begin
            if n <= 0:
                continue
            run(rows, groups[g, 4], groups[g, 5], constants, emotion, mood, traits, registers, begin, n)
            fits, over, step = truths[:PART], truths[PART:], np.uint64(groups[g, 3])
            for i in range(n):
                fits[i] = registers[0, i] != 0.0
            # places count without a sign: for a number that may be negative every access is checked for that
            place = np.uint64(groups[g, 2]) + np.uint64(begin - groups[g, 0]) * step
            if groups[g, 8] != 0:
                for i in range(n):
                    ready[place] = fits[i]
                    place += step
                continue
            if groups[g, 7] != 0:
                run(rows, groups[g, 6], groups[g, 7], constants, emotion, mood, traits, registers, begin, n)
                for i in range(n):
                    over[i] = registers[0, i] == 0.0
            else:
                for i in range(n):
                    over[i] = fits[i]
            for i in range(n):
                runs = running[place]
                ready[place] = fits[i] & (runs ^ TRUE)
                holds[place] = over[i] & runs
                place += step


@jit
def see(
    first: int, last: int, begin: int, count: int, views: Ints, rows: Ints, constants: Floats, emotion: Floats,
    mood: Floats, traits: Floats, registers: Floats, seen: Words,
) -> None:  # fmt: skip
    """The same as bits, of `count` characters in a row from `begin` on: the words `first` to `last` of `seen`.

    A view (4 numbers): its row of `seen`; rows of its expression; 1 if the bits say where that is false.
    """
    whole = PART // WORD
    for low in range(first, last, whole):
        words = min(whole, last - low)
        place, n = begin + low * WORD, min(PART, count - low * WORD)
        for view in range(views.shape[0]):
            row, start, end = views[view, 0], views[view, 1], views[view, 2]
            flip = ~NOTHING if views[view, 3] != 0 else NOTHING
            if end - start == 1 and rows[start, 0] == 1 and n == PART:
                for word in range(words):
                    seen[row, low + word] = flip if constants[rows[start, 2]] == 0.0 else ~flip
                continue
            act, kind = rows[start, 0], rows[start, 2] % 3
            if end - start == 1 and act >= 19 and n == PART:
                table = emotion if kind == 0 else mood if kind == 1 else traits
                column, limit = table[rows[start, 2] // 3], constants[rows[start, 3]]
                for word in range(words):
                    at = place + WORD * word
                    bits = below(column, at, limit) if act == 19 else above(column, at, limit)
                    seen[row, low + word] = bits ^ flip
                continue
            run(rows, start, end, constants, emotion, mood, traits, registers, place, n)
            found = registers[0]
            for word in range(words):
                bits = unlike(found, WORD * word, 0.0) ^ flip
                there = n - WORD * word
                seen[row, low + word] = bits if there >= WORD else bits & ((ONE << np.uint64(there)) - ONE)
