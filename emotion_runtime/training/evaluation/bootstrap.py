"""Owns confidence intervals of scores by the bootstrap: rows drawn with replacement, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of resampled scores, and their standard deviation, 0..1."""

    low: float
    high: float
    deviation: float


def weighted_f1_interval(
    truth: NDArray[np.int64], answers: NDArray[np.int64], classes: int, seed: int = 1, resamples: int = RESAMPLES
) -> Interval:
    """The percentile interval (Efron 1979) of the weighted F1 of `answers` (n,) against `truth` (n,)."""
    random = np.random.default_rng(seed)
    pairs = truth * classes + answers
    share = np.bincount(pairs, minlength=classes * classes) / len(pairs)
    # Drawing n rows with replacement is drawing the cells of the confusion matrix from a multinomial.
    drawn = random.multinomial(len(pairs), share, size=resamples).reshape(resamples, classes, classes)
    hits = np.diagonal(drawn, axis1=1, axis2=2)
    support, said = drawn.sum(axis=2), drawn.sum(axis=1)
    both = support + said
    f1 = np.divide(2.0 * hits, both, out=np.zeros(hits.shape), where=both > 0)
    scores = (f1 * support).sum(axis=1) / len(pairs)
    low, high = np.quantile(scores, (0.025, 0.975))
    return Interval(float(low), float(high), float(scores.std()))
