"""Owns the filtered form: a behavior that lives only while a condition holds."""

from __future__ import annotations

import py_trees
from py_trees.behaviour import Behaviour

from behaviors.forms.leaf import GuardNode
from behaviors.forms.pulse import Node, Pulse


class FilterNode(Node, py_trees.composites.Sequence):
    """`filter`: py_trees' Sequence without memory of a guard and the child.

    | condition | child | status | test |
    | --- | --- | --- | --- |
    | false | not ticked; stopped | FAILURE | `test_a_filter_aborts_its_child_in_the_tick_its_condition_fails` |
    | true | ticked | the child's | `test_a_filter_passes_its_child_on_while_its_condition_holds` |

    The condition is examined every tick, before the child, whatever stands above:
    `test_a_filter_is_examined_every_tick`.
    """

    def __init__(self, name: str, pulse: Pulse, condition: int, child: Behaviour) -> None:
        guard = GuardNode(f"{name} while", pulse, condition)
        super().__init__(name=name, memory=False, children=[guard, child])
        guard.freeze(-1)
