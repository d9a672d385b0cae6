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
        self._rows: Ints = np.arange(characters, dtype=np.int32)[:, None, None]

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
        """Credit rows (k,) to their causes: first those already remembered, then the new ones, each in order."""
        if not len(character):
            return
        match = self.cause[character, channel] == cause[:, None]
        slot = match.argmax(axis=1)
        known = match[np.arange(len(slot)), slot]
        if known.all():
            np.add.at(self.amount, (character, channel, slot), amount)
            return
        np.add.at(self.amount, (character[known], channel[known], slot[known]), amount[known])
        for row in np.flatnonzero(~known).tolist():
            self._admit(int(character[row]), int(channel[row]), int(cause[row]), float(amount[row]))

    def _admit(self, character: int, channel: int, cause: int, amount: float) -> None:
        causes, amounts = self.cause[character, channel], self.amount[character, channel]
        same = np.flatnonzero(causes == cause)
        if len(same):  # the same new cause came twice in one call
            amounts[same[0]] += amount
            return
        free = np.flatnonzero(causes == NOBODY)
        slot = int(free[0]) if len(free) else int(np.abs(amounts).argmin())
        if not len(free) and abs(amount) < abs(amounts[slot]):
            self.other[character, channel] += amount
            return
        self.other[character, channel] += amounts[slot]
        causes[slot], amounts[slot] = cause, amount

    def strongest_subjects(self, channels: Ints) -> Ints:
        """(n, k): the subject that gave each character most of these k emotions, never itself; NOBODY if none did."""
        cause, amount = self.cause[:, channels], self.amount[:, channels]
        if not self.causes:
            return np.full(cause.shape[:2], NOBODY, dtype=np.int32)
        subject = np.where(cause == NOBODY, NOBODY, self._subjects[cause])
        same = subject[..., :, None] == subject[..., None, :]
        shared = np.where(same, amount[..., None, :], 0.0)
        total = shared[..., 0] + shared[..., 1] + shared[..., 2] + shared[..., 3]
        total[(subject == NOBODY) | (subject == self._rows)] = 0.0
        best = total.argmax(axis=2)[..., None]
        strongest: Ints = np.where(
            np.take_along_axis(total, best, 2) > 0.0, np.take_along_axis(subject, best, 2), np.int32(NOBODY)
        )[..., 0]
        return strongest

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
