"""Owns the face: 52 ARKit blendshape weights for every character from its emotions, by a table of FACS prototypes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ARKIT: Final = tuple(
    "browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft "
    "cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight "
    "eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft "
    "eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft "
    "mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight "
    "mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft "
    "noseSneerRight tongueOut".split()
)
"""Apple's 52 names, alphabetical: the order of the face column."""

RECIPES: Final[Mapping[str, Mapping[str, float]]] = {
    "anger": {"browDown": 1.0, "eyeWide": 0.4, "eyeSquint": 0.6, "mouthPress": 1.0, "mouthRollLower": 0.45},
    "disgust": {"noseSneer": 0.9, "mouthUpperUp": 0.5, "mouthFrown": 0.5, "mouthLowerDown": 0.4, "browDown": 0.4},
    "fear": {
        "browInnerUp": 0.9,
        "browOuterUp": 0.6,
        "browDown": 0.4,
        "eyeWide": 0.9,
        "eyeSquint": 0.3,
        "mouthStretch": 0.8,
        "jawOpen": 0.25,
    },
    "joy": {"cheekSquint": 0.7, "mouthSmile": 0.9},
    "sadness": {"browInnerUp": 0.9, "browDown": 0.4, "mouthFrown": 1.0, "mouthShrugLower": 0.6},
    "surprise": {"browInnerUp": 0.8, "browOuterUp": 0.9, "eyeWide": 0.6, "jawOpen": 0.6},
}
"""Shape weights at full strength. Action unit sets: EMFACS; unit-to-shape as public ARKit tables agree; weights ours.

A name without a side stands for both sides.
"""


class Face:
    """Weights (n, 52) in 0..1 from emotions (n, c): each emotion adds its recipe, scaled by its rise over baseline."""

    def __init__(self, channels: Sequence[str], baseline: Floats) -> None:
        self._baseline = baseline
        self._rows = [(channel, _row(RECIPES[label])) for channel, label in enumerate(channels) if label in RECIPES]

    def weights(self, emotion: Floats) -> NDArray[np.float32]:
        """(n, 52) float32. Linear in each emotion's rise (e - b) / (1 - b), summed in label order, limited to 0..1."""
        rise = np.maximum(0.0, (emotion - self._baseline) / (1.0 - self._baseline))
        total = np.zeros((len(emotion), len(ARKIT)))
        for channel, row in self._rows:
            total += rise[:, channel, None] * row
        return np.minimum(total, 1.0).astype(np.float32)


def _row(recipe: Mapping[str, float]) -> Floats:
    row = np.zeros(len(ARKIT))
    for shape, weight in recipe.items():
        sided = [f"{shape}Left", f"{shape}Right"] if f"{shape}Left" in ARKIT else [shape]
        for name in sided:
            row[ARKIT.index(name)] = weight
    return row
