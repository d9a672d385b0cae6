"""The guard: bytes without a message stay under the budget, whole messages never count, holds are given back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unity_bridge.guard import SLACK, SLACK_PER_S, Guard

BUDGET = 1000


class Line:
    def __init__(self) -> None:
        self.bytes: int | None = 0
        self.was_cut = False
        self.was_closed = False

    def received(self) -> int | None:
        return self.bytes

    def cut(self) -> None:
        self.was_cut = True

    def close(self) -> None:
        self.was_closed = True


def guard_with(*lines: Line, most: int = 10, together: int = 2 * BUDGET) -> Guard:
    guard = Guard({"link": BUDGET}, together=together, most=most)
    for number, line in enumerate(lines):
        guard.accepted("link", number, lambda line=line: line, 0.0)  # type: ignore[misc]
    return guard


def check(guard: Guard, now: float, behind: frozenset[str] = frozenset(), backlog: int = 1) -> None:
    guard.look()
    guard.check(now, behind, backlog)


def test_what_arrives_after_the_look_counts_at_the_next_one() -> None:
    line = Line()
    guard = guard_with(line)
    guard.look()
    line.bytes = SLACK + 10 * BUDGET
    guard.check(0.0)
    assert not line.was_cut
    guard.delivered("link", 0, [10 * BUDGET])
    check(guard, 0.0)
    assert not line.was_cut


def test_a_message_without_an_end_is_cut_off_at_the_budget() -> None:
    line = Line()
    guard = guard_with(line)
    line.bytes = SLACK + BUDGET
    check(guard, 0.0)
    assert not line.was_cut
    line.bytes += 1
    check(guard, 0.0)
    assert line.was_cut
    assert guard.counts["endless_message"] == 1


@given(st.lists(st.lists(st.integers(0, 3000), min_size=1, max_size=3), max_size=60), st.integers(0, 500))
def test_whole_messages_never_count_however_many_they_are(messages: list[list[int]], started: int) -> None:
    line = Line()
    guard = guard_with(line)
    line.bytes = 0
    for frames in messages:
        line.bytes += sum(frames) + sum(9 if size > 255 else 2 for size in frames)
        guard.delivered("link", 0, frames)
        line.bytes += started
        check(guard, 0.0)
        line.bytes -= started
    assert not line.was_cut


def test_an_hour_of_heartbeats_is_no_message_without_an_end() -> None:
    line = Line()
    guard = guard_with(line)
    for second in range(3600):
        line.bytes = 40 * second
        check(guard, float(second))
    assert not line.was_cut
    assert SLACK_PER_S > 40


def test_many_small_starts_are_bounded_together_and_the_largest_goes_first() -> None:
    lines = [Line() for _ in range(5)]
    guard = guard_with(*lines)
    for number, line in enumerate(lines):
        line.bytes = SLACK + 500 + number
    check(guard, 0.0)
    assert [line.was_cut for line in lines] == [False] * 4 + [True]
    check(guard, 0.0)
    check(guard, 0.0)
    assert sum(line.was_cut for line in lines) == 2


def test_while_whole_messages_wait_there_is_room_for_the_credit() -> None:
    line = Line()
    guard = guard_with(line)
    line.bytes = SLACK + 5 * BUDGET
    check(guard, 0.0, frozenset({"link"}), backlog=9)
    assert not line.was_cut
    check(guard, 0.0)
    assert line.was_cut


def test_more_connections_than_there_may_be_are_cut_off_at_once() -> None:
    lines = [Line() for _ in range(5)]
    guard = guard_with(*lines, most=3)
    assert [line.was_cut for line in lines] == [False, False, False, True, True]
    assert len(guard) == 3
    assert guard.counts["too_many"] == 2
    guard.closed("link", 0)
    late = Line()
    guard.accepted("link", 9, lambda: late, 0.0)
    assert not late.was_cut


def test_every_hold_is_given_back() -> None:
    lines = [Line() for _ in range(4)]
    guard = guard_with(*lines)
    again = Line()
    guard.accepted("link", 0, lambda: again, 0.0)
    guard.closed("link", 1)
    guard.closed("link", 1)
    guard.accepted("link", 7, lambda: None, 0.0)
    guard.close()
    assert all(line.was_closed for line in [*lines, again])
    assert len(guard) == 0


def test_where_the_system_does_not_count_bytes_nobody_is_cut_off() -> None:
    line = Line()
    guard = guard_with(line)
    line.bytes = None
    check(guard, 0.0)
    assert not line.was_cut
