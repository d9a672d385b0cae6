"""Owns the experiment: leave one speaker out, choices by inner folds only, scored through the very ONNX model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.perception.onnx_voice import OnnxVoiceModel
from emotion_runtime.perception.pcm import read_wav
from emotion_runtime.perception.scores import expected_calibration_error
from emotion_runtime.perception.voice_folder import open_voice_folder, seal_voice_folder
from emotion_runtime.training.speech.assembly import Trained, write_model
from emotion_runtime.training.speech.corpus import LABELS, Corpus
from emotion_runtime.training.speech.network import RECIPES, Network, Recipe, best_temperature, softmax, train
from emotion_runtime.training.speech.running import orderings, standard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One seed: `probabilities` (clips, labels) of every clip by a model that never heard its speaker."""

    seed: int
    probabilities: Floats
    recipes: tuple[int, ...]
    temperatures: tuple[float, ...]
    place: Ints


def mean_recall(probabilities: Floats, truth: Ints) -> float:
    """Unweighted average recall, 0..100."""
    said = probabilities.argmax(axis=1)
    return float(np.mean([100.0 * np.mean(said[truth == label] == label) for label in np.unique(truth)]))


def fit(corpus: Corpus, members: Ints, recipe: Recipe, seeds: Sequence[int], *, running: bool = True) -> Trained:
    """Networks trained on the clips `members`, one for each seed.

    `running` False: without the comparison with a speaker's earlier clips, for a baseline.
    """
    plain = corpus.features[0, members].astype(np.float64)
    mean, spread = plain.mean(axis=0), plain.std(axis=0) + 1e-6
    networks: list[Network] = []
    for seed in seeds:
        chance = np.random.default_rng(seed)
        copies = [0] * recipe.orders + list(recipe.variants)
        scaled = [standard(corpus.features[copy, members], mean, spread) for copy in copies]
        parts = [orderings(rows, corpus.speaker[members], chance)[0] if running else rows for rows in scaled]
        truth = np.tile(corpus.truth[members], len(copies))
        networks.append(train(np.concatenate(parts), truth, len(LABELS), recipe, seed))
    return Trained(mean, spread, networks, 1.0)


def choose(corpus: Corpus, members: Ints, seed: int, recipes: Sequence[Recipe] = RECIPES) -> tuple[int, float]:
    """The recipe with the best recall over three groups of speakers left out, and its temperature."""
    speakers = np.unique(corpus.speaker[members])
    groups = np.array_split(np.random.default_rng(seed).permutation(speakers), 3)
    best = (-1.0, 0, 1.0)
    for number, recipe in enumerate(recipes):
        logits = np.zeros((len(members), len(LABELS)))
        for group in groups:
            out = np.isin(corpus.speaker[members], group)
            trained = fit(corpus, members[~out], recipe, (seed, seed + 1))
            rows = standard(corpus.features[0, members[out]], trained.mean, trained.spread)
            heard, _ = orderings(rows, corpus.speaker[members[out]], np.random.default_rng(seed + 7))
            logits[out] = np.mean([each.logits(heard) for each in trained.networks], axis=0)
        truth = corpus.truth[members]
        recall = mean_recall(softmax(logits).astype(np.float64), truth)
        if recall > best[0]:
            best = (recall, number, best_temperature(logits, truth))
    return best[1], best[2]


def leave_one_out(corpus: Corpus, seed: int, networks: int, work: Path, tell: Tell) -> Outcome:
    """Every speaker in turn is a stranger: their clips in an order drawn from the seed, through the ONNX model."""
    probabilities = np.zeros((len(corpus.truth), len(LABELS)))
    place = np.zeros(len(corpus.truth), np.int64)
    recipes: list[int] = []
    temperatures: list[float] = []
    for speaker in np.unique(corpus.speaker):
        members = np.flatnonzero(corpus.speaker != speaker)
        number, temperature = choose(corpus, members, 1000 * seed)
        trained = fit(corpus, members, RECIPES[number], range(1000 * seed, 1000 * seed + networks))
        folder = work / f"seed{seed}-without-{speaker:02d}"
        model = ship(Trained(trained.mean, trained.spread, trained.networks, temperature), folder, "a fold", 0.5)
        order = np.random.default_rng(100 + seed).permutation(np.flatnonzero(corpus.speaker == speaker))
        known = None
        for heard, clip in enumerate(order):
            probabilities[clip], known = model.listen(read_wav(corpus.files[clip]), known)
            place[clip] = heard
        recipes.append(number)
        temperatures.append(temperature)
        mine = probabilities[order]
        tell(f"seed {seed}, speaker {speaker:02d}: recall {mean_recall(mine, corpus.truth[order]):.1f}")
    return Outcome(seed, probabilities, tuple(recipes), tuple(temperatures), place)


def ship(trained: Trained, folder: Path, name: str, reliability: float) -> OnnxVoiceModel:
    """Writes a sealed model folder and opens it as the runtime does."""
    folder.mkdir(parents=True, exist_ok=True)
    size = write_model(trained, folder / "model.onnx")
    names = ", ".join(f'"{label}"' for label in LABELS)
    (folder / "labels.json").write_text(f"[{names}]\n", encoding="utf-8")
    seal_voice_folder(
        folder,
        name=name,
        features=size,
        reliability=round(reliability, 3),
        base="EMO-DB, from nothing",
        license="Apache-2.0; trained on EMO-DB (TU Berlin)",
    )
    return OnnxVoiceModel(open_voice_folder(folder))


def figures(corpus: Corpus, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Mean and spread over the seeds, recall for each label, calibration, and how well first clips are understood."""
    truth = corpus.truth
    recalls = [mean_recall(each.probabilities, truth) for each in outcomes]
    errors = [expected_calibration_error(each.probabilities, truth.tolist()) for each in outcomes]
    hits = [each.probabilities.argmax(axis=1) == truth for each in outcomes]
    early = [float(hit[each.place < 5].mean()) for hit, each in zip(hits, outcomes, strict=True)]
    by_label = {
        label: round(100.0 * float(np.mean([hit[truth == number].mean() for hit in hits])), 1)
        for number, label in enumerate(LABELS)
    }
    return {
        "uar_mean": round(float(np.mean(recalls)), 2),
        "uar_sd": round(float(np.std(recalls, ddof=1)) if len(recalls) > 1 else 0.0, 2),
        "uar": [round(value, 2) for value in recalls],
        "ece_mean": round(float(np.mean(errors)), 4),
        "ece": [round(value, 4) for value in errors],
        "accuracy": round(100.0 * float(np.mean(hits)), 2),
        "accuracy_first_five_clips": round(100.0 * float(np.mean(early)), 2),
        "recall": by_label,
        "recipes": [list(each.recipes) for each in outcomes],
        "temperature": round(float(np.median([t for each in outcomes for t in each.temperatures])), 3),
        "clips": len(truth),
        "seeds": [each.seed for each in outcomes],
    }
