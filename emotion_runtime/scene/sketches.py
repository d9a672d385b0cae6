"""Owns sketches: trees as they were read, places kept, sub-trees by name; checked for size, and made into forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from behaviors import trees as forms
from behaviors.expressions import Expression
from behaviors.trees import Modifier
from emotion_runtime.scene.diagnostics import Place, Report
from emotion_runtime.scene.nodes import Node

MOST_LEVELS = 64
MOST_NODES = 10_000
"""Limits of one tree with its sub-trees inlined."""


class Wrap(NamedTuple):
    """One word after `with`. `value`: seconds (the least, when they are drawn up to `most`) or a count."""

    modifier: Modifier
    value: float = 0.0
    condition: Expression | None = None
    most: float = 0.0


@dataclass(slots=True)
class Sketch:
    """A tree node with its place. `form` is a form word, or `leaf` for the name of a rule or a tree.

    A leaf that uses a tree with parameters has the name of that use: `react(level=0.7, what=flee)`.
    """

    form: str
    place: Place
    node: Node
    name: str = ""
    children: list[Sketch] = field(default_factory=list)
    condition: Expression | None = None
    succeed: Literal["all", "one"] | int = "all"
    times: int | None = None
    until: Literal["success", "failure"] | None = None
    wraps: list[Wrap] = field(default_factory=list)
    weights: tuple[float, ...] = ()
    ranked: bool = False
    """A selector whose children stand in the order of their priority, once `arrange` has seen to it."""

    def walk(self) -> Iterator[Sketch]:
        """Yield the node and all below it, in pre-order; sub-trees are leaves here."""
        yield self
        for child in self.children:
            yield from child.walk()


def arrange(sketches: Mapping[str, Sketch], priority: Mapping[str, int]) -> None:
    """Put the children of every selector `by: priority` in that order, the highest first; equals stay as written.

    A child's priority is the highest among the rules below it. Call it for trees that can be inlined.
    """
    known: dict[str, int] = {}

    def highest(sketch: Sketch) -> int:
        if sketch.form != "leaf":
            return max(highest(child) for child in sketch.children)
        if sketch.name not in sketches:
            return priority[sketch.name]
        if sketch.name not in known:
            known[sketch.name] = highest(sketches[sketch.name])
        return known[sketch.name]

    for root in sketches.values():
        for sketch in root.walk():
            if sketch.ranked:
                sketch.children.sort(key=highest, reverse=True)


def inline(sketch: Sketch, sketches: dict[str, Sketch]) -> forms.Node:
    """The finished node, with every sub-tree in its place. Call it for trees without faults."""
    below = tuple(inline(child, sketches) for child in sketch.children)
    match sketch.form:
        case "leaf":
            return inline(sketches[sketch.name], sketches) if sketch.name in sketches else forms.Leaf(sketch.name)
        case "sequence":
            return forms.Sequence(below)
        case "selector":
            return forms.Selector(below)
        case "choose":
            return forms.Choose(below, sketch.weights)
        case "parallel":
            return forms.Parallel(below, sketch.succeed)
        case "filter":
            assert sketch.condition is not None
            return forms.Filter(below[0], sketch.condition)
        case "repeat":
            return forms.Repeat(below[0], sketch.times, sketch.until)
    node = below[0]
    for wrap in reversed(sketch.wraps):
        node = forms.Modify(node, wrap.modifier, wrap.value, wrap.condition, wrap.most)
    return node


def check_inlining(sketches: dict[str, Sketch], report: Report) -> bool:
    """Report trees that hold themselves, or that grow too large or deep when inlined; True when all is well."""
    sizes: dict[str, tuple[int, int] | None] = {}
    for name in sorted(sketches):
        _measure(name, sketches, (), sizes, report)
    return None not in sizes.values()


def _measure(
    name: str,
    sketches: dict[str, Sketch],
    trail: tuple[str, ...],
    sizes: dict[str, tuple[int, int] | None],
    report: Report,
) -> tuple[int, int] | None:
    """Nodes and levels of a tree, or None when it cannot be inlined. Each tree is measured, and reported, once."""
    if name in sizes:
        return sizes[name]
    trail = (*trail, name)
    total, deepest, good = 0, 0, len(trail) <= MOST_LEVELS
    waiting = [(sketches[name], 1)] if good else []
    while waiting:
        sketch, level = waiting.pop()
        own = max(1, len(sketch.wraps))
        waiting += [(child, level + own) for child in sketch.children]
        inner: tuple[int, int] | None = (own, own - 1)
        if sketch.form == "leaf" and sketch.name in trail:
            loop = " -> ".join((*trail[trail.index(sketch.name) :], sketch.name))
            message = f"this tree would hold itself: {loop}"
            report.error("tree-recursion", sketch.place, message, remedy="`repeat` does something again and again")
            inner = None
        elif sketch.form == "leaf" and sketch.name in sketches:
            inner = _measure(sketch.name, sketches, trail, sizes, report)
        if inner is None:
            good = False
        else:
            total, deepest = total + inner[0], max(deepest, level + inner[1])
    if len(trail) > MOST_LEVELS or (good and (total > MOST_NODES or deepest > MOST_LEVELS)):
        message = f"with its sub-trees `{name}` has more than {MOST_NODES} nodes or {MOST_LEVELS} levels"
        report.error("too-large", sketches[name].place, message, remedy="use fewer or smaller sub-trees")
        good = False
    sizes[name] = (total, deepest) if good else None
    return sizes[name]
