"""Owns the run of the session vectors through the sidecar's side of the link and through the Python client's."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

import msgpack
import pytest

from emotion_runtime.inputs import Event, Observation
from protocol import messages
from protocol.codec import decode, encode
from protocol.messages import Command, Snapshot, Variables
from protocol.vectors import load
from protocol.vectors.jsonform import from_json
from protocol.vectors.samples import MINIMAL, TICK
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge.client_session import ClientSession
from unity_bridge.config import BridgeConfig
from unity_bridge.link import Link
from unity_bridge.registry import Registry

SILENCE = 1.0


class Side(Protocol):
    """One end of the link as a sequence drives it."""

    delivered: deque[dict[str, Any]]

    def receive(self, frame: bytes) -> None: ...
    def next_frame(self) -> bytes | None: ...
    def queue(self, message: dict[str, Any]) -> None: ...
    def advance(self, seconds: float) -> None: ...
    def disconnect(self) -> None: ...
    def connect(self) -> None: ...


class RecordingWorld(LedgerWorld):
    """Hands on what is applied, a batch at a time."""

    def __init__(self, characters: tuple[str, ...], delivered: deque[dict[str, Any]]) -> None:
        super().__init__(characters=characters)
        self._delivered = delivered

    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        assert isinstance(observation, Event)
        item = {"kind": "event", "name": observation.name}
        if not self._delivered or self._delivered[-1]["seq"] != batch:
            self._delivered.append({"type": "observations", "seq": batch, "items": []})
        self._delivered[-1]["items"].append(item)


class Server:
    """The sidecar's side; each connection has a route of its own."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.delivered: deque[dict[str, Any]] = deque()
        config = BridgeConfig(credit=given["credit"], window=given["window"])
        self._world = RecordingWorld(tuple(given["characters"]), self.delivered)
        self._registry = Registry(given["session"], self._world.characters, config)
        empty = next(m for m in MINIMAL if isinstance(m, Snapshot))
        self._link = Link(
            self._world,
            self._registry,
            config,
            snapshot=lambda: Snapshot(session=given["session"], roster=empty.roster, state=empty.state),
            alive=lambda route: True,
        )
        self._route = 1
        self._now = 0.0

    def receive(self, frame: bytes) -> None:
        self._link.receive(bytes([self._route]), frame, self._now)

    def next_frame(self) -> bytes | None:
        if self._link.stray:
            return self._link.stray.popleft()[1]
        session = self._registry.of(bytes([self._route]))
        frame = session.next_frame(self._now, SILENCE) if session else None
        if session and frame:
            session.frame_sent(self._now)
        return frame

    def queue(self, message: dict[str, Any]) -> None:
        session = self._registry.named("unity")
        assert session
        session.tell(_numbered(message))

    def advance(self, seconds: float) -> None:
        self._now += seconds
        self._link.deliver(self._world.step(seconds, wait=True), TICK)
        self._link.sweep(self._now)

    def disconnect(self) -> None:
        session = self._registry.of(bytes([self._route]))
        assert session
        self._registry.detach(session, self._now)
        self._route += 1

    def connect(self) -> None:
        raise AssertionError("the server does not connect")


class Client:
    """The engine's side."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.delivered: deque[dict[str, Any]] = deque()
        self._session = ClientSession("unity")
        self._session.connected()
        self._now = 0.0

    def receive(self, frame: bytes) -> None:
        self.delivered.extend(msgpack.unpackb(encode(update)) for update in self._session.receive(frame))

    def next_frame(self) -> bytes | None:
        self._session.flush()
        frame = self._session.next_frame(self._now)
        if frame:
            self._session.frame_sent(self._now)
        return frame

    def queue(self, message: dict[str, Any]) -> None:
        self._session.flush()
        for item in message["items"]:
            self._session.queue.put(messages.Event(name=item["name"]))

    def advance(self, seconds: float) -> None:
        self._now += seconds

    def disconnect(self) -> None:
        self._session.lost("the test says so")

    def connect(self) -> None:
        self._session.connected()


def _numbered(message: dict[str, Any]) -> Command | Variables:
    command = decode(msgpack.packb({**message, "seq": 1, "v": 1}))
    assert isinstance(command, Command | Variables)
    return command


def fits(expected: Any, found: Any) -> bool:
    """True when everything `expected` gives is found alike; maps may hold more."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(fits(v, found.get(k, _DEFAULTS.get(k))) for k, v in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(fits, expected, found))
    return bool(expected == found)


_DEFAULTS = {"resumed": False, "session": 0, "received": 0, "credit": 0, "reason": ""}
"""Fields that are left out when they have their default."""


def play(side: Side, steps: list[dict[str, Any]]) -> None:
    for number, step in enumerate(steps):
        ((kind, value),) = from_json(step).items()
        context = f"step {number}: {step}"
        if kind == "receive":
            side.receive(msgpack.packb(value))
        elif kind == "send":
            frame = side.next_frame()
            assert frame is not None, context
            assert fits(value, msgpack.unpackb(frame)), f"{context}, sent {msgpack.unpackb(frame)}"
        elif kind == "deliver":
            assert side.delivered, context
            found = side.delivered.popleft()
            assert fits({k: v for k, v in value.items() if k != "v"}, found), f"{context}, delivered {found}"
        elif kind == "silent":
            frame = side.next_frame()
            assert frame is None, f"{context}, sent {msgpack.unpackb(frame or b'')}"
            assert not side.delivered, context
        elif kind in ("queue", "advance"):
            getattr(side, kind)(value)
        else:
            getattr(side, kind)()
    assert not side.delivered


@pytest.mark.parametrize("sequence", load("session")["sequences"], ids=lambda s: f"{s['id']}-{s['comment']}")
def test_both_sides_of_the_link_follow_the_session_vectors(sequence: dict[str, Any]) -> None:
    given = from_json(sequence["given"])
    play(Server(given) if sequence["role"] == "server" else Client(given), sequence["steps"])


def test_the_sequences_cover_both_roles_and_every_kind_of_step() -> None:
    document = load("session")
    sequences = document["sequences"]
    assert {sequence["role"] for sequence in sequences} == {"server", "client"}
    assert {kind for s in sequences for step in s["steps"] for kind in step} == set(document["steps"])


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_sequence_that_asks_for_something_else_fails(role: str) -> None:
    sequence = next(s for s in load("session")["sequences"] if s["role"] == role)
    place = next(i for i, step in enumerate(sequence["steps"]) if "send" in step)
    sequence["steps"][place]["send"]["type"] = "bye"
    side = Server if role == "server" else Client
    with pytest.raises(AssertionError, match=f"step {place}: "):
        play(side(from_json(sequence["given"])), sequence["steps"])
