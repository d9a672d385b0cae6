"""Owns how networks over whole dialogues are trained: batches of dialogues, weighted loss, the best epoch on dev."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from emotion_runtime.training.baselines.interface import Corpus, Floats, Standardiser, standardiser
from emotion_runtime.training.baselines.simple import softmax_rows
from emotion_runtime.training.text.corpus import root_inverse_frequency
from emotion_runtime.training.text.recipe import weighted_f1


@dataclass(frozen=True, slots=True)
class DialogueOptions:
    """One training run: Adam with weight decay, a batch is so many dialogues (or windows), the best epoch is kept."""

    epochs: int = 12
    batch: int = 16
    rate: float = 1e-3
    weight_decay: float = 1e-4
    patience: int = 3
    modality_dropout: float = 0.0
    """How often, while it learns, a modality of an utterance is hidden; one of them always stays."""


@dataclass(frozen=True, slots=True)
class DialogueBatch:
    """Padded dialogues. `features` modality -> (batch, T, size), `there` modality -> (batch, T).

    `speakers` (batch, T): 0 for the first who speaks in a dialogue, 1 for the next, and so on. `labels` (batch, T) with
    -1 where nothing is asked. `rows` (batch, T): the place in the corpus, -1 for padding.
    """

    features: Mapping[str, torch.Tensor]
    there: Mapping[str, torch.Tensor]
    speakers: torch.Tensor
    labels: torch.Tensor
    rows: torch.Tensor


class DialogueModel(ABC):
    """A `Compared` whose network sees a dialogue at once and answers for every utterance of it."""

    name = ""
    sees_future = False

    def __init__(self, options: DialogueOptions | None = None) -> None:
        self.options = options or DialogueOptions()
        self._scales: dict[str, Standardiser] = {}
        self._network: nn.Module | None = None

    @abstractmethod
    def build(self, sizes: Mapping[str, int], classes: int) -> nn.Module:
        """The network: called with a DialogueBatch, gives (batch, T, classes) logits."""

    def pieces(self, corpus: Corpus) -> list[tuple[int, int, int]]:
        """What the network sees at once: (begin, end, first row that is asked). Whole dialogues."""
        return [(begin, end, begin) for begin, end in corpus.spans()]

    def fit(self, train: Corpus, dev: Corpus, seed: int) -> None:
        """Trains until weighted F1 on `dev` has not risen for `patience` epochs; the best epoch's weights stay."""
        torch.manual_seed(seed)
        random = np.random.default_rng(seed)
        self._scales = {name: standardiser(table, train.there[name]) for name, table in train.features.items()}
        network = self.build({name: table.shape[1] for name, table in train.features.items()}, train.classes)
        self._network = network
        optimizer = torch.optim.Adam(network.parameters(), lr=self.options.rate, weight_decay=self.options.weight_decay)
        weights = torch.from_numpy(root_inverse_frequency(train.labels, train.classes)).float()
        pieces = self.pieces(train)
        held = self._tables(train)
        best, kept, since = -1.0, network.state_dict(), 0
        for _ in range(self.options.epochs):
            network.train()
            order = random.permutation(len(pieces))
            for start in range(0, len(order), self.options.batch):
                batch = self._batch(train, held, [pieces[at] for at in order[start : start + self.options.batch]])
                logits = network(hidden(batch, self.options.modality_dropout, random))
                loss = nn.functional.cross_entropy(
                    logits.flatten(0, 1), batch.labels.flatten(), weight=weights, ignore_index=-1
                )
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
            found = weighted_f1(self.probabilities(dev), dev.labels)
            since += 1
            if found > best:
                best, since = found, 0
                kept = {name: value.clone() for name, value in network.state_dict().items()}
            if since >= self.options.patience:
                break
        network.load_state_dict(kept)

    def take(self, weights: Mapping[str, torch.Tensor], train: Corpus) -> None:
        """The state after `fit` on `train`, of weights that were kept."""
        self._scales = {name: standardiser(table, train.there[name]) for name, table in train.features.items()}
        self._network = self.build({name: table.shape[1] for name, table in train.features.items()}, train.classes)
        self._network.load_state_dict(weights)

    @property
    def scales(self) -> Mapping[str, Standardiser]:
        """What each modality's numbers are standardised with."""
        return self._scales

    def probabilities(self, corpus: Corpus) -> Floats:
        """(n, classes) for the utterances in their order."""
        if self._network is None:
            raise ValueError("fit comes first")
        self._network.eval()
        answers = np.zeros((len(corpus.texts), corpus.classes))
        pieces, held = self.pieces(corpus), self._tables(corpus)
        with torch.inference_mode():
            for start in range(0, len(pieces), 64):
                batch = self._batch(corpus, held, pieces[start : start + 64])
                logits = self._network(batch).double()
                asked = batch.labels >= 0
                answers[batch.rows[asked].numpy()] = logits[asked].numpy()
        return softmax_rows(answers)

    @property
    def network(self) -> nn.Module | None:
        """The trained network, None before `fit`."""
        return self._network

    def _tables(self, corpus: Corpus) -> dict[str, torch.Tensor]:
        return {
            name: torch.from_numpy(self._scales[name](table, corpus.there[name]))
            for name, table in corpus.features.items()
        }

    def _batch(
        self, corpus: Corpus, held: Mapping[str, torch.Tensor], pieces: list[tuple[int, int, int]]
    ) -> DialogueBatch:
        steps = max(end - begin for begin, end, _ in pieces)
        rows = torch.full((len(pieces), steps), -1)
        labels = torch.full((len(pieces), steps), -1)
        speakers = torch.zeros(len(pieces), steps, dtype=torch.int64)
        for at, (begin, end, asked) in enumerate(pieces):
            rows[at, : end - begin] = torch.arange(begin, end)
            labels[at, asked - begin : end - begin] = torch.from_numpy(corpus.labels[asked:end])
            known: dict[str, int] = {}
            numbers = [known.setdefault(who, len(known)) for who in corpus.speakers[begin:end]]
            speakers[at, : end - begin] = torch.tensor(numbers)
        inside, safe = rows >= 0, rows.clamp(min=0)
        there = {name: torch.from_numpy(mask)[safe] & inside for name, mask in corpus.there.items()}
        features = {name: table[safe] * there[name].unsqueeze(-1) for name, table in held.items()}
        return DialogueBatch(features, there, speakers, labels, rows)


def side_by_side(batch: DialogueBatch) -> torch.Tensor:
    """The features of all modalities of each utterance in one vector, (batch, T, sum of sizes)."""
    return torch.cat([batch.features[name] for name in sorted(batch.features)], dim=-1)


def hidden(batch: DialogueBatch, share: float, random: np.random.Generator) -> DialogueBatch:
    """The batch with a `share` of what is there taken for missing; of each utterance one modality stays."""
    names = sorted(batch.there)
    if share <= 0.0 or len(names) < 2:
        return batch
    there = torch.stack([batch.there[name] for name in names])
    kept = there & torch.from_numpy(random.random(tuple(there.shape)) >= share)
    kept = torch.where(kept.any(dim=0), kept, there)
    masks = dict(zip(names, kept, strict=True))
    features = {name: batch.features[name] * masks[name].unsqueeze(-1) for name in names}
    return replace(batch, features=features, there=masks)
