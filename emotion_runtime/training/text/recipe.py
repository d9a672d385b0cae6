"""Owns the recipe of the text model: GoEmotions, at wish what a teacher says of it, MELD with seeds, their average."""

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
    With a `teacher` all of this makes a first student. That one and the teacher then say together what they think of
    GoEmotions' lines, which neither was shown with MELD's labels; a second student begins where the first stage ended,
    learns that (`between`; Hinton et al. 2015, without labels), and then MELD as the first one did.
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
    teacher: Recipe | None = None
    between: FitOptions = field(default_factory=lambda: FitOptions(epochs=1))


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
    """The networks of a recipe: weights of each seed and of their average, their weighted F1 on dev, CPU seconds."""

    seeds: dict[int, dict[str, torch.Tensor]]
    average: dict[str, torch.Tensor]
    dev: dict[str, float]
    seconds: float


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
        self._report = report
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
        recipe, first = self.recipe, self._prepared()
        seeds = self._seeds("", first)
        candidates = _named("", seeds)
        if recipe.teacher is not None:
            between = self._stage("between", first, self._said, recipe.between)
            seeds = self._seeds("taught-", between)
            candidates |= _named("taught ", seeds)
        dev = read_meld(recipe.meld / "meld_dev.csv")
        found = {name: self.weighted_f1(self.network(weights), dev) for name, weights in candidates.items()}
        return Trained(seeds, list(candidates.values())[-1], found, time.process_time() - start)

    def weighted_f1(self, network: MeanClassifier, examples: Sequence[Example]) -> float:
        """Weighted F1 (0..1) of the network alone on labelled examples."""
        return weighted_f1(self.logits(network, examples), labels_of(examples))

    def logits(self, network: MeanClassifier, examples: Sequence[Example]) -> NDArray[np.float64]:
        """(n, k) what a network of the recipe says of examples."""
        return predict(network, self.rows(examples), 0, len(LABELS))

    def _prepared(self) -> dict[str, torch.Tensor]:
        if self.recipe.first.most_steps < 0:
            return self.network().state_dict()
        return self._stage("goemotions", None, self._goemotions, self.recipe.first)

    def _goemotions(self) -> Lesson:
        examples = read_goemotions(self.recipe.goemotions / "goemotions_ekman_train.tsv")
        labels = labels_of(examples)
        return Lesson(examples, soft_targets(labels, len(LABELS)), root_inverse_frequency(labels))

    def _seeds(self, prefix: str, first: dict[str, torch.Tensor]) -> dict[int, dict[str, torch.Tensor]]:
        options = self.recipe.second
        return {
            seed: self._stage(f"{prefix}meld-{seed}", first, self._meld, replace(options, seed=seed))
            for seed in self.recipe.seeds
        }

    def _meld(self) -> Lesson:
        examples = read_meld(self.recipe.meld / "meld_train.csv")
        labels = labels_of(examples)
        return Lesson(examples, soft_targets(labels, len(LABELS)), root_inverse_frequency(labels))

    def _said(self) -> Lesson:
        """GoEmotions' lines with the mean of the log probabilities of the first student and of the teacher.

        Both learnt with the class weights, so what they say holds them already.
        """
        recipe, name = self.recipe, "goemotions_ekman_train.tsv"
        assert recipe.teacher is not None
        examples = read_goemotions(recipe.goemotions / name)
        teacher = Workshop(recipe.teacher, self.folder / "teacher", self._report)
        student = Workshop(replace(recipe, teacher=None), self.folder, self._report)
        logs = (teacher.say(examples) + student.say(examples)) / 2.0
        return Lesson(examples, np.exp(log_softmax(logs)), np.ones(len(LABELS)))

    def say(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """(n, k) log probabilities that the recipe's average gives examples; trained first, where that is not done."""
        logits = predict(
            self.network(self.train().average),
            self.rows(examples),
            0,
            len(LABELS),
            bfloat16=self.recipe.second.bfloat16,
            report=lambda done, all_: self._report("what it says", done, all_, 0.0),
        )
        return log_softmax(logits)

    def _stage(
        self, name: str, start: dict[str, torch.Tensor] | None, read: Callable[[], Lesson], options: FitOptions
    ) -> dict[str, torch.Tensor]:
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
            report=lambda step, steps, loss: self._report(name, step, steps, loss),
        )
        torch.save(network.state_dict(), done)
        return network.state_dict()


def new_network(base: str, *, layers: int = 0, attention: str = "sdpa") -> MeanClassifier:
    """An encoder with a head of always the same random weights."""
    torch.manual_seed(0)
    return MeanClassifier(load_encoder(base, layers=layers, attention=attention), len(LABELS))


def _named(prefix: str, seeds: dict[int, dict[str, torch.Tensor]]) -> dict[str, dict[str, torch.Tensor]]:
    named = {f"{prefix}seed {seed}": weights for seed, weights in seeds.items()}
    return {**named, f"{prefix}average": average_weights(list(seeds.values()))}


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
