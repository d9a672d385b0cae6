"""Owns the why-ledger: for every character and emotion, which causes its present deviation from calm is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.dynamics import Flow

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SLOTS: Final = 4
"""Causes remembered for each character and emotion; what does not fit is summed as `other`."""

NOBODY: Final = -1


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that moves emotions. `subject` is a subject index or NOBODY; `detail` a label, event or rule name."""

    kind: str
    """said, event, object, action, contagion, set"""
    subject: int
    detail: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one cause holds of one emotion now; `amount` may be negative (it calms). None = all forgotten ones."""

    cause: Cause | None
    amount: float


class Ledger:
    """Columns (n, c, SLOTS) of cause numbers and amounts. Law: amounts + other = emotion - baseline, to rounding.

    The flow is linear, so each contribution decays by the same factor as the deviation itself, and each rate adds
    its own share: the split is exact, not a guess.
    """

    def __init__(self, characters: int, channels: int) -> None:
        self.cause: Ints = np.full((characters, channels, SLOTS), NOBODY, dtype=np.int32)
        self.amount: Floats = np.zeros((characters, channels, SLOTS))
        self.other: Floats = np.zeros((characters, channels))
        self.causes: list[Cause] = []
        self._numbers: dict[Cause, int] = {}
        self._subjects: Ints = np.empty(0, dtype=np.int32)

    def number(self, kind: str, subject: int, detail: str) -> int:
        """The number of a cause, the same for the same cause. Their count is bounded by what the scene declares."""
        cause = Cause(kind, subject, detail)
        known = self._numbers.get(cause)
        if known is None:
            known = self._numbers[cause] = len(self.causes)
            self.causes.append(cause)
            self._subjects = np.append(self._subjects, np.int32(subject))
        return known

    def decay(self, flow: Flow) -> None:
        """Let every contribution shrink as the deviation does in `flow`."""
        self.amount *= flow.kept[:, :, None]
        self.other *= flow.kept

    def add(self, character: Ints, channel: Ints, cause: Ints, amount: Floats) -> None:
        """Credit rows (k,) to their causes, in order. No (character, channel, cause) may come twice in one call."""
        if not len(character):
            return
        match = self.cause[character, channel] == cause[:, None]
        known = match.any(axis=1)
        slot = match.argmax(axis=1)
        self.amount[character[known], channel[known], slot[known]] += amount[known]
        for row in np.flatnonzero(~known).tolist():
            self._admit(int(character[row]), int(channel[row]), int(cause[row]), float(amount[row]))

    def _admit(self, character: int, channel: int, cause: int, amount: float) -> None:
        causes, amounts = self.cause[character, channel], self.amount[character, channel]
        free = np.flatnonzero(causes == NOBODY)
        slot = int(free[0]) if len(free) else int(np.abs(amounts).argmin())
        if not len(free) and abs(amount) < abs(amounts[slot]):
            self.other[character, channel] += amount
            return
        self.other[character, channel] += amounts[slot]
        causes[slot], amounts[slot] = cause, amount

    def strongest_subject(self, channel: int) -> Ints:
        """(n,): the subject that gave each character most of this emotion, itself excluded; NOBODY if none did."""
        characters = len(self.cause)
        if not self.causes:
            return np.full(characters, NOBODY, dtype=np.int32)
        cause, amount = self.cause[:, channel], self.amount[:, channel]
        subject = np.where(cause == NOBODY, NOBODY, self._subjects[cause])
        foreign = (subject != NOBODY) & (subject != np.arange(characters, dtype=np.int32)[:, None])
        total = np.zeros_like(amount)
        for slot in range(SLOTS):
            total += np.where(subject == subject[:, slot, None], amount[:, slot, None], 0.0)
        total = np.where(foreign, total, 0.0)
        best = total.argmax(axis=1)
        rows = np.arange(characters)
        return np.where(total[rows, best] > 0.0, subject[rows, best], NOBODY).astype(np.int32)

    def contributions(self, character: int, channel: int) -> Iterator[Contribution]:
        """What this emotion of this character is made of, the strongest first; the forgotten ones last, as None."""
        causes, amounts = self.cause[character, channel], self.amount[character, channel]
        for slot in np.argsort(-np.abs(amounts), kind="stable").tolist():
            if causes[slot] != NOBODY and amounts[slot] != 0.0:
                yield Contribution(self.causes[causes[slot]], float(amounts[slot]))
        if self.other[character, channel] != 0.0:
            yield Contribution(None, float(self.other[character, channel]))

    def columns(self) -> Sequence[NDArray[np.generic]]:
        """All state arrays, for the digest."""
        return self.cause, self.amount, self.other
