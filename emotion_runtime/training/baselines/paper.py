"""Owns the paper's multimodal network among the compared models, over the utterances said so far, and its ablations."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from emotion_runtime.training.baselines.dialogues import DialogueBatch, DialogueModel, DialogueOptions
from emotion_runtime.training.baselines.interface import Corpus
from emotion_runtime.training.networks.multimodal import MultimodalNetwork, MultimodalOptions

WINDOW = 8
"""Utterances the network sees: the one that is asked and those before it in the same dialogue."""


class PaperNetwork(DialogueModel):
    """The network of equations 5 to 13. A time step is an utterance; the last state (13) answers for the last one."""

    sees_future = False

    def __init__(self, name: str = "proposed", options: DialogueOptions | None = None, **left_out: bool) -> None:
        """`left_out`: `enhancement=False`, `reorganisation=False` for the ablations."""
        super().__init__(options or DialogueOptions(batch=64))
        self.name = name
        self._enhancement = left_out.get("enhancement", True)
        self._reorganisation = left_out.get("reorganisation", True)

    def build(self, sizes: Mapping[str, int], classes: int) -> nn.Module:
        """The network for the modalities of the corpus."""
        options = MultimodalOptions(
            sizes, classes=classes, enhancement=self._enhancement, reorganisation=self._reorganisation
        )
        return _LastStep(MultimodalNetwork(options))

    def pieces(self, corpus: Corpus) -> list[tuple[int, int, int]]:
        """A window for each utterance: it and at most seven before it."""
        return [(max(begin, at - WINDOW + 1), at + 1, at) for begin, end in corpus.spans() for at in range(begin, end)]


class _LastStep(nn.Module):
    """Puts the network's one answer at the place of the utterance that is asked."""

    def __init__(self, network: MultimodalNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: DialogueBatch) -> torch.Tensor:
        logits = self.network(batch.features, batch.there)
        return logits.unsqueeze(1).expand(-1, batch.rows.shape[1], -1)


def ablations() -> list[PaperNetwork]:
    """The network as published, then without one part, then without both."""
    return [
        PaperNetwork("proposed"),
        PaperNetwork("without enhancement", enhancement=False),
        PaperNetwork("without reorganisation", reorganisation=False),
        PaperNetwork("without either", enhancement=False, reorganisation=False),
    ]
