"""Owns the why-ledger: for every character and emotion, which causes its present deviation from calm is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.kernels import accounts
from emotion_runtime.kernels.tables import NOBODY, SLOTS, Accounts

__all__ = ["NOBODY", "SLOTS", "Cause", "Codes", "Contribution", "Ledger"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

STAGGER = 40
"""Cells start at scales 2^0 .. 2^-39, by character, so that not all of a crowd come back to 1 in one tick."""

SLICED_FROM = 8192
"""From so many characters on, a tick's digest covers a sixteenth of what changes least, the next tick the next."""
SLICES = 16


def covered(tick: int, n: int) -> slice:
    """The characters whose ledger and whose actions' columns the digest of a tick covers: all, or a sixteenth."""
    if n < SLICED_FROM:
        return slice(0, n)
    step = -(-n // SLICES)
    return slice(tick % SLICES * step, min((tick % SLICES + 1) * step, n))


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that moves emotions. `subject` is a subject index or NOBODY; `detail` a label, event or rule name."""

    kind: str
    """said, event, object, action, contagion"""
    subject: int
    detail: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one cause holds of one emotion now; `amount` may be negative (it calms). None = all forgotten ones."""

    cause: Cause | None
    amount: float


class Codes:
    """Numbers for causes by arithmetic, (subject + 1) * width + code of (kind, detail): no table grows with a crowd.

    `details` maps a kind to its details. Raises UsageError when the numbers do not fit 31 bits.
    """

    def __init__(self, subjects: int, details: Mapping[str, Sequence[str]]) -> None:
        self._what = [(kind, detail) for kind, several in details.items() for detail in dict.fromkeys(several)]
        self._code = {what: code for code, what in enumerate(self._what)}
        self.width = max(1, len(self._what))
        if (subjects + 1) * self.width >= 2**31:
            raise UsageError(
                "too_large",
                f"{subjects} subjects and {self.width} kinds of causes are too many to tell apart",
                "use fewer characters, objects, rules or events in one scene",
            )

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """(kind, detail) by code."""
        return tuple(self._what)

    def code(self, kind: str, detail: str) -> int:
        """The part of a cause's number that does not depend on the subject. Raises KeyError."""
        return self._code[kind, detail]

    def number(self, kind: str, subject: int, detail: str) -> int:
        """The number of a cause. Raises KeyError for a kind and detail that were not declared."""
        return (subject + 1) * self.width + self._code[kind, detail]

    def parts(self, number: int) -> tuple[int, str, str]:
        """What a number stands for: a subject or NOBODY, a kind, a detail."""
        return number // self.width - 1, *self._what[number % self.width]

    def cause(self, number: int) -> Cause:
        """The same as a cause."""
        subject, kind, detail = self.parts(number)
        return Cause(kind, subject, detail)


class Ledger:
    """Columns of causes and amounts for n characters and c channels.

    Law: `amounts` + `others` = emotion - baseline, to rounding. The flow is linear, so each contribution decays by
    the same factor as the deviation itself, and each rate adds its own share: the split is exact, not a guess.
    What is stored is each amount divided by the product of all those factors, its cell's `scale`: a tick then costs
    one multiplication a cell and one addition for each cause at work, whatever else is remembered.
    """

    def __init__(self, characters: int, channels: int, codes: Codes, asked: Sequence[int] = ()) -> None:
        """`asked`: the channels for which `strongest` is kept up to date."""
        self.codes = codes
        shape = (channels, characters)
        first = 0.5 ** (np.arange(characters) % STAGGER)
        wanted = np.zeros(channels, np.uint8)
        wanted[list(asked)] = 1
        self.columns = Accounts(
            cause=np.full((*shape, SLOTS), NOBODY, np.int32),
            amount=np.zeros((*shape, SLOTS)),
            other=np.zeros(shape),
            scale=np.tile(first, (channels, 1)),
            strongest=np.full((channels + 1, characters), NOBODY, np.int32),
            asked=wanted,
            width=codes.width,
        )

    def number(self, kind: str, subject: int, detail: str) -> int:
        """The number of a cause, the same for the same cause."""
        return self.codes.number(kind, subject, detail)

    def amounts(self) -> Floats:
        """(c, n, SLOTS) what each remembered cause holds now."""
        amounts: Floats = self.columns.amount * self.columns.scale[:, :, None]
        return amounts

    def others(self) -> Floats:
        """(c, n) what all forgotten causes hold now."""
        others: Floats = self.columns.other * self.columns.scale
        return others

    def decay(self, kept: Floats) -> None:
        """Let every contribution shrink as the deviation does: `kept` (n, c) in 0..1."""
        accounts.decay(self.columns, kept.T, 0)

    def add(self, character: Ints, channel: Ints, cause: Ints, amount: Floats) -> None:
        """Credit rows (k,) to their causes, for each cell in the order given."""
        accounts.add(self.columns, character, channel, cause, amount)

    def contributions(self, character: int, channel: int) -> Iterator[Contribution]:
        """What this emotion of this character is made of, the strongest first; the forgotten ones last, as None."""
        columns = self.columns
        scale = columns.scale[channel, character]
        causes = columns.cause[channel, character].tolist()
        amounts = (columns.amount[channel, character] * scale).tolist()
        for slot in sorted(range(SLOTS), key=lambda slot: -abs(amounts[slot])):
            if causes[slot] != NOBODY and amounts[slot] != 0.0:
                yield Contribution(self.codes.cause(causes[slot]), amounts[slot])
        other = self.other_of(character, channel)
        if other != 0.0:
            yield Contribution(None, other)

    def other_of(self, character: int, channel: int) -> float:
        """What all forgotten causes hold now of this emotion of this character."""
        return float(self.columns.other[channel, character] * self.columns.scale[channel, character])

    def strongest(self, character: int, channel: int) -> tuple[int, float]:
        """The number of the cause that holds most of this emotion of this character, and what; NOBODY if none does."""
        columns = self.columns
        scale = float(columns.scale[channel, character])
        best, found = 0.0, NOBODY
        for cause, amount in zip(
            columns.cause[channel, character].tolist(), columns.amount[channel, character].tolist(), strict=True
        ):
            if cause != NOBODY and abs(amount * scale) > abs(best):
                best, found = amount * scale, cause
        return found, best

    def parts(self, tick: int) -> Sequence[NDArray[np.generic]]:
        """The arrays that the digest of this tick covers, without copies: all, or in a crowd a sixteenth."""
        columns = self.columns
        n = columns.scale.shape[1]
        whole = columns.cause, columns.amount, columns.other, columns.scale
        if n < SLICED_FROM:
            return whole
        rows = covered(tick, n)
        return [part[channel, rows] for part in whole for channel in range(len(part))]
