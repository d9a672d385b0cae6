"""Requests without sockets: typed faults, repeats answered alike, steps that wait."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.saving import Restored, Unplaced
from protocol import codec, ids
from protocol.messages import Reply, Request
from unity_bridge.control import KEPT_BYTES, KEPT_REPLIES, KEPT_S, WAITING_STEPS, Control
from unity_bridge.requests import Arguments, FaultError

ROUTE = (b"someone",)


class House:
    """The bridge as requests see it, with a clock of its own."""

    def __init__(self) -> None:
        self.tick = 0
        self.stands = True
        self.seen: dict[str, int] = {}
        self.spare = True
        self.paused: list[bool] = []
        self.ended = False
        self.saved = b"state"
        self.cause: Any = "rain"

    def status(self) -> dict[str, Any]:
        return {"tick": self.tick}

    def why(self, character: str) -> dict[str, Any] | None:
        return {"cause": self.cause} if character == "ann" else None

    def pause(self, paused: bool) -> None:
        self.paused.append(paused)

    def observed(self, client: str) -> int:
        return self.seen.get(client, 0)

    def room(self) -> bool:
        return self.spare

    def advance(self, dt: float | None) -> bytes:
        self.tick += 1
        return bytes([self.tick % 256]) * 16

    def own(self, characters: tuple[str, ...], engine: str) -> None:
        if engine not in ("", "game"):
            raise FaultError("not_welcome", engine)

    def reload(self, path: str) -> None:
        if path != "tavern.yaml":
            raise FaultError("bad_value", path)

    def save(self) -> bytes:
        return self.saved

    def restore(self, data: bytes) -> Restored:
        if data != self.saved:
            raise FaultError("no_save", "other bytes")
        return Restored(True, self.tick, (Unplaced("character", "ann", "gone"),) * 1001)

    def subscribe_faces(self, arguments: Arguments) -> dict[str, Any]:
        arguments.done()
        return {"topic": "face00000001"}

    def shutdown(self) -> None:
        self.ended = True


class Desk:
    def __init__(self) -> None:
        self.house = House()
        self.control = Control(self.house, ids.MAX_CONTROL_BYTES)
        self.now = 0.0
        self.number = 0

    def ask(self, op: str, *, number: int | None = None, client: str = "me", **args: Any) -> list[Reply]:
        self.number = self.number + 1 if number is None else number
        frame = codec.encode(Request(client=client, id=self.number, op=op, args=args))
        self.control.receive(ROUTE, frame, self.now)
        return self.replies()

    def advance(self, now: float) -> list[Reply]:
        self.now = now
        self.control.advance(now, lambda: self.now, 1.0)
        return self.replies()

    def replies(self) -> list[Reply]:
        found = []
        while self.control.replies:
            route, frame = self.control.replies.popleft()
            assert route == ROUTE
            reply = codec.decode(frame)
            assert isinstance(reply, Reply)
            found.append(reply)
        return found


def test_every_operation_of_the_protocol_is_known() -> None:
    desk = Desk()
    needed: dict[str, dict[str, Any]] = {
        "restore": {"data": b"state"},
        "why": {"character": "ann"},
        "own": {"characters": ["ann"], "engine": "game"},
        "reload": {"path": "tavern.yaml"},
    }
    for op in ids.OPERATIONS:
        replies = desk.ask(op, **needed.get(op, {})) or desk.advance(0.1)
        assert replies[0].error is None, op
    assert desk.house.paused == [True, False]
    assert desk.house.ended


def test_a_repeated_request_is_not_done_again_for_a_minute() -> None:
    desk = Desk()
    [first] = desk.ask("pause", number=1)
    desk.now = KEPT_S - 1
    assert desk.ask("pause", number=1) == [first]
    assert desk.ask("pause", number=1, client="other") != []
    assert len(desk.house.paused) == 2
    desk.now = KEPT_S + 1
    desk.ask("pause", number=1)
    assert len(desk.house.paused) == 3


def test_kept_replies_of_large_states_are_bounded_in_bytes() -> None:
    desk = Desk()
    desk.house.saved = bytes(ids.MAX_CONTROL_BYTES // 2)
    for _ in range(50):
        desk.ask("save")
    assert sum(len(kept.reply) for kept in desk.control._kept.values()) == desk.control._kept_bytes
    assert desk.control._kept_bytes <= KEPT_BYTES + ids.MAX_CONTROL_BYTES


def test_a_state_too_large_for_a_reply_is_refused_with_a_remedy() -> None:
    desk = Desk()
    desk.house.saved = bytes(ids.MAX_CONTROL_BYTES)
    [reply] = desk.ask("save")
    assert reply.error is not None
    assert (reply.error.code, reply.result) == ("too_large", {})


def test_what_has_no_place_is_named_up_to_a_limit_and_counted_beyond() -> None:
    desk = Desk()
    [reply] = desk.ask("restore", data=b"state")
    assert reply.result["unplaced"][0] == {"kind": "character", "name": "ann", "why": "gone"}
    assert (len(reply.result["unplaced"]), reply.result["more"], reply.result["new"]) == (1000, 1, [])
    for data in (b"other", "state", None):
        [reply] = desk.ask("restore", data=data)
        assert reply.error is not None


def test_kept_replies_are_bounded() -> None:
    desk = Desk()
    for _ in range(KEPT_REPLIES * 2):
        desk.ask("ping")
    assert len(desk.control._kept) <= KEPT_REPLIES


def test_a_step_repeated_while_it_waits_is_done_once() -> None:
    desk = Desk()
    assert desk.ask("step", number=1, n=2, after={"game": 3}) == []
    assert desk.ask("step", number=1, n=2, after={"game": 3}) == []
    assert desk.advance(0.1) == []
    desk.house.seen["game"] = 3
    [reply] = desk.advance(0.2)
    assert (reply.tick, reply.result) == (2, {"ticks": 2, "digest": "02" * 16})


def test_a_step_gives_up_when_an_engine_does_not_keep_up() -> None:
    desk = Desk()
    desk.house.spare = False
    desk.ask("step", timeout=1.0)
    assert desk.advance(0.9) == []
    [reply] = desk.advance(1.0)
    assert reply.error is not None
    assert reply.error.code == "timeout"
    assert desk.house.tick == 0


def test_steps_that_wait_are_bounded() -> None:
    desk = Desk()
    for _ in range(WAITING_STEPS):
        assert desk.ask("step", after={"game": 1}) == []
    [reply] = desk.ask("step")
    assert reply.error is not None


def test_a_step_while_the_clock_runs_by_itself_is_refused() -> None:
    desk = Desk()
    desk.house.stands = False
    [reply] = desk.ask("step")
    assert reply.error is not None
    assert "pause" in reply.error.remedy


@pytest.mark.parametrize(
    "args",
    [{"n": 0}, {"n": True}, {"n": "1"}, {"dt": -1.0}, {"dt": 5}, {"after": [1]}, {"after": {"a": -1}}, {"hurry": 1}],
    ids=str,
)
def test_wrong_arguments_are_named(args: dict[str, Any]) -> None:
    desk = Desk()
    [reply] = desk.ask("step", **args)
    assert reply.error is not None
    assert reply.error.code == "bad_value"
    assert next(iter(args)) in reply.error.message
    assert desk.house.tick == 0


def test_a_result_that_cannot_be_sent_is_an_internal_fault_and_not_a_crash() -> None:
    desk = Desk()
    desk.house.cause = float("nan")
    [reply] = desk.ask("why", character="ann")
    assert reply.error is not None
    assert reply.error.code == "internal"


@given(st.binary(max_size=200))
def test_whatever_is_asked_there_is_one_answer(frame: bytes) -> None:
    desk = Desk()
    desk.control.receive(ROUTE, frame, 0.0)
    [reply] = desk.replies()
    assert reply.error is not None
    assert reply.error.code in ids.ERROR_CODES
