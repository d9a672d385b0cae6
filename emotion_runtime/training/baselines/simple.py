"""Owns the baselines without a network: the most frequent class, and n-grams with logistic regression."""

from __future__ import annotations

import numpy as np

from emotion_runtime.perception.ngrams import NgramModel
from emotion_runtime.training.baselines.interface import Corpus, Floats
from emotion_runtime.training.text.corpus import root_inverse_frequency
from emotion_runtime.training.text.ngram_fit import build_ngrams, fit_ngrams


class Majority:
    """Always the most frequent class: the frequencies of the training part as probabilities."""

    name = "majority"
    sees_future = False

    def __init__(self) -> None:
        self._share = np.zeros(0)

    def fit(self, train: Corpus, dev: Corpus, seed: int) -> None:
        """Counts."""
        counts = np.bincount(train.labels, minlength=train.classes)
        self._share = counts / counts.sum()

    def probabilities(self, corpus: Corpus) -> Floats:
        """The same row for every utterance."""
        return np.tile(self._share, (len(corpus.texts), 1))


class Ngrams:
    """TF-IDF of word and character n-grams, logistic regression weighted by 1/sqrt(frequency)."""

    name = "TF-IDF + LR"
    sees_future = False

    def __init__(self) -> None:
        self._model: NgramModel | None = None

    def fit(self, train: Corpus, dev: Corpus, seed: int) -> None:
        """Convex: the seed changes nothing."""
        targets = np.eye(train.classes)[train.labels]
        self._model = build_ngrams(
            fit_ngrams(train.texts, targets, root_inverse_frequency(train.labels, train.classes))
        )

    def probabilities(self, corpus: Corpus) -> Floats:
        """From the line alone."""
        if self._model is None:
            raise ValueError("fit comes first")
        return softmax_rows(np.stack([self._model.scores(text) for text in corpus.texts]))


def softmax_rows(logits: Floats) -> Floats:
    """Row-wise softmax, (n, k)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
