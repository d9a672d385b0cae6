"""Owns how the kernel takes columns of bytes in as planes of bits. Needs numba.

Flags are bytes 0 and 1, so those of character j, shifted by j, leave room for seven others in each byte: eight leaves
of eight characters are worked on at a time. Where characters follow each other with nothing between them, which is
usual, 64 of them are.
"""

from __future__ import annotations

import numpy as np

from behaviors.compiled.intrinsics import eight, turned
from behaviors.compiled.jit import BYTE, LANES, NOTHING, ONE, WORD, Bytes, Ints, Words, jit, jit_within
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
def word_of(column: Bytes, place: int, apart: int, shift: np.uint64, room: Words) -> None:
    """The flags of 64 characters: a word for each of eight leaves, from `TURNED` on."""
    for part in range(8):
        room[part] = gathered(column, place + 8 * part * apart, apart, shift)
    turned(room, 0, TURNED)


@jit
def is_solid(start: Ints, several: int) -> bool:
    """Whether characters follow each other with nothing between them."""
    last = len(start) - 1
    return bool(last >= 0 and start[last] - start[0] == last * several)


@jit
def all_laid(column: Bytes, place: int, apart: int) -> np.uint64:
    """The bytes of 64 characters laid upon each other: 0 when none is set."""
    found = NOTHING
    for each in range(0, 8 * apart):
        found |= eight(column, place + 8 * each)
    return found


@jit
def take_solid(
    scratch: Words, word: int, place: int, leaf: int, leaves: int, seen: bool, ready: Bytes, holds: Bytes,
    reported: Bytes, room: Words,
) -> None:  # fmt: skip
    """The inputs of up to eight leaves from `leaf` on of 64 characters, whose own begin at `place`."""
    several = min(8, leaves - leaf)
    if not seen:
        word_of(ready, place, leaves, NOTHING, room)
        for each in range(several):
            scratch[2 + PER_LEAF * (leaf + each) + READY, word] = room[TURNED + each]
        word_of(holds, place, leaves, NOTHING, room)
        for each in range(several):
            scratch[2 + PER_LEAF * (leaf + each) + GO, word] = room[TURNED + each]
    if all_laid(reported, place - leaf, leaves) == NOTHING:
        for each in range(several):
            scratch[2 + PER_LEAF * (leaf + each) + OK, word] = NOTHING
        return
    word_of(reported, place, leaves, NOTHING, room)
    for each in range(several):
        row = 2 + PER_LEAF * (leaf + each)
        scratch[row + OK, word] = room[TURNED + each]
        scratch[row + GO, word] &= ~room[TURNED + each]
    word_of(reported, place, leaves, ONE, room)
    for each in range(several):
        row = 2 + PER_LEAF * (leaf + each)
        scratch[row + OK, word] &= ~room[TURNED + each]
        scratch[row + GO, word] &= ~room[TURNED + each]


@jit
def take_loose(
    scratch: Words, word: int, low: int, slot: Ints, leaf: int, leaves: int, seen: bool, ready: Bytes, holds: Bytes,
    reported: Bytes,
) -> None:  # fmt: skip
    """The same for up to 64 characters from `low` on, wherever their leaves are."""
    count, size, several = len(slot), len(reported), min(8, leaves - leaf)
    for each in range(several):
        row = 2 + PER_LEAF * (leaf + each)
        if not seen:
            scratch[row + READY, word] = NOTHING
            scratch[row + GO, word] = NOTHING
        scratch[row + OK, word] = NOTHING
    for part in range(low, min(low + WORD, count), 8):
        may, goes, good, told = NOTHING, NOTHING, NOTHING, NOTHING
        if part + 8 <= count and slot[part + 7] + leaf + 8 <= size:
            for one in range(8):
                place = slot[part + one] + leaf
                bit = np.uint64(one)
                code = eight(reported, place)
                half = code >> ONE
                if not seen:
                    may |= eight(ready, place) << bit
                    goes |= eight(holds, place) << bit
                told |= ((code | half) & LANES) << bit
                good |= (code & ~half & LANES) << bit
        else:
            for one in range(part, min(part + 8, count)):
                place = slot[one] + leaf
                bit = np.uint64(one - part)
                code = up_to_eight(reported, place, several)
                half = code >> ONE
                if not seen:
                    may |= up_to_eight(ready, place, several) << bit
                    goes |= up_to_eight(holds, place, several) << bit
                told |= ((code | half) & LANES) << bit
                good |= (code & ~half & LANES) << bit
        shift = np.uint64(part - low)
        for each in range(several):
            row = 2 + PER_LEAF * (leaf + each)
            lane = np.uint64(8 * each)
            if not seen:
                scratch[row + READY, word] |= ((may >> lane) & BYTE) << shift
                scratch[row + GO, word] |= ((goes >> lane) & BYTE) << shift
            scratch[row + OK, word] |= ((good >> lane) & BYTE) << shift
            scratch[row + GO, word] &= ~(((told >> lane) & BYTE) << shift)


@jit
def take_in(
    scratch: Words, first: int, words: int, slot: Ints, leaves: int, seen: bool, ready: Bytes, holds: Bytes,
    reported: Bytes, room: Words,
) -> None:  # fmt: skip
    """The inputs of the leaves of a block of characters, as bits.

    `seen`: READY and what may go on are there already, `ready` and `holds` are not read.
    """
    count, size, solid = len(slot), len(reported), is_solid(slot, leaves)
    for word in range(words):
        low = (first + word) * WORD
        whole = solid and low + WORD <= count and slot[low] + (WORD + 1) * leaves + 8 <= size
        for leaf in range(0, leaves, 8):
            if whole:
                place = slot[low] + leaf
                take_solid(scratch, word, place, leaf, leaves, seen, ready, holds, reported, room)
            else:
                take_loose(scratch, word, low, slot, leaf, leaves, seen, ready, holds, reported)


@jit
def take_conditions(
    scratch: Words, row: int, first: int, words: int, condition: Ints, conditions: int, holds: Bytes, room: Words
) -> None:
    """The conditions of a block of characters, as bits, into the scratch rows from `row`."""
    count, size, solid = len(condition), len(holds), is_solid(condition, conditions)
    for some in range(0, conditions, 8):
        several = min(8, conditions - some)
        for word in range(words):
            low = (first + word) * WORD
            if solid and low + WORD <= count and condition[low] + (WORD + 1) * conditions + 8 <= size:
                word_of(holds, condition[low] + some, conditions, NOTHING, room)
                for each in range(several):
                    scratch[row + some + each, word] = room[TURNED + each]
                continue
            for each in range(several):
                scratch[row + some + each, word] = NOTHING
            for part in range(low, min(low + WORD, count), 8):
                bits = NOTHING
                if part + 8 <= count and condition[part + 7] + some + 8 <= size:
                    for one in range(8):
                        bits |= eight(holds, condition[part + one] + some) << np.uint64(one)
                else:
                    for one in range(part, min(part + 8, count)):
                        bits |= up_to_eight(holds, condition[one] + some, several) << np.uint64(one - part)
                for each in range(several):
                    scratch[row + some + each, word] |= ((bits >> np.uint64(8 * each)) & BYTE) << np.uint64(part - low)
