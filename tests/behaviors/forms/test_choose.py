"""The rules of choice by weight, and of times that are drawn."""

from __future__ import annotations

import pytest

from behaviors.chance import all_drawn, bounds, drawn, draws, pick, streams_of
from behaviors.compiled import CompiledExecutor
from behaviors.errors import FormError
from behaviors.forest import Forest
from behaviors.rules import State
from behaviors.trees import Choose, Leaf, Modifier, Modify, Repeat, Selector, Tree
from tests.behaviors.play import SECOND, A, B, C, Play, modified
from tests.behaviors.stage import PAD, rule

GOLDEN_0 = 0x48218226FF3CD4BF
GOLDEN_1 = 0xBFE86127CDF15978
RULES = {name: rule(name, "self", "true") for name in "abc"}


def refused(root: Choose | Modify) -> str:
    with pytest.raises(FormError) as caught:
        Forest([Tree("tree", root)], RULES, PAD)
    return caught.value.code


def test_a_choice_draws_one_child_on_entry() -> None:
    play = Play(Choose((A, B, C), (1.0, 1.0, 1.0)))
    started = play.tick("abc")
    assert started in ("+a", "+b", "+c")
    statuses = play.state.status.tolist()[1:]
    assert sorted(statuses) == [State.IDLE, State.IDLE, State.RUNNING]


def test_a_choice_stays_with_its_child_until_it_ends() -> None:
    play = Play(Choose((A, B, C), (1.0, 1.0, 1.0)))
    play.tick("abc")
    assert [play.tick("abc") for _ in range(20)] == [""] * 20
    assert play.status() is State.RUNNING


def test_a_choice_ends_as_its_child_does() -> None:
    play = Play(Choose((A, B), (1.0, 1.0)))
    play.tick("ab")
    play.tick(ok="ab")
    assert play.status() is State.SUCCESS
    play.tick("ab", after=1.0)
    play.tick(bad="ab")
    assert play.status() is State.FAILURE
    play.tick()
    assert play.status() is State.FAILURE


def test_a_choice_draws_anew_when_entered_again() -> None:
    play = Play(Choose((A, B, C), (1.0, 1.0, 1.0)))
    started = set()
    for _ in range(40):
        started.add(play.tick("abc"))
        play.tick(ok="abc")
    assert started == {"+a", "+b", "+c"}


def test_a_child_is_drawn_as_often_as_its_weight_says() -> None:
    ends = bounds((6.0, 0.0, 3.0, 1.0))
    drawn_ones = [pick(ends, drawn(stream, 2, now)) for stream in range(100) for now in range(100)]
    shares = [drawn_ones.count(place) / 10_000 for place in range(4)]
    assert shares[1] == 0.0
    assert shares == pytest.approx([0.6, 0.0, 0.3, 0.1], abs=0.02)


def test_a_child_that_cannot_start_lets_the_choice_fail_and_the_next_tick_draws_again() -> None:
    play = Play(Selector((Choose((A, B), (1.0, 1.0)), C)))
    starts = [play.tick("ac") for _ in range(20)]
    assert "+c" in starts[0] or "+a" in starts[0]
    assert "+a" in " ".join(starts)


def test_weights_that_do_not_fit_are_refused() -> None:
    for weights in ((1.0,), (0.0, 0.0), (1.0, -1.0), (1.0, float("nan")), (1.0, 1e9)):
        assert refused(Choose((A, B), weights)) == "bad_weights"


def test_a_time_that_cannot_be_drawn_is_refused() -> None:
    assert refused(Modify(A, Modifier.COOLDOWN, 5.0, None, 2.0)) == "bad_time"
    assert refused(Modify(A, Modifier.ONCE, 0.0, None, 2.0)) == "bad_time"
    assert refused(Modify(A, Modifier.DELAY, 5.0, None, float("inf"))) == "bad_time"


def test_a_drawn_time_lies_between_its_ends_and_is_drawn_anew_each_time() -> None:
    play = Play(Repeat(Modify(A, Modifier.DELAY, 1.0, None, 3.0)))
    waits = []
    for _ in range(30):
        entered = play.now_us + SECOND // 10
        play.tick("a")
        waits.append(int(play.state.deadline_us[1]) - entered)
        while not play.running.any():
            play.tick("a")
        play.tick(ok="a")
    assert all(SECOND <= wait <= 3 * SECOND for wait in waits)
    assert len(set(waits)) == 30
    assert max(waits) - min(waits) > SECOND


def test_a_cooldown_is_drawn_for_each_character_by_itself() -> None:
    root = modified(A, Modifier.COOLDOWN, 1.0)
    forest = Forest([Tree("tree", Modify(root.child, root.modifier, 1.0, None, 9.0))] * 70, RULES, PAD)
    executor = CompiledExecutor(forest, "numpy")
    yes = executor._running.copy()
    yes[:] = True
    nothing = executor._ended.copy()
    executor.tick(100, yes, yes, nothing, yes[:0])
    executor.tick(200, yes, ~yes, nothing, yes[:0])
    ends = executor.state().deadline_us[::2]
    assert len(set(ends.tolist())) == 70


def test_numbers_do_not_depend_on_how_many_are_drawn_at_once() -> None:
    streams = streams_of(50)
    assert all_drawn(streams, 3, 12345).tolist() == [drawn(stream, 3, 12345) for stream in range(50)]


def test_the_numbers_of_chance_never_change() -> None:
    assert drawn(0, 0, 0) == GOLDEN_0
    assert drawn(2**64 - 1, 7, 3_600_000_000) == GOLDEN_1


def test_a_tree_knows_whether_it_draws() -> None:
    assert draws([Selector((A, Choose((B, C), (1.0, 2.0))))])
    assert draws([Modify(A, Modifier.DELAY, 1.0, None, 2.0)])
    assert not draws([Selector((A, Leaf("b"), Modify(C, Modifier.DELAY, 1.0)))])
