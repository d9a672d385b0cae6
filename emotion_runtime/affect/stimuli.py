"""Owns the impulses of one tick: collects them, applies them in one order-free step, and credits their causes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.dynamics import impulse
from emotion_runtime.affect.ledger import Ledger

Floats = NDArray[np.float64]


class Stimuli:
    """Rows of (character, channel, signed strength, cause). Strengths beyond -1..1 count as -1 or 1."""

    def __init__(self) -> None:
        self._character: list[int] = []
        self._channel: list[int] = []
        self._strength: list[float] = []
        self._cause: list[int] = []

    def clear(self) -> None:
        """Forget what was collected."""
        for column in (self._character, self._channel, self._strength, self._cause):
            column.clear()

    def __len__(self) -> int:
        return len(self._character)

    def add(self, character: int, channel: int, strength: float, cause: int) -> None:
        """One impulse. A strength of 0 is nothing."""
        if strength == 0.0:
            return
        self._character.append(character)
        self._channel.append(channel)
        self._strength.append(min(1.0, max(-1.0, strength)))
        self._cause.append(cause)

    def apply(self, emotion: Floats, ledger: Ledger) -> Floats:
        """The emotions (n, c) after all collected impulses; the collection is empty afterwards.

        Credits each cause with the part of the change in proportion to its strength among those of the same sign.
        """
        if not self._character:
            return emotion
        cell = (np.array(self._character), np.array(self._channel))
        strength = np.array(self._strength)
        cause = np.array(self._cause, dtype=np.int32)
        rising = strength > 0.0
        up, down = np.ones_like(emotion), np.ones_like(emotion)
        total_up, total_down = np.zeros_like(emotion), np.zeros_like(emotion)
        risen, fallen = _pick(cell, rising), _pick(cell, ~rising)
        np.multiply.at(up, risen, 1.0 - strength[rising])
        np.multiply.at(down, fallen, 1.0 + strength[~rising])
        np.add.at(total_up, risen, strength[rising])
        np.add.at(total_down, fallen, -strength[~rising])

        raised, result = impulse(emotion, up, down)
        share = np.empty_like(strength)
        share[rising] = strength[rising] / total_up[risen] * (raised - emotion)[risen]
        share[~rising] = -strength[~rising] / total_down[fallen] * (result - raised)[fallen]
        merged: dict[tuple[int, int, int], float] = {}
        for row, key in enumerate(zip(self._character, self._channel, cause.tolist(), strict=True)):
            merged[key] = merged.get(key, 0.0) + float(share[row])
        keys = np.array(list(merged), dtype=np.int32)
        ledger.add(keys[:, 0], keys[:, 1], keys[:, 2], np.array(list(merged.values())))
        self.clear()
        return result


def _pick(
    cell: tuple[NDArray[np.int64], NDArray[np.int64]], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return cell[0][mask], cell[1][mask]
