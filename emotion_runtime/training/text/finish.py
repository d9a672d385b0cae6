"""Owns the last steps of a text model: shorter vocabulary, int8, n-grams, their weight and the temperature from dev."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.perception.bundled import load_text_model
from emotion_runtime.perception.manifest import NGRAMS, Manifest, seal_model_folder
from emotion_runtime.perception.onnx_text import OnnxTextModel
from emotion_runtime.perception.scores import expected_calibration_error
from emotion_runtime.training.text.classifier import log_softmax
from emotion_runtime.training.text.corpus import LABELS, Example, labels_of, read_meld, root_inverse_frequency
from emotion_runtime.training.text.export import ExportNames, export_text
from emotion_runtime.training.text.ngram_fit import build_ngrams, fit_ngrams, save_ngrams
from emotion_runtime.training.text.recipe import Recipe, Workshop, weighted_f1
from emotion_runtime.training.text.vocabulary import prune_embeddings, pruned_tokenizer

NGRAM_WEIGHTS: Final = tuple(round(0.1 * step, 1) for step in range(13))
TEMPERATURES: Final = tuple(round(0.6 + 0.05 * step, 2) for step in range(29))
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen on dev, and the figures there: weighted F1, ECE and mean negative log likelihood."""

    ngram_weight: float
    temperature: float
    weighted_f1: float
    ece: float
    log_loss: float


def choose(network: NDArray[np.float64], ngrams: NDArray[np.float64], labels: NDArray[np.int64]) -> Chosen:
    """The n-gram weight with the best weighted F1 on dev, then the temperature with the smallest calibration error.

    `network` and `ngrams` are (n, k) log probabilities. Of weights the mean over the neighbours counts, so that a
    lucky one does not win; temperatures do not change the F1.
    """
    raw = np.array([weighted_f1(network + weight * ngrams, labels) for weight in NGRAM_WEIGHTS])
    padded = np.concatenate((raw[:1], raw, raw[-1:]))
    weight = NGRAM_WEIGHTS[int(((padded[:-2] + padded[1:-1] + padded[2:]) / 3.0).argmax())]
    joint = network + weight * ngrams
    errors = [expected_calibration_error(np.exp(log_softmax(joint / t)), labels.tolist()) for t in TEMPERATURES]
    temperature = TEMPERATURES[int(np.argmin(errors))]
    logs = log_softmax(joint / temperature)
    loss = -float(logs[np.arange(len(labels)), labels].mean())
    return Chosen(weight, temperature, weighted_f1(joint, labels), float(min(errors)), loss)


def finish(
    workshop: Workshop,
    weights: dict[str, torch.Tensor],
    folder: Path,
    names: ExportNames,
    *,
    chooser: dict[str, torch.Tensor] | None = None,
    prune: bool = True,
    progress: Progress = lambda done, all_: None,
) -> Chosen:
    """Writes the sealed folder of the model with `weights`; what is chosen is chosen with the int8 model on dev.

    Weights that were trained with dev's labels cannot choose there: `chooser`, trained without them, then does.
    """
    recipe = workshop.recipe
    _export(workshop, weights if chooser is None else chooser, folder, names, prune)
    train = read_meld(workshop.recipe.meld / "meld_train.csv")
    labels = labels_of(train)
    arrays = fit_ngrams(
        [example.text for example in train], np.eye(len(LABELS))[labels], root_inverse_frequency(labels)
    )
    save_ngrams(folder / NGRAMS, arrays)
    dev = read_meld(workshop.recipe.meld / "meld_dev.csv")
    alone = np.log(np.maximum(answers(load_text_model(folder, cached_lines=0), dev, progress), 1e-30))
    second = build_ngrams(arrays)
    chosen = choose(alone, np.stack([second.scores(example.text) for example in dev]), labels_of(dev))
    if chooser is not None:
        _export(workshop, weights, folder, names, prune)
    _seal(folder, names, recipe, chosen)
    (folder / "chosen.json").write_text(json.dumps(asdict(chosen), indent=2) + "\n", encoding="utf-8")
    return chosen


def answers(
    model: OnnxTextModel, examples: Sequence[Example], progress: Progress = lambda done, all_: None
) -> NDArray[np.float64]:
    """Probabilities (n, k) of the model that runs, one line at a time as in a game, each with its own past."""
    rows = []
    for done, example in enumerate(examples, 1):
        rows.append(model.classify(example.text, example.context[-model.context_lines :]))
        progress(done, len(examples))
    return np.array(rows)


def _export(
    workshop: Workshop, weights: dict[str, torch.Tensor], folder: Path, names: ExportNames, prune: bool
) -> None:
    recipe = workshop.recipe
    tokenizer = tokenizer_text(recipe.base)
    network = workshop.network(weights, attention="eager")
    if prune:
        tokenizer, kept = pruned_tokenizer(tokenizer)
        prune_embeddings(network.encoder, kept)
    export_text(network, tokenizer, folder, names, max_tokens=recipe.max_tokens, context_lines=recipe.context_lines)


def _seal(folder: Path, names: ExportNames, recipe: Recipe, chosen: Chosen) -> Manifest:
    return seal_model_folder(
        folder,
        name=names.name,
        max_tokens=recipe.max_tokens,
        context_lines=recipe.context_lines,
        temperature=chosen.temperature,
        ngram_weight=chosen.ngram_weight,
        base=names.base,
        license=names.license,
    )


def tokenizer_text(base: str) -> str:
    """tokenizer.json of the base, without the padding and cutting that it may ask for."""
    path = Path(base) / "tokenizer.json"
    if path.is_file():
        held = json.loads(path.read_text(encoding="utf-8"))
    else:
        from transformers import AutoTokenizer  # noqa: PLC0415

        held = json.loads(AutoTokenizer.from_pretrained(base).backend_tokenizer.to_str())
    held["padding"] = held["truncation"] = None
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))
