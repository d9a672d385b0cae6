"""Owns the conditions of filters and guards: all of them, for all characters, in one go a tick."""

from __future__ import annotations

import numpy as np

from behaviors.columns import Bound, Frame, Pairs
from behaviors.expressions import compile
from behaviors.forest import Forest
from behaviors.senses import Cast, Flags, Ints, Senses


class Conditions:
    """Evaluates the rows of `Forest.conditions`. Bare names are the character's own; world and objects may be read.

    Raises `RuleError` at construction for a name the cast does not have.
    """

    def __init__(self, cast: Cast, forest: Forest) -> None:
        groups: dict[str, list[int]] = {}
        for row, (_, expression) in enumerate(forest.conditions):
            groups.setdefault(str(expression), []).append(row)
        owner = np.array([character for character, _ in forest.conditions], np.int32)
        self._count = len(forest.conditions)
        self._groups: list[tuple[Ints, Bound, Pairs]] = []
        for text, several in groups.items():
            rows = np.array(several, np.int32)
            bound = Bound(compile(forest.conditions[several[0]][1]), cast, f"condition `{text}`", None)
            self._groups.append((rows, bound, Pairs(owner[rows])))

    def look(self, senses: Senses) -> Flags:
        """Which rows hold (C,)."""
        frame = Frame(senses)
        holds = np.zeros(self._count, np.bool_)
        for rows, bound, pairs in self._groups:
            holds[rows] = bound(frame, pairs)
        return holds
