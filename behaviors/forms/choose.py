"""Owns the selective form by chance: one of several behaviors, drawn by weight."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Several
from math import isfinite

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from behaviors.chance import bounds, pick
from behaviors.errors import FormError
from behaviors.forms.pulse import Node, Pulse
from behaviors.trees import Choose

MOST_WEIGHT = 1e6


def check(form: Choose, where: str) -> None:
    """Raise `FormError` for no children, or weights that are not one number from 0 up for each, some above 0.

    `test_an_empty_composite_is_refused`, `test_weights_that_do_not_fit_are_refused`.
    """
    if not form.children:
        raise FormError("empty", "a choice needs at least one child", "list its children, or leave it out", where)
    if len(form.weights) != len(form.children):
        raise FormError(
            "bad_weights", f"{len(form.weights)} weights for {len(form.children)} children", "one each", where
        )
    if not all(isfinite(weight) and 0.0 <= weight <= MOST_WEIGHT for weight in form.weights) or not sum(form.weights):
        raise FormError(
            "bad_weights", f"weights are from 0 to {MOST_WEIGHT:g}, one above 0, not {form.weights}", "3, 1, 1", where
        )


class ChooseNode(Node, py_trees.composites.Composite):
    """`choose`: a child is drawn on entry, as often as its weight says.

    | children | status | test |
    | --- | --- | --- |
    | entered | one is drawn and ticked, no other | `test_a_choice_draws_one_child_on_entry` |
    | it runs | RUNNING; it stays until it ends | `test_a_choice_stays_with_its_child_until_it_ends` |
    | it ends | its status | `test_a_choice_ends_as_its_child_does` |

    Entered again, it draws anew: `test_a_choice_draws_anew_when_entered_again`.
    """

    def __init__(
        self, name: str, pulse: Pulse, character: int, weights: Several[float], children: Several[Behaviour]
    ) -> None:
        super().__init__(name=name, children=children)
        self.pulse = pulse
        self.character = character
        self.ends = bounds(weights)

    def tick(self) -> Iterator[Behaviour]:
        """One tick by the table above."""
        if self.status is not Status.RUNNING or self.current_child is None:
            for child in self.children:
                if child.status is not Status.INVALID:
                    child.stop(Status.INVALID)
            self.current_child = self.children[pick(self.ends, self.pulse.drawn(self.character, self.row))]
        yield from self.current_child.tick()
        self.status = self.current_child.status
        yield self

    def restore(self, counter: int, deadline_us: int) -> None:
        """The drawn one is the child that runs."""
        self.current_child = next((each for each in self.children if each.status is Status.RUNNING), None)
