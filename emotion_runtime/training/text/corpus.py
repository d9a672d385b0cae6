"""Owns the corpora of text as rows with labels: MELD's CSV files and GoEmotions mapped to Ekman's six and neutral."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.dialogue import dialogue_jobs, read_dialogue
from emotion_runtime.perception.results import Line

LABELS: Final = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
"""MELD's seven classes in alphabetical order: the order of every logit here."""
MELD_PARTS: Final = ("train", "dev", "test")
MOST_CONTEXT: Final = 16
"""Earlier lines kept with a row; a model looks at as many as it wants."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled line. `label` is its place in `LABELS`; `dialogue` and `speaker` are "" outside dialogues."""

    text: str
    label: int
    context: tuple[Line, ...] = ()
    dialogue: str = ""
    speaker: str = ""


def read_meld(path: Path) -> list[Example]:
    """The rows of one of MELD's CSV files in the order of dialogue and utterance; the context is the past only.

    Raises UsageError, whose message begins with file:line.
    """
    lines = read_dialogue(path, LABELS)
    unlabelled = [line.row for line in lines if not line.emotion]
    if unlabelled:
        raise UsageError("dialogue_emotion", f"{path}:{unlabelled[0]}: no emotion", "training needs every row labelled")
    jobs = dialogue_jobs(lines, MOST_CONTEXT)
    return [
        Example(job.text, LABELS.index(line.emotion), job.context, line.conversation, line.speaker)
        for line, job in zip(lines, jobs, strict=True)
    ]


def read_goemotions(path: Path) -> list[Example]:
    """The rows of a GoEmotions file (text, tab, indices, tab, id) that have exactly one of the seven labels.

    Indices are places in `LABELS`. Raises UsageError on any other form.
    """
    rows = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
                if len(cells) < 2 or not all(
                    part.isdigit() and int(part) < len(LABELS) for part in cells[1].split(",")
                ):
                    raise UsageError(
                        "corpus_row",
                        f"{path}:{number}: wanted text, tab, label indices below 7",
                        "see docs/training.md",
                    )
                if "," not in cells[1]:
                    rows.append(Example(cells[0], int(cells[1])))
    except OSError as error:
        raise UsageError("corpus_missing", f"{path}: cannot be read ({error.strerror})", "name the file") from error
    return rows


def labels_of(examples: Sequence[Example]) -> NDArray[np.int64]:
    """The labels, (n,)."""
    return np.array([example.label for example in examples], dtype=np.int64)


def root_inverse_frequency(labels: NDArray[np.int64], classes: int = len(LABELS)) -> NDArray[np.float64]:
    """Class weights (k,) proportional to 1/sqrt(frequency), scaled so that the mean weight of a row is 1."""
    counts = np.bincount(labels, minlength=classes)
    weights = 1.0 / np.sqrt(np.maximum(counts, 1))
    return np.asarray(weights * counts.sum() / (weights * counts).sum(), dtype=np.float64)
