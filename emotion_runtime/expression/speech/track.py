"""Owns the viseme track: what the lips do and when, the one form that every source of lip movement delivers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from emotion_runtime.errors import InputError
from emotion_runtime.expression.visemes import NUMBER, VISEMES, phone_visemes

MAX_SEGMENTS: Final = 20_000
"""About half an hour of speech; a longer track is refused."""
MAX_MS: Final = 3_600_000.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One viseme from `start` to `end`, milliseconds from the beginning of the utterance; `strength` 0..1."""

    start: float
    end: float
    viseme: str
    strength: float = 1.0

    def __post_init__(self) -> None:
        if self.viseme not in NUMBER:
            raise InputError("bad_value", f"'{self.viseme}' is no viseme", f"use one of {', '.join(VISEMES)}")
        if not (math.isfinite(self.start) and 0.0 <= self.start < self.end <= MAX_MS):
            raise InputError("bad_value", f"a viseme cannot last from {self.start!r} to {self.end!r} ms")
        if not 0.0 <= self.strength <= 1.0:
            raise InputError("bad_value", f"strength must be in 0..1, not {self.strength!r}")


class VisemeTrack:
    """Segments in order of time, not overlapping; what lies between them is silence."""

    def __init__(self, segments: Iterable[Segment], source: str = "") -> None:
        """`source` says where it comes from: timings, text, profile or loudness. Raises InputError `bad_track`."""
        self.segments = tuple(segments)
        self.source = source
        if len(self.segments) > MAX_SEGMENTS:
            raise InputError("bad_track", f"a track has at most {MAX_SEGMENTS} segments, not {len(self.segments)}")
        for before, after in pairwise(self.segments):
            if after.start < before.end:
                raise InputError("bad_track", f"the viseme at {after.start:g} ms starts before {before.end:g} ms")

    @property
    def end(self) -> float:
        """Milliseconds at which the last segment ends; 0 for an empty track."""
        return self.segments[-1].end if self.segments else 0.0

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)

    def __len__(self) -> int:
        return len(self.segments)

    def at(self, ms: float) -> str:
        """The viseme at this time, `sil` between segments."""
        for segment in self.segments:
            if segment.start <= ms < segment.end:
                return segment.viseme
        return "sil"


@dataclass(frozen=True, slots=True)
class Phone:
    """One sound, ARPAbet or IPA, from `start` to `end` milliseconds."""

    symbol: str
    start: float
    end: float


def track_of_phones(phones: Iterable[Phone], source: str = "timings") -> VisemeTrack:
    """A track from timed sounds. Diphthongs become two visemes; an unknown sound is silence, and an overlap is cut.

    Raises InputError for times that cannot be.
    """
    segments: list[Segment] = []
    for phone in phones:
        start = max(phone.start, segments[-1].end if segments else 0.0)
        length = phone.end - start
        if length <= 0.0:
            continue
        at = start
        parts = phone_visemes(phone.symbol)
        for number, (viseme, share) in enumerate(parts):
            end = phone.end if number == len(parts) - 1 else at + share * length
            segments.append(Segment(at, end, viseme))
            at = end
    return VisemeTrack(segments, source)
