"""Owns the parallel form: several behaviors at once, none of them against the orientation of another."""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import Literal

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import ParallelPolicy

from behaviors.errors import FormError
from behaviors.forms.pulse import Node
from behaviors.trees import Parallel


def check(form: Parallel, where: str) -> None:
    """Raise `FormError` for no children, or a policy that is none.

    `test_an_empty_composite_is_refused`, `test_a_parallel_with_a_wrong_index_is_refused`. Opposed orientations are
    looked for by the forest, which knows the rules: `test_a_parallel_of_opposed_orientations_is_refused`.
    """
    count = len(form.children)
    if not count:
        raise FormError("empty", "a parallel needs at least one child", "list its children, or leave it out", where)
    if form.succeed in ("all", "one"):
        return
    if type(form.succeed) is not int or not 0 <= form.succeed < count:
        raise FormError(
            "wrong_index",
            f"`succeed` is {form.succeed!r}, and there are {count} children",
            f"use all, one, or an index from 0 to {count - 1}",
            where,
        )


class ParallelNode(Node, py_trees.composites.Parallel):
    """`parallel`: py_trees' Parallel, never synchronised: a child that succeeded is ticked again.

    | children, all of them ticked | status | test |
    | --- | --- | --- |
    | any fails | FAILURE, whatever the policy | `test_a_parallel_fails_with_any_child` |
    | `all`: all succeed in one tick | SUCCESS | `test_a_parallel_of_all_needs_all_in_one_tick` |
    | `one`: at least one succeeds | SUCCESS | `test_a_parallel_of_one_succeeds_with_the_first` |
    | index: that one succeeds | SUCCESS | `test_a_parallel_of_a_named_child_waits_for_it` |
    | otherwise | RUNNING | `test_a_parallel_runs_otherwise` |

    When it ends, children that run are stopped: `test_a_parallel_stops_what_runs_when_it_ends`.
    """

    def __init__(self, name: str, succeed: Literal["all", "one"] | int, children: Several[Behaviour]) -> None:
        policy: ParallelPolicy.Base
        if succeed == "all":
            policy = ParallelPolicy.SuccessOnAll(synchronise=False)
        elif succeed == "one":
            policy = ParallelPolicy.SuccessOnOne()
        else:
            policy = ParallelPolicy.SuccessOnSelected(children=[children[int(succeed)]], synchronise=False)
        super().__init__(name=name, policy=policy, children=children)
