"""Owns picture sheets of faces: emotions by strength, and a spoken line frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.drawing import HEIGHT, WIDTH, face_svg, placed, svg, text
from emotion_runtime.expression.face import Face
from emotion_runtime.expression.recipe import RecipeTable, default_recipes
from emotion_runtime.expression.speaking import Speaking
from emotion_runtime.expression.speech.spoken_text import track_of_text

STRENGTHS: Final = (0.33, 0.67, 1.0)
CELL: Final = 0.5
"""Scale of one face in a sheet."""
TOP: Final = 34.0
SIDE: Final = 46.0


def emotion_sheet(table: RecipeTable | None = None, strengths: Sequence[float] = STRENGTHS) -> str:
    """An SVG with a column for each emotion of the table and for neutral, a row for each strength."""
    used = table or default_recipes()
    labels = sorted({*used.emotions, "neutral"})
    channels = [label for label in labels if label != "neutral"]
    face = Face(channels, np.zeros((1, len(channels))), used)
    body = [text(SIDE + (column + 0.5) * WIDTH * CELL, 22, label) for column, label in enumerate(labels)]
    for row, strength in enumerate(strengths):
        y = TOP + row * HEIGHT * CELL
        body.append(text(SIDE / 2, y + HEIGHT * CELL / 2, f"{round(100 * strength)} %", 13))
        for column, label in enumerate(labels):
            emotion = np.array([[strength if each == label else 0.0 for each in channels]])
            drawn = face_svg(face.weights(emotion)[0])
            body.append(placed(drawn, SIDE + column * WIDTH * CELL, y, CELL))
    return svg("".join(body), SIDE + len(labels) * WIDTH * CELL, TOP + len(strengths) * HEIGHT * CELL)


def frame_sheet(frames: Sequence[tuple[str, NDArray[np.floating]]], title: str, columns: int = 8) -> str:
    """An SVG of (caption, weights (52,)) frames, in reading order."""
    cell_height = HEIGHT * CELL + 18
    body = [text(12, 22, title, 16, "start")]
    for number, (caption, weights) in enumerate(frames):
        x, y = (number % columns) * WIDTH * CELL, TOP + (number // columns) * cell_height
        body.append(placed(face_svg(weights), x, y, CELL))
        body.append(text(x + WIDTH * CELL / 2, y + HEIGHT * CELL + 10, caption, 12))
    rows = -(-len(frames) // columns)
    return svg("".join(body), columns * WIDTH * CELL, TOP + rows * cell_height + 6)


def spoken_sheet(
    line: str, frames: int, table: RecipeTable | None = None, feeling: str = "", strength: float = 0.0
) -> str:
    """An SVG of a spoken line, evenly spaced frames with time and viseme; `feeling` an emotion of the table felt."""
    used = table or default_recipes()
    if feeling and feeling not in used.emotions:
        raise UsageError("unknown_emotion", f"the recipe table has no '{feeling}'", f"use {', '.join(used.emotions)}")
    track = track_of_text(line)
    channels = sorted(used.emotions)
    emotion = np.array([[strength if channel == feeling else 0.0 for channel in channels]])
    still = Face(channels, np.zeros((1, len(channels))), used).weights(emotion)
    share = np.array([used.emotions[feeling].speaking if feeling else 0.0])
    speaking = Speaking(1)
    speaking.say(0, track, 0.0)
    drawn = []
    for number in range(frames):
        ms = track.end * number / (frames - 1)
        weights = still.copy()
        speaking.apply(weights, ms / 1000.0, share)
        drawn.append((f"{ms:.0f} ms  {track.at(ms)}", weights[0]))
    return frame_sheet(drawn, line if not feeling else f"{line}  ({feeling} {strength:g})")
