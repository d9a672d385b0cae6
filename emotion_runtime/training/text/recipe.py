"""Owns the recipe of a text model: GoEmotions, then MELD with several seeds, then their average."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.perception.scores import score
from emotion_runtime.training.text.batches import TokenRow, tokenise
from emotion_runtime.training.text.classifier import (
    MeanClassifier,
    load_encoder,
    load_pair_tokenizer,
    log_softmax,
    predict,
)
from emotion_runtime.training.text.corpus import (
    LABELS,
    Example,
    labels_of,
    read_goemotions,
    read_meld,
    root_inverse_frequency,
)
from emotion_runtime.training.text.fit import FitOptions, fit, soft_targets

StageReport = Callable[[str, int, int, float], None]
"""Called with the stage's name, the step, the number of steps and the mean loss."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes one text model. `layers` 0 keeps all of the encoder's.

    The first stage prepares the second one and ends after half an epoch; with `most_steps` -1 it is left out.
    """

    base: str
    meld: Path
    goemotions: Path
    seeds: tuple[int, ...] = (1, 2, 3)
    layers: int = 0
    first: FitOptions = field(default_factory=lambda: FitOptions(epochs=1, most_steps=650))
    second: FitOptions = field(default_factory=lambda: FitOptions(epochs=2))
    max_tokens: int = 56
    context_lines: int = 2
    attention: str = "sdpa"


def teacher_recipe(base: str, meld: Path) -> Recipe:
    """A teacher: an encoder of base size on MELD alone, one seed, three previous lines, a third of the rate."""
    return Recipe(
        base,
        meld,
        meld,
        seeds=(1,),
        first=FitOptions(most_steps=-1),
        second=FitOptions(epochs=2, encoder_rate=3e-5),
        max_tokens=72,
        context_lines=3,
        attention="eager",
    )


@dataclass(frozen=True, slots=True)
class Trained:
    """The networks of a recipe: weights of each seed and of their average, weighted F1 on dev by name, CPU seconds.

    Where they were trained with dev's labels too, `chooser` is the average that was not: it is the one that
    chooses on dev.
    """

    seeds: dict[int, dict[str, torch.Tensor]]
    average: dict[str, torch.Tensor]
    dev: dict[str, float]
    seconds: float
    chooser: dict[str, torch.Tensor] | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """Examples (n), their soft targets (n, k) and the class weights (k,)."""

    examples: list[Example]
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]


class Workshop:
    """A folder in which a recipe is carried out. What is finished there is not done again."""

    def __init__(self, recipe: Recipe, folder: Path, report: StageReport = lambda *_: None) -> None:
        self.recipe = recipe
        self.folder = folder
        self.report = report
        self._tokenizer = load_pair_tokenizer(
            recipe.base, max_tokens=recipe.max_tokens, context_lines=recipe.context_lines
        )
        folder.mkdir(parents=True, exist_ok=True)

    def network(self, weights: dict[str, torch.Tensor] | None = None, *, attention: str = "") -> MeanClassifier:
        """The network of the recipe, with the encoder's own weights or those given."""
        recipe = self.recipe
        network = new_network(recipe.base, layers=recipe.layers, attention=attention or recipe.attention)
        if weights is not None:
            network.load_state_dict(weights)
        return network

    def rows(self, examples: Sequence[Example]) -> list[TokenRow]:
        """The token rows of examples, as the recipe's model sees them."""
        return tokenise(examples, self._tokenizer)

    def train(self) -> Trained:
        """Carries out what is not done yet. The same folder, recipe and machine give the same weights."""
        start = time.process_time()
        seeds = self.seeds("", self.prepared(), self.meld)
        dev = self.score_on_dev(named("", seeds))
        return Trained(seeds, average_weights(list(seeds.values())), dev, time.process_time() - start)

    def score_on_dev(self, candidates: dict[str, dict[str, torch.Tensor]]) -> dict[str, float]:
        """Weighted F1 (0..1) on MELD's dev part of each network, alone and in floating point."""
        dev = read_meld(self.recipe.meld / "meld_dev.csv")
        return {name: self.weighted_f1(self.network(weights), dev) for name, weights in candidates.items()}

    def weighted_f1(self, network: MeanClassifier, examples: Sequence[Example]) -> float:
        """Weighted F1 (0..1) of the network alone on labelled examples."""
        return weighted_f1(self.logits(network, examples), labels_of(examples))

    def logits(self, network: MeanClassifier, examples: Sequence[Example]) -> NDArray[np.float64]:
        """(n, k) what a network of the recipe says of examples."""
        return predict(network, self.rows(examples), 0, len(LABELS))

    def prepared(self) -> dict[str, torch.Tensor]:
        """The weights after the first stage."""
        if self.recipe.first.most_steps < 0:
            return self.network().state_dict()
        return self.stage("goemotions", None, self.goemotions, self.recipe.first)

    def goemotions(self) -> Lesson:
        """GoEmotions' lines with their labels."""
        return _lesson(read_goemotions(self.recipe.goemotions / "goemotions_ekman_train.tsv"))

    def meld(self) -> Lesson:
        """MELD's training lines with their labels."""
        return _lesson(read_meld(self.recipe.meld / "meld_train.csv"))

    def seeds(
        self, prefix: str, first: dict[str, torch.Tensor], read: Callable[[], Lesson]
    ) -> dict[int, dict[str, torch.Tensor]]:
        """The second stage from the weights `first`, once for each seed."""
        options = self.recipe.second
        return {
            seed: self.stage(f"{prefix}meld-{seed}", first, read, replace(options, seed=seed))
            for seed in self.recipe.seeds
        }

    def say(self, weights: dict[str, torch.Tensor], examples: Sequence[Example]) -> NDArray[np.float64]:
        """(n, k) log probabilities that a network with `weights` gives examples."""
        logits = predict(
            self.network(weights),
            self.rows(examples),
            0,
            len(LABELS),
            bfloat16=self.recipe.second.bfloat16,
            report=lambda done, all_: self.report("what it says", done, all_, 0.0),
        )
        return log_softmax(logits)

    def stage(
        self, name: str, start: dict[str, torch.Tensor] | None, read: Callable[[], Lesson], options: FitOptions
    ) -> dict[str, torch.Tensor]:
        """One stage of training from the weights `start`; kept in the folder as `name`."""
        done = self.folder / f"{name}.pt"
        if done.exists():
            held: dict[str, torch.Tensor] = torch.load(done, weights_only=True)
            return held
        lesson = read()
        network = self.network(start)
        fit(
            network,
            self.rows(lesson.examples),
            lesson.targets,
            lesson.weights,
            options,
            pad=0,
            checkpoint=self.folder / f"{name}.checkpoint",
            report=lambda step, steps, loss: self.report(name, step, steps, loss),
        )
        torch.save(network.state_dict(), done)
        return network.state_dict()


def new_network(base: str, *, layers: int = 0, attention: str = "sdpa") -> MeanClassifier:
    """An encoder with a head of always the same random weights."""
    torch.manual_seed(0)
    return MeanClassifier(load_encoder(base, layers=layers, attention=attention), len(LABELS))


def _lesson(examples: list[Example]) -> Lesson:
    labels = labels_of(examples)
    return Lesson(examples, soft_targets(labels, len(LABELS)), root_inverse_frequency(labels))


def named(prefix: str, seeds: dict[int, dict[str, torch.Tensor]]) -> dict[str, dict[str, torch.Tensor]]:
    """The networks of each seed and their average, by name."""
    each = {f"{prefix}seed {seed}": weights for seed, weights in seeds.items()}
    return {**each, f"{prefix}average": average_weights(list(seeds.values()))}


def average_weights(networks: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of each weight over networks that began at the same weights (Wortsman et al. 2022, "model soups")."""
    return {
        name: torch.stack([weights[name].double() for weights in networks]).mean(0).to(value.dtype)
        for name, value in networks[0].items()
    }


def weighted_f1(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Weighted F1 (0..1) of the largest logits (n, k) against labels (n,)."""
    said = [LABELS[at] for at in logits.argmax(axis=1)]
    return score(LABELS, [LABELS[at] for at in labels], said).weighted_f1


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Writes what a run found, as JSON."""
    path.write_text(json.dumps(record, indent=2, default=str) + "\n", encoding="utf-8")
