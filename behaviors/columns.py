"""Owns what names mean: each name of an expression becomes a way to read one column of the senses."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from behaviors.attitudes import Attitudes
from behaviors.errors import RuleError
from behaviors.expressions import Expression, Program, Value
from behaviors.expressions.syntax import Binary, Node, unparse
from behaviors.expressions.syntax import names as names_in
from behaviors.rules import Bearer, Who
from behaviors.senses import Cast, Floats, Ints, Senses

MOOD = {"mood.pleasure": 0, "mood.arousal": 1, "mood.dominance": 2}
SHARED_PAIRS = 1 << 20
"""Up to so many pairs of character and subject, one matrix of distances serves all rules of a tick."""

Rows: TypeAlias = Any
"""A slice, an int32 array or an int: whatever indexes the rows of a column."""


def as_slice(places: Ints) -> Rows:
    """The same places as a slice, if they are evenly spaced and ascending: no copy is made then."""
    if len(places) < 2:
        return slice(int(places[0]), int(places[0]) + 1) if len(places) else slice(0, 0)
    step = int(places[1] - places[0])
    if step > 0 and bool((np.diff(places) == step).all()):
        return slice(int(places[0]), int(places[-1]) + 1, step)
    return places


@dataclass(frozen=True, slots=True)
class Pairs:
    """Who looks at whom.

    As a list: row i is `rows[i]` looking at `subjects[i]` (or at the one subject, if an int). As a `grid`: every one
    of `rows` looks at every one of `subjects`. `characters` are the subjects as rows of character columns: the same,
    but 0 where a subject is none.
    """

    rows: Rows
    subjects: Rows = 0
    characters: Rows = 0
    grid: bool = False


class Frame:
    """The senses of one tick, with the distances computed at most once."""

    __slots__ = ("_matrix", "senses")

    def __init__(self, senses: Senses) -> None:
        self.senses = senses
        self._matrix: Floats | None = None

    def distance(self, pairs: Pairs) -> Floats:
        """Metres between each pair."""
        position = self.senses.position
        count = len(self.senses.mood)
        if count * len(position) > SHARED_PAIRS:
            return _metres(position[:count][pairs.rows], position[pairs.subjects], pairs.grid)
        if self._matrix is None:
            self._matrix = _metres(position[:count], position, True)
        return _pick(self._matrix, pairs, pairs.subjects)

    def likes(self, pairs: Pairs) -> Value:
        """Attitude of each pair's first to its second; 0 towards objects."""
        count = len(self.senses.mood)
        if isinstance(pairs.subjects, int) and pairs.subjects >= count:
            return 0.0
        likes = self.senses.likes
        liked: Floats
        if isinstance(likes, Attitudes):
            look = likes.grid if pairs.grid else likes.pairs
            liked = look(pairs.rows, pairs.characters)
        else:
            liked = _pick(likes, pairs, pairs.characters)
        if isinstance(pairs.subjects, np.ndarray) and not pairs.grid:
            return np.where(pairs.subjects < count, liked, 0.0)
        return liked


def _metres(here: Floats, there: Floats, grid: bool) -> Floats:
    gap = here[:, None, :] - there if grid else here - there
    x, y, z = gap[..., 0], gap[..., 1], gap[..., 2]
    metres: Floats = np.sqrt(x * x + y * y + z * z)
    return metres


def _pick(matrix: Floats, pairs: Pairs, columns: Rows) -> Floats:
    rows = pairs.rows
    if pairs.grid:
        return matrix[rows][:, columns]
    if isinstance(rows, slice) and not isinstance(columns, int):
        rows = np.arange(len(matrix))[rows]
    picked: Floats = matrix[rows, columns]
    return picked


Getter: TypeAlias = Callable[[Frame, Pairs], Value]


class Bound:
    """A program with its names bound to columns. `whole_bearer`: it reads the bearer's own emotion, mood or traits."""

    __slots__ = ("_getters", "_program", "whole_bearer")

    def __init__(self, program: Program, cast: Cast, where: str, bearer: Bearer | None, inflicter: str = "") -> None:
        binder = Binder(cast, where, bearer, inflicter)
        self._program = program
        self._getters = {name: binder.getter(name) for name in program.names}
        self.whole_bearer = binder.whole_bearer

    def __call__(self, frame: Frame, pairs: Pairs) -> NDArray[np.bool_]:
        """Where it holds, in a shape that broadcasts to that of the pairs."""
        getters = self._getters
        return self._program(lambda name: getters[name](frame, pairs))

    def values(self, frame: Frame, pairs: Pairs) -> dict[str, Value]:
        """What each name in it stands for now, in the order of the text: for those who ask why it holds or not."""
        return {name: getter(frame, pairs) for name, getter in self._getters.items()}


class Split:
    """A trigger taken apart at its `and`s: what only the inflicter decides, what only the bearer does, and the rest.

    `mine`, `theirs` and `between` together hold where the whole does; each is None when there is no such part.
    """

    __slots__ = ("between", "mine", "theirs")

    def __init__(self, expression: Expression, cast: Cast, where: str, bearer: Bearer) -> None:
        self.mine, self.theirs, self.between = (
            None if whole is None else Bound(Program(Expression(unparse(whole), whole)), cast, where, bearer)
            for whole in _parts(expression, cast)
        )


def mine_alone(expression: Expression, cast: Cast) -> Node | None:
    """The part of a trigger that only the inflicter decides: the whole cannot hold where it does not."""
    return _parts(expression, cast)[0]


def _parts(expression: Expression, cast: Cast) -> tuple[Node | None, Node | None, Node | None]:
    parts: tuple[list[Node], list[Node], list[Node]] = ([], [], [])
    for part in _ands(expression.root):
        used = {_side(name) for name, _, _ in names_in(Expression("", part)) if name not in cast.variables}
        parts[0 if used <= {"mine"} else 1 if used <= {"theirs"} else 2].append(part)
    mine, theirs, between = (_anded(part) for part in parts)
    return mine, theirs, between


def _ands(node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.op == "and":
        return [*_ands(node.left), *_ands(node.right)]
    return [node]


def _anded(parts: list[Node]) -> Node | None:
    whole = parts[0] if parts else None
    for part in parts[1:]:
        whole = Binary("and", whole, part) if whole is not None else part
    return whole


def _side(name: str) -> str:
    if name in ("distance", "likes"):
        return "between"
    return "theirs" if name.startswith("bearer.") else "mine"


@dataclass(frozen=True, slots=True)
class Read:
    """What a name stands for: a `column` of the senses of the inflicter (`mine`) or its bearer (`theirs`), at `place`.

    `of` is `mine`, `theirs`, `shared` (column `variables`) or `pair` (column `distance` or `likes`).
    """

    of: str
    column: str
    place: int = 0


class Binder:
    """Finds what the names of one expression stand for. `whole_bearer`: one was a feeling or trait of the bearer."""

    def __init__(self, cast: Cast, where: str, bearer: Bearer | None, inflicter: str = "") -> None:
        self.cast = cast
        self.where = where
        self.bearer = bearer
        self.object = inflicter
        self.whole_bearer = False

    def read(self, name: str) -> Read:
        """What a name stands for. Raises RuleError for a name that is not known here."""
        first, _, rest = name.partition(".")
        if self.object and f"{self.object}.{name}" in self.cast.variables:
            return _variable(self.cast.variables[f"{self.object}.{name}"])
        if name in self.cast.variables:
            return _variable(self.cast.variables[name])
        if self.object:
            raise self._unknown(name)
        if first == "bearer" and self.bearer is not None:
            return self._of_bearer(name, rest)
        if self.bearer is not None and name in ("distance", "likes"):
            return Read("pair", name)
        found = self._place(rest if first == "self" else name)
        if found is None:
            raise self._unknown(name)
        return Read("mine", *found)

    def getter(self, name: str) -> Getter:
        """A way to read it, all pairs at once."""
        found = self.read(name)
        if found.of == "pair":
            return Frame.distance if found.column == "distance" else Frame.likes
        if found.of == "shared":
            place = found.place
            return lambda frame, _pairs: float(frame.senses.variables[place])
        return (_inflicter if found.of == "mine" else _bearer)(found.column, found.place)

    def _of_bearer(self, name: str, rest: str) -> Read:
        bearer = self.bearer
        if bearer is not None and bearer.who is Who.NAMED and bearer.name in self.cast.objects:
            variable = self.cast.variables.get(f"{bearer.name}.{rest}")
            if variable is None:
                raise self._unknown(name)
            return _variable(variable)
        found = self._place(rest)
        if found is None:
            raise self._unknown(name)
        self.whole_bearer = True
        return Read("theirs", *found)

    def _place(self, name: str) -> tuple[str, int] | None:
        if name in self.cast.labels:
            return "emotion", self.cast.labels.index(name)
        if name in MOOD:
            return "mood", MOOD[name]
        if name in self.cast.traits:
            return "traits", self.cast.traits.index(name)
        return None

    def _unknown(self, name: str) -> RuleError:
        known = [*self.cast.labels, *self.cast.traits, *MOOD, *self.cast.variables]
        near = difflib.get_close_matches(name, known, n=1)
        return RuleError(
            "unknown_name",
            f"`{name}` is not known here",
            f"did you mean `{near[0]}`?" if near else "names are emotions, traits, mood, and declared variables",
            self.where,
        )


def _variable(index: int) -> Read:
    return Read("shared", "variables", index)


def _inflicter(column: str, place: int) -> Getter:
    def get(frame: Frame, pairs: Pairs) -> Value:
        values: Floats = getattr(frame.senses, column)
        return values[pairs.rows, place : place + 1] if pairs.grid else values[pairs.rows, place]

    return get


def _bearer(column: str, place: int) -> Getter:
    def get(frame: Frame, pairs: Pairs) -> Value:
        values: Floats = getattr(frame.senses, column)
        found: Floats = values[pairs.characters, place]
        return found

    return get
