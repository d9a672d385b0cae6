"""Owns the part of a page that does not change: names, colours, trees, thresholds, ranges and areas as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import inf
from typing import Any

import numpy as np

from behaviors.expressions import Expression
from behaviors.expressions.syntax import Binary, Comparison, Name, Number, Unary, number_text, walk
from behaviors.expressions.syntax import Node as Term
from behaviors.rules import AutonomousRule
from behaviors.trees import Choose, Filter, Leaf, Modify, Node, Parallel, Repeat, Selector, Sequence, children, leaves
from emotion_runtime.drawing.svg import colour
from emotion_runtime.drawing.trees import modifier_text
from emotion_runtime.expression.landmarks import own_basis
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.scene.resolved import TRAITS, Character, Scene, SmartObject
from emotion_runtime.simulation import Simulation

Plain = dict[str, Any]

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def stage(sim: Simulation) -> Plain:
    """Everything about the running scene that stays until it is reloaded; JSON can hold it."""
    scene, forest = sim.scene, sim.behaving.forest
    lines = _Lines(scene)
    return {
        "scene": scene.name,
        "epoch": sim.epoch,
        "rate": sim.rate,
        "labels": list(sim.labels),
        "colours": {label: colour(label) for label in sim.labels},
        "baseline": np.round(sim.world.constants.baseline, 4).tolist(),
        "channels": list(sim.world.channels),
        "actions": list(sim.actions),
        "shapes": list(sim.shapes),
        "characters": [
            {
                "name": person.id,
                "hearing": person.hearing,
                "tree": person.tree or "",
                "node": start,
                "lines": lines.of(person),
            }
            for person, start in zip(scene.characters, forest.node_start.tolist(), strict=False)
        ],
        "lines": lines.sets,
        "trees": {name: _nodes(tree.root) for name, tree in sorted(scene.trees.items())},
        "rules": {name: _rule(rule) for name, rule in scene.rules.items()},
        "objects": [_object(thing) for thing in scene.objects],
        "areas": [{"name": area.name, "low": list(area.low), "high": list(area.high)} for area in scene.areas],
        "events": list(scene.events),
        "variables": list(sim.variables()),
        "face": face() if sim.shapes else None,
    }


def thresholds(expression: Expression, personality: Mapping[str, float]) -> list[Plain]:
    """Comparisons of one of the character's own emotions with a number of its own, as {label, op, value}.

    `op` is from the emotion's side: `0.3 < fear` gives `fear > 0.3`. What is compared with anything else changes from
    tick to tick, and has no line.
    """
    found = []
    for node in walk(expression.root):
        if isinstance(node, Comparison):
            for left, op, right in zip(node.operands, node.ops, node.operands[1:], strict=False):
                named, other = (left, right) if isinstance(left, Name) else (right, left)
                label = named.name.removeprefix("self.") if isinstance(named, Name) else "."
                value = constant(other, personality)
                if "." not in label and value is not None:
                    seen_from = op if named is left else MIRRORED.get(op, op)
                    found.append({"label": label, "op": seen_from, "value": round(value, 4)})
    return found


def constant(node: Term, personality: Mapping[str, float]) -> float | None:
    """The value of a sum or product of numbers and traits; None for anything that may change."""
    match node:
        case Number(value=value):
            return value
        case Name(name=name):
            return personality.get(name.removeprefix("self."))
        case Unary(op="-", operand=operand):
            inner = constant(operand, personality)
            return None if inner is None else -inner
        case Binary(op="+" | "-" | "*" | "/" as op, left=left, right=right):
            one, other = constant(left, personality), constant(right, personality)
            if one is None or other is None or (op == "/" and other == 0.0):
                return None
            return {"+": one + other, "-": one - other, "*": one * other, "/": one / (other or 1.0)}[op]
        case _:
            return None


class _Lines:
    """The threshold lines of characters, once for all with the same tree and the same personality."""

    def __init__(self, scene: Scene) -> None:
        self.sets: list[list[Plain]] = []
        self._scene = scene
        self._known: dict[tuple[str, tuple[float, ...]], int] = {}

    def of(self, person: Character) -> int:
        """The number of a character's lines in `sets`, or -1."""
        if person.tree is None:
            return -1
        key = person.tree, tuple(person.personality[trait] for trait in TRAITS)
        if key not in self._known:
            self._known[key] = len(self.sets)
            self.sets.append(self._drawn(person.tree, person.personality))
        return self._known[key]

    def _drawn(self, tree: str, personality: Mapping[str, float]) -> list[Plain]:
        drawn: list[Plain] = []
        for leaf in leaves(self._scene.trees[tree].root):
            rule = self._scene.rules[leaf.rule]
            starts = thresholds(rule.trigger, personality)
            ends = [] if rule.release is None else thresholds(rule.release, personality)
            drawn += [{"rule": rule.name, "kind": "trigger", **line} for line in starts]
            drawn += [{"rule": rule.name, "kind": "release", **line} for line in ends]
        return drawn


@cache
def face() -> Plain:
    """The resting landmarks (68, 2) and how each shape moves them: a list of [landmark, dx, dy] for each of the 52."""
    basis = own_basis()
    neutral = basis.landmarks(np.zeros(len(ARKIT)))
    moves = []
    for shape in range(len(ARKIT)):
        moved = basis.landmarks(np.eye(len(ARKIT))[shape]) - neutral
        rows = np.flatnonzero(np.abs(moved).sum(axis=1) > 1e-9).tolist()
        moves.append([[row, *np.round(moved[row, :2], 5).tolist()] for row in rows])
    return {"shapes": list(ARKIT), "neutral": np.round(neutral[:, :2], 5).tolist(), "moves": moves}


def _rule(rule: AutonomousRule) -> Plain:
    return {
        "bearer": str(rule.bearer),
        "trigger": str(rule.trigger),
        "release": "" if rule.release is None else str(rule.release),
        "aim": ", ".join(str(change) for change in rule.aim),
        "lasts": rule.lasts,
        "colour": colour(rule.orientation),
    }


def _nodes(root: Node) -> list[Plain]:
    """All nodes in pre-order, as the executors number them."""
    rows: list[Plain] = []

    def add(node: Node, depth: int) -> None:
        form, text = _words(node)
        rows.append({"form": form, "text": text, "depth": depth, "rule": node.rule if isinstance(node, Leaf) else ""})
        for child in children(node):
            add(child, depth + 1)

    add(root, 0)
    return rows


def _words(node: Node) -> tuple[str, str]:
    match node:
        case Leaf(rule=rule):
            return "leaf", rule
        case Sequence():
            return "sequence", ""
        case Selector():
            return "selector", ""
        case Choose(weights=weights):
            return "choose", " : ".join(number_text(weight) for weight in weights)
        case Parallel(succeed=succeed):
            return "parallel", f"succeed {succeed}" if isinstance(succeed, str) else f"child {succeed + 1} decides"
        case Filter(condition=condition):
            return "filter", f"while {condition}"
        case Repeat(times=times, until=until):
            return "repeat", f"until {until}" if until else "forever" if times is None else f"{times} times"
        case Modify():
            return "modify", modifier_text(node)
        case _:
            return "foreign", node.name


def _object(thing: SmartObject) -> Plain:
    ranges = []
    for rule in thing.rules:
        strongest = max(rule.effect, key=lambda change: (change.amount > 0, abs(change.amount)), default=None)
        ranges.append(
            {
                "rule": rule.name,
                "within": None if rule.bearer.within == inf else rule.bearer.within,
                "trigger": str(rule.trigger),
                "effect": ", ".join(str(change) for change in rule.effect),
                "colour": colour("neutral" if strongest is None else strongest.label),
            }
        )
    return {"name": thing.id, "ranges": ranges}
