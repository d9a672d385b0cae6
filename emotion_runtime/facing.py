"""Owns what a simulation tells of faces: streamed with every state, or as each reader wished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.blocks import FaceBlock, FaceWish, chosen_rows, face_block
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.faces import SceneFaces
from emotion_runtime.hearing import Spoken
from emotion_runtime.intake import Captured
from emotion_runtime.saving import SaveError
from emotion_runtime.world import World


class Facing:
    """The faces of a simulation. They begin when they are first asked for, and then depend on the ticks alone."""

    world: World
    seed: int

    def __init__(self) -> None:
        self._faces: SceneFaces | None = None
        self._streamed = False

    @property
    def time(self) -> float:
        """Simulated seconds."""
        raise NotImplementedError

    @property
    def shapes(self) -> tuple[str, ...]:
        """Blendshapes behind the face column; empty unless `stream_faces` was called."""
        return ARKIT if self._streamed else ()

    def stream_faces(self) -> None:
        """From now on `columns` holds face weights."""
        self._streamed = True
        self.begin_faces()

    def begin_faces(self) -> SceneFaces:
        """The faces of all characters; at rest in their present emotions when this is the first call."""
        if self._faces is None:
            self._faces = SceneFaces(self.world, self.seed, self.time)
        return self._faces

    def faces(self, form: Literal["arkit52", "vrm"]) -> NDArray[np.float32]:
        """(n, k) weights in 0..1 as they are now, columns as `expression.blocks.NAMES`; lent until the next step."""
        stage = self.begin_faces().stage
        return stage.vrm() if form == "vrm" else stage.arkit()

    def face_block(self, wish: FaceWish, *, strict: bool = False) -> FaceBlock:
        """What one reader gets of the faces now. `strict`: a name that is not there is an InputError, not left out."""
        world = self.world
        rows = chosen_rows(wish, world.n, world.subject, world.position, strict=strict)
        return face_block(wish, self.faces("vrm" if wish.form == "vrm" else "arkit52"), rows)

    def _face_column(self) -> NDArray[np.float32]:
        if not self._streamed or self._faces is None:
            return np.empty((self.world.n, 0), dtype=np.float32)
        return self._faces.stage.arkit()

    def _step_faces(self, said: Sequence[Spoken], captured: Sequence[Captured]) -> None:
        if self._faces is not None:
            self._faces.step(self.time - self._faces.stage.faces.time, self.time, said, captured)

    def _saved_faces(self) -> dict[str, NDArray[Any]]:
        return {} if self._faces is None else self._faces.state()

    def _faces_of(self, world: World, time: float, state: Mapping[str, NDArray[Any]]) -> SceneFaces | None:
        """Faces of a restored world, if it or this one has any: as they were saved, or at rest. Raises SaveError."""
        if self._faces is None and not state:
            return None
        faces = SceneFaces(world, self.seed, time)
        try:
            if state:
                faces.load_state(state)
        except (UsageError, ValueError, IndexError, TypeError) as error:
            raise SaveError("bad_save", f"the saved faces contradict themselves: {error}"[:500]) from error
        return faces
