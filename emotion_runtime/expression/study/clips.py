"""Owns the clips of a study: which emotions, how strong, with or without speech, drawn frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.chance import keys, uniform
from emotion_runtime.expression.crowd import Faces
from emotion_runtime.expression.drawing import face_svg
from emotion_runtime.expression.recipe import RecipeTable, default_recipes
from emotion_runtime.expression.speaking import Speaking
from emotion_runtime.expression.speech.spoken_text import track_of_text

FRAMES_PER_SECOND: Final = 12
SECONDS: Final = 3.0
ONSET: Final = 0.5
"""Seconds of rest before the emotion begins."""
MAX_CLIPS: Final = 210
LINES: Final = ("I will wait for you by the gate.", "They told me about it this morning.", "So this is how it ends.")


@dataclass(frozen=True, slots=True)
class Clip:
    """One silent clip: `truth` is the emotion meant, `frames` the faces as SVG elements."""

    name: str
    truth: str
    strength: float
    spoken: str
    frames: tuple[str, ...]


def make_clips(count: int, seed: int, table: RecipeTable | None = None) -> list[Clip]:
    """`count` clips, the emotions of the table and neutral in turn; every second round with lips of a line.

    Strengths 0.6 to 1 from the seed. Raises UsageError `bad_value`.
    """
    used = table or default_recipes()
    labels = sorted({*used.emotions, "neutral"})
    if not 1 <= count <= MAX_CLIPS:
        raise UsageError("bad_value", f"{count} clips cannot be made", f"use 1 to {MAX_CLIPS}")
    names = [f"clip{number + 1:03d}" for number in range(count)]
    chance = uniform(keys(names, seed, "study"), np.zeros(count, dtype=np.uint64))
    clips = []
    for number, name in enumerate(names):
        strength = 0.6 + 0.4 * float(chance[number])
        round_number = number // len(labels)
        line = LINES[round_number // 2 % len(LINES)] if round_number % 2 else ""
        clips.append(_clip(name, labels[number % len(labels)], strength, line, seed, used))
    return clips


def _clip(name: str, truth: str, strength: float, line: str, seed: int, table: RecipeTable) -> Clip:
    channels = sorted(table.emotions)
    faces = Faces([name], channels, np.zeros((1, len(channels))), seed=seed, tables=[table])
    speaking = Speaking(1)
    if line:
        speaking.say(0, track_of_text(line, rate=1.1), ONSET)
    share = np.array([table.emotions[truth].speaking if truth in table.emotions else 0.0])
    frames = []
    for frame in range(round(SECONDS * FRAMES_PER_SECOND)):
        on = strength if frame / FRAMES_PER_SECOND >= ONSET else 0.0
        emotion = np.array([[on if channel == truth else 0.0 for channel in channels]])
        faces.step(1.0 / FRAMES_PER_SECOND, emotion)
        weights = faces.weights()
        speaking.apply(weights, faces.time, share)
        frames.append(face_svg(weights[0]))
    return Clip(name, truth, strength, line, tuple(frames))
