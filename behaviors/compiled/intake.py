"""Owns how the kernel takes columns of bytes in as planes of bits. Needs numba.

Flags are bytes 0 and 1, so those of character j, shifted by j, leave room for seven others in each byte: eight leaves
of eight characters are worked on at a time. Where characters follow each other with nothing between them, which is
usual, 64 of them are.
"""

from __future__ import annotations

import numpy as np

from behaviors.compiled.intrinsics import eight, turned
from behaviors.compiled.jit import LANES, NOTHING, WORD, Bytes, Ints, Words, jit, jit_within
from behaviors.compiled.program import GO, OK, PER_LEAF, READY

TURNED = 8
"""Where in the room (`ROOM`) what was turned is."""


@jit
def up_to_eight(column: Bytes, place: int, several: int) -> np.uint64:
    """Like `eight`, but reads no more than `several` bytes."""
    found = NOTHING
    for each in range(several):
        found |= np.uint64(column[place + each]) << np.uint64(8 * each)
    return found


@jit_within
def gathered(column: Bytes, place: int, apart: int, shift: np.uint64) -> np.uint64:
    """Byte b: bit `shift` of the bytes b of eight characters that lie `apart`, the first in the lowest bit.

    Of `apart` 4 or less the upper bytes mean nothing: a word then holds several characters, and their bytes are laid
    upon those of the first.
    """
    found = NOTHING
    if apart > 4:
        for one in range(8):
            found |= ((eight(column, place + one * apart) >> shift) & LANES) << np.uint64(one)
    elif apart > 2:
        for one in range(0, 8, 2):
            found |= ((eight(column, place + one * apart) >> shift) & LANES) << np.uint64(one)
        found |= found >> np.uint64(8 * apart - 1)
    elif apart == 2:
        for one in range(0, 8, 4):
            found |= ((eight(column, place + one * apart) >> shift) & LANES) << np.uint64(one)
        found |= found >> np.uint64(30)
        found |= found >> np.uint64(15)
    else:
        found = (eight(column, place) >> shift) & LANES
        found |= found >> np.uint64(28)
        found |= found >> np.uint64(14)
        found |= found >> np.uint64(7)
    return found


@jit
def is_solid(start: Ints, several: int) -> bool:
    """Whether characters follow each other with nothing between them."""
    last = len(start) - 1
    return bool(last >= 0 and start[last] - start[0] == last * several)


@jit
def word_of(
    column: Bytes, start: Ints, low: int, leaf: int, apart: int, whole: bool, shift: np.uint64, room: Words
) -> None:
    """Bit `shift` of the bytes of up to 64 characters from `low` on: a word for each of eight leaves, from `TURNED` on.

    `whole`: there are 64, one after the other, and the column does not end with them.
    """
    for part in range(8):
        found, first = NOTHING, low + 8 * part
        if whole:
            found = gathered(column, start[low] + leaf + 8 * part * apart, apart, shift)
        elif first + 8 <= len(start) and start[first + 7] + leaf + 8 <= len(column):
            for one in range(8):
                found |= ((eight(column, start[first + one] + leaf) >> shift) & LANES) << np.uint64(one)
        else:
            for one in range(first, min(first + 8, len(start))):
                place = start[one] + leaf
                some = up_to_eight(column, place, min(8, len(column) - place))
                found |= ((some >> shift) & LANES) << np.uint64(one - first)
        room[part] = found
    turned(room, 0, TURNED)


@jit
def all_laid(column: Bytes, place: int, apart: int) -> np.uint64:
    """The bytes of 64 characters laid upon each other: 0 when none is set."""
    found = NOTHING
    for each in range(0, 8 * apart):
        found |= eight(column, place + 8 * each)
    return found


@jit
def take_in(
    scratch: Words, first: int, words: int, slot: Ints, leaves: int, seen: bool, ready: Bytes, holds: Bytes,
    reported: Bytes, room: Words,
) -> None:  # fmt: skip
    """The inputs of the leaves of a block of characters, as bits.

    `seen`: READY and what may go on are there already, `ready` and `holds` are not read.
    """
    solid = is_solid(slot, leaves)
    for word in range(words):
        low = (first + word) * WORD
        whole = solid and low + WORD <= len(slot) and slot[low] + (WORD + 1) * leaves + 8 <= len(reported)
        quiet = whole and all_laid(reported, slot[low], leaves) == NOTHING
        for leaf in range(0, leaves, 8):
            rows = range(leaf, min(leaf + 8, leaves))
            for which in range(2):
                if not seen:
                    word_of(ready if which == 0 else holds, slot, low, leaf, leaves, whole, NOTHING, room)
                    for each in rows:
                        scratch[2 + PER_LEAF * each + (READY if which == 0 else GO), word] = room[TURNED + each - leaf]
            for each in rows:
                scratch[2 + PER_LEAF * each + OK, word] = NOTHING
            if quiet:
                continue
            for which in range(2):  # a code's two bits: success is 1, all others have the second
                word_of(reported, slot, low, leaf, leaves, whole, np.uint64(which), room)
                for each in rows:
                    row, told = 2 + PER_LEAF * each, room[TURNED + each - leaf]
                    scratch[row + OK, word] = told if which == 0 else scratch[row + OK, word] & ~told
                    scratch[row + GO, word] &= ~told


@jit
def take_conditions(
    scratch: Words, row: int, first: int, words: int, condition: Ints, conditions: int, holds: Bytes, room: Words
) -> None:
    """The conditions of a block of characters, as bits, into the scratch rows from `row`."""
    solid = is_solid(condition, conditions)
    for word in range(words):
        low = (first + word) * WORD
        whole = solid and low + WORD <= len(condition)
        whole = whole and condition[low] + (WORD + 1) * conditions + 8 <= len(holds)
        for some in range(0, conditions, 8):
            word_of(holds, condition, low, some, conditions, whole, NOTHING, room)
            for each in range(some, min(some + 8, conditions)):
                scratch[row + each, word] = room[TURNED + each - some]
