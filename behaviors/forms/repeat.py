"""Owns the repetitive form: a behavior again and again, one completion a tick."""

from __future__ import annotations

from typing import Literal

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from behaviors.errors import FormError
from behaviors.forms.pulse import Node
from behaviors.trees import Repeat

FOREVER = -1


def check(form: Repeat, where: str) -> None:
    """Raise `FormError` for a count below 1 (it would never end), or a count and an `until`.

    `test_a_repeat_of_zero_or_fewer_is_refused`, `test_a_repeat_is_counted_or_until_but_not_both`.
    """
    if form.times is not None and form.until is not None:
        raise FormError("two_ends", "a repeat has `times` or `until`, not both", "leave one of them out", where)
    if form.times is not None and (type(form.times) is not int or form.times < 1):
        raise FormError("bad_count", f"a repeat needs at least 1 time, not {form.times!r}", "times: forever", where)
    if form.until not in (None, "success", "failure"):
        raise FormError("bad_until", f"`until` is {form.until!r}", "use success or failure", where)


class RepeatTimesNode(Node, py_trees.decorators.Repeat):
    """`repeat` with `times`: py_trees' Repeat.

    | child | status | test |
    | --- | --- | --- |
    | succeeds for the last time wanted | SUCCESS | `test_a_repeat_succeeds_after_its_count` |
    | succeeds before | RUNNING; again next tick | `test_a_repeat_counts_one_completion_a_tick` |
    | `forever` succeeds | RUNNING | `test_a_repeat_forever_goes_on` |
    | fails | FAILURE | `test_a_repeat_fails_with_its_child` |
    | runs | RUNNING | `test_a_repeat_runs_with_its_child` |

    The count starts anew on entry: `test_a_repeat_counts_anew_when_entered_again`.
    """

    def __init__(self, name: str, times: int | None, child: Behaviour) -> None:
        super().__init__(name=name, child=child, num_success=FOREVER if times is None else times)

    def saved(self) -> tuple[int, int]:
        """The successes so far; forever counts nothing, so that a state can come back and be recognised."""
        return self.success if self.status is Status.RUNNING and self.num_success != FOREVER else 0, 0

    def restore(self, counter: int, deadline_us: int) -> None:
        """Take the count over."""
        self.success = counter


class RepeatUntilNode(Node, py_trees.decorators.Decorator):
    """`repeat` with `until`.

    | child | until success | until failure | test |
    | --- | --- | --- | --- |
    | succeeds | SUCCESS | RUNNING; again next tick | `test_a_repeat_until_success_goes_on_after_failures` |
    | fails | RUNNING; again next tick | SUCCESS | `test_a_repeat_until_failure_succeeds_when_the_child_fails` |
    | runs | RUNNING | RUNNING | `test_a_repeat_runs_with_its_child` |

    A child that fails at once is ticked once a tick: `test_a_repeat_never_spins`.
    """

    def __init__(self, name: str, until: Literal["success", "failure"], child: Behaviour) -> None:
        super().__init__(name=name, child=child)
        self.wanted = Status.SUCCESS if until == "success" else Status.FAILURE

    def update(self) -> Status:
        """SUCCESS when the child ended as wanted."""
        return Status.SUCCESS if self.decorated.status is self.wanted else Status.RUNNING
