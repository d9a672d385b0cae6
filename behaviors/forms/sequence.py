"""Owns the sequential form: a script of behaviors, one after the other."""

from __future__ import annotations

from collections.abc import Sequence as Several

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from behaviors.errors import FormError
from behaviors.forms.pulse import Node
from behaviors.trees import Sequence


def check(form: Sequence, where: str) -> None:
    """Raise `FormError` for a sequence without children: `test_an_empty_composite_is_refused`."""
    if not form.children:
        raise FormError("empty", "a sequence needs at least one child", "list its children, or leave it out", where)


class SequenceNode(Node, py_trees.composites.Sequence):
    """`sequence`: py_trees' Sequence with memory.

    | children | status | test |
    | --- | --- | --- |
    | entered | starts with the first | `test_a_sequence_starts_with_its_first_child` |
    | the current one succeeds | ticks the next in the same tick | `test_a_sequence_moves_on_in_the_same_tick` |
    | the current one runs | RUNNING; it stays the current one | `test_a_sequence_remembers_its_place` |
    | the current one fails | FAILURE | `test_a_sequence_fails_with_its_child` |
    | the last one succeeds | SUCCESS | `test_a_sequence_succeeds_with_its_last_child` |
    """

    def __init__(self, name: str, children: Several[Behaviour]) -> None:
        super().__init__(name=name, memory=True, children=children)

    def restore(self, counter: int, deadline_us: int) -> None:
        """The place is the child that runs."""
        self.current_child = next((each for each in self.children if each.status is Status.RUNNING), None)
