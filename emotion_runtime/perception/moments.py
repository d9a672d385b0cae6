"""Owns the question put to a cross-modal network: what was said, how it sounded and the face, of a few utterances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.perception.fusion import FACE, TEXT, VOICE

NETWORK_NAMES: Final = {TEXT: "text", VOICE: "acoustic", FACE: "visual"}
"""What the paper and its network call the modalities."""
MOST_STEPS: Final = 32
"""Utterances that a network may look at."""

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of an utterance: 16-bit little-endian mono `pcm` at `rate`, or a `file` in the folder of sounds."""

    pcm: bytes
    rate: int
    file: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One utterance. `face` (104,): means and deviations of the 52 ARKit coefficients while it was said.

    `vectors`: what a model made of it, network's name of the modality -> row. The model fills this in, so that a sound
    is heard once and need not be kept.
    """

    text: str
    sound: Sound | None
    face: tuple[float, ...] | None
    vectors: dict[str, Row | None] = field(default_factory=dict)

    def without_sound(self) -> Moment:
        """The same utterance as a context of later ones: with all that was made of it, and no sound."""
        return Moment(self.text, None, self.face, self.vectors)


@dataclass(frozen=True, slots=True)
class JointJob:
    """What the last of `moments` (the oldest first) means. All wait in one line, so that the earlier is heard first."""

    ticket: int
    moments: tuple[Moment, ...]
    addressed: bool = True

    def ask(self, model: JointModel) -> Sequence[float]:
        """The model's probabilities."""
        return model.judge(self.moments)


class JointModel(Protocol):
    """A model over several modalities and utterances."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        ...

    def judge(self, moments: Sequence[Moment]) -> Sequence[float]:
        """Probabilities of the last moment, summing to 1. Raises ModelError when there is no finite answer."""
        ...


class JointService(Protocol):
    """What a simulation needs of a cross-modal network; `PerceptionService` and `InlineService` are such."""

    def submit(self, job: JointJob) -> bool:
        """Takes a job without blocking: True, and it will be answered exactly once; False, and it never will."""
        ...

    def collect(self) -> list[Any]:
        """The results there are, in the order of submission, without blocking."""
        ...

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[Any]:
        """Collects once `count` results are there (None: all that are under way), or after `timeout` seconds."""
        ...

    def cancel(self, ticket: int) -> None:
        """Calls a job off."""
        ...

    def health(self) -> Any:
        """Counters and state now."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...
