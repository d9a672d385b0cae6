"""Owns early and late fusion: the modalities side by side in one classifier, or one classifier each and their mean."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from emotion_runtime.training.baselines.dialogues import DialogueBatch, DialogueModel, side_by_side
from emotion_runtime.training.baselines.interface import Corpus, Floats
from emotion_runtime.training.text.recipe import weighted_f1


class EarlyFusion(DialogueModel):
    """All features of one utterance side by side through a small feed-forward network; no context."""

    name = "early fusion"
    sees_future = False

    def build(self, sizes: Mapping[str, int], classes: int) -> nn.Module:
        """One hidden layer of 128 units."""
        return _FeedForward(sum(sizes.values()), classes)


class _FeedForward(nn.Module):
    def __init__(self, size: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(size, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, classes)
        )

    def forward(self, batch: DialogueBatch) -> torch.Tensor:
        logits: torch.Tensor = self.layers(side_by_side(batch))
        return logits


class LateFusion:
    """One `EarlyFusion` for each modality; their log probabilities are added, weighted by how good each is on dev.

    Where a modality is missing, the others answer; where all are, the answer is even.
    """

    name = "late fusion"
    sees_future = False

    def __init__(self) -> None:
        self._parts: dict[str, tuple[EarlyFusion, float]] = {}

    def fit(self, train: Corpus, dev: Corpus, seed: int) -> None:
        """Fits the parts; a part's weight is its weighted F1 on dev, all of them summing to 1."""
        found = {}
        for name in sorted(train.features):
            part = EarlyFusion()
            part.fit(train.only(name), dev.only(name), seed)
            found[name] = (part, weighted_f1(part.probabilities(dev.only(name)), dev.labels))
        total = sum(weight for _, weight in found.values()) or 1.0
        self._parts = {name: (part, weight / total) for name, (part, weight) in found.items()}

    def probabilities(self, corpus: Corpus) -> Floats:
        """(n, classes): the normalised geometric mean of the parts that have something to say."""
        logs = np.zeros((len(corpus.texts), corpus.classes))
        for name, (part, weight) in self._parts.items():
            own = np.log(np.maximum(part.probabilities(corpus.only(name)), 1e-12))
            logs += np.where(corpus.there[name][:, None], weight * own, 0.0)
        powers = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
