"""Owns the words for a mood: Mehrabian's eight octants of PAD space and how far out it lies."""

from __future__ import annotations

from typing import Final, NamedTuple

OCTANTS: Final = {
    (True, True, True): "exuberant",
    (False, False, False): "bored",
    (True, True, False): "dependent",
    (False, False, True): "disdainful",
    (True, False, True): "relaxed",
    (False, True, False): "anxious",
    (True, False, False): "docile",
    (False, True, True): "hostile",
}
"""(pleasure, arousal, dominance above 0) -> name (Mehrabian 1996, as in ALMA, Gebhard 2005)."""

LONGEST: Final = 3.0**0.5
"""Length of the longest mood, a corner of the PAD cube; its thirds are slight, moderate and full (ALMA)."""

FLAT: Final = 0.05
"""A mood shorter than this has no direction worth a name."""


class Mood(NamedTuple):
    """Pleasure, arousal and dominance, each in -1..1."""

    pleasure: float
    arousal: float
    dominance: float

    @property
    def name(self) -> str:
        """`calm`, or one of the eight octants with `slightly` or `fully` before it where that fits."""
        length = (self.pleasure**2 + self.arousal**2 + self.dominance**2) ** 0.5
        if length < FLAT:
            return "calm"
        octant = OCTANTS[self.pleasure > 0.0, self.arousal > 0.0, self.dominance > 0.0]
        if length <= LONGEST / 3.0:
            return f"slightly {octant}"
        return octant if length <= 2.0 * LONGEST / 3.0 else f"fully {octant}"
