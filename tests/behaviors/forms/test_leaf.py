"""The rules of a leaf, one test each."""

from __future__ import annotations

from behaviors.rules import State
from behaviors.trees import Modifier, Parallel, Selector
from tests.behaviors.play import A, B, Play, filtered, modified


def test_a_ready_leaf_starts() -> None:
    play = Play(A)
    assert play.tick("a") == "+a"
    assert play.status() is State.RUNNING


def test_a_leaf_that_is_not_ready_fails() -> None:
    play = Play(A)
    assert play.tick() == ""
    assert play.status() is State.FAILURE


def test_a_reported_success_ends_the_leaf_well() -> None:
    play = Play(A)
    play.tick("a")
    assert play.tick(ok="a") == "-a:success"
    assert play.status() is State.SUCCESS


def test_a_reported_failure_or_timeout_ends_the_leaf_badly() -> None:
    play = Play(A)
    play.tick("a")
    assert play.tick(bad="a") == "-a:engine_failure"
    assert play.status() is State.FAILURE
    play.tick("a")
    assert play.tick(late="a") == "-a:timeout"
    assert play.status() is State.FAILURE


def test_a_lost_trigger_ends_the_leaf_in_the_same_tick() -> None:
    play = Play(A)
    play.tick("a")
    assert play.tick("a", lost="a") == "-a:trigger_lost"
    assert play.status() is State.FAILURE


def test_a_running_leaf_runs_on_while_its_trigger_holds() -> None:
    play = Play(A)
    play.tick("a")
    assert play.tick() == ""
    assert play.status() is State.RUNNING


def test_a_report_counts_before_a_lost_trigger() -> None:
    play = Play(A)
    play.tick("a")
    assert play.tick(ok="a", lost="a") == "-a:success"


def test_a_report_stands_when_the_parent_stops_the_leaf_in_the_same_tick() -> None:
    play = Play(filtered(A))
    play.tick("a")
    assert play.tick(ok="a", when=False) == "-a:success"
    assert play.status() is State.FAILURE


def test_an_ended_leaf_starts_again_in_the_next_tick_at_the_earliest() -> None:
    play = Play(A)
    play.tick("a")
    assert play.tick("a", ok="a") == "-a:success"
    assert play.tick("a") == "+a"


def test_a_leaf_stopped_by_one_that_started_left_of_it_was_outranked() -> None:
    play = Play(Selector((A, B)))
    play.tick("b")
    assert play.tick("ab") == "-b:outranked +a"


def test_a_leaf_stopped_by_its_parent_for_any_other_reason_is_told_so() -> None:
    play = Play(filtered(A))
    play.tick("a")
    assert play.tick("a", when=False) == "-a:parent_ended"


def test_a_leaf_started_and_stopped_within_one_tick_never_ran() -> None:
    play = Play(Parallel((A, B)))
    assert play.tick("a") == ""
    assert play.status() is State.FAILURE


def test_a_report_on_a_leaf_that_does_not_run_changes_nothing() -> None:
    play = Play(A)
    assert play.tick(ok="a") == ""
    assert play.status() is State.FAILURE


def test_what_ran_already_outranks_nobody() -> None:
    play = Play(Parallel((A, modified(filtered(B), Modifier.FORCE_SUCCESS))))
    play.tick("ab")
    assert play.tick(when=False) == "-b:parent_ended"
    assert play.running.tolist() == [True, False]


def test_a_node_is_aborted_for_one_tick_only() -> None:
    play = Play(filtered(A))
    play.tick("a")
    play.tick(lost="a", when=False)
    assert play.state.status.tolist() == [State.FAILURE, State.ABORTED]
    play.tick(lost="a", when=False)
    assert play.state.status.tolist() == [State.FAILURE, State.IDLE]
