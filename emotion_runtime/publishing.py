"""Owns how the state of a simulation leaves it: as fresh columns, or written into a frame that somebody lends."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.kernels import framing
from emotion_runtime.outputs import Columns
from emotion_runtime.tick import Ticker
from emotion_runtime.world import World

LARGEST_SINGLE: Final = float(np.float32(1.0 - 2.0**-24))
"""The largest float32 below 1: a published emotion never rounds up to 1."""


class Frame(Protocol):
    """Bytes to write the state into, little-endian, and where each column begins in them."""

    @property
    def out(self) -> NDArray[np.uint8]:
        """All bytes."""
        ...

    @property
    def emotion(self) -> int:
        """Of float32 (n, labels)."""
        ...

    @property
    def mood(self) -> int:
        """Of float32 (n, 3)."""
        ...

    @property
    def action(self) -> int:
        """Of uint16 (n,)."""
        ...

    @property
    def face(self) -> int:
        """Of float32 (n, shapes), where faces are streamed."""
        ...


class Publishing:
    """The published state of a simulation."""

    world: World
    _ticker: Ticker

    def _face_column(self) -> NDArray[np.float32]:
        raise NotImplementedError

    def columns(self) -> Columns:
        """The state as it is published: fresh arrays, one row a character."""
        world, kernels = self.world, self._ticker.kernels
        emotion = np.empty((world.n, len(world.labels)), np.float32)
        mood = np.empty((world.n, 3), np.float32)
        kernels.split(kernels.form.publish, world.feelings, world.columns, emotion, mood, LARGEST_SINGLE)
        return Columns(emotion, mood, self._ticker.action_column(), self._face_column())

    def write_columns(self, frame: Frame) -> None:
        """Write the same values into a frame, in place."""
        world, kernels = self.world, self._ticker.kernels
        write = kernels.form.frame if kernels.is_compiled else framing.frame
        labels, out = len(world.labels), frame.out
        kernels.split(write, world.feelings, world.columns, labels, out, frame.emotion, frame.mood, LARGEST_SINGLE)
        action, face = self._ticker.behaving.column(), self._face_column()
        framing.put(out, frame.action, action)
        if face.size:
            framing.put(out, frame.face, face)
