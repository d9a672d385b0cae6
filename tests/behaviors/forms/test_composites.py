"""The rules of sequence, selector, filter, parallel and repeat, one test each."""

from __future__ import annotations

import numpy as np

from behaviors.rules import State
from behaviors.trees import Parallel, Repeat, Selector, Sequence
from tests.behaviors.play import A, B, C, Play, filtered


def test_a_sequence_starts_with_its_first_child() -> None:
    play = Play(Sequence((A, B)))
    assert play.tick("ab") == "+a"
    assert play.status() is State.RUNNING


def test_a_sequence_moves_on_in_the_same_tick() -> None:
    play = Play(Sequence((A, B)))
    play.tick("a")
    assert play.tick("b", ok="a") == "-a:success +b"


def test_a_sequence_remembers_its_place() -> None:
    play = Play(Sequence((A, B)))
    play.tick("a")
    play.tick("b", ok="a")
    assert play.tick("a") == ""
    assert play.running.tolist() == [False, True]


def test_a_sequence_fails_with_its_child() -> None:
    play = Play(Sequence((A, B)))
    play.tick("a")
    assert play.tick(ok="a") == "-a:success"
    assert play.status() is State.FAILURE
    assert play.tick("ab") == "+a"


def test_a_sequence_succeeds_with_its_last_child() -> None:
    play = Play(Sequence((A, B)))
    play.tick("a")
    play.tick("b", ok="a")
    assert play.tick("a", ok="b") == "-b:success"
    assert play.status() is State.SUCCESS


def test_a_selector_looks_from_the_left_every_tick() -> None:
    play = Play(Selector((A, B, C)))
    assert play.tick("c") == "+c"
    assert play.tick("b") == "-c:outranked +b"
    assert play.tick("a") == "-b:outranked +a"


def test_a_selector_takes_the_first_that_does_not_fail() -> None:
    play = Play(Selector((A, B, C)))
    assert play.tick("bc") == "+b"
    assert play.tick("c", ok="b") == "-b:success"
    assert play.status() is State.SUCCESS


def test_a_selector_stops_what_a_higher_priority_outranks() -> None:
    play = Play(Selector((A, Sequence((B, C)))))
    play.tick("b")
    play.tick("c", ok="b")
    assert play.tick("a") == "-c:outranked +a"
    assert play.tick("b", lost="a") == "-a:trigger_lost +b"


def test_a_selector_fails_when_all_fail() -> None:
    play = Play(Selector((A, B)))
    play.tick("b")
    assert play.tick(bad="b") == "-b:engine_failure"
    assert play.status() is State.FAILURE


def test_a_filter_aborts_its_child_in_the_tick_its_condition_fails() -> None:
    play = Play(Selector((filtered(Sequence((A, B))), C)))
    play.tick("a")
    assert play.tick("abc", when=False) == "-a:parent_ended +c"


def test_a_filter_passes_its_child_on_while_its_condition_holds() -> None:
    play = Play(filtered(A))
    assert play.tick("a") == "+a"
    assert play.status() is State.RUNNING
    play.tick(ok="a")
    assert play.status() is State.SUCCESS
    play.tick()
    assert play.status() is State.FAILURE


def test_a_filter_is_examined_every_tick() -> None:
    play = Play(Repeat(Sequence((A, filtered(B)))))
    play.tick("a")
    play.tick("b", ok="a")
    assert play.tick("b") == ""
    assert play.tick("b", when=False) == "-b:parent_ended"


def test_a_parallel_fails_with_any_child() -> None:
    for succeed in ("all", "one", 0):
        play = Play(Parallel((A, B), succeed))
        play.tick("ab")
        assert play.tick(ok="a", bad="b") == "-a:success -b:engine_failure"
        assert play.status() is State.FAILURE


def test_a_parallel_of_all_needs_each_child_once() -> None:
    play = Play(Parallel((A, B)))
    play.tick("ab")
    assert play.tick(ok="a") == "-a:success"
    assert play.status() is State.RUNNING
    assert play.tick(ok="b") == "-b:success"
    assert play.status() is State.SUCCESS


def test_a_child_of_a_parallel_that_succeeded_is_done() -> None:
    for succeed in ("all", 1):
        play = Play(Parallel((A, B), succeed))
        play.tick("ab")
        play.tick(ok="a")
        for ready in ("a", ""):
            assert play.tick(ready) == ""
            assert play.state.status.tolist() == [State.RUNNING, State.SUCCESS, State.RUNNING]


def test_a_parallel_entered_again_starts_all_its_children() -> None:
    play = Play(Repeat(Parallel((A, B))))
    play.tick("ab")
    play.tick(ok="a")
    play.tick(ok="b")
    assert play.tick("ab") == "+a +b"


def test_a_parallel_of_one_succeeds_with_the_first() -> None:
    play = Play(Parallel((A, B), "one"))
    play.tick("ab")
    assert play.tick(ok="b") == "-a:parent_ended -b:success"
    assert play.status() is State.SUCCESS


def test_a_parallel_of_a_named_child_ends_with_it() -> None:
    play = Play(Parallel((A, B, C), 1))
    play.tick("abc")
    play.tick(ok="a")
    assert play.status() is State.RUNNING
    assert play.tick(ok="b") == "-b:success -c:parent_ended"
    assert play.status() is State.SUCCESS


def test_a_parallel_runs_otherwise() -> None:
    play = Play(Parallel((A, B)))
    assert play.tick("ab") == "+a +b"
    assert play.tick() == ""
    assert play.status() is State.RUNNING


def test_a_parallel_stops_what_runs_when_it_ends() -> None:
    play = Play(Parallel((A, B)))
    play.tick("ab")
    assert play.tick(bad="b") == "-a:parent_ended -b:engine_failure"
    assert play.state.status.tolist() == [State.FAILURE, State.ABORTED, State.FAILURE]


def test_a_repeat_succeeds_after_its_count() -> None:
    play = Play(Repeat(A, 2))
    play.tick("a")
    play.tick(ok="a")
    play.tick("a")
    play.tick(ok="a")
    assert play.status() is State.SUCCESS


def test_a_repeat_counts_one_completion_a_tick() -> None:
    play = Play(Repeat(A, 2))
    play.tick("a")
    assert play.tick("a", ok="a") == "-a:success"
    assert play.status() is State.RUNNING
    assert play.state.counter.tolist() == [1, 0]
    assert play.tick("a") == "+a"


def test_a_repeat_forever_goes_on() -> None:
    play = Play(Repeat(A))
    for _ in range(5):
        assert play.tick("a") == "+a"
        assert play.tick(ok="a") == "-a:success"
        assert play.status() is State.RUNNING


def test_a_repeat_fails_with_its_child() -> None:
    for times in (2, None):
        play = Play(Repeat(A, times))
        play.tick("a")
        play.tick(ok="a")
        play.tick()
        assert play.status() is State.FAILURE


def test_a_repeat_runs_with_its_child() -> None:
    for form in (Repeat(A, 2), Repeat(A, until="success"), Repeat(A, until="failure")):
        play = Play(form)
        play.tick("a")
        play.tick()
        assert play.status() is State.RUNNING


def test_a_repeat_counts_anew_when_entered_again() -> None:
    play = Play(Repeat(A, 2))
    play.tick("a")
    play.tick(ok="a")
    play.tick()
    play.tick("a")
    play.tick(ok="a")
    assert play.status() is State.RUNNING


def test_a_repeat_until_success_goes_on_after_failures() -> None:
    play = Play(Repeat(A, until="success"))
    play.tick()
    assert play.status() is State.RUNNING
    play.tick("a")
    play.tick(bad="a")
    assert play.status() is State.RUNNING
    play.tick("a")
    play.tick(ok="a")
    assert play.status() is State.SUCCESS


def test_a_repeat_until_failure_succeeds_when_the_child_fails() -> None:
    play = Play(Repeat(A, until="failure"))
    play.tick("a")
    play.tick(ok="a")
    assert play.status() is State.RUNNING
    play.tick()
    assert play.status() is State.SUCCESS


def test_a_repeat_never_spins() -> None:
    play = Play(Repeat(A, until="success"))
    for _ in range(3):
        assert play.tick() == ""
        assert play.status() is State.RUNNING
        assert np.array_equal(play.state.status, [State.RUNNING, State.FAILURE])
