"""Owns lips from loudness: the last resort, when neither timings nor text nor a profile of the voice are there."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError
from emotion_runtime.expression.speech.track import Segment, VisemeTrack

HOP_MS: Final = 20.0
FLOOR_DB: Final = 35.0
"""Decibels below the loud parts at which the mouth is shut."""
FAINTEST_DB: Final = -45.0
"""Decibels of full scale: what is never louder than this plus the floor is silence, not quiet speech."""
LOUD_PERCENTILE: Final = 95.0
SILENT: Final = 0.15
"""An envelope at or below this is a pause."""
LEAST_PAUSE_MS: Final = 100.0
"""Shorter silences are closures of stops."""
STEPS: Final = 8
"""Openings told apart; equal neighbours become one segment."""


def envelope(samples: NDArray[np.int16] | NDArray[np.floating], rate: int) -> NDArray[np.float64]:
    """Loudness of mono samples (int16, or floats of -1 to 1): decibels above the floor as 0..1, one each 20 ms.

    Raises InputError `bad_audio`.
    """
    if samples.ndim != 1 or not 4000 <= rate <= 384_000:
        raise InputError("bad_audio", f"audio must be mono at 4 to 384 kHz, not {samples.ndim}-D at {rate} Hz")
    hop = round(rate * HOP_MS / 1000.0)
    count = len(samples) // hop
    if count == 0:
        return np.zeros(0)
    blocks = samples[: count * hop].astype(np.float64).reshape(count, hop)
    if not np.isfinite(blocks).all():
        raise InputError("bad_audio", "audio samples must be finite")
    if samples.dtype == np.int16:
        blocks /= 32768.0
    level = 10.0 * np.log10((blocks * blocks).mean(axis=1) + 1e-12)
    loud = max(float(np.percentile(level, LOUD_PERCENTILE)), FAINTEST_DB)
    return np.asarray(np.clip((level - (loud - FLOOR_DB)) / FLOOR_DB, 0.0, 1.0))


def track_of_loudness(samples: NDArray[np.int16] | NDArray[np.floating], rate: int) -> VisemeTrack:
    """A mouth that opens with the voice. It cannot close for p, b and m, and does not know one vowel from another."""
    opening = np.rint(envelope(samples, rate) ** 2 * STEPS) / STEPS
    segments: list[Segment] = []
    start = 0
    for at in range(1, len(opening) + 1):
        if at < len(opening) and opening[at] == opening[start]:
            continue
        if opening[start] > 0.0:
            segments.append(Segment(start * HOP_MS, at * HOP_MS, "aa", float(opening[start])))
        start = at
    return VisemeTrack(segments, "loudness")


def silences(samples: NDArray[np.int16] | NDArray[np.floating], rate: int) -> list[tuple[float, float]]:
    """Pauses inside the speech, in order: (start, end) milliseconds of silence of at least LEAST_PAUSE_MS."""
    quiet = envelope(samples, rate) <= SILENT
    begin, end = voiced_span(samples, rate)
    found: list[tuple[float, float]] = []
    start = None
    for at in range(round(begin / HOP_MS), round(end / HOP_MS)):
        if quiet[at] and start is None:
            start = at
        elif not quiet[at] and start is not None:
            if (at - start) * HOP_MS >= LEAST_PAUSE_MS:
                found.append((start * HOP_MS, at * HOP_MS))
            start = None
    return found


def voiced_span(samples: NDArray[np.int16] | NDArray[np.floating], rate: int) -> tuple[float, float]:
    """Milliseconds at which the voice begins and ends; equal when there is none."""
    heard = np.flatnonzero(envelope(samples, rate) > SILENT)
    if not len(heard):
        return 0.0, 0.0
    return float(heard[0]) * HOP_MS, float(heard[-1] + 1) * HOP_MS
