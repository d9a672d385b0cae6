"""Owns the parallel form: several behaviors at once, none of them against the orientation of another."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Several
from typing import Literal

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import ParallelPolicy, Status

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
    """`parallel`: py_trees' Parallel, synchronised: a child that succeeded has done its part.

    | children | status | test |
    | --- | --- | --- |
    | one succeeded before | not ticked again; it stays SUCCESS | `test_a_child_of_a_parallel_that_succeeded_is_done` |
    | any fails | FAILURE, whatever the policy | `test_a_parallel_fails_with_any_child` |
    | `all`: each has succeeded once | SUCCESS | `test_a_parallel_of_all_needs_each_child_once` |
    | `one`: one succeeds | SUCCESS | `test_a_parallel_of_one_succeeds_with_the_first` |
    | index: that one succeeds | SUCCESS | `test_a_parallel_of_a_named_child_ends_with_it` |
    | otherwise | RUNNING | `test_a_parallel_runs_otherwise` |

    When it ends, children that run are stopped: `test_a_parallel_stops_what_runs_when_it_ends`. Entered again, it
    starts all its children anew: `test_a_parallel_entered_again_starts_all_its_children`.
    """

    def __init__(self, name: str, succeed: Literal["all", "one"] | int, children: Several[Behaviour]) -> None:
        policy: ParallelPolicy.Base
        if succeed == "all":
            policy = ParallelPolicy.SuccessOnAll(synchronise=True)
        elif succeed == "one":
            policy = ParallelPolicy.SuccessOnOne()
        else:
            policy = ParallelPolicy.SuccessOnSelected(children=[children[int(succeed)]], synchronise=True)
        super().__init__(name=name, policy=policy, children=children)

    def tick(self) -> Iterator[Behaviour]:
        """As py_trees does, but children that are done are shown too: their SUCCESS is a memory."""
        if self.status is Status.RUNNING:
            yield from [child for child in self.children if child.status is Status.SUCCESS]
        yield from py_trees.composites.Parallel.tick(self)

    def remember(self, done: Several[bool]) -> None:
        """Restore which children are done, one flag a child."""
        for child, succeeded in zip(self.children, done, strict=True):
            if succeeded:
                child.status = Status.SUCCESS
