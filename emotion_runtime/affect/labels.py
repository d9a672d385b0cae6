"""Owns the seven default emotion labels, their places in PAD space, and their default half-lives and baselines."""

from __future__ import annotations

from typing import Final

NEUTRAL: Final = "neutral"
LABELS: Final = ("anger", "disgust", "fear", "joy", NEUTRAL, "sadness", "surprise")
"""The seven of MELD, alphabetical: the order of every published column."""

PAD: Final = {
    "anger": (-0.51, 0.59, 0.25),
    "disgust": (-0.60, 0.35, 0.11),
    "fear": (-0.64, 0.60, -0.43),
    "joy": (0.76, 0.48, 0.35),
    NEUTRAL: (0.0, 0.0, 0.0),
    "sadness": (-0.63, -0.27, -0.33),
    "surprise": (0.40, 0.67, -0.13),
}
"""Pleasure, arousal, dominance of each label (Russell & Mehrabian 1977)."""

HALF_LIFE_S: Final = {"anger": 20.0, "disgust": 10.0, "fear": 12.0, "joy": 30.0, "sadness": 40.0, "surprise": 3.0}
"""Seconds in which an emotion falls half-way back to its baseline."""

MOOD_HALF_LIFE_S: Final = 120.0
HEARING_M: Final = 10.0
