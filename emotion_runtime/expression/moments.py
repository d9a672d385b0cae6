"""Owns what a face does by itself: blinks and micro-expressions, as pure functions of seed, character and time.

Time is cut into slots of a length that differs a little between characters; each slot holds at most one blink (or a
double one) and one micro-expression, whose place and kind are drawn from the character's own stream. Nothing is
remembered, so any frame rate, any start and any restored save show the same face at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.chance import Keys, keys, uniform

Floats = NDArray[np.float64]

CLOSING: Final = 0.08
"""Seconds the lids take to close; they stay closed for SHUT and open in OPENING."""
SHUT: Final = 0.03
OPENING: Final = 0.16
DOUBLE: Final = 0.32
"""Seconds from one blink of a double blink to the next."""
DOUBLE_SHARE: Final = 0.15
BLINK_SLOT: Final = 3.5
"""Mean seconds between blinks: about 17 a minute, the rate of people at rest."""

LAST: Final = 0xFFFFFFFFFFFFFFFF
"""The place in a stream that gives a character its slot's length: no slot has this number."""
MICRO_SLOT: Final = 7.0
MICRO_SHARE: Final = 0.5
"""How many of the slots hold a micro-expression."""
MICRO_SHORTEST: Final = 0.2
MICRO_LONGEST: Final = 0.5
"""Ekman's span for micro-expressions reaches up to half a second."""


class Moments:
    """Blinks and micro-expressions of n characters."""

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._blink = _Draws(keys(names, seed, "blink"), BLINK_SLOT, 2)
        self._micro = _Draws(keys(names, seed, "micro"), MICRO_SLOT, 4)

    def blink(self, time: float) -> Floats:
        """(n,) how far the lids are closed, 0..1, at `time` >= 0 seconds."""
        within, (place, double) = self._blink.at(time)
        since = within - place * (self._blink.slot - (CLOSING + SHUT + OPENING + DOUBLE))
        second = since - DOUBLE
        since = np.where((double < DOUBLE_SHARE) & (second >= 0.0), second, since)
        closing = smooth(since / CLOSING)
        opening = smooth((since - (CLOSING + SHUT)) / OPENING)
        return closing - opening

    def micro(self, time: float, kinds: int) -> tuple[NDArray[np.intp], Floats]:
        """(n,) which of `kinds` emotions each character lets slip at `time`, and (n,) how far, 0..1."""
        within, (there, length, place, kind) = self._micro.at(time)
        lasts = MICRO_SHORTEST + (MICRO_LONGEST - MICRO_SHORTEST) * length
        phase = 2.0 * (within - place * (self._micro.slot - lasts)) / lasts
        much = np.where(there < MICRO_SHARE, smooth(phase) - smooth(phase - 1.0), 0.0)
        return (kind * kinds).astype(np.intp), much


class _Draws:
    """The numbers of each character's present slot. They are kept only to save drawing them again every tick."""

    def __init__(self, keys: Keys, mean: float, count: int) -> None:
        self.slot = mean * (0.75 + 0.5 * uniform(keys, np.full(len(keys), LAST, dtype=np.uint64)))
        self._keys = keys
        self._number = np.full(len(keys), -1.0)
        self._drawn = np.zeros((count, len(keys)))

    def at(self, time: float) -> tuple[Floats, Floats]:
        """(n,) seconds since each slot began, and (count, n) its numbers in [0, 1)."""
        number = np.floor(time / self.slot)
        new = np.flatnonzero(number != self._number)
        if len(new):
            count = len(self._drawn)
            counter = number[new].astype(np.uint64) * np.uint64(count)
            for each in range(count):
                self._drawn[each, new] = uniform(self._keys[new], counter + np.uint64(each))
            self._number[new] = number[new]
        return time - number * self.slot, self._drawn


def smooth(x: Floats) -> Floats:
    """0 below 0, 1 above 1, 3x^2 - 2x^3 between: a raised cosine's shape without a cosine."""
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
