"""Owns what the Big Five mean: default mood, emotional baselines, and how strongly stimuli are felt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.labels import NEUTRAL

Floats = NDArray[np.float64]

FALLBACK_BASELINE: Final = 0.05
"""Baseline of a label this module knows nothing about."""


def default_mood(traits: Mapping[str, float]) -> tuple[float, float, float]:
    """Pleasure, arousal, dominance a character returns to, from traits in -1..1 (Mehrabian 1996), limited to -1..1.

    P = 0.21 E + 0.59 A + 0.19 S, A = 0.15 O + 0.30 A - 0.57 S, D = 0.25 O + 0.17 C + 0.60 E - 0.32 A, where S is
    emotional stability, minus neuroticism (ALMA prints N where S is meant).
    """
    o, c, e, a = (
        traits["openness"],
        traits["conscientiousness"],
        traits["extraversion"],
        traits["agreeableness"],
    )
    s = -traits["neuroticism"]
    return (
        _limited(0.21 * e + 0.59 * a + 0.19 * s),
        _limited(0.15 * o + 0.30 * a - 0.57 * s),
        _limited(0.25 * o + 0.17 * c + 0.60 * e - 0.32 * a),
    )


def _limited(value: float) -> float:
    return min(1.0, max(-1.0, value))


def baseline(label: str, traits: Mapping[str, float]) -> float:
    """The strength in (0, 1) to which an emotion decays. Our own small table: calm, and shaped by one trait each."""
    neuroticism = max(0.0, traits["neuroticism"])
    match label:
        case "anger":
            return 0.05 + 0.05 * max(0.0, -traits["agreeableness"])
        case "disgust" | "surprise":
            return 0.03
        case "fear":
            return 0.05 + 0.10 * neuroticism
        case "joy":
            return 0.12 + 0.12 * max(0.0, traits["extraversion"])
        case "sadness":
            return 0.05 + 0.06 * neuroticism
        case _:
            return FALLBACK_BASELINE


def temperament(label: str, traits: Mapping[str, float]) -> float:
    """Factor in 0.6..1.4 on every stimulus of this label: the nervous feel the bad more, the outgoing the good."""
    match label:
        case "anger" | "disgust" | "fear" | "sadness":
            return 1.0 + 0.4 * traits["neuroticism"]
        case "joy":
            return 1.0 + 0.3 * traits["extraversion"]
        case "surprise":
            return 1.0 + 0.2 * traits["openness"]
        case _:
            return 1.0


def channels(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that have a state of their own: all but `neutral`, which is 1 - the largest of them."""
    return tuple(label for label in labels if label != NEUTRAL)
