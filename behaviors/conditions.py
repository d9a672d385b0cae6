"""Owns the conditions of filters and guards: all of them, for all characters, in one go a tick."""

from __future__ import annotations

import numpy as np

from behaviors.columns import Bound, Frame, Pairs, Rows, as_slice
from behaviors.compiled.side import HALVED_CHARACTERS
from behaviors.expressions import compile
from behaviors.forest import Forest
from behaviors.looking import Looker
from behaviors.senses import Cast, Flags, Senses

NOTHING: Flags = np.zeros(0, np.bool_)


class Conditions:
    """Evaluates the rows of `Forest.conditions`. Bare names are the character's own; world and objects may be read.

    Raises `RuleError` at construction for a name the cast does not have.
    """

    def __init__(self, cast: Cast, forest: Forest) -> None:
        groups: dict[str, list[int]] = {}
        for row, (_, expression) in enumerate(forest.conditions):
            groups.setdefault(str(expression), []).append(row)
        owner = np.array([character for character, _ in forest.conditions], np.int32)
        self._holds: Flags = np.zeros(len(forest.conditions), np.bool_)
        self._groups: list[tuple[Rows, Bound, Pairs]] = []
        self._others: list[tuple[Rows, Bound, Pairs]] = []
        self.looker = Looker(cast)
        """Those of characters in a row, for crowds that two threads work on: one thread is as fast in numpy."""
        self._many = len(cast.characters) >= HALVED_CHARACTERS
        for text, several in groups.items():
            rows = np.array(several, np.int32)
            bound = Bound(compile(forest.conditions[several[0]][1]), cast, f"condition `{text}`", None)
            self._groups.append((as_slice(rows), bound, Pairs(as_slice(owner[rows]))))
            if not self.looker.take_condition(forest.conditions[several[0]][1], owner[rows], rows):
                self._others.append(self._groups[-1])

    def look(self, senses: Senses) -> Flags:
        """Which rows hold (C,); lent until the next look."""
        frame = Frame(senses)
        holds = self._holds
        fast = self._many and self.looker.look(senses, NOTHING, holds, NOTHING)
        for rows, bound, pairs in self._others if fast else self._groups:
            holds[rows] = bound(frame, pairs)
        return holds
