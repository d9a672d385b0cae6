"""Whatever a peer sends over a raw socket, the sidecar's memory stays bounded, and others are served meanwhile."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
import zmq

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.scene import bundled_scene
from protocol import codec, ids, messages
from tests.net.serving import PATIENCE_MS, PATIENCE_S, poll_until, serving
from unity_bridge import EngineClient

MIB = 2**20
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells how many bytes came in")


def ready(kind: bytes) -> bytes:
    body = b"\x05READY\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind
    return b"\x04" + bytes([len(body)]) + body


def frame(body: bytes, *, more: bool) -> bytes:
    if len(body) > 255:
        return bytes([2 | more]) + len(body).to_bytes(8, "big") + body
    return bytes([more]) + bytes([len(body)]) + body


@contextlib.contextmanager
def raw(port: int, kind: bytes = b"DEALER") -> Iterator[socket.socket]:
    """A peer that shook hands and then does as it likes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as peer:
        peer.sendall(GREETING + ready(kind))
        got = b""
        while len(got) < 64 + len(ready(b"XPUB")):
            got += peer.recv(4096)
        yield peer


def push(peer: socket.socket, chunk: bytes, most: int) -> int:
    """Send the chunk again and again until the connection is cut, or `most` bytes are sent; returns bytes sent."""
    sent = 0
    with contextlib.suppress(OSError):
        while sent < most:
            peer.sendall(chunk)
            sent += len(chunk)
    return sent


@pytest.fixture(scope="module")
def sidecar() -> Iterator[Sidecar]:
    with Sidecar(bundled_scene("tavern"), ["--no-model", "--faces", "none"]) as running:
        yield running


def ports(sidecar: Sidecar) -> dict[str, int]:
    return {name: int(sidecar.listening[name].rpartition(":")[2]) for name in ("stream", "link", "control")}


def connect(sidecar: Sidecar, name: str) -> EngineClient:
    stream, link, control = (sidecar.listening[each] for each in ("stream", "link", "control"))
    return EngineClient.connect(endpoints=(stream, link, control), name=name, timeout=PATIENCE_S)


ENDLESS = {
    "large parts": frame(bytes(MIB), more=True),
    "small parts": frame(b"x" * 30, more=True) * 4000,
    "empty parts": frame(b"", more=True) * 20_000,
}


@linux
@pytest.mark.parametrize("endpoint", ["link", "control"])
@pytest.mark.parametrize("shape", ENDLESS)
def test_a_message_without_an_end_is_cut_off_and_its_memory_is_bounded(
    sidecar: Sidecar, endpoint: str, shape: str
) -> None:
    process = psutil.Process(sidecar.pid)
    before = process.memory_info().rss
    with connect(sidecar, "bystander") as client, raw(ports(sidecar)[endpoint]) as peer:
        sent = push(peer, ENDLESS[shape], 200 * MIB)
        grown = process.memory_info().rss - before
        print(f"{endpoint}, {shape}: {sent / MIB:.1f} MiB sent, {grown / MIB:.0f} MiB grown")
        assert sent < 200 * MIB, "it was never cut off"
        assert grown < 512 * MIB
        poll_until(client, lambda: client.state == "live", "the bystander's frames")
        counted = client.request("status").result["connections"]
        assert counted["endless_message"] >= 1


@linux
def test_subscriptions_without_end_are_cut_off(sidecar: Sidecar) -> None:
    process = psutil.Process(sidecar.pid)
    before = process.memory_info().rss
    with raw(ports(sidecar)["stream"], b"SUB") as peer:
        sent = 0
        with contextlib.suppress(OSError):
            for number in range(1_000_000):
                peer.sendall(b"".join(frame(b"\x01%d" % (1000 * number + n), more=False) for n in range(1000)))
                sent += 1000
                assert sent < 500_000, "it was never cut off"
        grown = process.memory_info().rss - before
    print(f"{sent} subscriptions sent, {grown / MIB:.0f} MiB grown")
    assert grown < 128 * MIB


def test_connections_beyond_the_limit_are_closed_and_the_others_served() -> None:
    with serving(max_connections=20) as served, contextlib.ExitStack() as stack:
        client = stack.enter_context(served.client())
        crowd = [
            stack.enter_context(socket.create_connection(("127.0.0.1", served.ports[1]), PATIENCE_S)) for _ in range(60)
        ]
        closed = 0
        for each in crowd:
            each.settimeout(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while closed < 42 and time.monotonic() < deadline:
            client.poll(0.01)
            closed = sum(_is_closed(each) for each in crowd)
        assert closed >= 42
        poll_until(client, lambda: client.state == "live", "frames")


def _is_closed(peer: socket.socket) -> bool:
    peer.setblocking(False)
    try:
        while data := peer.recv(4096):
            assert data
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def test_whole_messages_of_the_largest_size_are_answered_and_nobody_is_cut_off() -> None:
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    try:
        with serving() as served:
            dealer.connect(served.endpoints[1])
            for _ in range(12):
                dealer.send(bytes(ids.MAX_LINK_BYTES))
            for _ in range(12):
                assert dealer.poll(PATIENCE_MS)
                assert isinstance(codec.decode(dealer.recv()), messages.Refused)
            assert "endless_message" not in served.bridge.status()["connections"]
    finally:
        context.destroy(linger=0)
