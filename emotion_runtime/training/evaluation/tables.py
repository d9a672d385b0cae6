"""Owns results tables in the shape of the paper's tables 1 to 4, as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.perception.scores import Scores, expected_calibration_error, score
from emotion_runtime.training.evaluation.bootstrap import Interval, weighted_f1_interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Entry:
    """One model on one corpus: the figures of each seed, the first seed's details for the table."""

    name: str
    sees_future: bool
    scores: tuple[Scores, ...]
    calibration: tuple[float, ...]
    interval: Interval

    @property
    def weighted(self) -> Floats:
        """Weighted F1 of each seed, 0..1."""
        return np.array([found.weighted_f1 for found in self.scores])

    @property
    def by_label(self) -> Floats:
        """F1 of each label, the mean over the seeds, (k,)."""
        return np.asarray(np.mean([found.f1 for found in self.scores], axis=0))


def entry(
    name: str, labels: Sequence[str], truth: NDArray[np.int64], tables: Sequence[Floats], sees_future: bool = False
) -> Entry:
    """Judges the probabilities (n, k) of each seed. The interval is that of the first seed."""
    names = [labels[at] for at in truth]
    found = [score(labels, names, [labels[at] for at in table.argmax(axis=1)]) for table in tables]
    calibration = [expected_calibration_error(table, truth.tolist()) for table in tables]
    interval = weighted_f1_interval(truth, tables[0].argmax(axis=1), len(labels))
    return Entry(name, sees_future, tuple(found), tuple(calibration), interval)


def class_rows(entries: Sequence[Entry]) -> tuple[list[str], list[list[str]]]:
    """Header and cells of tables 1 to 3: F1 of each class and the weighted average, in %, the mean over seeds."""
    labels = entries[0].scores[0].labels
    header = ["model", *labels, "weighted", "spread", "95 %", "macro", "ECE"]
    rows = []
    for found in entries:
        cells = [found.name + (" *" if found.sees_future else "")]
        cells += [f"{100 * value:.2f}" for value in found.by_label]
        spread = f"{100 * found.weighted.std(ddof=1):.2f}" if len(found.scores) > 1 else "-"
        cells += [f"{100 * found.weighted.mean():.2f}", spread]
        cells.append(f"{100 * found.interval.low:.1f}-{100 * found.interval.high:.1f}")
        cells.append(f"{100 * np.mean([one.macro_f1 for one in found.scores]):.2f}")
        cells.append(f"{np.mean(found.calibration):.3f}")
        rows.append(cells)
    return header, rows


def measure_rows(entries: Sequence[Entry]) -> tuple[list[str], list[list[str]]]:
    """Header and cells of table 4: precision, recall and F1 weighted by support, and accuracy, 0..1."""
    rows = []
    for found in entries:
        parts = [
            [
                (one.precision * one.support).sum() / one.support.sum(),
                (one.recall * one.support).sum() / one.support.sum(),
                one.weighted_f1,
                one.accuracy,
            ]
            for one in found.scores
        ]
        rows.append([found.name, *(f"{value:.4f}" for value in np.mean(parts, axis=0))])
    return ["model", "Prec.", "Rec.", "F1", "Acc."], rows


def as_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with aligned columns."""
    widths = [max(len(cells[at]) for cells in (header, *rows)) for at in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        return "  ".join((first.strip().ljust(widths[0]), *rest))

    return "\n".join(line(cells) for cells in (header, *rows))


def as_markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same table for a page of docs."""
    ruled = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in ruled)


def as_record(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The same figures as plain values: every seed's, 0..1."""
    return [
        {
            "model": found.name,
            "sees_future": found.sees_future,
            "weighted_f1": found.weighted.tolist(),
            "macro_f1": [one.macro_f1 for one in found.scores],
            "accuracy": [one.accuracy for one in found.scores],
            "f1": dict(zip(found.scores[0].labels, found.by_label.tolist(), strict=True)),
            "ece": list(found.calibration),
            "interval": [found.interval.low, found.interval.high],
            "confusion": found.scores[0].confusion.tolist(),
        }
        for found in entries
    ]
