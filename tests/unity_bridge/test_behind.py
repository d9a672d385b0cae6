"""An engine that is behind: it is told the newest of state, all one-shot messages, and how much was left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codec, ids, messages
from unity_bridge.behind import MAX_PERCEPTIONS
from unity_bridge.parts import Assembly, in_parts
from unity_bridge.session import Session


def session(window: int = 8, *capabilities: str) -> Session:
    understood = frozenset(capabilities or ids.CAPABILITIES)
    made = Session(1, "game", (), lockstep=False, window=window, credit=4, capabilities=understood)
    made.attach(b"1", 0.0)
    return made


def values(tick: int, **named: float) -> messages.Variables:
    return messages.Variables(seq=1, tick=tick, values=named)


def command(action: int) -> messages.Command:
    stop = messages.Stop(action=action, character="ann", rule="r", reason="success")
    return messages.Command(seq=1, tick=1, commands=(stop,))


def sent(from_session: Session) -> list[messages.AnyMessage]:
    found = []
    while from_session.outbox.peek() is not None:
        frame = from_session.next_frame(0.0, 1.0)
        assert frame is not None
        from_session.frame_sent(0.0)
        found.append(codec.decode(frame))
    return found


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["value", "command", "notice", "read", "ack"]), st.integers(0, 2), st.integers(0, 9)),
    max_size=80,
)


@given(STEPS, st.sampled_from([4, 8, 16]))
def test_whatever_an_engine_reads_when_it_ends_with_the_newest_values_and_every_command_in_order(
    steps: list[Step], window: int
) -> None:
    side = session(window)
    told: dict[str, float] = {}
    at_command: list[dict[str, float]] = []
    got: list[messages.AnyMessage] = []

    def read() -> None:
        got.extend(sent(side))

    for what, thing, value in steps:
        if what == "value":
            told[f"v{thing}"] = float(value)
            side.tell(values(1, **{f"v{thing}": float(value)}))
        elif what == "command":
            side.tell(command(len(at_command)))
            if side.failed:
                return
            at_command.append(dict(told))
        elif what == "notice":
            side.notice("bad_value", "wrong")
        else:
            read()
            if what == "ack":
                side.ack(side.outbox.last)
    for _ in range(3):
        read()
        side.ack(side.outbox.last)
    known: dict[str, float] = {}
    seen = 0
    for message in got:
        if isinstance(message, messages.Variables):
            known.update(message.values)
        elif isinstance(message, messages.Command):
            assert message.commands[0].action == seen
            assert known == at_command[seen]
            seen += 1
    assert (known, seen) == (told, len(at_command))
    assert [getattr(m, "seq", 0) for m in got] == list(range(1, len(got) + 1))


def test_what_was_left_out_is_told_and_counted() -> None:
    side = session(4)
    for tick in range(10):
        side.tell(values(tick, fire=float(tick)))
    side.notice("bad_value", "one more")
    assert [m.values for m in sent(side) if isinstance(m, messages.Variables)] == [{"fire": 0.0}, {"fire": 1.0}]
    side.ack(2)
    newest, notice = sent(side)
    assert isinstance(newest, messages.Variables)
    assert (newest.values, newest.tick) == ({"fire": 9.0}, 9)
    assert isinstance(notice, messages.Notice)
    assert notice.code == "behind"
    assert "7 values" in notice.message
    assert "1 notices" in notice.message
    assert side.report()["left_out"] == {"values": 7, "notices": 1}
    assert not side.failed


def test_a_state_past_the_window_never_ends_a_session_but_a_command_does() -> None:
    side = session(4)
    for n in range(4):
        side.tell(command(n))
    for n in range(1000):
        side.tell(values(n, fire=float(n)))
        side.notice("bad_value", "again", limit=10_000)
    assert not side.failed
    side.tell(command(4))
    assert side.report()["failed"] == "slow_client"


def perception(number: int) -> messages.Perception:
    return messages.Perception(seq=1, tick=1, utterance=number, character="ann", labels=(), probabilities=())


def heard(found: list[messages.AnyMessage]) -> list[int]:
    return [each.utterance for each in found if isinstance(each, messages.Perception)]


def test_more_utterances_in_one_tick_than_the_window_holds_are_all_answered_in_order_and_end_no_session() -> None:
    side = session(8)
    for number in range(100):
        side.tell(perception(number))
    side.tell(command(0))
    first = sent(side)
    assert heard(first) == [0, 1, 2, 3]
    assert isinstance(first[-1], messages.Command)
    got = heard(first)
    while len(got) < 100:
        side.ack(side.outbox.last)
        got += heard(sent(side))
    assert got == list(range(100))
    assert not side.failed
    assert side.report()["left_out"] == {}


def test_of_too_many_perceptions_the_oldest_are_left_out_and_that_is_told() -> None:
    side = session(8)
    for number in range(MAX_PERCEPTIONS + 14):
        side.tell(perception(number))
    sent(side)
    side.ack(4)
    notice = next(each for each in sent(side) if isinstance(each, messages.Notice))
    assert "10 perceptions" in notice.message
    assert side.report()["left_out"] == {"perceptions": 10}
    assert side.behind.perceptions[0].utterance > 13


def test_a_message_the_engine_would_skip_takes_no_number() -> None:
    side = session(8, "credit")
    side.tell(values(1, fire=1.0))
    side.tell(messages.Owned(seq=1, tick=1, owns=("ann",)))
    side.tell(command(0))
    [only] = sent(side)
    assert isinstance(only, messages.Command)
    assert only.seq == 1


@given(st.binary(max_size=300), st.integers(1, 40))
def test_a_message_in_parts_is_the_message(frame: bytes, size: int) -> None:
    pieces = in_parts(frame, size)
    if len(frame) <= size:
        assert pieces == [frame]
        return
    if len(pieces) > ids.MAX_PARTS:
        return
    assembly = Assembly()
    *rest, last = [part(piece) for piece in pieces]
    assert all(assembly.take(each) is None for each in rest)
    assert assembly.take(last) == frame
    assert assembly.take(last) is None


@pytest.mark.parametrize("order", [(0, 2), (1, 2), (0, 1, 1, 2), (2,), (0, 0, 2)], ids=str)
def test_parts_out_of_order_are_forgotten_and_a_new_beginning_is_taken(order: tuple[int, ...]) -> None:
    pieces = [part(piece) for piece in in_parts(bytes(range(90)), 30)]
    assembly = Assembly()
    assert all(assembly.take(pieces[place]) is None for place in order)
    assert [assembly.take(piece) for piece in pieces][-1] == bytes(range(90))


def test_parts_past_the_limit_are_not_kept() -> None:
    assembly = Assembly(limit=100)
    pieces: list[Any] = [messages.Part(index=i, count=4, data=bytes(40)) for i in range(4)]
    assert [assembly.take(piece) for piece in pieces] == [None] * 4


def part(frame: bytes) -> messages.Part:
    message = codec.decode(frame)
    assert isinstance(message, messages.Part)
    return message
