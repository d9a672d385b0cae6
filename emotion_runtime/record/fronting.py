"""Owns what stands before a simulation and is read as one: everything but what it is told, stepped and saved by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from emotion_runtime.expression.blocks import FaceBlock, FaceWish
from emotion_runtime.outputs import Columns
from emotion_runtime.publishing import Frame
from emotion_runtime.simulation import Simulation
from emotion_runtime.telling import Telling
from emotion_runtime.tick import RunningAction


class Fronting(Telling):
    """The part of `unity_bridge.world.World` that a recorder or a journal only passes on."""

    simulation: Simulation

    @property
    def scene_name(self) -> str:
        """The scene's name."""
        return self.simulation.scene_name

    @property
    def scene_path(self) -> Path:
        """The scene's file."""
        return self.simulation.scene_path

    @property
    def epoch(self) -> int:
        """Rises with every reload."""
        return self.simulation.epoch

    @property
    def characters(self) -> tuple[str, ...]:
        """Names, in the order of all columns."""
        return self.simulation.characters

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of the smart objects."""
        return self.simulation.objects

    @property
    def labels(self) -> tuple[str, ...]:
        """Emotion labels, in the order of the emotion columns."""
        return self.simulation.labels

    @property
    def actions(self) -> tuple[str, ...]:
        """Rule names behind the action column."""
        return self.simulation.actions

    @property
    def shapes(self) -> tuple[str, ...]:
        """Blendshapes behind the face column."""
        return self.simulation.shapes

    @property
    def rate(self) -> float:
        """Ticks a second."""
        return self.simulation.rate

    @property
    def tick(self) -> int:
        """Ticks done."""
        return self.simulation.tick

    @property
    def time(self) -> float:
        """Simulated seconds."""
        return self.simulation.time

    @property
    def digest(self) -> bytes:
        """16 bytes over the whole state."""
        return self.simulation.digest

    def columns(self) -> Columns:
        """The state as it is published."""
        return self.simulation.columns()

    def write_columns(self, frame: Frame) -> None:
        """The same, written into a frame."""
        self.simulation.write_columns(frame)

    def face_block(self, wish: FaceWish, *, strict: bool = False) -> FaceBlock:
        """What one reader gets of the faces now."""
        return self.simulation.face_block(wish, strict=strict)

    def running(self) -> tuple[RunningAction, ...]:
        """All actions under way."""
        return self.simulation.running()

    def variables(self) -> dict[str, float]:
        """Every variable by full name."""
        return self.simulation.variables()

    def why(self, character: str) -> Mapping[str, object]:
        """Everything that explains a character."""
        return self.simulation.why(character)
