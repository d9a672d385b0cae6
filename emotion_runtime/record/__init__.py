"""Owns the public surface of recording: write down all that enters a simulation, and run it again to compare."""

from __future__ import annotations

from emotion_runtime.record.format import FORMAT, Header, RecordingError
from emotion_runtime.record.outcome import Difference, Outcome
from emotion_runtime.record.profile import model_digest
from emotion_runtime.record.reader import Fault, RecordReader
from emotion_runtime.record.recorder import Recorder
from emotion_runtime.record.replay import Replay

__all__ = [
    "FORMAT",
    "Difference",
    "Fault",
    "Header",
    "Outcome",
    "RecordReader",
    "Recorder",
    "RecordingError",
    "Replay",
    "model_digest",
]
