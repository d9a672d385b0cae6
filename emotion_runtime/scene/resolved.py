"""Owns the checked scene: every name resolved, every archetype merged, every unit turned into metres and seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from behaviors.rules import AutonomousRule, InteractiveRule
from behaviors.trees import Tree
from emotion_runtime.expression.recipe import RecipeTable
from emotion_runtime.expression.speech.voice_profile import VoiceProfile
from emotion_runtime.expression.transfer.profile import Profile

Trait = Literal["openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"]
TRAITS: tuple[Trait, ...] = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")


@dataclass(frozen=True, slots=True)
class Contagion:
    """One label spreads at `gain` per second for each full-strength neighbour `within` metres."""

    label: str
    gain: float
    within: float


@dataclass(frozen=True, slots=True)
class FaceStyle:
    """How a character shows what it feels. `recipes`: None is the default table. `jaw`, `lips`: 0..2 while it speaks.

    `transfer` is what it makes of a performer's face, and `own` (0..1) how much of its own shows meanwhile. `voice`
    tells visemes in the sound of its voice.
    """

    recipes: RecipeTable | None = None
    transfer: Profile | None = None
    voice: VoiceProfile | None = None
    jaw: float = 1.0
    lips: float = 1.0
    own: float = 0.35


@dataclass(frozen=True, slots=True)
class Character:
    """A character after merging its archetypes.

    `at` metres (x, y, z; y is up). `personality` -1..1 for all five traits. `likes` maps every *character* it has a
    stated attitude to (tags already expanded, a name beats a tag) to -1..1; everybody else is 0. `half_life` seconds
    for every label but neutral. `tags` includes the names of its archetypes and its own name. `archetypes` nearest
    first. `roams`: the areas it can stand in; none stated = anywhere. `face`: None shows what everybody does.
    """

    id: str
    at: tuple[float, float, float]
    personality: Mapping[str, float]
    likes: Mapping[str, float]
    half_life: Mapping[str, float]
    mood_half_life: float
    hearing: float
    contagion: tuple[Contagion, ...]
    can: tuple[str, ...]
    tags: frozenset[str]
    tree: str | None
    archetypes: tuple[str, ...] = ()
    roams: tuple[str, ...] = ()
    face: FaceStyle | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of an object or of the world. Booleans are 0 and 1 with `boolean` set. `unit`: "", "s" or "m"."""

    name: str
    initial: float
    low: float
    high: float
    boolean: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SmartObject:
    """A thing that acts on all in range while its condition holds. Variable names are without the object's."""

    id: str
    at: tuple[float, float, float]
    variables: tuple[Variable, ...]
    rules: tuple[InteractiveRule, ...]
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AppraisalRow:
    """One line of the appraisal table. First match wins.

    Exactly one of `heard` (label) and `event` (name) is set. `who`, `source`: a character id or tag, or None = any;
    `attitude` limits to speakers that are liked (> 0.3) or disliked (< -0.3). `addressed`: None = either.
    `feels` maps labels to signed impulses in -1..1, scaled by the strength of what was heard.
    """

    heard: str | None
    event: str | None
    who: str | None
    source: str | None
    attitude: Literal["liked", "disliked"] | None
    addressed: bool | None
    feels: Mapping[str, float]
    where: str = ""
    """file:line of the row, for `why`."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the floor where characters can stand: metres, x and z."""

    name: str
    low: tuple[float, float]
    high: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole scene. `labels` are in published (alphabetical) order with `neutral`; `pad` gives each its place."""

    name: str
    path: Path
    labels: tuple[str, ...]
    pad: Mapping[str, tuple[float, float, float]]
    characters: tuple[Character, ...]
    objects: tuple[SmartObject, ...]
    rules: Mapping[str, AutonomousRule]
    trees: Mapping[str, Tree]
    appraisal: tuple[AppraisalRow, ...]
    world: tuple[Variable, ...]
    events: tuple[str, ...]
    areas: tuple[Area, ...]
    sources: Mapping[str, str]
    """Text of every file read, by path as shown in messages."""
