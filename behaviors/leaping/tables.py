"""Owns the tables that looking in numba reads: rules, slots, and one column of all that expressions may ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from behaviors.columns import Binder, mine_alone
from behaviors.expressions.syntax import Expression
from behaviors.forest import Forest
from behaviors.leaping.formulas import NEVER, Formulas, Op, Place
from behaviors.rules import AutonomousRule, Who
from behaviors.senses import Cast
from behaviors.triggers import subject_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]

WHO: Final = {Who.SELF: 0, Who.NAMED: 1, Who.CAUSE: 2, Who.SPEAKER: 3, Who.TARGET: 4, Who.ALL: 5, Who.NEAREST: 6}


class Looks(NamedTuple):
    """What the slots (S) and conditions (C) of a forest ask; nothing in it changes."""

    rows: Ints
    """(P, 3) all formulas"""
    plan: Ints
    """(S, 14): character, who (by WHO), the subject or emotion named, whether only characters can be bearers, rows of
    the trigger, the release and of what only the inflicter decides (first and last each), the row of `reach` (or -1),
    characters, subjects, where the table of metres begins in `values`"""
    within: Floats
    """(S,) metres"""
    first: Ints
    """(S + 1,) where each slot's candidates begin; slots of one rule have their own"""
    candidate: Ints
    asked: Ints
    """(C, 3) character, and rows of the condition (first and last)"""


class Holding(NamedTuple):
    """The bearers of running actions: `bearer` (S,); of slots that say `all`, `several[first[s]:first[s + 1]]`."""

    bearer: Ints
    first: Ints
    several: Ints


class Layout:
    """Where in the column `values` what stands: emotions and moods first, since they change in every tick."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        n, subjects = len(cast.characters), len(cast.characters) + len(cast.objects)
        self.n, self.subjects = n, subjects
        self.mood = n * len(cast.labels)
        self.traits = self.mood + 3 * n
        self.variables = self.traits + n * len(cast.traits)
        self.metres = self.variables + len(cast.variables)
        self.likes = self.metres + n * subjects
        self.constants = self.likes + n * subjects

    def column(self, traits: Floats, likes: Floats, constants: Floats) -> Floats:
        """`values` with what never changes filled in. `traits` (n, 5), `likes` (n, n)."""
        values = np.zeros(self.constants + len(constants))
        values[self.traits : self.variables] = np.ascontiguousarray(traits.T).reshape(-1)
        table = values[self.likes : self.constants].reshape(self.n, self.subjects)
        table[:, : self.n] = likes
        values[self.constants :] = constants
        return values

    def reader(self, binder: Binder) -> Callable[[str], Place]:
        """How the names of an expression are loaded."""
        start = {"emotion": 0, "mood": self.mood, "traits": self.traits}

        def read(name: str) -> Place:
            found = binder.read(name)
            if found.of == "pair":
                return Op.PAIR, self.metres if found.column == "distance" else self.likes
            if found.of == "shared":
                return Op.AT, self.variables + found.place
            place = start[found.column] + found.place * self.n
            return (Op.MINE if found.of == "mine" else Op.THEIRS), place

        return read


def looks_of(cast: Cast, forest: Forest, layout: Layout, formulas: Formulas) -> Looks:
    """All rules and conditions of a forest as tables. The formulas are added to `formulas`."""
    rules = [_Ruled(rule, cast, layout, formulas) for rule in forest.rules]
    conditions = [(owner, _condition(expression, cast, layout, formulas)) for owner, expression in forest.conditions]
    rows, starts, _ = formulas.tables()

    def of(formula: int) -> tuple[int, int]:
        return (0, 0) if formula == NEVER else (int(starts[formula]), int(starts[formula + 1]))

    plan, candidates, several = [], [np.zeros(0, np.int32)], 0
    for character, number in zip(forest.slots.character.tolist(), forest.slots.rule.tolist(), strict=True):
        rule = rules[number]
        row = several if rule.who is Who.ALL else -1
        several += rule.who is Who.ALL
        about = (character, WHO[rule.who], rule.named, int(rule.people))
        formulas_of = (*of(rule.trigger), *of(rule.release), *of(rule.alone))
        plan.append((*about, *formulas_of, row, layout.n, layout.subjects, layout.metres))
        candidates.append(_ints(rule.candidates))
    of_slot = forest.slots.rule.tolist()
    return Looks(
        rows=rows,
        plan=_ints(plan).reshape(-1, 14),
        within=np.array([rules[number].within for number in of_slot], np.float64),
        first=_ints([0, *np.cumsum([len(rules[number].candidates) for number in of_slot]).tolist()]),
        candidate=np.concatenate(candidates),
        asked=_ints([(owner, *of(formula)) for owner, formula in conditions]).reshape(-1, 3),
    )


class _Ruled:
    """One rule: its formulas, and whom it may choose."""

    def __init__(self, rule: AutonomousRule, cast: Cast, layout: Layout, formulas: Formulas) -> None:
        bearer, where = rule.bearer, f"rule `{rule.name}`"
        binder = Binder(cast, where, bearer)
        read = layout.reader(binder)
        self.who, self.within = bearer.who, bearer.within
        self.trigger = formulas.add(rule.trigger.root, read)
        self.release = NEVER if rule.release is None else formulas.add(rule.release.root, read)
        self.people = binder.whole_bearer
        self.named = -1
        self.candidates: Sequence[int] = ()
        self.alone = NEVER
        if bearer.who is Who.NAMED:
            self.named = subject_of(cast, bearer.name)  # type: ignore[assignment]  # triggers have refused unknown ones
        elif bearer.who is Who.CAUSE:
            self.named = cast.labels.index(bearer.name)
        elif bearer.who in (Who.NEAREST, Who.ALL):
            self.candidates = cast.tagged[bearer.name].tolist()
            alone = mine_alone(rule.trigger, cast)
            self.alone = NEVER if alone is None else formulas.add(alone, read)


def _condition(expression: Expression, cast: Cast, layout: Layout, formulas: Formulas) -> int:
    return formulas.add(expression.root, layout.reader(Binder(cast, f"condition `{expression}`", None)))


def _ints(several: Sequence[int] | Sequence[tuple[int, ...]]) -> Ints:
    return np.array(several, np.int32)
