"""Owns lips from text: pronunciation and a duration model make the track; audio, if there, places the pauses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.speech.durations import timed
from emotion_runtime.expression.speech.loudness import silences, voiced_span
from emotion_runtime.expression.speech.pronounce import Dictionary, Word, words
from emotion_runtime.expression.speech.track import Phone, VisemeTrack, track_of_phones


def track_of_text(
    text: str,
    dictionary: Dictionary | None = None,
    *,
    total: float | None = None,
    start: float = 0.0,
    rate: float = 1.0,
) -> VisemeTrack:
    """The lips of an English line. `total`: milliseconds of the speech, if known; `start`: where it begins.

    Without a dictionary a small lexicon and letter rules serve. Raises InputError for times that cannot be.
    """
    return track_of_phones(timed(words(text, dictionary), total=total, start=start, rate=rate), "text")


def track_of_spoken_text(
    text: str,
    samples: NDArray[np.int16] | NDArray[np.floating],
    rate: int,
    dictionary: Dictionary | None = None,
) -> VisemeTrack:
    """The lips of an English line whose audio is at hand: its ends and its pauses are where they are heard.

    The pauses of the text are matched, in order, to the longest silences; each phrase between them is timed by itself.
    With fewer silences than pauses in the text, the line is timed as a whole. Raises InputError `bad_audio`.
    """
    begin, end = voiced_span(samples, rate)
    if end <= begin:
        return VisemeTrack([], "text")
    phrases = _phrases(words(text, dictionary))
    heard = sorted(silences(samples, rate), key=lambda gap: gap[0] - gap[1])[: max(len(phrases) - 1, 0)]
    if len(heard) < len(phrases) - 1:
        return track_of_text(text, dictionary, total=end - begin, start=begin)
    phones: list[Phone] = []
    starts = [begin, *(stop for _, stop in sorted(heard))]
    stops = [*(start for start, _ in sorted(heard)), end]
    for phrase, start, stop in zip(phrases, starts, stops, strict=False):
        phones += timed(phrase, total=stop - start, start=start)
    return track_of_phones(phones, "text")


def _phrases(spoken: Sequence[Word]) -> list[list[Word]]:
    phrases: list[list[Word]] = [[]]
    for word in spoken:
        if word.phones:
            phrases[-1].append(word)
        elif phrases[-1]:
            phrases.append([])
    return [phrase for phrase in phrases if phrase]


def stretched_text(text: str, dictionary: Dictionary | None = None, *, total: float, start: float = 0.0) -> VisemeTrack:
    """The baseline to beat: the same sounds, all of equal length, without pauses."""
    phones = [phone for word in words(text, dictionary) for phone in word.phones]
    each = total / max(1, len(phones))
    timed_phones = [Phone(phone, start + i * each, start + (i + 1) * each) for i, phone in enumerate(phones)]
    return track_of_phones(timed_phones, "linear stretch")
