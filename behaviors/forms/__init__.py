"""Owns the six forms as one vocabulary: their construction checks and the py_trees nodes built for them."""

from __future__ import annotations

from collections.abc import Iterator

from behaviors import trees
from behaviors.errors import FormError
from behaviors.expressions import Expression
from behaviors.forms import choose, modify, parallel, repeat, selector, sequence
from behaviors.forms.filter import FilterNode
from behaviors.forms.foreign import ForeignNode
from behaviors.forms.leaf import Ended, LeafNode, Reported
from behaviors.forms.pulse import Node, Pulse
from behaviors.trees import Modifier

__all__ = [
    "MAX_DEPTH",
    "Ended",
    "LeafNode",
    "Node",
    "Pulse",
    "Reported",
    "build",
    "check",
    "condition_of",
    "micros",
    "span_of",
]

MAX_DEPTH = 64
"""Nodes above each other in one tree. py_trees ticks by nested generators, which the interpreter limits."""


def micros(seconds: float) -> int:
    """Seconds as whole microseconds, the unit of all timers."""
    return round(seconds * 1_000_000)


def span_of(form: trees.Modify) -> tuple[int, int]:
    """The time of a timeout, cooldown or delay: its least microseconds, and up to how many more are drawn."""
    least = micros(form.value)
    return least, max(0, micros(form.most) - least)


def condition_of(node: trees.Node) -> Expression | None:
    """The expression of a filter or a guard; they are numbered in pre-order."""
    match node:
        case trees.Filter(condition=condition):
            return condition
        case trees.Modify(condition=condition):
            return condition
        case _:
            return None


def check(node: trees.Node, where: str, depth: int = 1) -> None:
    """Raise `FormError` for the first node, in pre-order, that breaks a rule of its form.

    `where` is the path to the node. A tree deeper than `MAX_DEPTH` is refused: `test_a_tree_too_deep_is_refused`.
    """
    if depth > MAX_DEPTH:
        raise FormError("too_deep", f"more than {MAX_DEPTH} nodes inside each other", "flatten the tree", where)
    match node:
        case trees.Sequence():
            sequence.check(node, where)
        case trees.Selector():
            selector.check(node, where)
        case trees.Choose():
            choose.check(node, where)
        case trees.Parallel():
            parallel.check(node, where)
        case trees.Repeat():
            repeat.check(node, where)
        case trees.Modify():
            modify.check(node, where)
        case _:
            pass
    for place, child in enumerate(trees.children(node)):
        check(child, f"{where}/{type(node).__name__.lower()}[{place}]", depth + 1)


def build(
    root: trees.Node, pulse: Pulse, first_slot: int, first_condition: int, character: int = 0
) -> tuple[Node, ...]:
    """The py_trees nodes of a checked tree, frozen, in pre-order; the first is the root.

    Leaves take slots, and filters and guards take condition rows, in pre-order from the numbers given. What is left to
    chance comes from the stream of `character`.
    """
    slots = iter(range(first_slot, first_slot + sum(1 for _ in trees.leaves(root))))
    conditions = iter(range(first_condition, first_condition + sum(1 for _ in trees.walk(root))))
    nodes: list[Node] = []
    _build(root, pulse, slots, conditions, character, nodes)
    for row, node in enumerate(nodes):
        node.freeze(row)
    return tuple(nodes)


def _build(
    form: trees.Node,
    pulse: Pulse,
    slots: Iterator[int],
    conditions: Iterator[int],
    character: int,
    nodes: list[Node],
) -> Node:
    row = len(nodes)
    nodes.append(PLACEHOLDER)
    condition = next(conditions) if condition_of(form) is not None else -1
    slot = next(slots) if isinstance(form, trees.Leaf) else -1
    below = [_build(child, pulse, slots, conditions, character, nodes) for child in trees.children(form)]
    nodes[row] = _node(form, pulse, slot, condition, character, below)
    return nodes[row]


PLACEHOLDER = LeafNode("placeholder", Pulse(1), 0)


def _node(form: trees.Node, pulse: Pulse, slot: int, condition: int, character: int, below: list[Node]) -> Node:
    match form:
        case trees.Leaf(rule=rule):
            return LeafNode(rule, pulse, slot)
        case trees.Foreign(name=name, make=make):
            return ForeignNode(name, make())
        case trees.Sequence():
            return sequence.SequenceNode("sequence", below)
        case trees.Selector():
            return selector.SelectorNode("selector", below)
        case trees.Choose(weights=weights):
            return choose.ChooseNode("choose", pulse, character, weights, below)
        case trees.Filter():
            return FilterNode("filter", pulse, condition, below[0])
        case trees.Parallel(succeed=succeed):
            return parallel.ParallelNode("parallel", succeed, below)
        case trees.Repeat(until=until, times=times):
            if until is not None:
                return repeat.RepeatUntilNode("repeat", until, below[0])
            return repeat.RepeatTimesNode("repeat", times, below[0])
        case trees.Modify():
            return _modifier(form, pulse, condition, character, below[0])


def _modifier(form: trees.Modify, pulse: Pulse, condition: int, character: int, child: Node) -> Node:
    name = form.modifier.value
    span = modify.Span(*span_of(form), character)
    match form.modifier:
        case Modifier.INVERT:
            return modify.InvertNode(name, child)
        case Modifier.FORCE_SUCCESS:
            return modify.ForceSuccessNode(name, child)
        case Modifier.FORCE_FAILURE:
            return modify.ForceFailureNode(name, child)
        case Modifier.RETRY:
            return modify.RetryNode(name, child, int(form.value))
        case Modifier.TIMEOUT:
            return modify.TimeoutNode(name, pulse, span, child)
        case Modifier.COOLDOWN:
            return modify.CooldownNode(name, pulse, span, child)
        case Modifier.DELAY:
            return modify.DelayNode(name, pulse, span, child)
        case Modifier.ONCE:
            return modify.OnceNode(name, pulse, child)
        case Modifier.GUARD:
            return modify.EntryGuardNode(name, pulse, condition, child)
