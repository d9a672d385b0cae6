"""Owns the emotional orientation of behaviors: which emotion one embodies, and which two pull opposite ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Final

from behaviors.expressions import Expression
from behaviors.expressions.syntax import Binary, Comparison, Name, Node, Number, Unary
from behaviors.rules import AutonomousRule, Change
from behaviors.trees import Node as TreeNode
from behaviors.trees import Parallel, Tree, children, leaves

NEUTRAL: Final = "neutral"
OPPOSED_BELOW: Final = -0.20
"""Cosine in PAD space below which two emotions are opposed: joy against sadness, fear and disgust, and surprise
against sadness. Joy and anger (-0.02) stay legal."""

Point = tuple[float, float, float]


def derive(trigger: Expression, aim: Sequence[Change], labels: Sequence[str], stated: str | None = None) -> str:
    """The emotion a behavior embodies.

    What the scene states wins; else the inflicter's emotion with the largest lower bound in the trigger (personality
    and all else taken as 0); else the emotion its aim raises most; else neutral. Equals: the first in `labels`.
    """
    if stated is not None:
        return stated
    bounds = {name: bound for name, bound in _lower_bounds(trigger.root).items() if bound > 0}
    raised: dict[str, float] = {}
    for change in aim:
        if change.amount > 0:
            raised[change.label] = max(change.amount, raised.get(change.label, 0.0))
    for strengths in (bounds, raised):
        known = [label for label in labels if label in strengths]
        if known:
            return max(known, key=strengths.__getitem__)
    return NEUTRAL


def cosine(left: Point, right: Point) -> float:
    """Cosine of the angle between two places in PAD space; 0 when either is the origin."""
    size = sqrt(sum(x * x for x in left) * sum(x * x for x in right))
    return sum(x * y for x, y in zip(left, right, strict=True)) / size if size > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Opposed:
    """Two rules under different children of one parallel (counted from 0) whose orientations are opposed."""

    parallel: Parallel
    left: str
    right: str
    left_child: int
    right_child: int
    orientations: tuple[str, str]


def find_opposed(
    tree: Tree | TreeNode, rules: Mapping[str, AutonomousRule], pad: Mapping[str, Point]
) -> tuple[Opposed, ...]:
    """Every opposed pair under every parallel, in pre-order. Orientations without a place in `pad` oppose nothing."""
    found: list[Opposed] = []
    waiting = [tree.root if isinstance(tree, Tree) else tree]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(children(node)))
        if isinstance(node, Parallel):
            found.extend(_pairs(node, rules, pad))
    return tuple(found)


def _pairs(parallel: Parallel, rules: Mapping[str, AutonomousRule], pad: Mapping[str, Point]) -> Iterable[Opposed]:
    sides = [tuple(dict.fromkeys(leaf.rule for leaf in leaves(child))) for child in parallel.children]
    for (i, left_names), (j, right_names) in combinations(enumerate(sides), 2):
        for left in left_names:
            for right in right_names:
                pair = (rules[left].orientation, rules[right].orientation)
                if pair[0] in pad and pair[1] in pad and cosine(pad[pair[0]], pad[pair[1]]) < OPPOSED_BELOW:
                    yield Opposed(parallel, left, right, i, j, pair)


def _lower_bounds(node: Node, negated: bool = False) -> dict[str, float]:
    """Greatest value each bare name must exceed for `node` (or its opposite) to be true."""
    match node:
        case Unary(op="not", operand=operand):
            return _lower_bounds(operand, not negated)
        case Binary(op=("and" | "or") as joint, left=left, right=right):
            first, second = _lower_bounds(left, negated), _lower_bounds(right, negated)
            if (joint == "and") is not negated:
                return {name: max(first.get(name, 0.0), second.get(name, 0.0)) for name in first | second}
            return {name: min(first[name], second[name]) for name in first if name in second}
        case Comparison(ops=ops, operands=operands) if not negated or len(ops) == 1:
            bounds: dict[str, float] = {}
            for op, left, right in zip(ops, operands, operands[1:], strict=False):
                for name, bound in _bound(_flip(op) if negated else op, left, right).items():
                    bounds[name] = max(bound, bounds.get(name, bound))
            return bounds
        case _:
            return {}


def _flip(op: str) -> str:
    return {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}[op]


def _bound(op: str, left: Node, right: Node) -> dict[str, float]:
    """Lower bounds from one comparison: every name with a positive weight on the greater side, all else 0."""
    if op == "!=":
        return {}
    high, low = _linear(left), _linear(right)
    if high is None or low is None:
        return {}
    if op in ("<", "<="):
        high, low = low, high
    weights = {name: high[0].get(name, 0.0) - low[0].get(name, 0.0) for name in high[0] | low[0]}
    threshold = low[1] - high[1]
    return {name: threshold / weight for name, weight in weights.items() if weight > 0}


def _linear(node: Node) -> tuple[dict[str, float], float] | None:
    """Weights of names, and a constant; None when the node is not linear."""
    match node:
        case Number(value=value):
            return {}, value
        case Name(name=name):
            return {name: 1.0}, 0.0
        case Unary(op="-", operand=operand):
            return _scaled(_linear(operand), -1.0)
        case Binary(op=("+" | "-") as sign, left=left, right=right):
            first, second = _linear(left), _scaled(_linear(right), 1.0 if sign == "+" else -1.0)
            if first is None or second is None:
                return None
            return {n: first[0].get(n, 0.0) + second[0].get(n, 0.0) for n in first[0] | second[0]}, first[1] + second[1]
        case Binary(op=("*" | "/") as op, left=left, right=right):
            first, second = _linear(left), _linear(right)
            if op == "*" and first is not None and not first[0]:
                first, second = second, first
            if second is None or second[0]:
                return None
            if op == "/":
                return _scaled(first, 1 / second[1]) if second[1] else None
            return _scaled(first, second[1])
        case _:
            return None


def _scaled(form: tuple[dict[str, float], float] | None, by: float) -> tuple[dict[str, float], float] | None:
    return None if form is None else ({name: weight * by for name, weight in form[0].items()}, form[1] * by)
