"""Owns the question put to perception and its answer, and the contract every text model fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

CACHED_LINES: Final = 512
"""Answers a model remembers by default (about 1 KB each): games repeat their lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """An earlier line of the same conversation; `same_speaker` as the line in question."""

    text: str
    same_speaker: bool


@dataclass(frozen=True, slots=True)
class TextJob:
    """One utterance to be understood. `ticket` is the caller's number, returned with the answer.

    `context` holds earlier lines, oldest first; a model uses as many as it was trained with.
    """

    ticket: int
    text: str
    context: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class TextResult:
    """The answer to a job: probabilities in the order of the model's labels, or empty with `failed` a code."""

    ticket: int
    probabilities: tuple[float, ...]
    seconds: float = 0.0
    failed: str = ""


class TextModel(Protocol):
    """A text model: pure function from lines to probabilities, the same answer whatever else is asked beside it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        ...

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        """Probabilities of `text`, summing to 1. Raises ModelError when the model gives no finite answer."""
        ...
