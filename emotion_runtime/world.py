"""Owns the state of a scene in columns: one row a character, objects after them, variables in one flat column."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from behaviors.senses import Cast, Senses
from emotion_runtime.affect.dynamics import EPSILON, LN2, Constants
from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.affect.ledger import NOBODY, Ledger
from emotion_runtime.affect.personality import baseline, channels, default_mood, temperament
from emotion_runtime.scene.resolved import TRAITS, Scene, Variable

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


class World:
    """Columns for n characters, m objects, c channels (labels without `neutral`) and V variables.

    `emotion` (n, c) in (0, 1) and `mood` (n, 3) are float64: float32 state would break the step law. `position`
    (n + m, 3) metres. `variables` (V,), booleans as 0 and 1, named `object.name` and `world.name`. `speaker` and
    `target` (n,): subject last heard, and last named by an event, or -1.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.names = tuple(character.id for character in scene.characters)
        self.objects = tuple(thing.id for thing in scene.objects)
        self.labels = scene.labels
        self.channels = channels(scene.labels)
        self.columns: Ints = np.array([self.labels.index(c) for c in self.channels], dtype=np.int32)
        """(c,) the published column of each channel."""
        self._neutral = self.labels.index(NEUTRAL) if NEUTRAL in self.labels else -1
        self.channel = {label: index for index, label in enumerate(self.channels)}
        self.n = len(self.names)
        self.subject = {name: index for index, name in enumerate(self.names + self.objects)}
        self._tags = self._tag_columns()
        self._declared = _declared(scene)
        self.variable = {name: row for row, name in enumerate(self._declared)}
        self._constant_columns()

        self.emotion: Floats = self.constants.baseline.copy()
        self.mood: Floats = self.constants.mood_home.copy()
        self.position: Floats = np.array(
            [character.at for character in scene.characters] + [thing.at for thing in scene.objects], dtype=np.float64
        ).reshape(-1, 3)
        self.variables: Floats = np.array([each.initial for each in self._declared.values()], dtype=np.float64)
        self.speaker: Ints = np.full(self.n, NOBODY, dtype=np.int32)
        self.target: Ints = np.full(self.n, NOBODY, dtype=np.int32)
        self.ledger = Ledger(self.n, len(self.channels))

    def _constant_columns(self) -> None:
        people = self.scene.characters
        shape = (self.n, len(self.channels))
        self.traits: Floats = np.array([[p.personality[t] for t in TRAITS] for p in people]).reshape(
            self.n, len(TRAITS)
        )
        self.hearing: Floats = np.array([p.hearing for p in people])
        self.likes: Floats = np.zeros((self.n, self.n))
        for row, person in enumerate(people):
            for name, value in person.likes.items():
                self.likes[row, self.subject[name]] = value
        self.temperament: Floats = np.array(
            [[temperament(c, p.personality) for c in self.channels] for p in people]
        ).reshape(shape)
        calm = np.array([[baseline(c, p.personality) for c in self.channels] for p in people]).reshape(shape)
        self.constants = Constants(
            baseline=np.clip(calm, EPSILON, 1.0 - EPSILON),
            decay=np.array([[LN2 / p.half_life[c] for c in self.channels] for p in people]).reshape(shape),
            mood_home=np.array([default_mood(p.personality) for p in people]).reshape(self.n, 3),
            mood_decay=np.array([LN2 / p.mood_half_life for p in people]),
            pad=np.array([self.scene.pad[c] for c in self.channels]).reshape(-1, 3),
        )

    def _tag_columns(self) -> dict[str, Flags]:
        tags = sorted({tag for person in self.scene.characters for tag in person.tags})
        return {tag: np.array([tag in person.tags for person in self.scene.characters], dtype=np.bool_) for tag in tags}

    def is_a(self, tag: str) -> Flags:
        """(n,): who carries this tag; a character's own name is a tag of its own."""
        column = self._tags.get(tag)
        return np.zeros(self.n, dtype=np.bool_) if column is None else column

    def declared(self, name: str) -> Variable:
        """The declaration of a variable by its full name. Raises KeyError."""
        return self._declared[name]

    @cached_property
    def cast(self) -> Cast:
        """The unchanging part, as behaviors know it."""
        return Cast(
            characters=self.names,
            objects=self.objects,
            labels=self.labels,
            traits=tuple(TRAITS),
            tagged={tag: np.flatnonzero(column).astype(np.int32) for tag, column in self._tags.items()},
            variables=self.variable,
        )

    def published(self) -> Floats:
        """(n, L) all labels in published order: the channels, and `neutral` as 1 - the largest of them."""
        result = np.empty((self.n, len(self.labels)))
        result[:, self.columns] = self.emotion
        if self._neutral >= 0:
            result[:, self._neutral] = 1.0 - self.emotion.max(axis=1, initial=EPSILON)
        return result

    def senses(self, causing: Ints) -> Senses:
        """What characters' rules may read now. `causing`: the channels for which they ask who caused most of it."""
        cause = np.full((self.n, len(self.labels)), NOBODY, dtype=np.int32)
        if len(causing):
            cause[:, self.columns[causing]] = self.ledger.strongest_subjects(causing)
        return self._senses(self.published(), self.felt_mood(), cause)

    def surroundings(self) -> Senses:
        """What objects' rules may read now: places and variables. Objects know nothing of anybody's feelings."""
        nothing = np.empty((self.n, 0))
        return self._senses(nothing, nothing, np.empty((self.n, 0), dtype=np.int32))

    def _senses(self, emotion: Floats, mood: Floats, cause: Ints) -> Senses:
        return Senses(
            emotion=emotion,
            mood=mood,
            traits=self.traits,
            position=self.position,
            likes=self.likes,
            cause=cause,
            speaker=self.speaker,
            target=self.target,
            variables=self.variables,
        )

    def felt_mood(self) -> Floats:
        """(n, 3) mood as others may read it: the linear state, limited to -1..1."""
        return np.clip(self.mood, -1.0, 1.0)


def _declared(scene: Scene) -> dict[str, Variable]:
    declared = {f"world.{variable.name}": variable for variable in scene.world}
    for thing in scene.objects:
        declared.update({f"{thing.id}.{variable.name}": variable for variable in thing.variables})
    return declared
