"""Owns the proof that section 1.1 of `docs/protocol.md` is enough to talk to ZeroMQ sockets without a library."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest
import zmq

from protocol import Ack, Bye, decode, encode, parse_stream_frame, stream_frame
from protocol.vectors.samples import TICK

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\x00") + bytes(32)


class Peer:
    """A connect-only ZMTP 3.1 peer, written after the page and nothing else."""

    def __init__(self, port: int, kind: bytes) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._socket.sendall(GREETING)
        theirs = self._take(64)
        assert (theirs[0], theirs[9], theirs[10], theirs[12:32]) == (0xFF, 0x7F, 3, GREETING[12:32])
        ready = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
        self._socket.sendall(bytes((4, len(ready))) + ready)
        flags, body = self._frame()
        assert flags == 4
        assert body.startswith(b"\x05READY")

    def send(self, body: bytes) -> None:
        head = struct.pack(">BB", 0, len(body)) if len(body) < 256 else struct.pack(">BQ", 2, len(body))
        self._socket.sendall(head + body)

    def receive(self) -> bytes:
        while True:
            flags, body = self._frame()
            if flags & 4:
                if body.startswith(b"\x04PING"):
                    self.pong(body)
                continue
            assert not flags & 1
            return body

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def receive_command(self) -> bytes:
        flags, body = self._frame()
        assert flags == 4
        return body

    def pong(self, ping: bytes) -> None:
        """Answer a PING: its body is 5 bytes of name, 2 of time-to-live, then the context."""
        body = b"\x04PONG" + ping[7:]
        self._socket.sendall(bytes((4, len(body))) + body)

    def _frame(self) -> tuple[int, bytes]:
        flags = self._take(1)[0]
        (size,) = struct.unpack(">Q", self._take(8)) if flags & 2 else self._take(1)
        return flags, self._take(size)

    def _take(self, count: int) -> bytes:
        parts = b""
        while len(parts) < count:
            more = self._socket.recv(count - len(parts))
            assert more, "the sidecar closed the connection"
            parts += more
        return parts


@pytest.fixture
def context() -> Iterator[zmq.Context[Any]]:
    context: zmq.Context[Any] = zmq.Context()
    yield context
    context.term()


def bound(context: zmq.Context[Any], kind: int, heartbeat_ms: int = 1000) -> tuple[Any, int]:
    made = context.socket(kind)
    made.setsockopt(zmq.LINGER, 0)
    made.setsockopt(zmq.RCVTIMEO, 20_000)
    made.setsockopt(zmq.HEARTBEAT_IVL, heartbeat_ms)
    made.setsockopt(zmq.HEARTBEAT_TIMEOUT, 20_000)
    return made, made.bind_to_random_port("tcp://127.0.0.1")


def test_a_plain_tcp_client_reads_the_stream(context: zmq.Context[Any]) -> None:
    stream, port = bound(context, zmq.XPUB)
    with stream, Peer(port, b"SUB") as peer:
        peer.send(b"\x01tick")
        assert stream.recv() == b"\x01tick"
        stream.send(b"another topic")
        stream.send(stream_frame(TICK))
        assert parse_stream_frame(peer.receive()) == TICK


def test_a_plain_tcp_client_talks_on_the_link(context: zmq.Context[Any]) -> None:
    link, port = bound(context, zmq.ROUTER)
    with link, Peer(port, b"DEALER") as peer:
        for message in (Ack(seq=1), Bye(reason="x" * 250)):
            peer.send(encode(message))
            route, frame = link.recv_multipart()
            assert decode(frame) == message
            link.send_multipart([route, frame])
            assert decode(peer.receive()) == message


def test_a_plain_tcp_client_stays_connected_by_answering_pings(context: zmq.Context[Any]) -> None:
    link, port = bound(context, zmq.ROUTER, heartbeat_ms=10)
    with link, Peer(port, b"DEALER") as peer:
        for _ in range(3):
            ping = peer.receive_command()
            assert ping.startswith(b"\x04PING")
            peer.pong(ping)
        peer.send(encode(Ack(seq=1)))
        assert decode(link.recv_multipart()[1]) == Ack(seq=1)
