"""Owns an engine client's sockets and their options: SUB `stream`, DEALER `link` with its monitor, DEALER `control`."""

from __future__ import annotations

from collections.abc import Iterator

import zmq
from zmq.utils.monitor import recv_monitor_message

from protocol import ids
from unity_bridge.sockets import Socket

MOST_FRAMES = 256
"""Read from one socket before the others get their turn."""
MAX_INCOMING_BYTES = 64 * 1024 * 1024
"""A snapshot of the largest world, with its names."""
GOODBYE_MS = 100
_EVENTS = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED


class ClientSockets:
    """Connects, never waits except in `wait`. The stream comes first: what is newer than the snapshot is then seen."""

    def __init__(self, endpoints: tuple[str, str, str], *, conflate: bool, watch: bool = True) -> None:
        self._endpoints = endpoints
        self._context: zmq.Context[Socket] = zmq.Context(io_threads=1)
        self._control: Socket | None = None
        self._poller = zmq.Poller()
        self._stream = self._open_stream(conflate, watch)
        self._link, self._monitor = self._open_link()

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._context.closed

    def close(self) -> None:
        """Close everything, giving a goodbye a moment to leave."""
        self._link.disable_monitor()
        self._monitor.close(linger=0)
        for socket in (self._stream, self._link, self._control):
            if socket is not None:
                socket.close(linger=GOODBYE_MS)
        self._context.term()

    def wait(self, seconds: float) -> None:
        """Sleep until something arrives on any socket, at most about `seconds`."""
        self._poller.poll(int(seconds * 1000) + 1)

    def send(self, frame: bytes) -> bool:
        """Send on the link; False when no connection takes it now."""
        try:
            self._link.send(frame, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def ask(self, frame: bytes) -> None:
        """Send a request."""
        if self._control is None:
            self._control = self._open(zmq.DEALER)
            self._control.connect(self._endpoints[2])
            self._poller.register(self._control, zmq.POLLIN)
        self._control.send(frame, zmq.NOBLOCK)

    def drop_control(self) -> None:
        """Forget the request under way, and its connection."""
        if self._control is not None:
            self._poller.unregister(self._control)
            self._control.close(linger=0)
            self._control = None

    def renew_link(self) -> None:
        """Drop the link's connection without a word and open another."""
        self._poller.unregister(self._link)
        self._poller.unregister(self._monitor)
        self._link.disable_monitor()
        self._monitor.close(linger=0)
        self._link.close(linger=0)
        self._link, self._monitor = self._open_link()

    def changes(self) -> Iterator[bool]:
        """For each change of the link since the last look: True for a new connection, False for a lost one."""
        while self._monitor.poll(0):
            yield recv_monitor_message(self._monitor, zmq.NOBLOCK)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED

    def link_frames(self) -> Iterator[bytes]:
        """What arrived on the link."""
        return _frames(self._link)

    def stream_frames(self) -> Iterator[bytes]:
        """What arrived on the stream."""
        return _frames(self._stream)

    def control_frames(self) -> Iterator[bytes]:
        """What arrived in answer to requests."""
        return iter(()) if self._control is None else _frames(self._control)

    def _open_stream(self, conflate: bool, watch: bool) -> Socket:
        socket = self._open(zmq.SUB)
        if conflate:
            # Without it an engine that stood on a breakpoint wakes to seconds of old frames, whatever the HWM.
            socket.setsockopt(zmq.CONFLATE, 1)
        if watch:
            socket.subscribe(ids.TOPIC_TICK)
        socket.connect(self._endpoints[0])
        self._poller.register(socket, zmq.POLLIN)
        return socket

    def _open_link(self) -> tuple[Socket, Socket]:
        socket = self._open(zmq.DEALER)
        # Nothing is queued for a connection that is not there: the session keeps it, and sends it in order.
        socket.setsockopt(zmq.IMMEDIATE, 1)
        monitor = socket.get_monitor_socket(_EVENTS)
        socket.connect(self._endpoints[1])
        self._poller.register(socket, zmq.POLLIN)
        self._poller.register(monitor, zmq.POLLIN)
        return socket, monitor

    def _open(self, kind: int) -> Socket:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RECONNECT_IVL, 100)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 2000)
        socket.setsockopt(zmq.HEARTBEAT_IVL, ids.HEARTBEAT_INTERVAL_MS)
        socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, ids.HEARTBEAT_TIMEOUT_MS)
        socket.setsockopt(zmq.MAXMSGSIZE, MAX_INCOMING_BYTES)
        return socket


def _frames(socket: Socket) -> Iterator[bytes]:
    for _ in range(MOST_FRAMES):
        if not socket.poll(0):
            return
        frames = socket.recv_multipart(zmq.NOBLOCK)
        if len(frames) == 1:
            yield frames[0]
