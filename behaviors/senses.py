"""Owns what rules may read in one tick: borrowed columns of characters, objects and the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from behaviors.attitudes import Attitudes

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cast:
    """What does not change while a scene runs.

    n characters come first in the one index space of *subjects*, m objects after them: subject s >= n is object s - n.
    `labels` are the emotion labels in published order, `neutral` among them. `variables` maps `object.name` and
    `world.name` to a row of `Senses.variables`. `tagged` maps a tag to the ascending indices of its characters.
    """

    characters: tuple[str, ...]
    objects: tuple[str, ...]
    labels: tuple[str, ...]
    traits: tuple[str, ...]
    tagged: Mapping[str, Ints]
    variables: Mapping[str, int]

    @property
    def subjects(self) -> dict[str, int]:
        """Name to subject index, characters then objects."""
        return {name: index for index, name in enumerate(self.characters + self.objects)}


@dataclass(frozen=True, slots=True)
class Senses:
    """Columns for one tick. Nothing in this package writes to them.

    Shapes: `emotion` (n, L) in (0, 1) in the order of `Cast.labels`; `mood` (n, 3) pleasure, arousal, dominance in
    -1..1; `traits` (n, 5) in -1..1; `position` (n + m, 3) metres, characters then objects; `likes` (n, n), row = who
    likes, -1..1, or the same in compressed rows; `cause` (n, L) the subject that gave most of that emotion, or -1;
    `speaker`, `target` (n,) the character last heard, and the subject the game named last, or -1; `variables` (V,),
    booleans as 0.0 and 1.0. `sees` maps an object (0 = the first) to (n,) who sees it, as the engine told; the
    objects that are not in it are seen by all.
    """

    emotion: Floats
    mood: Floats
    traits: Floats
    position: Floats
    likes: Floats | Attitudes
    cause: Ints
    speaker: Ints
    target: Ints
    variables: Floats
    sees: Mapping[int, Flags] = field(default_factory=dict)
