"""Owns faces in VRM 1.0: presets and custom expressions from strengths, blinks, lips and eye directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.shapes import COLUMN, VRM
from emotion_runtime.expression.visemes import vrm_rows

Floats = NDArray[np.float64]

PRESETS: Final = VRM[:18]
EMOTIONS: Final = {
    "joy": "happy", "anger": "angry", "sadness": "sad", "surprise": "surprised", "fear": "fear", "disgust": "disgust",
}  # fmt: skip
"""Our label -> VRM expression. `relaxed` is nobody's: a scene's own label of that name is shown by it."""
FALLBACKS: Final[Mapping[str, Mapping[str, float]]] = {
    "fear": {"surprised": 0.6, "sad": 0.4},
    "disgust": {"angry": 0.7, "sad": 0.2},
}
"""What a model without the custom expression shows instead."""
VOWELS: Final = ("aa", "ih", "ou", "ee", "oh")
_LOOKS: Final = {
    "lookUp": ("eyeLookUpLeft", "eyeLookUpRight"),
    "lookDown": ("eyeLookDownLeft", "eyeLookDownRight"),
    "lookLeft": ("eyeLookOutLeft", "eyeLookInRight"),
    "lookRight": ("eyeLookInLeft", "eyeLookOutRight"),
}


def vrm_weights(
    labels: Sequence[str],
    strengths: NDArray[np.floating],
    arkit: NDArray[np.floating],
    visemes: NDArray[np.floating],
    *,
    available: Sequence[str] = VRM,
    speaking_share: NDArray[np.floating] | None = None,
) -> NDArray[np.float32]:
    """(n, 20) weights of `VRM` in 0..1 from strengths (n, k), ARKit weights (n, 52) and viseme shares (n, 15).

    `available`: what the model has; a missing custom expression goes to its fallback. Blinks and eye directions come
    from the ARKit columns; `blink` is what both eyes share, the sides carry the rest. `speaking_share` (n,) in 0..1
    scales emotions while speaking, as their mouths belong to the same expression. `neutral` is what is left over.
    """
    out = np.zeros((len(strengths), len(VRM)))
    keep = np.ones(len(strengths)) if speaking_share is None else speaking_share.astype(np.float64)
    for k, label in enumerate(labels):
        name = EMOTIONS.get(label, label)
        shown = strengths[:, k].astype(np.float64) * keep
        targets = {name: 1.0} if name in available else FALLBACKS.get(name, {})
        for target, part in targets.items():
            if target in VRM:
                out[:, VRM.index(target)] += part * shown
    emotions = out[
        :, [VRM.index(name) for name in ("happy", "angry", "sad", "relaxed", "surprised", "fear", "disgust")]
    ]
    total = np.zeros(len(out))
    for column in range(emotions.shape[1]):
        total += emotions[:, column]
    out /= np.maximum(total, 1.0)[:, None]
    out[:, VRM.index("neutral")] = np.maximum(0.0, 1.0 - total)
    vowels = vrm_rows(VOWELS)
    for viseme in range(visemes.shape[1]):
        out[:, 6:11] += visemes[:, viseme, None] * vowels[viseme]
    left, right = (arkit[:, COLUMN[f"eyeBlink{side}"]].astype(np.float64) for side in ("Left", "Right"))
    both = np.minimum(left, right)
    out[:, VRM.index("blink")], out[:, VRM.index("blinkLeft")] = both, left - both
    out[:, VRM.index("blinkRight")] = right - both
    for name, (one, other) in _LOOKS.items():
        out[:, VRM.index(name)] = (arkit[:, COLUMN[one]] + arkit[:, COLUMN[other]].astype(np.float64)) / 2.0
    return np.minimum(np.maximum(out, 0.0), 1.0).astype(np.float32)
