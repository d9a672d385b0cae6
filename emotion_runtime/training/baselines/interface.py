"""Owns what is common to all compared models: a corpus of utterances with features, and the fit-and-answer contract."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """n utterances in the order in which they were said, dialogue after dialogue.

    `features`: modality -> (n, size) numbers of each utterance; `there`: modality -> (n,) False where the recording of
    that modality is missing. `dialogues` and `speakers` (n,): names; `labels` (n,): places in the label set.
    """

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    dialogues: tuple[str, ...]
    speakers: tuple[str, ...]
    features: Mapping[str, Floats]
    there: Mapping[str, NDArray[np.bool_]]
    classes: int = 7

    def __post_init__(self) -> None:
        count = len(self.texts)
        columns: dict[str, Sized] = {"labels": self.labels, "dialogues": self.dialogues, "speakers": self.speakers}
        columns |= {f"features of {name}": table for name, table in self.features.items()}
        columns |= {f"presence of {name}": mask for name, mask in self.there.items()}
        wrong = {name: len(column) for name, column in columns.items() if len(column) != count}
        if wrong or self.features.keys() != self.there.keys():
            raise ValueError(f"{count} utterances, but {wrong or 'features and presence name other modalities'}")

    def only(self, *modalities: str) -> Corpus:
        """The same utterances with these modalities alone."""
        return Corpus(
            self.texts,
            self.labels,
            self.dialogues,
            self.speakers,
            {name: self.features[name] for name in modalities},
            {name: self.there[name] for name in modalities},
            self.classes,
        )

    def spans(self) -> list[tuple[int, int]]:
        """[begin, end) of each dialogue."""
        edges = [0]
        edges += [at for at in range(1, len(self.dialogues)) if self.dialogues[at] != self.dialogues[at - 1]]
        return list(zip(edges, [*edges[1:], len(self.dialogues)], strict=True)) if self.dialogues else []


class Compared(Protocol):
    """A model in a table. `sees_future`: whether its answer for an utterance uses what is said later."""

    name: str
    sees_future: bool

    def fit(self, train: Corpus, dev: Corpus, seed: int) -> None:
        """Learns from `train`; what is chosen is chosen on `dev`."""
        ...

    def probabilities(self, corpus: Corpus) -> Floats:
        """(n, classes), rows summing to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Standardiser:
    """Mean and deviation of each feature over the utterances that have the modality."""

    mean: Floats
    scale: Floats

    def __call__(self, table: Floats, there: NDArray[np.bool_]) -> NDArray[np.float32]:
        """(n, size) with mean 0 and deviation 1 on the training part; 0 where the modality is missing."""
        shown = np.where(there[:, None], (table - self.mean) / self.scale, 0.0)
        return np.asarray(shown, dtype=np.float32)


def standardiser(table: Floats, there: NDArray[np.bool_]) -> Standardiser:
    """Learned from a training part; a feature that never changes is left alone."""
    seen = table[there] if there.any() else np.zeros((1, table.shape[1]))
    deviation = seen.std(axis=0)
    return Standardiser(seen.mean(axis=0), np.where(deviation > 1e-8, deviation, 1.0))
