"""Owns the leaf: one behavior of one character, played by an engine."""

from __future__ import annotations

import enum

from py_trees.common import Status

from behaviors.forms.pulse import Node, Pulse


class Reported(enum.IntEnum):
    """What is known of a running action's result."""

    NOTHING = 0
    SUCCESS = 1
    FAILURE = 2
    TIMEOUT = 3


class Ended(enum.IntEnum):
    """Why a slot that was running is not any more. The lower-case names are the wire's stop reasons."""

    NONE = 0
    SUCCESS = 1
    ENGINE_FAILURE = 2
    TIMEOUT = 3
    TRIGGER_LOST = 4
    OUTRANKED = 5
    PARENT_ENDED = 6


class LeafNode(Node):
    """A leaf.

    | before | input | status | test |
    | --- | --- | --- | --- |
    | not running | ready | RUNNING, a start | `test_a_ready_leaf_starts` |
    | not running | not ready | FAILURE | `test_a_leaf_that_is_not_ready_fails` |
    | running | success reported | SUCCESS | `test_a_reported_success_ends_the_leaf_well` |
    | running | failure or timeout reported | FAILURE | `test_a_reported_failure_or_timeout_ends_the_leaf_badly` |
    | running | trigger lost | FAILURE | `test_a_lost_trigger_ends_the_leaf_in_the_same_tick` |
    | running | otherwise | RUNNING | `test_a_running_leaf_runs_on_while_its_trigger_holds` |

    A report counts before a lost trigger: `test_a_report_counts_before_a_lost_trigger`.
    A report stands even when the parent stops the leaf in the same tick:
    `test_a_report_stands_when_the_parent_stops_the_leaf_in_the_same_tick`.
    """

    def __init__(self, name: str, pulse: Pulse, slot: int) -> None:
        super().__init__(name)
        self.pulse = pulse
        self.slot = slot

    def update(self) -> Status:
        """One tick by the table above."""
        pulse, slot = self.pulse, self.slot
        if self.status is not Status.RUNNING:
            if not pulse.ready[slot]:
                return Status.FAILURE
            pulse.live[slot] = 1
            return Status.RUNNING
        reported = pulse.reported[slot]
        if reported:
            pulse.fate[slot] = reported
            return Status.SUCCESS if reported == Reported.SUCCESS else Status.FAILURE
        if not pulse.holds[slot]:
            pulse.fate[slot] = Ended.TRIGGER_LOST
            return Status.FAILURE
        return Status.RUNNING

    def terminate(self, new_status: Status) -> None:
        """Also called on leaves that do not run; harmless then."""
        self.pulse.live[self.slot] = 0

    def restore(self, counter: int, deadline_us: int) -> None:
        """A restored leaf runs if its status says so."""
        self.pulse.live[self.slot] = self.status is Status.RUNNING


class GuardNode(Node):
    """The condition of a filter: SUCCESS when its row of the conditions is true, else FAILURE. Never RUNNING."""

    def __init__(self, name: str, pulse: Pulse, condition: int) -> None:
        super().__init__(name)
        self.pulse = pulse
        self.condition = condition

    def update(self) -> Status:
        """Look at the condition."""
        return Status.SUCCESS if self.pulse.conditions[self.condition] else Status.FAILURE
