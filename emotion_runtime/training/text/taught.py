"""Owns three generations of students and their teacher: what each learns from those before it, and the last refit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.training.text.classifier import log_softmax
from emotion_runtime.training.text.corpus import LABELS, Example, labels_of, read_meld, root_inverse_frequency
from emotion_runtime.training.text.fit import FitOptions, soft_targets
from emotion_runtime.training.text.lines import moved, sentences
from emotion_runtime.training.text.recipe import Lesson, Recipe, Trained, Workshop, average_weights, named

MOVED_BY: Final = 3
"""The seed of the chance that moves lines: the same lines for every student."""

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class School:
    """Who teaches and how. `moved` lines of MELD are asked about in other dialogues, `others` of GoEmotions' mixed in.

    `between` is the stage of the second generation that has no labels. With `refit` the last generation is trained
    once more with dev's labels too; what is chosen was chosen by the one that had not seen them.
    """

    teacher: Recipe
    between: FitOptions = field(default_factory=lambda: FitOptions(epochs=1))
    moved: int = 5_000
    others: int = 8_000
    refit: bool = True


class Taught:
    """Carries out a recipe with a school in the recipe's workshop (Hinton et al. 2015; Furlanello et al. 2018).

    1. The recipe's own average is the first student; the teacher learns MELD too.
    2. Both say together, by the mean of their log probabilities, what they think of GoEmotions' lines. The second
       student begins after the recipe's first stage, learns that without labels, then MELD's labels.
    3. The third begins like the second, and learns MELD's labels together with what teacher and second student say of
       lines that none was shown a label of: MELD's sentences, lines moved into another dialogue, GoEmotions'.
    """

    def __init__(self, workshop: Workshop, school: School) -> None:
        self.workshop = workshop
        self.school = school
        self._teacher = Workshop(school.teacher, workshop.folder / "teacher", workshop.report)

    def train(self) -> Trained:
        """Carries out what is not done yet; `average` is the last generation's."""
        shop, begun = self.workshop, time.process_time()
        first = shop.seeds("", shop.prepared(), shop.meld)
        between = shop.stage("between", shop.prepared(), partial(self._unlabelled, first), self.school.between)
        second = shop.seeds("second-", between, shop.meld)
        third = self._third("taught-", between, second, self._train)
        candidates = {**named("", first), **named("second ", second), **named("taught ", third)}
        dev = shop.score_on_dev(candidates)
        chooser = average_weights(list(third.values()))
        if not self.school.refit:
            return Trained(third, chooser, dev, time.process_time() - begun)
        last = self._third("last-", between, second, self._train + read_meld(shop.recipe.meld / "meld_dev.csv"))
        average = average_weights(list(last.values()))
        return Trained(last, average, dev, time.process_time() - begun, chooser)

    @cached_property
    def _train(self) -> list[Example]:
        return read_meld(self.workshop.recipe.meld / "meld_train.csv")

    @cached_property
    def _lines(self) -> list[Example]:
        return sentences(self._train) + moved(self._train, self.school.moved, MOVED_BY)

    def _third(
        self, prefix: str, start: Weights, second: dict[int, Weights], labelled: list[Example]
    ) -> dict[int, Weights]:
        said = cache(
            lambda: (
                self._said("second", second, "lines", self._lines),
                self._said("second", second, "goemotions", self.workshop.goemotions().examples),
            )
        )
        shop = self.workshop
        return {
            seed: shop.stage(
                f"{prefix}meld-{seed}",
                start,
                partial(self._mixed, seed, labelled, said),
                replace(shop.recipe.second, seed=seed),
            )
            for seed in shop.recipe.seeds
        }

    def _unlabelled(self, first: dict[int, Weights]) -> Lesson:
        """GoEmotions' lines. Who speaks learnt with the class weights, so what they say holds them already."""
        examples = self.workshop.goemotions().examples
        return Lesson(examples, self._said("first", first, "goemotions", examples), np.ones(len(LABELS)))

    def _mixed(
        self,
        seed: int,
        labelled: list[Example],
        said: Callable[[], tuple[NDArray[np.float64], NDArray[np.float64]]],
    ) -> Lesson:
        """Labelled lines with their class weights in the targets, the asked lines, some of GoEmotions by the seed."""
        of_lines, of_others = said()
        others = self.workshop.goemotions().examples
        chosen = np.random.default_rng(seed).permutation(len(others))[: self.school.others]
        labels = labels_of(labelled)
        targets = soft_targets(labels, len(LABELS)) * root_inverse_frequency(labels)
        return Lesson(
            [*labelled, *self._lines, *(others[place] for place in chosen)],
            np.concatenate((targets, of_lines, of_others[chosen])),
            np.ones(len(LABELS)),
        )

    def _said(self, name: str, seeds: dict[int, Weights], what: str, examples: list[Example]) -> NDArray[np.float64]:
        """(n, k) probabilities that a generation's average and the teacher give together; each is asked once."""
        teacher = self._kept("teacher", what, lambda: self._teacher.say(self._teacher.train().average, examples))
        student = self._kept(name, what, lambda: self.workshop.say(average_weights(list(seeds.values())), examples))
        return np.exp(log_softmax((teacher + student) / 2.0))

    def _kept(self, who: str, what: str, ask: Callable[[], NDArray[np.float64]]) -> NDArray[np.float64]:
        path = self.workshop.folder / f"{who}-on-{what}.npy"
        if not path.exists():
            np.save(path, ask(), allow_pickle=False)
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
