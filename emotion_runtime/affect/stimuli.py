"""Owns the impulses of one tick: collects them, applies them in one order-free step, and credits their causes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.dynamics import EPSILON, impulse
from emotion_runtime.affect.ledger import Ledger
from emotion_runtime.kernels import few

FEW: Final = 48
"""Impulses up to which plain numbers beat arrays."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


FAINTEST: Final = 1e-12
"""Below this an impulse changes nothing anybody could see, and quotients of such numbers would overflow."""


class Stimuli:
    """Rows of (character, channel, signed strength, cause).

    Strengths beyond -1..1 count as -1 or 1, those within FAINTEST of 0 as nothing.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[Ints, int, Floats, int]] = []

    def clear(self) -> None:
        """Forget what was collected."""
        self._rows.clear()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, character: int, channel: int, strength: float, cause: int) -> None:
        """One impulse."""
        if abs(strength) >= FAINTEST:
            self._rows.append((np.array([character], np.int32), channel, np.array([strength]), cause))

    def add_many(self, characters: Ints, channel: int, strengths: Floats, cause: int) -> None:
        """The same cause moves one channel of several characters (k,), each by its own strength."""
        if len(characters):
            self._rows.append((characters, channel, strengths, cause))

    def apply(self, emotion: Floats, ledger: Ledger) -> Ints:
        """Change the emotions (n, c) in place; returns who was touched, ascending. The collection is empty afterwards.

        Credits each cause with the part of the change in proportion to its strength among those of the same sign.
        """
        rows, self._rows = self._rows, []
        if not rows:
            return np.zeros(0, np.int32)
        if sum(len(characters) for characters, _, _, _ in rows) <= FEW:
            return _apply_few(rows, emotion, ledger)
        sizes = [len(characters) for characters, _, _, _ in rows]
        character = np.concatenate([characters for characters, _, _, _ in rows])
        channel = np.repeat(np.array([channel for _, channel, _, _ in rows], np.int32), sizes)
        cause = np.repeat(np.array([cause for _, _, _, cause in rows], np.int32), sizes)
        strength = np.minimum(np.maximum(np.concatenate([strengths for _, _, strengths, _ in rows]), -1.0), 1.0)
        real = np.abs(strength) >= FAINTEST
        if not real.all():
            character, channel, cause, strength = character[real], channel[real], cause[real], strength[real]
        cells, cell = np.unique(character.astype(np.int64) * emotion.shape[1] + channel, return_inverse=True)
        who, what = np.divmod(cells, emotion.shape[1])
        before = emotion[who, what]
        rising = strength > 0.0
        force = np.abs(strength)
        raised, result, total_up, total_down = _impulses(before, cell, rising, force)
        emotion[who, what] = result

        share = np.empty_like(force)
        risen, fallen = cell[rising], cell[~rising]
        share[rising] = force[rising] / total_up[risen] * (raised - before)[risen]
        share[~rising] = force[~rising] / total_down[fallen] * (result - raised)[fallen]
        self._credit(ledger, character, channel, cause, share)
        return np.unique(character)

    @staticmethod
    def _credit(ledger: Ledger, character: Ints, channel: Ints, cause: Ints, share: Floats) -> None:
        """One row for each cell and cause, in the order in which they first came."""
        order = np.lexsort((cause, channel, character))
        keys = np.stack((character, channel, cause))[:, order]
        fresh = np.ones(len(order), np.bool_)
        fresh[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        merged = np.zeros(int(fresh.sum()))
        np.add.at(merged, np.cumsum(fresh) - 1, share[order])
        first = order[fresh]
        seen = np.argsort(first)
        rows = first[seen]
        ledger.add(character[rows], channel[rows], cause[rows], merged[seen])


def _apply_few(rows: list[tuple[Ints, int, Floats, int]], emotion: Floats, ledger: Ledger) -> Ints:
    """`Stimuli.apply` for a handful, in plain numbers: the same operations on the same values in the same order."""
    flat: list[tuple[tuple[int, int], int, float]] = []
    forces: dict[tuple[int, int], list[float]] = {}
    for characters, channel, strengths, cause in rows:
        for character, asked in zip(characters.tolist(), strengths.tolist(), strict=True):
            strength = min(max(asked, -1.0), 1.0)
            if abs(strength) < FAINTEST:
                continue
            cell = character, channel
            flat.append((cell, cause, strength))
            force = forces.setdefault(cell, [1.0, 1.0, 0.0, 0.0])
            falls = int(strength <= 0.0)
            force[falls] *= 1.0 - abs(strength)
            force[2 + falls] += abs(strength)
    moved: dict[tuple[int, int], tuple[float, float]] = {}
    for (character, channel), (up, down, _, _) in forces.items():
        before = emotion.item(character, channel)
        raised = min(max(1.0 - (1.0 - before) * up, EPSILON), 1.0 - EPSILON)
        result = min(max(raised * down, EPSILON), 1.0 - EPSILON)
        emotion[character, channel] = result
        moved[character, channel] = raised - before, result - raised
    credits: dict[tuple[int, int, int], float] = {}
    for cell, cause, strength in flat:
        falls = int(strength <= 0.0)
        share = abs(strength) / forces[cell][2 + falls] * moved[cell][falls]
        key = *cell, cause
        credits[key] = credits.get(key, 0.0) + share
    columns = ledger.columns
    for (character, channel, cause), share in credits.items():
        few.credit(columns, channel, character, cause, share)
    for character, channel in forces:
        if columns.asked[channel]:
            columns.strongest[channel, character] = few.strongest(columns, channel, character)
    return np.array(sorted({character for character, _ in forces}), np.int32)


def _impulses(
    before: Floats, cell: NDArray[np.int64], rising: NDArray[np.bool_], force: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """After the ups and after both, and the sums of strengths up and down."""
    up, down = np.ones_like(before), np.ones_like(before)
    total_up, total_down = np.zeros_like(before), np.zeros_like(before)
    risen, fallen = cell[rising], cell[~rising]
    np.multiply.at(up, risen, 1.0 - force[rising])
    np.multiply.at(down, fallen, 1.0 - force[~rising])
    np.add.at(total_up, risen, force[rising])
    np.add.at(total_down, fallen, force[~rising])
    raised, result = impulse(before, up, down)
    return raised, result, total_up, total_down
