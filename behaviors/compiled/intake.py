"""Owns how the kernel takes columns of bytes in as planes of bits. Needs numba."""

from __future__ import annotations

import numpy as np

from behaviors.compiled.intrinsics import eight
from behaviors.compiled.jit import BYTE, LANES, NOTHING, ONE, WORD, Bytes, Ints, Words, jit
from behaviors.compiled.program import GO, OK, PER_LEAF, READY


@jit
def up_to_eight(column: Bytes, place: int, several: int) -> np.uint64:
    """Like `eight`, but reads no more than `several` bytes."""
    found = NOTHING
    for each in range(several):
        found |= np.uint64(column[place + each]) << np.uint64(8 * each)
    return found


@jit
def take_in(
    scratch: Words, first: int, words: int, slot: Ints, leaves: int, ready: Bytes, holds: Bytes, reported: Bytes
) -> None:
    """The inputs of the leaves of a block of characters, as bits: eight leaves of eight characters at a time.

    Flags are bytes 0 and 1, so those of character j, shifted by j, leave room for the seven others in each byte.
    """
    count, size = len(slot), len(ready)
    for leaf in range(0, leaves, 8):
        several = min(8, leaves - leaf)
        for word in range(words):
            low = (first + word) * WORD
            for each in range(several):
                row = 2 + PER_LEAF * (leaf + each)
                scratch[row + READY, word] = NOTHING
                scratch[row + GO, word] = NOTHING
                scratch[row + OK, word] = NOTHING
            for part in range(low, min(low + WORD, count), 8):
                may, goes, good = NOTHING, NOTHING, NOTHING
                if part + 8 <= count and slot[part + 7] + leaf + 8 <= size:
                    for one in range(8):
                        place = slot[part + one] + leaf
                        bit = np.uint64(one)
                        code = eight(reported, place)
                        half = code >> ONE
                        may |= eight(ready, place) << bit
                        goes |= (eight(holds, place) & ~(code | half)) << bit
                        good |= (code & ~half & LANES) << bit
                else:
                    for one in range(part, min(part + 8, count)):
                        place = slot[one] + leaf
                        bit = np.uint64(one - part)
                        code = up_to_eight(reported, place, several)
                        half = code >> ONE
                        may |= up_to_eight(ready, place, several) << bit
                        goes |= (up_to_eight(holds, place, several) & ~(code | half)) << bit
                        good |= (code & ~half & LANES) << bit
                shift = np.uint64(part - low)
                for each in range(several):
                    row = 2 + PER_LEAF * (leaf + each)
                    lane = np.uint64(8 * each)
                    scratch[row + READY, word] |= ((may >> lane) & BYTE) << shift
                    scratch[row + GO, word] |= ((goes >> lane) & BYTE) << shift
                    scratch[row + OK, word] |= ((good >> lane) & BYTE) << shift


@jit
def take_conditions(
    scratch: Words, row: int, first: int, words: int, condition: Ints, conditions: int, holds: Bytes
) -> None:
    """The conditions of a block of characters, as bits, into the scratch rows from `row`."""
    count, size = len(condition), len(holds)
    for some in range(0, conditions, 8):
        several = min(8, conditions - some)
        for word in range(words):
            low = (first + word) * WORD
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
