"""The session rules every client and sidecar shares: `protocol/vectors/session.json`, run against ours."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any

import msgspec
import pytest

import protocol
from emotion_runtime.outputs import TickResult
from protocol import codec, messages
from protocol.vectors.jsonform import from_json
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import BridgeConfig, translate
from unity_bridge.client_session import ClientSession
from unity_bridge.link import Link
from unity_bridge.registry import Registry
from unity_bridge.session import Session

FILE = Path(protocol.__path__[0]) / "vectors" / "session.json"
SEQUENCES = json.loads(FILE.read_text(encoding="utf-8"))["sequences"]


class RecordingWorld(LedgerWorld):
    def __init__(self, characters: tuple[str, ...]) -> None:
        super().__init__(characters=characters)
        self.batches: dict[int, list[Any]] = {}

    def apply(self, observation: Any, *, source: int = 0, batch: int = 0) -> None:
        self.batches.setdefault(batch, []).append({"kind": "event", "name": observation.name})


class Server:
    """The sidecar's end, with one engine on one connection at a time."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.now = 0.0
        self.session = given["session"]
        self.world = RecordingWorld(tuple(given["characters"]))
        config = BridgeConfig(port=0, credit=given["credit"], window=given["window"])
        self.registry = Registry(self.session, self.world.characters, config)
        self.link = Link(self.world, self.registry, config, snapshot=self._snapshot, alive=lambda _: False)
        self.route = 0

    def _snapshot(self) -> messages.Snapshot:
        return translate.snapshot(self.world, self.session, b"", paused=False, sent=self.now)

    def receive(self, frame: bytes) -> None:
        self.link.receive(str(self.route).encode(), frame, self.now)

    def next(self) -> bytes | None:
        if self.link.stray:
            return self.link.stray.popleft()[1]
        for session in self.registry.attached():
            out = session.next_frame(self.now, 1.0)
            if out is not None:
                session.frame_sent(self.now)
                return out
        return None

    def delivered(self) -> Any:
        if not self.world.batches:
            return None
        seq = next(iter(self.world.batches))
        return {"type": "observations", "seq": seq, "items": self.world.batches.pop(seq), "v": 1}

    def queue(self, message: dict[str, Any]) -> None:
        session = next(iter(self.registry))
        assert isinstance(session, Session)
        session.tell(msgspec.convert({"seq": 1, **message}, messages.Command | messages.Variables))

    def advance(self, seconds: float) -> None:
        self.now += seconds
        state = translate.tick(self.world, self.session, b"", paused=False, sent=self.now)
        self.link.deliver(TickResult(self.world.tick, self.world.time, (), (), (), b""), state)
        self.link.sweep(self.now)

    def disconnect(self) -> None:
        for session in self.registry.attached():
            self.registry.detach(session, self.now)
        self.route += 1

    def connect(self) -> None:
        pass


class Client:
    """The engine's end."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.now = 0.0
        self.engine = ClientSession("unity")
        self.updates: deque[Any] = deque()

    def receive(self, frame: bytes) -> None:
        self.updates += self.engine.receive(frame)

    def next(self) -> bytes | None:
        frame = self.engine.next_frame(self.now)
        if frame is not None:
            self.engine.frame_sent(self.now)
        return frame

    def delivered(self) -> Any:
        return json_like(self.updates.popleft()) if self.updates else None

    def queue(self, message: dict[str, Any]) -> None:
        for item in message["items"]:
            self.engine.queue.put(msgspec.convert(item, messages.Observation))
        self.engine.flush()

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def disconnect(self) -> None:
        self.engine.lost("cut")

    def connect(self) -> None:
        self.engine.connected()


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda s: f"{s['id']}-{s['role']}")
def test_sequence(sequence: dict[str, Any]) -> None:
    sequence = from_json(sequence)
    side: Server | Client = (Server if sequence["role"] == "server" else Client)(sequence["given"])
    for place, step in enumerate(sequence["steps"]):
        [(what, value)] = step.items()
        where = f"step {place} of {sequence['comment']!r}"
        if what == "receive":
            side.receive(msgspec.msgpack.encode(value))
        elif what == "send":
            if isinstance(side, Client):
                side.engine.flush()
            frame = side.next()
            assert frame is not None, where
            assert_holds(json_like(codec.decode(frame)), value, where)
        elif what == "deliver":
            assert_holds(side.delivered(), value, where)
        elif what == "silent":
            frame = side.next()
            assert frame is None, f"{where}: {frame!r}"
            assert side.delivered() is None, where
        elif what == "queue":
            side.queue(value)
        elif what == "advance":
            side.advance(value)
        else:
            getattr(side, what)()


def json_like(message: Any) -> Any:
    return msgspec.msgpack.decode(codec.encode(message))


def assert_holds(found: Any, wanted: Any, where: str) -> None:
    """Everything `wanted` names is in `found`; a field left out on the wire has its default."""
    if isinstance(wanted, dict):
        assert isinstance(found, dict), f"{where}: {found!r}"
        for key, value in wanted.items():
            if key not in found and value in (0, False, "", None):
                continue
            assert key in found, f"{where}: {key} is missing in {found!r}"
            assert_holds(found[key], value, f"{where}.{key}")
    elif isinstance(wanted, list):
        assert isinstance(found, list | tuple), where
        assert len(found) == len(wanted), f"{where}: {found!r}"
        for a, b in zip(found, wanted, strict=True):
            assert_holds(a, b, where)
    else:
        assert found == wanted, where
