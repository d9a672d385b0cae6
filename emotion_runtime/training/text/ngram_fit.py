"""Owns the training of the n-gram model: tf-idf values, weighted logistic regression by L-BFGS, rounding to int8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.perception.ngrams import Grams, NgramModel, character_grams, word_grams, write_ngrams
from emotion_runtime.perception.text_cleanup import clean_text


@dataclass(frozen=True, slots=True)
class NgramOptions:
    """`inverse_penalty` is scikit-learn's C: the loss of all rows counts so much against |W|^2 / 2."""

    inverse_penalty: float = 1.0
    least_documents: int = 2
    iterations: int = 100


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The n-grams of one kind that at least some documents hold, ascending, and their inverse document frequency."""

    keys: NDArray[np.uint32]
    idf: NDArray[np.float32]


def fit_ngrams(
    texts: Sequence[str],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    options: NgramOptions | None = None,
) -> dict[str, NDArray[np.generic]]:
    """The arrays of an `NgramModel` learned from `texts`, soft `targets` (n, k) and class `weights` (k,).

    Minimises C sum_nk w_k t_nk (-log p_nk) + |W|^2 / 2, the bias free; convex, so that no seed is needed.
    """
    options = options or NgramOptions()
    lines = [clean_text(text).lower() for text in texts]
    kinds = [[word_grams(line) for line in lines], [character_grams(line) for line in lines]]
    vocabularies = [_vocabulary(grams, options.least_documents) for grams in kinds]
    offset = len(vocabularies[0].keys)
    rows = []
    for words, characters in zip(*kinds, strict=True):
        first = _values(words, vocabularies[0])
        second = _values(characters, vocabularies[1])
        places = np.concatenate((first[0], second[0] + offset))
        rows.append((places, np.concatenate((first[1], second[1]))))
    table, bias = _minimise(rows, offset + len(vocabularies[1].keys), targets, weights, options)
    scales = np.maximum(np.abs(table).max(axis=0), 1e-12) / 127.0
    return {
        "keys": np.concatenate([vocabulary.keys for vocabulary in vocabularies]),
        "idf": np.concatenate([vocabulary.idf for vocabulary in vocabularies]),
        "weights": np.rint(table / scales).astype(np.int8),
        "scales": scales.astype(np.float32),
        "bias": bias.astype(np.float32),
        "words": np.array(offset, dtype=np.int64),
    }


def build_ngrams(arrays: dict[str, NDArray[np.generic]]) -> NgramModel:
    """The model that runs, from the arrays of `fit_ngrams`."""
    held = {name: np.asarray(array) for name, array in arrays.items() if name != "words"}
    return NgramModel(**held, words=int(np.asarray(arrays["words"])))


def save_ngrams(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Writes the arrays as the file that a model folder holds."""
    write_ngrams(path, **arrays)


def _vocabulary(documents: Sequence[Grams], least: int) -> Vocabulary:
    keys, counts = np.unique(np.concatenate([grams.keys for grams in documents]), return_counts=True)
    kept = counts >= least
    idf = np.log((1.0 + len(documents)) / (1.0 + counts[kept])) + 1.0
    return Vocabulary(keys[kept], idf.astype(np.float32))


def _values(grams: Grams, vocabulary: Vocabulary) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Places of the known n-grams in the vocabulary and their values, of Euclidean length 1."""
    if not len(vocabulary.keys):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    places = np.minimum(np.searchsorted(vocabulary.keys, grams.keys), len(vocabulary.keys) - 1)
    known = vocabulary.keys[places] == grams.keys
    values = (1.0 + np.log(grams.counts[known])) * vocabulary.idf[places[known]]
    length = np.sqrt((values * values).sum())
    return places[known], values / max(length, 1e-12)


def _minimise(
    rows: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]],
    width: int,
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    options: NgramOptions,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    places = torch.from_numpy(np.concatenate([row[0] for row in rows]))
    values = torch.from_numpy(np.concatenate([row[1] for row in rows]).astype(np.float32))
    starts = torch.from_numpy(np.cumsum([0, *(len(row[0]) for row in rows[:-1])]))
    mass = torch.from_numpy(targets * weights).float()
    table = torch.zeros(width, targets.shape[1], requires_grad=True)
    bias = torch.zeros(targets.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [table, bias],
        max_iter=options.iterations,
        history_size=10,
        line_search_fn="strong_wolfe",
        tolerance_change=1e-7,
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        sums = torch.nn.functional.embedding_bag(places, table, starts, mode="sum", per_sample_weights=values)
        likelihood = (mass * (sums + bias).log_softmax(1)).sum()
        loss = 0.5 * (table * table).sum() - options.inverse_penalty * likelihood
        loss.backward()
        return loss

    optimizer.step(closure)
    return table.detach().double().numpy(), bias.detach().double().numpy()
