"""Owns the modified form: nine ways to change when a behavior may run, for how long, and what its end means."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import py_trees
from py_trees.behaviour import Behaviour
from py_trees.common import Status

from behaviors.errors import FormError
from behaviors.forms.pulse import Gate, Node, Pulse
from behaviors.trees import Modifier, Modify

TIMED = (Modifier.TIMEOUT, Modifier.COOLDOWN, Modifier.DELAY)
LONGEST_S = 1e9


def check(form: Modify, where: str) -> None:
    """Raise `FormError` for a time that is not positive, a count below 1, or a guard and its condition apart.

    `test_a_modifier_with_a_wrong_value_is_refused`, `test_a_guard_and_its_condition_belong_together`,
    `test_a_time_that_cannot_be_drawn_is_refused`.
    """
    word = form.modifier.value
    if form.modifier in TIMED and not (isfinite(form.value) and 1e-6 <= form.value <= LONGEST_S):
        raise FormError("bad_time", f"{word} needs a time above 0, not {form.value!r} s", f"{word} 5 s", where)
    if form.most and not (form.modifier in TIMED and form.value < form.most <= LONGEST_S):
        raise FormError(
            "bad_time", f"{word} cannot be drawn from {form.value!r} to {form.most!r} s", f"{word} 2..5 s", where
        )
    if form.modifier is Modifier.RETRY and not (1 <= form.value <= 1e9 and form.value == int(form.value)):
        raise FormError("bad_count", f"retry needs a whole number from 1, not {form.value!r}", "retry 3", where)
    if (form.modifier is Modifier.GUARD) != (form.condition is not None):
        raise FormError("bad_guard", "a guard, and only a guard, has a condition", "guard fear < 0.5", where)


@dataclass(frozen=True, slots=True)
class Span:
    """A time of a character's node: `low` microseconds, and up to `extra` more, drawn evenly each time it is asked.

    `test_a_drawn_time_lies_between_its_ends_and_is_drawn_anew_each_time`.
    """

    low: int
    extra: int = 0
    character: int = 0

    def until(self, pulse: Pulse, node: int) -> int:
        """The end of a time that starts now, in microseconds."""
        if not self.extra:
            return pulse.now + self.low
        return pulse.now + self.low + pulse.drawn(self.character, node) % (self.extra + 1)


class InvertNode(Node, py_trees.decorators.Inverter):
    """`invert`: SUCCESS and FAILURE change places: `test_invert_swaps_success_and_failure`."""


class ForceSuccessNode(Node, py_trees.decorators.FailureIsSuccess):
    """`force success`: FAILURE becomes SUCCESS: `test_force_success_turns_failure_into_success`."""


class ForceFailureNode(Node, py_trees.decorators.SuccessIsFailure):
    """`force failure`: SUCCESS becomes FAILURE: `test_force_failure_turns_success_into_failure`."""


class RetryNode(Node, py_trees.decorators.Retry):
    """`retry n`: RUNNING after a failure, FAILURE after the n-th, one attempt a tick.

    `test_retry_tries_n_times_in_all`. The count starts anew on entry: `test_retry_counts_anew_when_entered_again`.
    """

    def saved(self) -> tuple[int, int]:
        """The failures so far."""
        return self.failures if self.status is Status.RUNNING else 0, 0

    def restore(self, counter: int, deadline_us: int) -> None:
        """Take the count over."""
        self.failures = counter


class TimeoutNode(Node, py_trees.decorators.Decorator):
    """`timeout`: a child that still runs when the time is up is stopped, and that is a FAILURE.

    `test_timeout_stops_a_child_that_runs_too_long`. A child that ends in that very tick counts as ended:
    `test_timeout_lets_a_child_end_in_the_last_tick`. The time counts from entry.
    """

    def __init__(self, name: str, pulse: Pulse, span: Span, child: Behaviour) -> None:
        super().__init__(name=name, child=child)
        self.pulse = pulse
        self.span = span
        self.deadline_us = 0

    def initialise(self) -> None:
        """The time starts on entry."""
        self.deadline_us = self.span.until(self.pulse, self.row)

    def update(self) -> Status:
        """The child's status, or FAILURE when its time is up."""
        if self.decorated.status is Status.RUNNING and self.pulse.now >= self.deadline_us:
            self.decorated.stop(Status.INVALID)
            return Status.FAILURE
        return self.decorated.status

    def saved(self) -> tuple[int, int]:
        """The deadline while it runs."""
        return 0, self.deadline_us if self.status is Status.RUNNING else 0

    def restore(self, counter: int, deadline_us: int) -> None:
        """Take the deadline over."""
        self.deadline_us = deadline_us


class CooldownNode(Gate):
    """`cooldown`: FAILURE, without a look at the child, until the time since it last ended or was stopped is over.

    `test_cooldown_blocks_after_the_child_ended`, `test_cooldown_blocks_after_the_child_was_stopped`. Only a child that
    ran, or succeeded, starts the cooldown, so a leaf that is not ready costs nothing:
    `test_cooldown_does_not_start_when_the_child_fails_at_once`,
    `test_cooldown_blocks_after_a_child_that_succeeds_at_once`. A child started and stopped within one tick never ran:
    `test_cooldown_does_not_start_when_the_child_is_stopped_in_the_tick_it_started`.
    """

    def __init__(self, name: str, pulse: Pulse, span: Span, child: Behaviour) -> None:
        super().__init__(name, pulse, child)
        self.span = span
        self.until_us = 0
        self.entered = -1

    def gate(self) -> Status | None:
        """FAILURE while it cools down."""
        return Status.FAILURE if self.status is not Status.RUNNING and self.pulse.now < self.until_us else None

    def initialise(self) -> None:
        """Note the tick of entry."""
        self.entered = self.pulse.serial

    def terminate(self, new_status: Status) -> None:
        """py_trees calls this on every end and stop, also of nodes that do not run."""
        ran = self.status is Status.RUNNING and self.entered != self.pulse.serial
        if ran or new_status is Status.SUCCESS:
            self.until_us = self.span.until(self.pulse, self.row)

    def saved(self) -> tuple[int, int]:
        """When it may run again."""
        return 0, self.until_us

    def restore(self, counter: int, deadline_us: int) -> None:
        """Take it over; whatever runs was entered before."""
        self.until_us = deadline_us
        self.entered = -1


class OnceNode(Gate):
    """`once`: after the first SUCCESS, FAILURE for ever (until the scene is loaded again).

    `test_once_fails_for_ever_after_its_first_success`.
    """

    def __init__(self, name: str, pulse: Pulse, child: Behaviour) -> None:
        super().__init__(name, pulse, child)
        self.done = False

    def gate(self) -> Status | None:
        """FAILURE when done."""
        return Status.FAILURE if self.done else None

    def terminate(self, new_status: Status) -> None:
        """Done with the first success."""
        self.done = self.done or new_status is Status.SUCCESS

    def saved(self) -> tuple[int, int]:
        """1 when done."""
        return int(self.done), 0

    def restore(self, counter: int, deadline_us: int) -> None:
        """Take it over."""
        self.done = counter != 0


class DelayNode(Gate):
    """`delay`: RUNNING for the time before the child is first ticked; then the child's status.

    `test_delay_waits_before_the_child`. Every entry waits anew: `test_delay_waits_anew_when_entered_again`.
    """

    def __init__(self, name: str, pulse: Pulse, span: Span, child: Behaviour) -> None:
        super().__init__(name, pulse, child)
        self.span = span
        self.deadline_us = 0

    def gate(self) -> Status | None:
        """RUNNING until the time is over."""
        if self.status is not Status.RUNNING:
            self.deadline_us = self.span.until(self.pulse, self.row)
        return Status.RUNNING if self.pulse.now < self.deadline_us else None

    def saved(self) -> tuple[int, int]:
        """The end of the wait."""
        return 0, self.deadline_us if self.status is Status.RUNNING else 0

    def restore(self, counter: int, deadline_us: int) -> None:
        """Take the deadline over."""
        self.deadline_us = deadline_us


class EntryGuardNode(Gate):
    """`guard`: the condition is examined on entry only; false is FAILURE, and a running child is left alone.

    `test_guard_is_examined_on_entry_only`.
    """

    def __init__(self, name: str, pulse: Pulse, condition: int, child: Behaviour) -> None:
        super().__init__(name, pulse, child)
        self.condition = condition

    def gate(self) -> Status | None:
        """FAILURE when the condition is false on entry."""
        entering = self.status is not Status.RUNNING
        return Status.FAILURE if entering and not self.pulse.conditions[self.condition] else None
