"""Owns what the bridge needs of a simulation: a protocol that `emotion_runtime.simulation.Simulation` satisfies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.blocks import FaceBlock, FaceWish
from emotion_runtime.inputs import Observation
from emotion_runtime.outputs import TickResult
from emotion_runtime.publishing import Frame
from emotion_runtime.saving import Restored


class Columns(Protocol):
    """State of all characters, one row each, C-contiguous; borrowed until the next step."""

    @property
    def emotion(self) -> NDArray[np.float32]:
        """(n, labels), strictly inside (0, 1)."""
        ...

    @property
    def mood(self) -> NDArray[np.float32]:
        """(n, 3): pleasure, arousal, dominance, each in -1..1."""
        ...

    @property
    def action(self) -> NDArray[np.uint16]:
        """(n,): index into `World.actions`."""
        ...

    @property
    def face(self) -> NDArray[np.float32]:
        """(n, shapes) in 0..1, or of size 0 when no faces are streamed."""
        ...


class RunningAction(Protocol):
    """One action under way, as a late joiner must know it."""

    @property
    def action(self) -> int:
        """Number of the action."""
        ...

    @property
    def character(self) -> str:
        """Who does it."""
        ...

    @property
    def rule(self) -> str:
        """Name of the rule."""
        ...

    @property
    def bearers(self) -> tuple[str, ...]:
        """Subjects it is aimed at."""
        ...

    @property
    def lasts(self) -> float:
        """Nominal seconds."""
        ...

    @property
    def elapsed(self) -> float:
        """Simulated seconds since its start."""
        ...

    @property
    def payload(self) -> Mapping[str, object]:
        """What the scene tells the engine about it."""
        ...


class World(Protocol):
    """A simulation without sockets. One thread uses it: the bridge's loop."""

    @property
    def scene_name(self) -> str:
        """Name of the scene, for people."""
        ...

    @property
    def scene_path(self) -> Path:
        """File of the scene: what may be reloaded lies beside or below it."""
        ...

    @property
    def epoch(self) -> int:
        """Number of the roster: names and their order; rises with every reload."""
        ...

    @property
    def characters(self) -> tuple[str, ...]:
        """Row i of every column is characters[i]."""
        ...

    @property
    def objects(self) -> tuple[str, ...]:
        """Smart objects by id."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns of `emotion`."""
        ...

    @property
    def actions(self) -> tuple[str, ...]:
        """Names behind the `action` column; actions[0] is empty: no action."""
        ...

    @property
    def shapes(self) -> tuple[str, ...]:
        """Columns of `face`, or ()."""
        ...

    @property
    def rate(self) -> float:
        """Ticks a second."""
        ...

    @property
    def tick(self) -> int:
        """Ticks done."""
        ...

    @property
    def time(self) -> float:
        """Simulated seconds."""
        ...

    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        """Queue for the next step; raises InputError at once if it is refused."""
        ...

    def step(self, dt: float, *, wait: bool) -> TickResult:
        """Do one tick of `dt` seconds; `wait` True waits for every perception due."""
        ...

    def reload(self, path: Path) -> None:
        """Go on in another scene; raises EmotionRuntimeError, and changes nothing, when it has faults."""
        ...

    def save(self) -> bytes:
        """The whole state; raises EmotionRuntimeError where that cannot be had."""
        ...

    def restore(self, data: bytes, *, sources: bool = True) -> Restored:
        """Go on from a saved state; raises EmotionRuntimeError, and changes nothing, for what is none."""
        ...

    def columns(self) -> Columns:
        """The state as it is."""
        ...

    def write_columns(self, frame: Frame) -> None:
        """Write the same values where they lie in a frame."""
        ...

    def face_block(self, wish: FaceWish, *, strict: bool = False) -> FaceBlock:
        """What one reader gets of the faces now; raises InputError, if `strict`, for names that are not there."""
        ...

    def running(self) -> tuple[RunningAction, ...]:
        """All actions under way."""
        ...

    def variables(self) -> Mapping[str, float]:
        """`object.name` and `world.name`; booleans are 0 and 1."""
        ...

    def why(self, character: str) -> Mapping[str, object]:
        """Causes of the present emotion and action of one character."""
        ...

    def health(self) -> Mapping[str, object]:
        """Figures of the simulation itself, for `status`."""
        ...

    def close(self) -> None:
        """Give back threads and models."""
        ...
