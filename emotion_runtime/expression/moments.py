"""Owns what a face does by itself: blinks and micro-expressions, as pure functions of seed, character and time.

Time is cut into slots of a length that differs a little between characters; each slot holds at most one blink (or a
double one) and one micro-expression, whose place and kind are drawn from the character's own stream. Nothing is
remembered, so any frame rate, any start and any restored save show the same face at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.chance import Keys, keys, uniform

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Span = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""Seconds into its slot at which an event begins and ends, from numbers (count, m) and slot lengths (m,)."""

CLOSING: Final = 0.08
"""Seconds the lids take to close; they stay closed for SHUT and open in OPENING."""
SHUT: Final = 0.03
OPENING: Final = 0.16
DOUBLE: Final = 0.32
"""Seconds from one blink of a double blink to the next."""
BLINK_LASTS: Final = CLOSING + SHUT + OPENING + DOUBLE
DOUBLE_SHARE: Final = 0.15
BLINK_SLOT: Final = 3.5
"""Mean seconds between blinks: about 17 a minute, the rate of people at rest."""

NEARLY: Final = 1e-6
"""Seconds by which a span is looked at too early and too late: what lies there is 0 anyway."""
LAST: Final = 0xFFFFFFFFFFFFFFFF
"""The place in a stream that gives a character its slot's length: no slot has this number."""
MICRO_SLOT: Final = 7.0
MICRO_SHARE: Final = 0.5
"""How many of the slots hold a micro-expression."""
MICRO_SHORTEST: Final = 0.2
MICRO_LONGEST: Final = 0.5
"""Ekman's span for micro-expressions reaches up to half a second."""

NOBODY: Final = np.zeros(0, dtype=np.intp)
NOTHING: Final = np.zeros(0)


class Moments:
    """Blinks and micro-expressions of n characters. Few are in one at a time, so only those are computed."""

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._blink = _Draws(keys(names, seed, "blink"), BLINK_SLOT, 2, _blink_span)
        self._micro = _Draws(keys(names, seed, "micro"), MICRO_SLOT, 4, _micro_span)

    def blinks(self, time: float) -> tuple[Rows, Floats]:
        """Ascending rows (m,) of those who blink at `time` >= 0 seconds, and (m,) how far the lids are closed, 0..1."""
        draws = self._blink
        rows = draws.active(time)
        if not len(rows):
            return rows, NOTHING
        since = draws.within(time, rows) - draws.drawn[0, rows] * (draws.slot[rows] - BLINK_LASTS)
        second = since - DOUBLE
        since = np.where((draws.drawn[1, rows] < DOUBLE_SHARE) & (second >= 0.0), second, since)
        return rows, smooth(since / CLOSING) - smooth((since - (CLOSING + SHUT)) / OPENING)

    def slips(self, time: float, kinds: int) -> tuple[Rows, Rows, Floats]:
        """Ascending rows (m,) of those in a micro-expression, (m,) which of `kinds` emotions, (m,) how far, 0..1."""
        draws = self._micro
        rows = draws.active(time)
        if not len(rows):
            return rows, rows, NOTHING
        _, length, place, kind = draws.drawn[:, rows]
        lasts = _micro_lasts(length)
        phase = 2.0 * (draws.within(time, rows) - place * (draws.slot[rows] - lasts)) / lasts
        return rows, (kind * kinds).astype(np.intp), smooth(phase) - smooth(phase - 1.0)

    def blink(self, time: float) -> Floats:
        """(n,) how far the lids are closed, 0..1, at `time` >= 0 seconds."""
        rows, much = self.blinks(time)
        out = np.zeros(len(self._blink.slot))
        out[rows] = much
        return out

    def micro(self, time: float, kinds: int) -> tuple[Rows, Floats]:
        """(n,) which of `kinds` emotions each character lets slip at `time`, and (n,) how far, 0..1."""
        rows, kind, much = self.slips(time, kinds)
        which, far = np.zeros(len(self._micro.slot), dtype=np.intp), np.zeros(len(self._micro.slot))
        which[rows], far[rows] = kind, much
        return which, far


class _Draws:
    """The numbers of each character's present slot. They are kept only to save drawing them again every tick."""

    def __init__(self, keys: Keys, mean: float, count: int, span: Span) -> None:
        self.slot = mean * (0.75 + 0.5 * uniform(keys, np.full(len(keys), LAST, dtype=np.uint64)))
        self.drawn = np.zeros((count, len(keys)))
        """(count, n) numbers in [0, 1) of the present slots."""
        self._keys = keys
        self._span = span
        self._number = np.full(len(keys), -1.0)
        self._begin, self._end = np.zeros(len(keys)), np.zeros(len(keys))
        self._sure = (np.inf, -np.inf)
        self._quiet = (np.inf, -np.inf)

    def active(self, time: float) -> Rows:
        """Ascending rows of those whose slot's event may be under way at `time`."""
        if not self._sure[0] <= time < self._sure[1]:
            self._draw(time)
        if self._quiet[0] <= time < self._quiet[1]:
            return NOBODY
        rows = np.flatnonzero((self._begin <= time) & (time <= self._end))
        if not len(rows):
            ahead = self._begin[self._begin > time]
            self._quiet = time, min(float(ahead.min()) if len(ahead) else np.inf, self._sure[1])
        return rows

    def within(self, time: float, rows: Rows) -> Floats:
        """(m,) seconds since the present slot of these characters began."""
        return np.asarray(time - self._number[rows] * self.slot[rows])

    def _draw(self, time: float) -> None:
        number = np.floor(time / self.slot)
        new = np.flatnonzero(number != self._number)
        if len(new):
            count = len(self.drawn)
            counter = number[new].astype(np.uint64) * np.uint64(count)
            for each in range(count):
                self.drawn[each, new] = uniform(self._keys[new], counter + np.uint64(each))
            self._number[new] = number[new]
            begin, end = self._span(self.drawn[:, new], self.slot[new])
            base = number[new] * self.slot[new]
            self._begin[new], self._end[new] = base + begin - NEARLY, base + end + NEARLY
        ends = ((number + 1.0) * self.slot).min() if len(number) else np.inf
        self._sure = time, float(ends) - NEARLY
        self._quiet = (np.inf, -np.inf)


def _blink_span(drawn: Floats, slot: Floats) -> tuple[Floats, Floats]:
    begin = drawn[0] * (slot - BLINK_LASTS)
    return begin, begin + BLINK_LASTS


def _micro_lasts(length: Floats) -> Floats:
    return MICRO_SHORTEST + (MICRO_LONGEST - MICRO_SHORTEST) * length


def _micro_span(drawn: Floats, slot: Floats) -> tuple[Floats, Floats]:
    there, length, place, _ = drawn
    lasts = _micro_lasts(length)
    begin = np.where(there < MICRO_SHARE, place * (slot - lasts), np.inf)
    return begin, begin + lasts


def smooth(x: Floats) -> Floats:
    """0 below 0, 1 above 1, 3x^2 - 2x^3 between: a raised cosine's shape without a cosine."""
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
