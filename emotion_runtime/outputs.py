"""Owns what a tick gives back: commands, perceptions, refusals and the digest, as plain immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class Start(Struct, frozen=True, gc=False):
    """Begin an action. `character` and `bearers` are names; `why` is one sentence."""

    action: int
    character: str
    rule: str
    bearers: tuple[str, ...]
    lasts: float
    why: str = ""
    payload: Mapping[str, str | float | bool] = msgspec.field(default_factory=dict)


class Stop(Struct, frozen=True, gc=False):
    """An action is over; `reason`: success, engine_failure, timeout, trigger_lost, outranked, parent_ended, reload."""

    action: int
    character: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Perceived:
    """What was made of one utterance: `probabilities` in the order of `labels`, or empty with `failed` a code.

    `source` names who said so: whatever the caller passed with the observation (the bridge: a session id).
    """

    utterance: int
    character: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    latency: float = 0.0
    failed: str = ""
    source: int = 0
    ticket: int = 0
    """k for the k-th line or piece of a voice ever accepted; 0 for a face."""
    modality: str = "text"
    """What was understood: text, voice or face, or several joined by `+`, the weightiest first."""
    partial: bool = False
    """Only to be shown: a voice that goes on, or a face. It moves nobody."""
    confidence: float = 0.0
    """How far this is to be trusted, 0..1; 0 when it was given with the line, or failed."""
    age: float = 0.0
    """Simulated seconds since the oldest of what was understood."""

    @property
    def label(self) -> str:
        """The most probable label, the first of equals; empty when it failed."""
        if not self.probabilities:
            return ""
        return self.labels[max(range(len(self.probabilities)), key=self.probabilities.__getitem__)]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model answered to the line or piece of a voice `ticket`, as it came in during a tick: for recordings."""

    ticket: int
    probabilities: tuple[float, ...]
    seconds: float
    failed: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One observation that was not applied. `item` is its place among those handed in since the last tick."""

    code: str
    message: str
    item: int
    source: int = 0
    batch: int = 0


@dataclass(frozen=True, slots=True)
class TickResult:
    """One tick. Commands: stops first, then starts. `digest` is 16 bytes over the whole state after the tick."""

    tick: int
    time: float
    commands: tuple[Start | Stop, ...]
    perceptions: tuple[Perceived, ...]
    refusals: tuple[Refusal, ...]
    digest: bytes
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    answers: tuple[Answered, ...] = ()
    """All answers that came in, by ticket; what was made of them are the perceptions."""
    changed: tuple[tuple[str, float], ...] = ()
    """Variables that rules set to another value in this tick, by full name, with the last value of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The published state: float32 `emotion` (n, L), `mood` (n, 3), `face` (n, k) or empty; uint16 `action` (n,)."""

    emotion: NDArray[np.float32]
    mood: NDArray[np.float32]
    action: NDArray[np.uint16]
    face: NDArray[np.float32]
