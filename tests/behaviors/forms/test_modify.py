"""The rules of the nine modifiers, one test each."""

from __future__ import annotations

from behaviors.rules import State
from behaviors.trees import Modifier, Parallel, Selector, Sequence
from tests.behaviors.play import A, B, Play, filtered, modified


def test_invert_swaps_success_and_failure() -> None:
    play = Play(modified(A, Modifier.INVERT))
    play.tick()
    assert play.status() is State.SUCCESS
    play.tick("a")
    assert play.status() is State.RUNNING
    play.tick(ok="a")
    assert play.status() is State.FAILURE


def test_force_success_turns_failure_into_success() -> None:
    play = Play(modified(A, Modifier.FORCE_SUCCESS))
    play.tick()
    assert play.status() is State.SUCCESS
    play.tick("a")
    assert play.status() is State.RUNNING
    play.tick(ok="a")
    assert play.status() is State.SUCCESS


def test_force_failure_turns_success_into_failure() -> None:
    play = Play(modified(A, Modifier.FORCE_FAILURE))
    play.tick("a")
    assert play.status() is State.RUNNING
    play.tick(ok="a")
    assert play.status() is State.FAILURE


def test_retry_tries_n_times_in_all() -> None:
    play = Play(modified(A, Modifier.RETRY, 3))
    statuses = []
    for _ in range(3):
        play.tick()
        statuses.append(play.status())
    assert statuses == [State.RUNNING, State.RUNNING, State.FAILURE]
    play.tick("a")
    play.tick(ok="a")
    assert play.status() is State.SUCCESS


def test_retry_counts_anew_when_entered_again() -> None:
    play = Play(modified(A, Modifier.RETRY, 2))
    play.tick()
    play.tick()
    assert play.status() is State.FAILURE
    play.tick()
    assert play.status() is State.RUNNING
    assert play.state.counter.tolist() == [1, 0]


def test_timeout_stops_a_child_that_runs_too_long() -> None:
    play = Play(modified(A, Modifier.TIMEOUT, 2.0))
    assert play.tick("a") == "+a"
    assert play.tick("a", after=1.9) == ""
    assert play.tick("a", after=0.1) == "-a:parent_ended"
    assert play.status() is State.FAILURE
    assert play.tick("a") == "+a"
    assert play.tick("a", after=1.9) == ""


def test_timeout_lets_a_child_end_in_the_last_tick() -> None:
    play = Play(modified(A, Modifier.TIMEOUT, 2.0))
    play.tick("a")
    assert play.tick(ok="a", after=5.0) == "-a:success"
    assert play.status() is State.SUCCESS


def test_cooldown_blocks_after_the_child_ended() -> None:
    play = Play(modified(A, Modifier.COOLDOWN, 2.0))
    play.tick("a")
    play.tick(ok="a")
    assert play.tick("a", after=1.9) == ""
    assert play.status() is State.FAILURE
    assert play.tick("a", after=0.1) == "+a"


def test_cooldown_blocks_after_the_child_was_stopped() -> None:
    play = Play(Selector((A, modified(B, Modifier.COOLDOWN, 2.0))))
    play.tick("b")
    assert play.tick("ab") == "-b:outranked +a"
    assert play.tick("b", lost="a", after=1.0) == "-a:trigger_lost"
    assert play.tick("b", after=1.0) == "+b"


def test_cooldown_does_not_start_when_the_child_fails_at_once() -> None:
    play = Play(modified(A, Modifier.COOLDOWN, 2.0))
    play.tick()
    assert play.tick("a") == "+a"


def test_cooldown_does_not_start_when_the_child_is_stopped_in_the_tick_it_started() -> None:
    play = Play(Parallel((modified(A, Modifier.COOLDOWN, 2.0), B)))
    assert play.tick("a") == ""
    assert play.tick("ab") == "+a +b"


def test_once_fails_for_ever_after_its_first_success() -> None:
    play = Play(modified(A, Modifier.ONCE))
    play.tick("a")
    play.tick(bad="a")
    assert play.tick("a") == "+a"
    play.tick(ok="a")
    assert play.status() is State.SUCCESS
    for _ in range(3):
        assert play.tick("a", after=100.0) == ""
        assert play.status() is State.FAILURE


def test_delay_waits_before_the_child() -> None:
    play = Play(modified(A, Modifier.DELAY, 2.0))
    assert play.tick("a") == ""
    assert play.status() is State.RUNNING
    assert play.tick("a", after=1.9) == ""
    assert play.tick("a", after=0.1) == "+a"
    assert play.tick(after=5.0) == ""
    play.tick(ok="a")
    assert play.status() is State.SUCCESS


def test_delay_waits_anew_when_entered_again() -> None:
    play = Play(filtered(modified(A, Modifier.DELAY, 2.0)))
    play.tick("a")
    play.tick("a", when=False, after=1.9)
    assert play.tick("a", after=1.0) == ""
    assert play.tick("a", after=1.9) == ""
    assert play.tick("a", after=0.1) == "+a"


def test_guard_is_examined_on_entry_only() -> None:
    play = Play(modified(A, Modifier.GUARD, condition="fear < 0.5"))
    assert play.tick("a", when=False) == ""
    assert play.status() is State.FAILURE
    assert play.tick("a") == "+a"
    assert play.tick("a", when=False) == ""
    assert play.status() is State.RUNNING


def test_modifiers_nest_outermost_first() -> None:
    inner = modified(A, Modifier.TIMEOUT, 1.0)
    play = Play(Sequence((modified(inner, Modifier.COOLDOWN, 5.0), B)))
    play.tick("a")
    assert play.tick("a", after=1.0) == "-a:parent_ended"
    assert play.tick("a", after=4.9) == ""
    assert play.tick("a", after=0.1) == "+a"


def test_cooldown_blocks_after_a_child_that_succeeds_at_once() -> None:
    play = Play(modified(modified(A, Modifier.FORCE_SUCCESS), Modifier.COOLDOWN, 2.0))
    play.tick()
    assert play.status() is State.SUCCESS
    play.tick(after=1.9)
    assert play.status() is State.FAILURE
    play.tick(after=0.1)
    assert play.status() is State.SUCCESS
