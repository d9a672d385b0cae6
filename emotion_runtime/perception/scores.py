"""Owns the figures a classifier is judged by: F1 per class, weighted and macro, accuracy, confusion, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

CALIBRATION_BINS: Final = 15


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Figures of n answers over k labels. All fractions lie in 0..1; a fraction of nothing counts as 0.

    `confusion` (k, k): row = what it was, column = what was said. `f1`, `precision`, `recall`, `support` (k,).
    """

    labels: tuple[str, ...]
    confusion: Counts
    precision: Floats
    recall: Floats
    f1: Floats
    support: Counts
    accuracy: float
    macro_f1: float
    weighted_f1: float

    @property
    def f1_by_label(self) -> dict[str, float]:
        """Label -> F1."""
        return dict(zip(self.labels, map(float, self.f1), strict=True))


def score(labels: Sequence[str], truth: Sequence[str], answers: Sequence[str]) -> Scores:
    """Judges `answers` against `truth`. Raises ValueError on unequal lengths, no answers or an unknown label.

    F1 is 2tp / (2tp + fp + fn); weighted F1 is its mean weighted by how often a label is true, macro F1 its plain mean
    over all `labels` (scikit-learn's average="weighted" and "macro" with labels=labels and zero_division=0).
    """
    if len(truth) != len(answers) or not truth:
        raise ValueError(f"{len(truth)} true labels and {len(answers)} answers: need as many of both, and some")
    place = {label: at for at, label in enumerate(labels)}
    unknown = sorted({*truth, *answers} - place.keys())
    if unknown:
        raise ValueError(f"unknown labels {', '.join(map(repr, unknown))}: known are {', '.join(labels)}")
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(confusion, ([place[label] for label in truth], [place[label] for label in answers]), 1)
    hits = np.diagonal(confusion)
    support, said = confusion.sum(axis=1), confusion.sum(axis=0)
    f1 = _ratio(2 * hits, support + said)
    return Scores(
        labels=tuple(labels),
        confusion=confusion,
        precision=_ratio(hits, said),
        recall=_ratio(hits, support),
        f1=f1,
        support=support,
        accuracy=float(hits.sum() / len(truth)),
        macro_f1=float(f1.mean()),
        weighted_f1=float((f1 * support).sum() / len(truth)),
    )


def expected_calibration_error(probabilities: ArrayLike, truth: Sequence[int], bins: int = CALIBRATION_BINS) -> float:
    """Mean gap between confidence and accuracy, 0..1, over `bins` equal-width bins of confidence, weighted by size.

    `probabilities` (n, k), `truth` (n,) the right columns. Confidence is the largest probability of a row, bins are
    (0, 1/bins], ... (Guo et al. 2017, eq. 3). Raises ValueError on unequal lengths or no rows.
    """
    table = np.asarray(probabilities, dtype=np.float64)
    right = np.asarray(truth, dtype=np.int64)
    if table.ndim != 2 or len(table) != len(right) or not len(table):
        raise ValueError(f"probabilities {table.shape} and truth {right.shape}: need (n, k) and (n,), n at least 1")
    confidence = table.max(axis=1)
    hit = table.argmax(axis=1) == right
    edges = np.linspace(0.0, 1.0, bins + 1)
    which = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    gaps = np.bincount(which, weights=hit - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(table))


def _ratio(part: Counts, whole: Counts) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part), dtype=np.float64), where=whole > 0)
