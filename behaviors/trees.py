"""Owns the immutable description of a behavior tree: the six forms, and leaves that name rules."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from behaviors.expressions import Expression


@dataclass(frozen=True, slots=True)
class Leaf:
    """One behavior: the name of an autonomous rule."""

    rule: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Sequential form: left to right, remembering its place, until one child fails."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Selector:
    """Selective form: the first child that does not fail, re-examined from the left every tick."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """Selective form by chance: on entry one child is drawn, as often as its weight says, and stays until it ends."""

    children: tuple[Node, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Filtered form: `condition` is examined every tick before the child; when it fails the child is aborted."""

    child: Node
    condition: Expression


@dataclass(frozen=True, slots=True)
class Parallel:
    """Parallel form: all children at once, each until it succeeds.

    `succeed` is `all` (each has succeeded once), `one` (the first success), or the index of the child that decides.
    """

    children: tuple[Node, ...]
    succeed: Literal["all", "one"] | int = "all"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Repetitive form: `times` successes (None = forever), or until the child first ends in `until`."""

    child: Node
    times: int | None = None
    until: Literal["success", "failure"] | None = None


class Modifier(enum.Enum):
    """What a modified form does to its child."""

    INVERT = "invert"
    FORCE_SUCCESS = "force success"
    FORCE_FAILURE = "force failure"
    TIMEOUT = "timeout"
    COOLDOWN = "cooldown"
    RETRY = "retry"
    ONCE = "once"
    DELAY = "delay"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Modify:
    """Modified form: `value` is seconds (timeout, cooldown, delay) or a count (retry); `condition` is a guard's.

    `most` above `value`: the seconds are drawn anew each time, evenly from `value` to `most`.
    """

    child: Node
    modifier: Modifier
    value: float = 0.0
    condition: Expression | None = None
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class Foreign:
    """A py_trees behaviour that is none of ours: `make` builds a fresh one for each character.

    It ticks on the reference executor only, and what it remembers is in no saved state and no digest.
    """

    name: str
    make: Callable[[], Any]


Node: TypeAlias = Leaf | Sequence | Selector | Choose | Filter | Parallel | Repeat | Modify | Foreign


@dataclass(frozen=True, slots=True)
class Tree:
    """A named tree. Trees it refers to by name are already inlined, so it is complete and finite."""

    name: str
    root: Node


def children(node: Node) -> tuple[Node, ...]:
    """The children of a node, left to right; empty for a leaf."""
    match node:
        case Leaf() | Foreign():
            return ()
        case Sequence() | Selector() | Choose() | Parallel():
            return node.children
        case Filter(child=one) | Repeat(child=one) | Modify(child=one):
            return (one,)


def walk(node: Node) -> Iterator[Node]:
    """All nodes below and including `node`, in pre-order (a node before its children, left before right)."""
    yield node
    for child in children(node):
        yield from walk(child)


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves below `node`, left to right. The n-th is the tree's leaf number n everywhere in this package."""
    for each in walk(node):
        if isinstance(each, Leaf):
            yield each
