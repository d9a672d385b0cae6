"""Owns what is fuzzed: each target takes any bytes, and raises only if a promise about hostile input is broken."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.manifest import read_manifest
from emotion_runtime.perception.onnx_structure import OnnxStructureError, read_structure
from emotion_runtime.scene import bundled_scene, scene_report
from protocol import codec, messages
from protocol.errors import ProtocolError
from tests.perception.tiny_onnx import tiny_classifier
from tests.unity_bridge.test_control import Desk
from tests.unity_bridge.test_reliability import Wire
from unity_bridge.access.zap import Access
from unity_bridge.client_session import ClientSession

TAKEN = (messages.Hello, messages.Observations, messages.Ack, messages.Bye)


@dataclass(frozen=True, slots=True)
class Target:
    """`weight`: its share of all inputs; dear ones get fewer. `longest`: bytes of an input."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    weight: int
    longest: int = 512


def _codec(data: bytes) -> None:
    try:
        message = codec.decode(data)
    except ProtocolError:
        return
    assert codec.decode(codec.encode(message)) == message


class _Sidecar:
    """A link with one engine in session, made anew when it has heard much."""

    HEARD = 2000

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.heard = 0
        self.wire = Wire(window=64)
        self.wire.settle()

    def state(self) -> tuple[object, ...]:
        wire = self.wire
        sessions = [(s.client, s.route, s.inbox.received, s.outbox.acked, s.owns) for s in wire.registry]
        return len(wire.world.applied), sessions, dict(wire.registry.counts)

    def hear(self, data: bytes) -> None:
        if self.heard >= self.HEARD:
            self.renew()
        self.heard += 1
        wire = self.wire
        try:
            codec.decode(data, allowed=TAKEN)
            refused = False
        except ProtocolError as error:
            refused = not error.seq  # a batch that cannot be read uses up its number
        before = self.state()
        routes = (b"stranger", str(wire.route).encode())
        for route in routes:
            wire.link.receive(route, data, wire.now)
        if refused:
            assert self.state() == before, "a refused frame changed something"
        assert len(wire.link.stray) <= 256
        if self.heard % 100 == 0:
            wire.link.stray.clear()
            with contextlib.suppress(StopIteration):
                next(iter(wire.registry)).settle()


class _Client:
    def __init__(self) -> None:
        self.session = ClientSession("game")
        self.heard = 0

    def hear(self, data: bytes) -> None:
        self.heard += 1
        if self.heard % 500 == 0:
            self.session = ClientSession("game")
        self.session.receive(data)
        self.session.next_frame(0.0)


class _Control:
    def __init__(self) -> None:
        self.desk = Desk()

    def hear(self, data: bytes) -> None:
        self.desk.control.receive((b"r",), data, self.desk.now)
        assert len(self.desk.control.replies) <= 3
        self.desk.control.replies.clear()


def _zap(data: bytes) -> None:
    answer = Access(tokens={"engine": "x" * 43}).answer(data.split(b"\n"))
    assert answer[2] == b"400"


def _onnx(data: bytes) -> None:
    with contextlib.suppress(OnnxStructureError):
        read_structure(data)


class _Files:
    """Scenes and manifests are read from a file, as anybody's are."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        people = bundled_scene().parent / "people.yaml"
        if people.exists():
            (self.path / "people.yaml").write_bytes(people.read_bytes())

    def scene(self, data: bytes) -> None:
        file = self.path / "main.yaml"
        file.write_bytes(data)
        scene, report = scene_report(file)
        assert (scene is None) == any(each.level == "error" for each in report.sorted())

    def manifest(self, data: bytes) -> None:
        (self.path / "manifest.json").write_bytes(data)
        with contextlib.suppress(ModelError):
            read_manifest(self.path)


def _frames() -> tuple[bytes, ...]:
    folder = Path(__file__).parents[2] / "protocol" / "vectors"
    found: list[bytes] = []
    for name in ("messages.json", "malformed.json"):
        for group in json.loads((folder / name).read_text(encoding="utf-8"))["groups"]:
            found += [bytes.fromhex(test["hex"]) for test in group["tests"] if len(test.get("hex", "")) < 2000]
    return tuple(each for each in found if each)


def _requests() -> tuple[bytes, ...]:
    asked: list[tuple[str, dict[str, Any]]] = [("ping", {}), ("step", {"n": 2}), ("why", {"character": "ann"})]
    asked += [("reload", {"path": "../../etc/passwd"}), ("own", {"characters": ["ann"], "engine": "game"})]
    return tuple(
        msgspec.msgpack.encode({"type": "request", "v": 1, "client": "c", "id": n, "op": op, "args": args})
        for n, (op, args) in enumerate(asked)
    )


def targets(folder: Path) -> dict[str, Target]:
    """Fresh targets by name; files are written to `folder`."""
    frames, files = _frames(), _Files(folder)
    scene = bundled_scene().read_bytes()
    entry = {"bytes": 1, "sha256": "0" * 64}
    names = ("model.onnx", "tokenizer.json", "labels.json")
    manifest = {"format": 1, "name": "m", "opset": 17, "max_tokens": 16, "files": dict.fromkeys(names, entry)}
    return {
        "codec": Target(_codec, frames, 40),
        "link": Target(_Sidecar().hear, frames, 25),
        "client": Target(_Client().hear, frames, 20),
        "control": Target(_Control().hear, _requests(), 6),
        "zap": Target(_zap, (b"1.0\n1\nemotion-runtime\n127.0.0.1\n\nPLAIN\nengine\nguess",), 3),
        "onnx": Target(_onnx, (tiny_classifier(3), tiny_classifier(3, external=True)), 4, 2048),
        "manifest": Target(files.manifest, (json.dumps(manifest).encode(),), 1, 2048),
        "scene": Target(files.scene, (scene[:3000], b"scene: x\nlanguage: 1\n"), 1, 4096),
    }
