"""Owns the crowd that benchmarks run on: a square of people with one tree of twelve nodes, and many smart objects."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from behaviors.expressions import parse
from behaviors.rules import AutonomousRule, Bearer, Change, Fade, InteractiveRule, Who
from behaviors.trees import Filter, Leaf, Parallel, Selector, Sequence, Tree
from emotion_runtime.affect.labels import HALF_LIFE_S, LABELS, PAD
from emotion_runtime.scene.resolved import TRAITS, AppraisalRow, Character, Contagion, Scene, SmartObject, Variable

METRES_EACH: Final = 10.0
"""A square kilometre for 10,000 people: 10 m by 10 m for each, whatever their number."""
OBJECTS: Final = 5000
MINDS: Final = 64
"""People share so many personalities."""
TAG: Final = "person"

RULES: Final = (
    AutonomousRule(
        "flee", Bearer(Who.SELF), parse("fear > 0.35"), 4.0, parse("fear < 0.2"), (Change("fear", -0.1, True, True),)
    ),
    AutonomousRule("hide", Bearer(Who.SELF), parse("fear > 0.3 and neuroticism > 0"), 6.0, parse("fear < 0.15")),
    AutonomousRule(
        "cheer", Bearer(Who.SELF), parse("joy > 0.4"), 3.0, parse("joy < 0.3"), (Change("joy", -0.02, True, True),)
    ),
    AutonomousRule("grumble", Bearer(Who.SELF), parse("anger > 0.3"), 3.0, parse("anger < 0.2")),
    AutonomousRule("mourn", Bearer(Who.SELF), parse("sadness > 0.3"), 8.0, parse("sadness < 0.2")),
    AutonomousRule("stroll", Bearer(Who.SELF), parse("neutral > 0.2"), 30.0, parse("neutral < 0.1"), timeout=60.0),
)
TREE: Final = Tree(
    "everybody",
    Selector(
        (
            Filter(Parallel((Leaf("flee"), Leaf("hide")), "one"), parse("fear > 0.2")),
            Filter(Leaf("grumble"), parse("anger > 0.1")),
            Sequence((Leaf("mourn"),)),
            Filter(Selector((Leaf("cheer"), Leaf("stroll"))), parse("mood.pleasure > -0.5")),
        )
    ),
)


def crowd(characters: int, objects: int = OBJECTS, seed: int = 0) -> Scene:
    """A scene of any size, the same for the same arguments; its density of people does not depend on its size.

    Objects reach 3 to 10 m; there are at most half as many as people.
    """
    chance = np.random.default_rng(seed)
    side = METRES_EACH * characters**0.5
    places = chance.uniform(0.0, side, (characters, 2)).round(3).tolist()
    minds = [
        dict(zip(TRAITS, row, strict=True)) for row in chance.uniform(-1, 1, (MINDS, len(TRAITS))).round(2).tolist()
    ]
    spreads = (Contagion("fear", 0.015, 4.0), Contagion("joy", 0.005, 4.0))
    likes: dict[str, float] = {}
    tags = frozenset((TAG,))
    can = tuple(rule.name for rule in RULES)
    people = tuple(
        Character(
            id=f"p{row:06d}",
            at=(x, 0.0, z),
            personality=minds[row % MINDS],
            likes=likes,
            half_life=HALF_LIFE_S,
            mood_half_life=120.0,
            hearing=10.0,
            contagion=spreads,
            can=can,
            tags=tags,
            tree=TREE.name,
        )
        for row, (x, z) in enumerate(places)
    )
    return Scene(
        name=f"crowd of {characters}",
        path=Path("crowd"),
        labels=LABELS,
        pad=PAD,
        characters=people,
        objects=_objects(min(objects, characters // 2), side, chance),
        rules={rule.name: rule for rule in RULES},
        trees={TREE.name: TREE},
        appraisal=(AppraisalRow("anger", None, None, None, None, None, {"fear": 0.3}),),
        world=(),
        events=("bang",),
        areas=(),
        sources={},
    )


def _objects(count: int, side: float, chance: np.random.Generator) -> tuple[SmartObject, ...]:
    places = chance.uniform(0.0, side, (count, 2)).round(3).tolist()
    reaches = chance.uniform(3.0, 10.0, count).round(1).tolist()
    moved = chance.integers(0, 5, count).tolist()
    labels = [label for label in LABELS if label != "neutral"]
    made = []
    for number, (x, z) in enumerate(places):
        name = f"o{number:05d}"
        change = Change(labels[moved[number]], 0.02 + 0.01 * (number % 7), True)
        rule = InteractiveRule("act", name, Bearer(Who.ALL, TAG, reaches[number]), parse("on"), (change,), Fade.LINEAR)
        made.append(SmartObject(name, (x, 0.0, z), (Variable("on", 1.0, 0.0, 1.0, True),), (rule,)))
    return tuple(made)


class Wandering:
    """Where everybody walks: straight on at up to 1.4 m/s, turning back at the border. Positions as an engine sends."""

    def __init__(self, scene: Scene, seed: int = 0) -> None:
        chance = np.random.default_rng(seed)
        n = len(scene.characters)
        self.index = np.arange(n, dtype=np.uint32)
        self.xyz: NDArray[np.float32] = np.array([person.at for person in scene.characters], np.float32)
        angle, speed = chance.uniform(0.0, 6.283, n), chance.uniform(0.0, 1.4, n)
        self._step = np.stack((np.cos(angle) * speed, np.zeros(n), np.sin(angle) * speed), axis=1).astype(np.float32)
        self._side = METRES_EACH * n**0.5

    def walk(self, dt: float) -> NDArray[np.float32]:
        """(n, 3) places after `dt` more seconds, a new array."""
        out = (self.xyz < 0.0) & (self._step < 0.0) | (self.xyz > self._side) & (self._step > 0.0)
        self._step[out] *= -1.0
        self.xyz = self.xyz + self._step * np.float32(dt)
        return self.xyz
