"""Owns the way of what is known of a voice into recordings and saves, and back."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from emotion_runtime.errors import InputError
from emotion_runtime.expression.speech.track import Segment, VisemeTrack
from emotion_runtime.expression.visemes import NUMBER, VISEMES
from emotion_runtime.inputs import Speech

_SPAN: Final = np.dtype("<f8")


class Voiced(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """`inputs.Speech`. `spans` float64 (start, end, strength), `visemes` uint8, little-endian; None: no track."""

    spans: bytes | None
    visemes: bytes | None
    lasts: float
    voice: bytes
    voice_rate: int


def voiced(speech: Speech | None) -> Voiced | None:
    """Speech as plain values."""
    if speech is None:
        return None
    spans = visemes = None
    if speech.track is not None:
        rows = [(each.start, each.end, each.strength) for each in speech.track]
        spans = np.array(rows, _SPAN).tobytes()
        visemes = bytes(NUMBER[each.viseme] for each in speech.track)
    return Voiced(spans, visemes, float(speech.lasts), bytes(speech.voice), int(speech.voice_rate))


def speech_of(values: Voiced | None) -> Speech | None:
    """The way back. Raises InputError for what cannot have been speech."""
    if values is None:
        return None
    track = None
    if values.spans is not None and values.visemes is not None:
        if len(values.spans) != 3 * _SPAN.itemsize * len(values.visemes) or max(values.visemes, default=0) > 14:
            raise InputError("bad_track", "saved visemes do not match their times")
        rows = np.frombuffer(values.spans, _SPAN).reshape(-1, 3).tolist()
        named = zip(rows, (VISEMES[number] for number in values.visemes), strict=True)
        track = VisemeTrack((Segment(start, end, name, much) for (start, end, much), name in named), "timings")
    return Speech(track, values.lasts, values.voice, values.voice_rate)
