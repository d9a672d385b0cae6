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

MOST_CANDIDATES: Final = 1 << 16
WHO: Final = {Who.SELF: 0, Who.NAMED: 1, Who.CAUSE: 2, Who.SPEAKER: 3, Who.TARGET: 4, Who.ALL: 5, Who.NEAREST: 6}


class Looks(NamedTuple):
    """Rules (R), slots (S), conditions (C) and formulas (F) of a forest; nothing in it changes."""

    rows: Ints
    """(P, 2) all formulas"""
    starts: Ints
    """(F + 1,)"""
    who: Ints
    """(R,) by WHO"""
    within: Floats
    """(R,) metres"""
    named: Ints
    """(R,) the subject of NAMED, the row of `pointed` of CAUSE, else -1"""
    people: Bytes
    """(R,) whether only characters can be bearers"""
    trigger: Ints
    """(R,) formula"""
    release: Ints
    """(R,) formula or NEVER"""
    alone: Ints
    """(R,) formula of what only the inflicter decides, or NEVER"""
    first: Ints
    """(R + 1,) where each rule's candidates begin"""
    candidate: Ints
    character: Ints
    """(S,)"""
    rule: Ints
    """(S,)"""
    row: Ints
    """(S,) the row of `reach` of a slot whose rule says `all`, else -1"""
    condition: Ints
    """(C,) formula"""
    owner: Ints
    """(C,) character"""
    count: int
    subjects: int
    metres: int
    """where the table of metres begins in `values`"""


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


def looks_of(cast: Cast, forest: Forest, layout: Layout, formulas: Formulas) -> tuple[Looks, int]:
    """All rules and conditions of a forest as tables, and the rows and columns that `reach` needs, as one number each.

    The formulas are added to `formulas`, whose tables must be put into the result once no more are added.
    """
    rules = [_Ruled(rule, cast, layout, formulas) for rule in forest.rules]
    conditions = [_condition(expression, cast, layout, formulas) for _, expression in forest.conditions]
    several = np.array([rule.who is Who.ALL for rule in rules], np.bool_)[forest.slots.rule]
    row = np.full(len(forest.slots), -1, np.int32)
    row[several] = np.arange(int(several.sum()))
    sizes = [len(rule.candidates) for rule in rules]
    looks = Looks(
        rows=np.zeros((0, 2), np.int32),
        starts=np.zeros(1, np.int32),
        who=_ints([WHO[rule.who] for rule in rules]),
        within=np.array([rule.within for rule in rules], np.float64),
        named=_ints([rule.named for rule in rules]),
        people=np.array([rule.people for rule in rules], np.uint8),
        trigger=_ints([rule.trigger for rule in rules]),
        release=_ints([rule.release for rule in rules]),
        alone=_ints([rule.alone for rule in rules]),
        first=_ints([0, *np.cumsum(sizes).tolist()]),
        candidate=_ints([each for rule in rules for each in rule.candidates]),
        character=forest.slots.character.copy(),
        rule=forest.slots.rule.copy(),
        row=row,
        condition=_ints(conditions),
        owner=_ints([character for character, _ in forest.conditions]),
        count=layout.n,
        subjects=layout.subjects,
        metres=layout.metres,
    )
    return looks, max([0, *sizes])


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


def _ints(several: Sequence[int]) -> Ints:
    return np.array(several, np.int32)
