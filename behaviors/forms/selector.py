"""Owns the selective form: the first behavior that can be done, with higher priority to the left."""

from __future__ import annotations

from collections.abc import Sequence as Several

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from behaviors.errors import FormError
from behaviors.forms.pulse import Node
from behaviors.trees import Selector


def check(form: Selector, where: str) -> None:
    """Raise `FormError` for a selector without children: `test_an_empty_composite_is_refused`."""
    if not form.children:
        raise FormError("empty", "a selector needs at least one child", "list its children, or leave it out", where)


class SelectorNode(Node, py_trees.composites.Selector):
    """`selector`: py_trees' Selector without memory.

    | children | status | test |
    | --- | --- | --- |
    | every tick | looked at from the left | `test_a_selector_looks_from_the_left_every_tick` |
    | one succeeds or runs | its status; the rest is not ticked | `test_a_selector_takes_the_first_that_does_not_fail` |
    | one to the right was running | it is stopped | `test_a_selector_stops_what_a_higher_priority_outranks` |
    | all fail | FAILURE | `test_a_selector_fails_when_all_fail` |
    """

    def __init__(self, name: str, children: Several[Behaviour]) -> None:
        super().__init__(name=name, memory=False, children=children)

    def restore(self, counter: int, deadline_us: int) -> None:
        """What may have to be stopped is the child that runs."""
        self.current_child = next((each for each in self.children if each.status is Status.RUNNING), None)
