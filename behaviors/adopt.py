"""Owns the way in for trees built by hand from py_trees objects: they become a `Tree`, which every executor takes.

    def mine() -> Behaviour:
        return py_trees.composites.Selector("root", False, [While("fear > 0.6", Do("flee")), Do("hum")])

    tree = adopt("mine", mine)

Nodes that mean exactly what one of the forms means become that form; all others stay what they are (`Foreign`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NoReturn

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import ParallelPolicy, Status

from behaviors.errors import FormError
from behaviors.expressions import parse
from behaviors.trees import Filter, Foreign, Leaf, Modifier, Modify, Node, Parallel, Repeat, Selector, Sequence, Tree


class Do(Behaviour):
    """A leaf: the rule of that name. It cannot be ticked before `adopt`."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)

    def update(self) -> NoReturn:
        """Refuse."""
        raise FormError("not_adopted", f"`{self.name}` names a rule and is ticked by an executor", "use adopt()")


class While(py_trees.decorators.Decorator):
    """A filter: the child lives while the condition, a trigger expression, holds."""

    def __init__(self, condition: str, child: Behaviour) -> None:
        super().__init__(f"while {condition}", child)
        self.condition = parse(condition)

    def update(self) -> Status:
        """The child's status; what the condition says is not known before `adopt`."""
        return self.decorated.status


def adopt(name: str, make: Callable[[], Behaviour]) -> Tree:
    """The tree that a py_trees tree describes. Raises `FormError` where that cannot be said.

    `make` builds the tree anew at each call: strangers in it are called for once a character.
    `test_a_tree_built_from_py_trees_objects_compiles`.
    """
    return Tree(name, _adopted(make(), make, ()))


def foreign(tree: Tree) -> tuple[str, ...]:
    """The names of behaviours in a tree that only the reference executor can tick."""
    from behaviors.trees import walk  # noqa: PLC0415 - a name too common for the module

    return tuple(node.name for node in walk(tree.root) if isinstance(node, Foreign))


def _stranger(make: Callable[[], Behaviour], path: tuple[int, ...]) -> Behaviour:
    """A fresh one: the node at that path, taken out of a fresh tree."""
    node = make()
    for place in path:
        node = node.children[place]
    node.parent = None
    return node


def _adopted(node: Behaviour, make: Callable[[], Behaviour], path: tuple[int, ...]) -> Node:
    if _strange(node):
        return Foreign(node.name, lambda: _stranger(make, path))
    below = tuple(_adopted(child, make, (*path, place)) for place, child in enumerate(node.children))
    composites, decorators = py_trees.composites, py_trees.decorators
    match node:
        case Do(name=rule):
            return Leaf(rule)
        case While(condition=condition):
            return Filter(below[0], condition)
        case composites.Sequence():
            return Sequence(below)
        case composites.Selector():
            return Selector(below)
        case composites.Parallel():
            return Parallel(below, _policy(node))
        case decorators.Inverter():
            return Modify(below[0], Modifier.INVERT)
        case decorators.FailureIsSuccess():
            return Modify(below[0], Modifier.FORCE_SUCCESS)
        case decorators.SuccessIsFailure():
            return Modify(below[0], Modifier.FORCE_FAILURE)
        case decorators.Retry():
            return Modify(below[0], Modifier.RETRY, float(node.num_failures))
        case decorators.Repeat():
            return Repeat(below[0], None if node.num_success == -1 else node.num_success)
        case _:
            raise AssertionError(node)


PLAIN = (
    Do,
    While,
    py_trees.composites.Sequence,
    py_trees.composites.Selector,
    py_trees.composites.Parallel,
    py_trees.decorators.Inverter,
    py_trees.decorators.FailureIsSuccess,
    py_trees.decorators.SuccessIsFailure,
    py_trees.decorators.Retry,
    py_trees.decorators.Repeat,
)


def _strange(node: Behaviour) -> bool:
    """Whether a node is none of those that mean what a form means: exactly such a class, with such a memory."""
    if type(node) not in PLAIN:
        if any(isinstance(each, Do | While) for each in node.iterate()):
            raise FormError(
                "foreign_above_ours",
                f"`{node.name}` is a {type(node).__name__}, which only py_trees can tick, and has rules below it",
                "put the stranger below ours, or use one of the forms",
            )
        return True
    wrong: str | None = None
    if isinstance(node, py_trees.composites.Sequence) and not node.memory:
        wrong = "a sequence without memory; a filter is `While`, a script has memory=True"
    elif isinstance(node, py_trees.composites.Selector) and node.memory:
        wrong = "a selector with memory, which nothing of higher priority could interrupt; use memory=False"
    if wrong is not None:
        raise FormError("not_a_form", f"`{node.name}` is {wrong}", "see docs/behaviors.md", node.name)
    return False


def _policy(node: py_trees.composites.Parallel) -> Literal["all", "one"] | int:
    policy = node.policy
    if isinstance(policy, ParallelPolicy.SuccessOnOne):
        return "one"
    chosen = getattr(policy, "children", None)
    if policy.synchronise and chosen is None:
        return "all"
    if policy.synchronise and chosen is not None and len(chosen) == 1:
        return node.children.index(chosen[0])
    raise FormError(
        "not_a_form", f"`{node.name}` is not synchronised, or waits for several children", "synchronise=True", node.name
    )
