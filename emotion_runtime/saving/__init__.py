"""Owns the public surface of saved states: their bytes, what they hold, and what became of one that was restored."""

from __future__ import annotations

from emotion_runtime.saving.format import LARGEST_SAVE, Saved, SaveError, decode, encode, saved_faces
from emotion_runtime.saving.placing import Restored, Unplaced, place, playing
from emotion_runtime.saving.taking import Outside, take
from emotion_runtime.saving.upgrades import FORMAT

__all__ = [
    "FORMAT",
    "LARGEST_SAVE",
    "Outside",
    "Restored",
    "SaveError",
    "Saved",
    "Unplaced",
    "decode",
    "encode",
    "place",
    "playing",
    "saved_faces",
    "take",
]
