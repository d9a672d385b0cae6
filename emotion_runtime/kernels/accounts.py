"""Owns the plain statement of the ledger's arithmetic: decay, credit, admission, and who gave most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.kernels import few
from emotion_runtime.kernels.tables import FORGOTTEN, NOBODY, SLOTS, SMALLEST_SCALE, Accounts, Floats, Ints

Longs = NDArray[np.int64]

KNOWN, FREE = -2.0, -1.0
"""Sizes of slots that hold the cause or nothing: less than any amount's, so the least of a cell is the slot to take."""


def decay(ledger: Accounts, kept: Floats, first: int) -> None:
    """Let every contribution of the rows from `first` on shrink as the deviation does: `kept` (c, k) in 0..1."""
    scale = ledger.scale[:, first : first + kept.shape[1]]
    scale *= kept
    if scale.min(initial=1.0) < SMALLEST_SCALE:
        channel, character = np.nonzero(scale < SMALLEST_SCALE)
        rescale(ledger, character + first, channel)


def rescale(ledger: Accounts, character: Longs, channel: Longs) -> None:
    """Bring cells back to scale 1, and forget what has become too small to matter."""
    cell = channel, character
    factor = ledger.scale[channel, character]
    real = ledger.amount[cell] * factor[:, None]
    kept = np.abs(real) >= FORGOTTEN
    ledger.amount[cell] = np.where(kept, real, 0.0)
    ledger.cause[cell] = np.where(kept, ledger.cause[cell], NOBODY)
    left = ledger.other[cell] * factor
    ledger.other[cell] = np.where(np.abs(left) >= FORGOTTEN, left, 0.0)
    ledger.scale[channel, character] = 1.0
    find_strongest(ledger, character, channel)


def add(ledger: Accounts, character: Ints, channel: Ints, cause: Ints, amount: Floats) -> None:
    """Credit rows (k,) to their causes, for each cell in the order given."""
    if not len(character):
        return
    cell = channel.astype(np.int64) * ledger.scale.shape[1] + character
    stored = amount / ledger.scale.reshape(-1)[cell]
    match = ledger.cause.reshape(-1, SLOTS).take(cell, axis=0) == cause[:, None]
    held = np.flatnonzero(match)  # row SLOTS + slot: a cause has one slot of a cell at most
    row, slot = held // SLOTS, held % SLOTS
    amounts = ledger.amount.reshape(-1)
    if len(row) == len(cell) and bool((row == np.arange(len(row))).all()):
        np.add.at(amounts, cell * SLOTS + slot, stored)
    else:
        known = np.zeros(len(cell), np.bool_)
        known[row] = True
        fresh = np.zeros(ledger.scale.size, np.bool_)
        fresh[cell[~known]] = True
        left = fresh[cell]
        calm = ~left[row]
        row, slot = row[calm], slot[calm]
        np.add.at(amounts, cell[row] * SLOTS + slot, stored[row])
        _admit_in_order(ledger, np.flatnonzero(left), cell, character, channel, cause, stored)
    find_strongest(ledger, character, channel)


def _admit_in_order(
    ledger: Accounts, rows: Longs, cell: Longs, character: Ints, channel: Ints, cause: Ints, stored: Floats
) -> None:
    """One row of each cell at a time, so that what comes first for a cell is first."""
    if len(rows) <= few.FEW_ADMITTED:
        several = (channel[rows].tolist(), character[rows].tolist(), cause[rows].tolist(), stored[rows].tolist())
        for each in zip(*several, strict=True):
            few.admit(ledger, *each)
        return
    rows = rows[np.argsort(cell[rows], kind="stable")]
    begins = np.flatnonzero(np.diff(cell[rows], prepend=-1))
    turn = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    for place in range(int(turn.max()) + 1):
        now = rows[turn == place]
        _admit(ledger, cell[now], cause[now], stored[now])


def _admit(ledger: Accounts, cell: Longs, cause: Ints, stored: Floats) -> None:
    """Rows of different cells: add to a known cause, else take the first free slot, else that of the weakest."""
    causes, amounts = ledger.cause.reshape(-1, SLOTS), ledger.amount.reshape(-1, SLOTS)
    mine, held = causes.take(cell, axis=0), amounts.take(cell, axis=0)
    size = np.abs(held)
    size[mine == NOBODY] = FREE
    size[mine == cause[:, None]] = KNOWN
    slot = size.argmin(axis=1)
    row = np.arange(len(slot))
    least, held = size[row, slot], held[row, slot]
    weak = np.abs(stored) < least
    full = np.flatnonzero(least >= 0.0)
    ledger.other.reshape(-1)[cell[full]] += np.where(weak[full], stored[full], held[full])
    takes = ~weak
    cell, slot = cell[takes], slot[takes]
    amounts[cell, slot] = np.where(least == KNOWN, held + stored, stored)[takes]
    causes[cell, slot] = cause[takes]


def find_strongest(ledger: Accounts, character: NDArray[np.integer], channel: NDArray[np.integer]) -> None:
    """Bring `strongest` up to date: whoever gave most, never the character itself; NOBODY if none did."""
    if not ledger.asked.any():
        return
    wanted = ledger.asked[channel] != 0
    character, channel = character[wanted], channel[wanted]
    cause, amount = ledger.cause[channel, character], ledger.amount[channel, character]
    subject = np.where(cause == NOBODY, NOBODY, cause // ledger.width - 1)
    shared = np.where(subject[:, :, None] == subject[:, None, :], amount[:, None, :], 0.0)
    total = shared[..., 0] + shared[..., 1] + shared[..., 2] + shared[..., 3]
    total[(subject == NOBODY) | (subject == character[:, None])] = 0.0
    best = total.argmax(axis=1)
    row = np.arange(len(best))
    ledger.strongest[channel, character] = np.where(total[row, best] > 0.0, subject[row, best], NOBODY)


def reasons(
    characters: Ints, channel: Ints, emotion: Floats, baseline: Floats, ledger: Accounts, found: Ints, sums: Floats
) -> None:
    """What moves `characters` (k,) most in `channel` (k,), or where that is NOBODY in what stands out most.

    `found` (2, k): that channel, the number of the cause that holds most of it, or NOBODY; `sums` (3, k): the emotion,
    what that cause holds of it, and what all forgotten ones do.
    """
    found[0] = channel
    free = np.flatnonzero(channel == NOBODY)
    if len(free):
        rise = emotion[:-1, characters[free]] - baseline[:, characters[free]]
        found[0, free] = rise.argmax(axis=0)
    cell = found[0], characters
    scale, cause = ledger.scale[cell], ledger.cause[cell]
    amount = ledger.amount[cell] * scale[:, None]
    slot = np.where(cause == NOBODY, 0.0, np.abs(amount)).argmax(axis=1)
    row = np.arange(len(slot))
    found[1] = cause[row, slot]
    sums[0], sums[1], sums[2] = emotion[cell], amount[row, slot], ledger.other[cell] * scale
