"""Owns the forest: all trees of a scene laid out flat, checked, and frozen for as long as the scene runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from behaviors import forms
from behaviors.errors import FormError, FrozenError, RuleError
from behaviors.expressions import Expression
from behaviors.orientation import Point, find_opposed
from behaviors.rules import AutonomousRule
from behaviors.senses import Ints
from behaviors.trees import Leaf, Node, Tree, walk


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """One row for each leaf of each character, ordered by character, then by leaf from left to right.

    `character` (S,) rows of the cast, `leaf` (S,) number of the leaf in its tree, `rule` (S,) index into
    `Forest.rules`. All read-only.
    """

    character: Ints
    leaf: Ints
    rule: Ints

    def __len__(self) -> int:
        return len(self.character)


@dataclass(frozen=True, slots=True, eq=False)
class _Flat:
    """One tree laid out, shared by all characters that have it."""

    nodes: tuple[Node, ...]
    rules: Ints
    conditions: tuple[Expression, ...]


class Forest:
    """The trees of all characters; nothing in it can be changed after construction.

    `trees[c]` is the tree of character c, or None. Three flat tables, each ordered by character and then by pre-order
    within the tree, are the ground on which every executor works: `slots` (leaves), `conditions` (character and
    expression of each filter and guard) and nodes. Character c has slots `slot_start[c]:slot_start[c + 1]`, and
    likewise conditions by `condition_start` and nodes by `node_start`. `rules` are the rules in the order of the
    mapping given.

    Raises `FormError` for a tree that breaks a rule of its form, or has a parallel of opposed orientations by the
    label places `pad`; `RuleError` for a leaf that names no rule.
    """

    __slots__ = (
        "_flat",
        "condition_start",
        "conditions",
        "node_start",
        "rules",
        "slot_start",
        "slots",
        "trees",
    )

    trees: tuple[Tree | None, ...]
    rules: tuple[AutonomousRule, ...]
    slots: Slots
    conditions: tuple[tuple[int, Expression], ...]
    slot_start: NDArray[np.int64]
    condition_start: NDArray[np.int64]
    node_start: NDArray[np.int64]
    _flat: tuple[_Flat, ...]

    def __init__(
        self, trees: Sequence[Tree | None], rules: Mapping[str, AutonomousRule], pad: Mapping[str, Point]
    ) -> None:
        known: dict[int, _Flat] = {}
        numbers = {name: index for index, name in enumerate(rules)}
        for tree in trees:
            if tree is not None and id(tree) not in known:
                _check(tree, rules, pad)
                known[id(tree)] = _flatten(tree, numbers)
        bare = _Flat((), np.zeros(0, np.int32), ())
        flat = tuple(bare if tree is None else known[id(tree)] for tree in trees)
        sizes = np.array([len(each.rules) for each in flat], np.int64)
        slots = Slots(
            character=_sealed(np.repeat(np.arange(len(flat), dtype=np.int32), sizes)),
            leaf=_sealed(_joined([np.arange(size, dtype=np.int32) for size in sizes.tolist()])),
            rule=_sealed(_joined([each.rules for each in flat])),
        )
        conditions = tuple((row, one) for row, each in enumerate(flat) for one in each.conditions)
        for name, value in (
            ("trees", tuple(trees)),
            ("rules", tuple(rules.values())),
            ("slots", slots),
            ("conditions", conditions),
            ("slot_start", _starts(sizes)),
            ("condition_start", _starts([len(each.conditions) for each in flat])),
            ("node_start", _starts([len(each.nodes) for each in flat])),
            ("_flat", flat),
        ):
            object.__setattr__(self, name, value)

    def nodes(self, character: int) -> tuple[Node, ...]:
        """The nodes of a character's tree in pre-order; row r is node `node_start[character] + r`."""
        return self._flat[character].nodes

    def rule(self, slot: int) -> AutonomousRule:
        """The rule that a slot plays."""
        return self.rules[int(self.slots.rule[slot])]

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise FrozenError("a forest")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenError("a forest")


def _check(tree: Tree, rules: Mapping[str, AutonomousRule], pad: Mapping[str, Point]) -> None:
    forms.check(tree.root, tree.name)
    for node in walk(tree.root):
        if isinstance(node, Leaf) and node.rule not in rules:
            raise RuleError(
                "unknown_rule", f"there is no rule `{node.rule}`", "define it, or correct the leaf", tree.name
            )
    for pair in find_opposed(tree, rules, pad):
        raise FormError(
            "opposed",
            f"`{pair.left}` ({pair.orientations[0]}) and `{pair.right}` ({pair.orientations[1]}) pull in opposite "
            "directions and are under one parallel",
            "make it a selector, or state the `orientation` of one of them",
            tree.name,
        )


def _flatten(tree: Tree, numbers: Mapping[str, int]) -> _Flat:
    nodes = tuple(walk(tree.root))
    rules = np.array([numbers[node.rule] for node in nodes if isinstance(node, Leaf)], np.int32)
    conditions = tuple(each for node in nodes if (each := forms.condition_of(node)) is not None)
    return _Flat(nodes, rules, conditions)


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int32), *parts])


def _sealed(array: Ints) -> Ints:
    array.flags.writeable = False
    return array


def _starts(sizes: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    starts = np.zeros(len(sizes) + 1, np.int64)
    starts[1:] = np.cumsum(sizes)
    starts.flags.writeable = False
    return starts
