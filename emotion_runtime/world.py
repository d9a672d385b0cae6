"""Owns the state of a scene in columns: one row a character, objects after them, variables in one flat column."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from behaviors.attitudes import DENSE, Attitudes
from behaviors.rules import Who
from behaviors.senses import Cast, Senses
from emotion_runtime.affect.dynamics import EPSILON, LN2, Constants
from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.affect.ledger import NOBODY, Codes, Ledger
from emotion_runtime.affect.personality import baseline, channels, default_mood, temperament
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.kernels.tables import Feelings
from emotion_runtime.scene.resolved import TRAITS, Character, Scene, Variable

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class World:
    """Columns for n characters, m objects, c channels (labels without `neutral`) and V variables.

    `feelings` holds emotion (c + 1, n), neutral last, and mood (3, n) in float64: float32 would break the step law.
    `emotion` (n, c) in (0, 1) and `mood` (n, 3) are views of them. `position` (n + m, 3) metres. `variables` (V,),
    booleans as 0 and 1, named `object.name` and `world.name`. `speaker` and `target` (n,): subject last heard, and
    last named by an event, or -1. `sight` (k, n): who sees object `watched[k]`, which acts in sight only. All
    of these are changed in place, never replaced.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.names = tuple(character.id for character in scene.characters)
        self.objects = tuple(thing.id for thing in scene.objects)
        self.labels = scene.labels
        self.channels = channels(scene.labels)
        self.rows: tuple[str, ...] = (*self.channels, NEUTRAL)
        """Labels of the rows of `feelings.emotion`."""
        order = [self.labels.index(label) for label in self.rows if label in self.labels]
        self.columns: Ints = np.array(order, dtype=np.int32)
        """The published column of each row of `feelings.emotion`."""
        self.channel = {label: index for index, label in enumerate(self.channels)}
        self.n = len(self.names)
        self.subject = {name: index for index, name in enumerate(self.names + self.objects)}
        self._declared = _declared(scene)
        self.variable = {name: row for row, name in enumerate(self._declared)}
        self._constant_columns()

        self.feelings = Feelings(np.empty((len(self.rows), self.n)), np.empty((3, self.n)))
        self.emotion: Floats = self.feelings.emotion[:-1].T
        self.mood: Floats = self.feelings.mood.T
        self.emotion[:] = self.constants.baseline
        self.mood[:] = self.constants.mood_home
        self.settle(np.arange(self.n, dtype=np.int32))
        self.position: Floats = np.array(
            [character.at for character in scene.characters] + [thing.at for thing in scene.objects], dtype=np.float64
        ).reshape(-1, 3)
        self.variables: Floats = np.array([each.initial for each in self._declared.values()], dtype=np.float64)
        self.speaker: Ints = np.full(self.n, NOBODY, dtype=np.int32)
        self.target: Ints = np.full(self.n, NOBODY, dtype=np.int32)
        self.watched = _watched(scene)
        self.sight: NDArray[np.bool_] = np.ones((len(self.watched), self.n), np.bool_)
        self.ledger = Ledger(self.n, len(self.channels), self._codes(), self._asked())
        self._senses = Senses(
            emotion=self.feelings.emotion.T,
            mood=self._felt,
            traits=self.traits,
            position=self.position,
            likes=self.attitudes.matrix() if self.n <= DENSE else self.attitudes,
            cause=self.ledger.columns.strongest.T,
            speaker=self.speaker,
            target=self.target,
            variables=self.variables,
            sees=dict(zip(self.watched, self.sight, strict=True)),
        )

    def _constant_columns(self) -> None:
        people = self.scene.characters
        shape = (self.n, len(self.channels))
        minds = _Minds(self.channels)
        self.traits: Floats = np.asfortranarray(
            np.array([[p.personality[t] for t in TRAITS] for p in people]).reshape(self.n, len(TRAITS))
        )
        self.hearing: Floats = np.array([p.hearing for p in people])
        self.hearing_squared: Floats = self.hearing * self.hearing
        self.attitudes = Attitudes(
            [{self.subject[name]: value for name, value in person.likes.items()} for person in people]
        )
        self.temperament: Floats = np.array([minds.of(p)[0] for p in people]).reshape(shape)
        calm = np.array([minds.of(p)[1] for p in people]).reshape(shape)
        decay = np.array([minds.decay(p) for p in people]).reshape(shape)
        home = np.array([minds.of(p)[2] for p in people]).reshape(self.n, 3)
        self.constants = Constants(
            baseline=np.asfortranarray(np.clip(calm, EPSILON, 1.0 - EPSILON)),
            decay=np.asfortranarray(decay),
            mood_home=np.asfortranarray(home),
            mood_decay=np.array([LN2 / p.mood_half_life for p in people]),
            pad=np.array([self.scene.pad[c] for c in self.channels]).reshape(-1, 3),
        )
        self.fixed = self.constants.fixed()
        self._felt_rows = np.zeros((3, self.n))
        self._felt: Floats = self._felt_rows.T

    @cached_property
    def tagged(self) -> dict[str, Ints]:
        """Rows of the characters with each tag, ascending; a character's own name is a tag of its own."""
        rows: dict[str, list[int]] = {}
        for row, person in enumerate(self.scene.characters):
            for tag in person.tags:
                rows.setdefault(tag, []).append(row)
        return {tag: np.array(rows[tag], dtype=np.int32) for tag in sorted(rows)}

    def declared(self, name: str) -> Variable:
        """The declaration of a variable by its full name. Raises KeyError."""
        return self._declared[name]

    @cached_property
    def cast(self) -> Cast:
        """The unchanging part, as behaviors know it; labels in the order of `rows`."""
        return Cast(
            characters=self.names,
            objects=self.objects,
            labels=self.rows,
            traits=tuple(TRAITS),
            tagged=self.tagged,
            variables=self.variable,
        )

    def settle(self, characters: Ints) -> None:
        """Derive `neutral` anew for characters whose emotions were changed: 1 - the largest of the others."""
        rows = self.feelings.emotion
        rows[-1, characters] = 1.0 - rows[:-1, characters].max(axis=0, initial=EPSILON)

    def published(self, character: int) -> Floats:
        """(L,) all labels of one character in published order."""
        result = np.empty(len(self.labels))
        result[self.columns] = self.feelings.emotion[: len(self.columns), character]
        return result

    def senses(self, kernels: Kernels | None = None) -> Senses:
        """What characters' rules may read now: borrowed columns."""
        if kernels is not None and kernels.is_compiled:
            kernels.split(kernels.form.feel, self.feelings.mood, self._felt_rows)
            return self._senses
        np.minimum(np.maximum(self.feelings.mood, -1.0, out=self._felt_rows), 1.0, out=self._felt_rows)
        return self._senses

    def surroundings(self) -> Senses:
        """What objects' rules may read: places and variables. Objects know nothing of anybody's feelings."""
        nothing = np.empty((self.n, 0))
        return Senses(
            emotion=nothing,
            mood=nothing,
            traits=nothing,
            position=self.position,
            likes=nothing,
            cause=np.empty((self.n, 0), dtype=np.int32),
            speaker=self.speaker,
            target=self.target,
            variables=self.variables,
            sees=dict(zip(self.watched, self.sight, strict=True)),
        )

    def felt_mood(self, character: int) -> list[float]:
        """Mood of one character as others may read it: the linear state, limited to -1..1."""
        felt: list[float] = np.clip(self.feelings.mood[:, character], -1.0, 1.0).tolist()
        return felt

    def _codes(self) -> Codes:
        scene = self.scene
        return Codes(
            len(self.subject),
            {
                "said": self.labels,
                "event": scene.events,
                "object": [rule.name for thing in scene.objects for rule in thing.rules],
                "action": [rule.name for rule in scene.rules.values()],
                "contagion": self.channels,
            },
        )

    def _asked(self) -> list[int]:
        """The channels for which some rule asks who caused most of it."""
        read = {rule.bearer.name for rule in self.scene.rules.values() if rule.bearer.who is Who.CAUSE}
        return [channel for channel, label in enumerate(self.channels) if label in read]


class _Minds:
    """What follows from a personality and from half-lives, worked out once for all who share them."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self._labels = labels
        self._known: dict[int, tuple[Mapping[str, float], tuple[list[float], list[float], tuple[float, ...]]]] = {}
        self._rates: dict[int, tuple[Mapping[str, float], list[float]]] = {}

    def of(self, person: Character) -> tuple[list[float], list[float], tuple[float, ...]]:
        """Temperament and baseline of each channel, and the default mood."""
        traits = person.personality
        known = self._known.get(id(traits))
        if known is None:
            felt = [temperament(label, traits) for label in self._labels]
            calm = [baseline(label, traits) for label in self._labels]
            known = self._known[id(traits)] = traits, (felt, calm, default_mood(traits))
        return known[1]

    def decay(self, person: Character) -> list[float]:
        """Decay per second of each channel."""
        known = self._rates.get(id(person.half_life))
        if known is None:
            rates = [LN2 / person.half_life[label] for label in self._labels]
            known = self._rates[id(person.half_life)] = person.half_life, rates
        return known[1]


def _watched(scene: Scene) -> tuple[int, ...]:
    """The objects (0 = the first) with an effect that needs to be seen."""
    return tuple(row for row, thing in enumerate(scene.objects) if any(rule.in_sight for rule in thing.rules))


def _declared(scene: Scene) -> dict[str, Variable]:
    declared = {f"world.{variable.name}": variable for variable in scene.world}
    for thing in scene.objects:
        declared.update({f"{thing.id}.{variable.name}": variable for variable in thing.variables})
    return declared
