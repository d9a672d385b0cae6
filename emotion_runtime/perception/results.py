"""Owns the question put to perception and its answer, and the contract every text model fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

CACHED_LINES: Final = 512
"""Answers a model remembers by default (about 1 KB each): games repeat their lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """An earlier line of the same conversation; `same_speaker` as the line in question."""

    text: str
    same_speaker: bool


class Job(Protocol):
    """A question to a model. `ticket` is the caller's number, returned with the answer.

    `addressed`: somebody is spoken to, so that the answer is wanted before those to lines that are only overheard.
    """

    @property
    def ticket(self) -> int:
        """The caller's number."""
        ...

    @property
    def addressed(self) -> bool:
        """Whether it comes before others."""
        ...

    def ask(self, model: Any) -> Sequence[float]:
        """The model's probabilities for this job. Raises what the model raises."""
        ...


@dataclass(frozen=True, slots=True)
class TextJob:
    """One utterance to be understood: `context` holds earlier lines, oldest first; a model uses as many as it can."""

    ticket: int
    text: str
    context: tuple[Line, ...] = ()
    addressed: bool = False

    def ask(self, model: TextModel) -> Sequence[float]:
        """The model's probabilities for this line."""
        return model.classify(self.text, self.context)


@dataclass(frozen=True, slots=True)
class VoiceJob:
    """A clip of `speaker`'s voice: 16-bit little-endian mono `pcm` at `rate`, or a `file` in the folder of sounds.

    `final`: the utterance is over. Only then does the model get to know the voice better.
    """

    ticket: int
    speaker: str
    pcm: bytes = b""
    rate: int = 16_000
    file: str = ""
    final: bool = True
    addressed: bool = False

    def ask(self, model: VoiceModel) -> Sequence[float]:
        """The model's probabilities for this clip."""
        return model.hear(self)


@dataclass(frozen=True, slots=True)
class TextResult:
    """The answer to a job: probabilities in the order of the model's labels, or empty with `failed` a code."""

    ticket: int
    probabilities: tuple[float, ...]
    seconds: float = 0.0
    failed: str = ""


class Model(Protocol):
    """What every model says of itself. One that has `max_batch` over 1 also has `ask_all(jobs)`, a row for each job."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        ...


class TextModel(Model, Protocol):
    """A text model: pure function from lines to probabilities, the same answer whatever else is asked beside it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        ...

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        """Probabilities of `text`, summing to 1. Raises ModelError when the model gives no finite answer."""
        ...


class VoiceModel(Model, Protocol):
    """A voice model: it may get to know each speaker's voice by the final clips it hears, in their order."""

    @property
    def reliability(self) -> float:
        """How far its word is to be trusted beside other modalities, 0..1."""
        ...

    def hear(self, job: VoiceJob) -> Sequence[float]:
        """Probabilities of a clip, summing to 1. Raises ModelError when the model gives no finite answer."""
        ...
