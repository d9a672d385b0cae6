"""Owns the training of the cross-modal network that the sidecar runs: seeds, the best on dev, its temperature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.scores import expected_calibration_error
from emotion_runtime.training.baselines.dialogues import DialogueOptions
from emotion_runtime.training.baselines.interface import Corpus, Floats, Standardiser
from emotion_runtime.training.baselines.paper import WINDOW, PaperNetwork
from emotion_runtime.training.evaluation.compare import Parts
from emotion_runtime.training.networks.multimodal import MultimodalNetwork, MultimodalOptions
from emotion_runtime.training.speech.network import best_temperature
from emotion_runtime.training.text.recipe import weighted_f1

WEIGHTS: Final = "network.pt"
OPTIONS: Final = DialogueOptions(batch=64, modality_dropout=0.2)
"""A fifth of what there is is hidden while it learns, so that it copes with what is missing at run time."""


@dataclass(frozen=True, slots=True)
class Trained:
    """The network of the best seed, the scale of each modality, what dev says of it, 0..1."""

    network: MultimodalNetwork
    scales: Mapping[str, Standardiser]
    temperature: float
    accuracy: float
    steps: int = WINDOW


def train(
    parts: Parts,
    seeds: Sequence[int],
    work: Path,
    report: Callable[[str, int, int], None],
    options: DialogueOptions = OPTIONS,
) -> tuple[Trained, dict[str, Any]]:
    """Trains one network a seed (a finished one is read from `work`), keeps the best on dev, and judges it on test.

    The record holds weighted F1 (in %) of each seed on dev; and of the best on dev and test with all modalities, and
    with each alone, the others masked.
    """
    models = {}
    for at, seed in enumerate(seeds):
        report(f"seed {seed}", at, len(seeds))
        models[seed] = _fitted(parts, seed, work / f"seed-{seed}.pt", options)
    dev = {seed: weighted_f1(model.probabilities(parts.dev), parts.dev.labels) for seed, model in models.items()}
    best = max(seeds, key=lambda seed: dev[seed])
    model = models[best]
    network = model.network
    assert network is not None
    answers = model.probabilities(parts.dev)
    temperature = best_temperature(np.log(np.maximum(answers, 1e-12)), parts.dev.labels)
    accuracy = float((answers.argmax(axis=1) == parts.dev.labels).mean())
    names = sorted(parts.train.features)
    record: dict[str, Any] = {
        "modalities": {name: int(parts.train.features[name].shape[1]) for name in names},
        "utterances": {part: len(getattr(parts, part).texts) for part in ("train", "dev", "test")},
        "dev_weighted_f1": {str(seed): round(100.0 * value, 2) for seed, value in dev.items()},
        "seed": best,
        "temperature": round(temperature, 3),
        "dev_accuracy": round(100.0 * accuracy, 2),
        "test_ece": round(_calibration(model, parts.test, temperature), 4),
    }
    for part in ("dev", "test"):
        corpus: Corpus = getattr(parts, part)
        record[f"{part}_with"] = {"all": _f1(model, corpus)}
        if len(names) > 1:
            record[f"{part}_with"] |= {name: _f1(model, masked(corpus, name)) for name in names}
    return Trained(network.network, model.scales, temperature, accuracy), record


def masked(corpus: Corpus, *kept: str) -> Corpus:
    """The same utterances with all modalities but these missing."""
    nothing = np.zeros(len(corpus.texts), dtype=np.bool_)
    return replace(corpus, there={name: mask if name in kept else nothing for name, mask in corpus.there.items()})


def save(trained: Trained, path: Path) -> None:
    """Writes the network as tensors and plain values, which `load` reads without unpickling anything else."""
    options = trained.network.options
    torch.save(
        {
            "weights": trained.network.state_dict(),
            "features": dict(options.features),
            "classes": options.classes,
            "scales": {
                name: (torch.from_numpy(each.mean), torch.from_numpy(each.scale))
                for name, each in trained.scales.items()
            },
            "temperature": trained.temperature,
            "accuracy": trained.accuracy,
            "steps": trained.steps,
        },
        path,
    )


def load(path: Path) -> Trained:
    """What `save` wrote. Raises UsageError."""
    try:
        held = torch.load(path, weights_only=True)
    except OSError as error:
        raise UsageError("not_trained", f"{path}: cannot be read", "run `train multimodal` first") from error
    network = MultimodalNetwork(MultimodalOptions(held["features"], classes=held["classes"]))
    network.load_state_dict(held["weights"])
    scales = {name: Standardiser(mean.numpy(), scale.numpy()) for name, (mean, scale) in held["scales"].items()}
    return Trained(network.eval(), scales, held["temperature"], held["accuracy"], held["steps"])


def _fitted(parts: Parts, seed: int, place: Path, options: DialogueOptions) -> PaperNetwork:
    model = PaperNetwork("multimodal", options)
    if place.is_file():
        model.take(torch.load(place, weights_only=True), parts.train)
        return model
    model.fit(parts.train, parts.dev, seed)
    assert model.network is not None
    torch.save(model.network.state_dict(), place)
    return model


def _f1(model: PaperNetwork, corpus: Corpus) -> float:
    return round(100.0 * weighted_f1(model.probabilities(corpus), corpus.labels), 2)


def _calibration(model: PaperNetwork, corpus: Corpus, temperature: float) -> float:
    logits: Floats = np.log(np.maximum(model.probabilities(corpus), 1e-12)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return expected_calibration_error(powers / powers.sum(axis=1, keepdims=True), corpus.labels.tolist())
