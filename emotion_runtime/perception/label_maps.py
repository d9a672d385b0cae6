"""Owns the table from the words other models use to the seven labels, and the mapping of a model onto a scene."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from emotion_runtime.affect.labels import LABELS, NEUTRAL
from emotion_runtime.errors import ModelError

ALIASES: Final[Mapping[str, str]] = {
    word: label
    for label, words in {
        "anger": "angry annoyance annoyed irritation mad rage ang",
        "disgust": "disgusted contempt disapproval dis",
        "fear": "fearful afraid scared anxious anxiety nervousness worried fea",
        "joy": "joyful happy happiness amusement amused excited excitement content love optimism gratitude hap",
        "neutral": "calm none other bored boredom no_emotion neu",
        "sadness": "sad grief disappointment disappointed sorrow remorse sad.",
        "surprise": "surprised amazement astonished realization sur",
    }.items()
    for word in words.split()
}
"""Word -> label. Boredom counts as neutral: it is quiet and aimed at nobody, and none of the seven is nearer."""


def known_label(name: str, scene: Sequence[str] = LABELS) -> str | None:
    """What a model's label is called in a scene: itself where the scene has it, else by ALIASES; None if unknown."""
    if name in scene:
        return name
    plain = name.strip().lower().replace(" ", "_")
    if plain in scene:
        return plain
    alias = ALIASES.get(plain, plain if plain in LABELS else None)
    if alias is None:
        return None
    return alias if alias in scene else NEUTRAL


def mapped(names: Iterable[str], chosen: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The seven labels that a model's label names mean. `chosen` goes before the table.

    Raises ModelError `unknown_labels` with the list of those that mean nothing here.
    """
    chosen = chosen or {}
    found = [(name, chosen.get(name) or known_label(name)) for name in names]
    unknown = [name for name, label in found if label is None or label not in LABELS]
    if unknown:
        raise ModelError(
            "unknown_labels",
            f"the model's labels {', '.join(unknown)} mean nothing here",
            f"say which of {', '.join(LABELS)} each is: --label NAME=LABEL",
        )
    return tuple(label or NEUTRAL for _, label in found)


def in_labels(names: Sequence[str], probabilities: Sequence[float], scene: Sequence[str]) -> tuple[float, ...]:
    """Probabilities over `names` in the order of the scene's labels; what the scene lacks counts as neutral."""
    shares = dict.fromkeys(scene, 0.0)
    for name, value in zip(names, probabilities, strict=True):
        label = known_label(name, scene) or NEUTRAL
        if label in shares:
            shares[label] += value
    return tuple(shares.values())


def told_in(
    names: Sequence[str], probabilities: Sequence[float], scene: Sequence[str]
) -> tuple[tuple[float, ...], tuple[bool, ...]]:
    """`in_labels`, and which of the scene's labels the model can tell at all.

    One that it cannot tell has a probability of minus zero: a recording carries that, for a replay has no model to ask.
    """
    plain = tuple(probabilities) if tuple(names) == tuple(scene) else in_labels(names, probabilities, scene)
    told = {known_label(name, scene) for name in names}
    marked = tuple(value if label in told else -0.0 for label, value in zip(scene, plain, strict=True))
    return marked, tuple(math.copysign(1.0, value) > 0.0 for value in marked)
