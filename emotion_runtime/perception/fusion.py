"""Owns how several estimates of one moment become one: weighted by reliability, confidence and age, never averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TEXT: Final = "text"
VOICE: Final = "voice"
FACE: Final = "face"
MODALITIES: Final = (TEXT, VOICE, FACE)

RELIABILITY: Final = {TEXT: 0.64, VOICE: 0.5, FACE: 0.3}
"""How far each is trusted when its model says nothing of itself. Text: accuracy on MELD test. A voice model's manifest
brings its own measured accuracy. Faces: stated, not learnt; there is no free corpus to learn it from."""

HALF_AGE_S: Final = {TEXT: 8.0, VOICE: 4.0, FACE: 1.0}
"""Seconds after which an estimate weighs half: a face says little about what was said two seconds later."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one modality makes of a moment.

    `probabilities` sum to 1, in the order of the scene's labels. `known[i]`: it can tell label i at all; a voice model
    that never heard surprise has no opinion about it. `confidence` 0..1, `age` seconds. The word of a cross-modal
    network counts for several, as `text+voice`, and brings its own reliability.
    """

    modality: str
    probabilities: tuple[float, ...]
    known: tuple[bool, ...]
    confidence: float = 1.0
    age: float = 0.0
    reliability: float = 0.0

    @property
    def weight(self) -> float:
        """Reliability x confidence x freshness, 0..1; freshness is h / (h + age)."""
        half = HALF_AGE_S.get(self.modality, 1.0)
        return (self.reliability or RELIABILITY[self.modality]) * self.confidence * (half / (half + self.age))


@dataclass(frozen=True, slots=True)
class Fused:
    """`probabilities` as in the estimates, `confidence` 0..1, and which modalities spoke, the heaviest first."""

    probabilities: tuple[float, ...]
    confidence: float
    modalities: tuple[str, ...]


def fuse(estimates: Sequence[Estimate]) -> Fused:
    """One estimate out of at least one.

    Each estimate is discounted towards knowing nothing (Shafer 1976) by its weight relative to the heaviest, and the
    discounted ones are multiplied (Bayes, independent witnesses, equal priors): factor_m(l) = 1 - d + d x n x p_m(l),
    where n counts the labels that m knows; 1 for a label it does not. So one estimate alone stays as it is, a
    weightless one changes nothing, agreement sharpens, and a contradiction leaves doubt on the side of the heavier.
    The confidence is 1 - product of (1 - weight x agreement), agreement being the overlap with the outcome.

    Only + - * / and comparisons, in a fixed order: a replay gives the same bits on every machine.
    """
    ranked = sorted(estimates, key=lambda each: (-each.weight, MODALITIES.index(each.modality.split("+")[0])))
    heaviest = ranked[0].weight
    shares = [1.0] * len(ranked[0].probabilities)
    for place, each in enumerate(ranked):
        discount = 1.0 if place == 0 else each.weight / heaviest if heaviest > 0.0 else 0.0
        spread = discount * sum(each.known)
        for label, probability in enumerate(each.probabilities):
            if each.known[label] or place == 0:
                shares[label] *= 1.0 - discount + (spread * probability if place else probability)
    total = 0.0
    for share in shares:
        total += share
    fused = tuple(share / total for share in shares) if total > 0.0 else ranked[0].probabilities
    doubt = 1.0
    for each in ranked:
        overlap = 0.0
        for ours, theirs in zip(fused, each.probabilities, strict=True):
            overlap += min(ours, theirs)
        doubt *= 1.0 - each.weight * min(1.0, overlap)
    return Fused(fused, 1.0 - doubt, tuple(each.modality for each in ranked if each.weight > 0.0))
