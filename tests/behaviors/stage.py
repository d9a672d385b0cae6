"""A small world to act in: the cast, senses with plain defaults, and rules written as in a scene."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import numpy as np

from behaviors.expressions import parse
from behaviors.rules import AutonomousRule, Bearer, Change, Who
from behaviors.senses import Cast, Senses

LABELS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
PAD = {
    "anger": (-0.51, 0.59, 0.25),
    "disgust": (-0.60, 0.35, 0.11),
    "fear": (-0.64, 0.60, -0.43),
    "joy": (0.76, 0.48, 0.35),
    "neutral": (0.0, 0.0, 0.0),
    "sadness": (-0.63, -0.27, -0.33),
    "surprise": (0.40, 0.67, -0.13),
}
SELECTOR = re.compile(r"(\w+)\((\w+)\)(?: within ([\d.]+) m)?$")


def bearer(text: str) -> Bearer:
    """`self`, a name, `nearest(tag) within 5 m`, `cause(fear)` and so on."""
    if found := SELECTOR.match(text):
        who, name, within = found.groups()
        return Bearer(Who(who), name, float(within) if within else inf)
    if text in ("self", "speaker", "target"):
        return Bearer(Who(text))
    return Bearer(Who.NAMED, text)


def change(text: str) -> Change:
    """`fear: +0.3`, `self.joy: -0.1/s`."""
    label, amount = text.split(": ")
    return Change(
        label.removeprefix("self."), float(amount.removesuffix("/s")), amount.endswith("/s"), label.startswith("self.")
    )


def rule(name: str, who: str, trigger: str, release: str | None = None, aim: str = "", **rest: Any) -> AutonomousRule:
    """A rule with its parts as text."""
    return AutonomousRule(
        name=name,
        bearer=bearer(who),
        trigger=parse(trigger),
        lasts=1.0,
        release=None if release is None else parse(release),
        aim=tuple(change(each) for each in aim.split(", ") if each),
        **rest,
    )


def rules(*several: AutonomousRule) -> dict[str, AutonomousRule]:
    """Rules by name."""
    return {each.name: each for each in several}


class Stage:
    """Senses that tests can set by name. Everybody stands at the origin and feels nothing at first."""

    def __init__(
        self,
        characters: Sequence[str] = ("guard", "merchant", "child", "thief"),
        objects: Sequence[str] = (),
        tags: Mapping[str, Sequence[str]] | None = None,
        variables: Sequence[str] = (),
    ) -> None:
        n, m = len(characters), len(objects)
        index = {name: row for row, name in enumerate(characters)}
        tagged = {"person": tuple(characters)} | dict(tags or {})
        self.cast = Cast(
            characters=tuple(characters),
            objects=tuple(objects),
            labels=LABELS,
            traits=TRAITS,
            tagged={tag: np.array(sorted(index[who] for who in several), np.int32) for tag, several in tagged.items()},
            variables={name: row for row, name in enumerate(variables)},
        )
        self.senses = Senses(
            emotion=np.full((n, len(LABELS)), 0.05),
            mood=np.zeros((n, 3)),
            traits=np.zeros((n, len(TRAITS))),
            position=np.zeros((n + m, 3)),
            likes=np.zeros((n, n)),
            cause=np.full((n, len(LABELS)), -1, np.int32),
            speaker=np.full(n, -1, np.int32),
            target=np.full(n, -1, np.int32),
            variables=np.zeros(len(variables)),
        )

    def __getitem__(self, name: str) -> int:
        return self.cast.subjects[name]

    def feel(self, who: str, **emotions: float) -> None:
        for label, value in emotions.items():
            self.senses.emotion[self[who], LABELS.index(label)] = value

    def put(self, who: str, x: float, z: float = 0.0) -> None:
        self.senses.position[self[who]] = (x, 0.0, z)

    def like(self, who: int | slice, whom: int | slice, value: Any) -> None:
        """Attitudes of rows to columns."""
        assert isinstance(self.senses.likes, np.ndarray)
        self.senses.likes[who, whom] = value

    def set(self, name: str, value: float) -> None:
        self.senses.variables[self.cast.variables[name]] = value

    def blame(self, who: str, label: str, cause: str) -> None:
        self.senses.cause[self[who], LABELS.index(label)] = self[cause]
