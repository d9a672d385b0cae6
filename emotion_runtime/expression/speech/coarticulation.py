"""Owns coarticulation: how neighbouring visemes share the lips, with a reach so short that a stream equals the whole.

Cohen & Massaro 1993: lips(t) = sum_i D_i(t) T_i / sum_i D_i(t). Their dominance D falls off exponentially and so never
ends; ours is 1 inside a viseme and a smooth step to 0 over REACH milliseconds outside. A frame therefore needs to know
what is said up to REACH later, and nothing beyond, so a stream gives the very bits of the finished track.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError
from emotion_runtime.expression.speech.track import MAX_SEGMENTS, Segment, VisemeTrack
from emotion_runtime.expression.visemes import CLOSURES, NUMBER, TONGUE, VISEMES

REACH: Final = 120.0
"""Milliseconds a viseme reaches beyond its ends; lips start about 120 ms before a sound (Edwards et al. 2016, JALI)."""
CLOSING: Final = 40.0
"""Milliseconds in which a closure closes and opens again."""
FOREVER: Final = 1e12

_DOMINANCE: Final = {viseme: 4.0 if viseme in CLOSURES else 0.5 if viseme in TONGUE else 1.0 for viseme in VISEMES}

Frame = tuple[NDArray[np.float64], float, float]
"""Shares of the 15 visemes (sum 1), how far the lips must be closed 0..1, how far the character is speaking 0..1."""


class LipStream:
    """Lips from segments that arrive one after the other, each whole, at the latest REACH before they are needed."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._starts: list[float] = []
        self._ends: list[float] = []
        self._known = 0.0
        self._extend(_SILENCE, -FOREVER, 0.0)

    @property
    def known(self) -> float:
        """Milliseconds up to which it is known what is said."""
        return self._known

    def push(self, segment: Segment) -> None:
        """The next segment. Raises InputError `bad_track` if it starts before the last one ended."""
        if self._known == FOREVER or segment.start < self._known:
            raise InputError("bad_track", f"the viseme at {segment.start:g} ms comes after {self._known:g} ms is known")
        if len(self._segments) > 2 * MAX_SEGMENTS:
            raise InputError("bad_track", "too many segments wait: let frames be drawn, or start a new stream")
        if segment.start > self._known:
            self._extend(_SILENCE, self._known, segment.start)
        self._extend(segment, segment.start, segment.end)
        self._known = segment.end

    def finish(self) -> None:
        """Nothing more is said."""
        if self._known != FOREVER:
            self._extend(_SILENCE, self._known, FOREVER)
            self._known = FOREVER

    def frame(self, ms: float) -> Frame | None:
        """The lips at this time, or None while it is not yet known what follows within REACH."""
        if ms + REACH > self._known:
            return None
        first = bisect_left(self._ends, ms - REACH)
        shares = [0.0] * len(VISEMES)
        total = closed = speaking = 0.0
        closing = 0
        for index in range(first, len(self._segments)):
            start, end = self._starts[index], self._ends[index]
            if start >= ms + REACH:
                break
            distance = start - ms if ms < start else ms - end if ms > end else 0.0
            near = _fall(distance / REACH)
            if near == 0.0:
                continue
            segment = self._segments[index]
            dominance = _DOMINANCE[segment.viseme] * near
            shares[NUMBER[segment.viseme]] += dominance * segment.strength
            shares[0] += dominance * (1.0 - segment.strength)
            total += dominance
            if segment.viseme != "sil":
                speaking = max(speaking, near)
            degree = CLOSURES.get(segment.viseme, 0.0) * segment.strength * _fall(distance / CLOSING)
            if degree > closed:
                closed, closing = degree, NUMBER[segment.viseme]
        for number in range(len(shares)):
            shares[number] = shares[number] / total * (1.0 - closed)
        shares[closing] += closed
        return np.array(shares), closed if VISEMES[closing] == "PP" else 0.0, speaking

    def forget(self, before: float) -> None:
        """Drop what can no longer matter for frames from `before` milliseconds on."""
        old = min(bisect_left(self._ends, before - REACH), len(self._ends) - 1)
        del self._segments[:old], self._starts[:old], self._ends[:old]

    def _extend(self, segment: Segment, start: float, end: float) -> None:
        """Add a segment; one that looks as the one before is the same, longer: it must not count twice."""
        last = self._segments[-1] if self._segments else None
        if last is not None and (last.viseme, last.strength) == (segment.viseme, segment.strength):
            self._ends[-1] = end
            return
        self._segments.append(segment)
        self._starts.append(start)
        self._ends.append(end)


def lip_stream(track: VisemeTrack | Iterable[Segment]) -> LipStream:
    """A stream that knows a whole track."""
    stream = LipStream()
    for segment in track:
        stream.push(segment)
    stream.finish()
    return stream


def lip_frames(
    track: VisemeTrack, times: Iterable[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Shares (f, 15), closed (f,) and speaking (f,) at `times` (milliseconds) of a whole track."""
    stream = lip_stream(track)
    frames = [frame for time in times if (frame := stream.frame(time)) is not None]
    shares = np.stack([frame[0] for frame in frames]) if frames else np.zeros((0, len(VISEMES)))
    return shares, np.array([frame[1] for frame in frames]), np.array([frame[2] for frame in frames])


def _fall(x: float) -> float:
    """1 at 0 and below, 0 from 1 on, smooth between: 1 - 3x^2 + 2x^3."""
    if x <= 0.0:
        return 1.0
    if x >= 1.0:
        return 0.0
    return 1.0 - x * x * (3.0 - 2.0 * x)


_SILENCE: Final = Segment(0.0, 1.0, "sil")
