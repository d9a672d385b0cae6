"""Owns the choice of what moves the lips of an utterance: timings, then text, then a voice's profile, then loudness."""

from __future__ import annotations

import numpy as np

from emotion_runtime.errors import InputError
from emotion_runtime.expression.speech.loudness import track_of_loudness
from emotion_runtime.expression.speech.spoken_text import track_of_spoken_text, track_of_text
from emotion_runtime.expression.speech.track import VisemeTrack
from emotion_runtime.expression.speech.voice_profile import VoiceProfile, track_of_voice
from emotion_runtime.inputs import Speech

NOTHING = VisemeTrack([])
SILENT = Speech()


def track_of_speech(text: str, speech: Speech | None, profile: VoiceProfile | None) -> VisemeTrack:
    """The lips of a line by the best that is known of it. Empty for what cannot be spoken: never an error.

    The built-in lexicon is used, and no installed one: the same line moves the same lips on every machine.
    """
    speech = speech or SILENT
    if speech.track is not None:
        return speech.track
    samples = np.frombuffer(speech.voice, "<i2").astype(np.int16)
    try:
        if text.strip() and len(samples):
            return track_of_spoken_text(text, samples, speech.voice_rate)
        if text.strip():
            return track_of_text(text, total=speech.lasts * 1000.0 or None)
        if len(samples) and profile is not None:
            return track_of_voice(samples, speech.voice_rate, profile)
        if len(samples):
            return track_of_loudness(samples, speech.voice_rate)
    except InputError:
        return NOTHING
    return NOTHING
