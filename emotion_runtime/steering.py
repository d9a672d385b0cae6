"""Owns steering a simulation for tests and proofs: the push that sets an emotion to a value, an input as any."""

from __future__ import annotations

from collections.abc import Mapping

from emotion_runtime.affect.dynamics import EPSILON
from emotion_runtime.inputs import Push


def push_to(character: str, label: str, now: float, wanted: float, because: str | None = None) -> Push:
    """The push that moves an emotion from `now` to `wanted` (both 0..1) in the tick it is taken in.

    Impulses saturate: one of strength s leaves (1 - s) of the way to 1, and one of -s leaves (1 - s) of the value.
    """
    target = min(1.0 - EPSILON, max(EPSILON, wanted))
    if target > now:
        return Push(character, label, 1.0 - (1.0 - target) / (1.0 - now), because)
    return Push(character, label, target / now - 1.0, because)


def starts(values: Mapping[str, Mapping[str, float]]) -> str:
    """Emotions of characters in one phrase, those above 0.3: `thief anger 0.75, fear 0.41`."""
    parts = []
    for character, feelings in values.items():
        strong = [f"{label} {value:.2f}" for label, value in feelings.items() if value > 0.3]
        if strong:
            parts.append(f"{character} with " + ", ".join(strong))
    return "; ".join(parts)
