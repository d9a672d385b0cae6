"""Owns an engine client's sockets and their options: SUB `stream`, DEALER `link` with its monitor, DEALER `control`."""

from __future__ import annotations

from collections.abc import Iterator

import zmq
from zmq.utils.monitor import recv_monitor_message

from emotion_runtime.errors import UsageError
from protocol import ids
from unity_bridge.access.credentials import Credentials
from unity_bridge.access.keys import ClientKeys
from unity_bridge.sockets import Socket
from unity_bridge.trouble import EVENTS, Listener, Mechanism, Trouble

MOST_FRAMES = 256
"""Read from one socket before the others get their turn."""
MAX_INCOMING_BYTES = 64 * 1024 * 1024
"""A snapshot of the largest world, with its names."""
GOODBYE_MS = 100


class ClientSockets:
    """Connects, never waits except in `wait`. The stream comes first: what is newer than the snapshot is then seen."""

    def __init__(
        self,
        endpoints: tuple[str, str, str],
        *,
        conflate: bool,
        watch: bool = True,
        credentials: Credentials | None = None,
    ) -> None:
        """Begin to connect. Raises UsageError when the credentials' file is unusable."""
        self._endpoints = endpoints
        self._credentials = credentials or Credentials()
        self._shown = self._credentials.read()
        self._conflate, self._watch = conflate, watch
        self._context: zmq.Context[Socket] = zmq.Context(io_threads=1)
        self._control: Socket | None = None
        self._faces: Socket | None = None
        self._topic: bytes | None = None
        self._poller = zmq.Poller()
        self._stream = self._open_stream()
        self._link, self._monitor = self._open_link()

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._context.closed

    def close(self) -> None:
        """Close everything, giving a goodbye a moment to leave."""
        self._link.disable_monitor()
        self._monitor.close(linger=0)
        for socket in (self._stream, self._faces, self._link, self._control):
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

    def changes(self) -> Iterator[bool | Trouble]:
        """For each change of the link since the last look: True: it stands; False: it is lost; or why there is none."""
        while self._monitor.poll(0):
            told = recv_monitor_message(self._monitor, zmq.NOBLOCK)
            change = self._listener.heard(told["event"], told["value"])
            if change is not None:
                yield change

    def renew_credentials(self) -> bool:
        """Read the token file again: a sidecar that was started anew has written another. True: connecting with it."""
        if not self._credentials.changing:
            return False
        try:
            found = self._credentials.read()
        except UsageError:
            return False
        if found == self._shown:
            return False
        self._shown = found
        self._poller.unregister(self._stream)
        self._stream.close(linger=0)
        self._stream = self._open_stream()
        self.watch_faces(None)
        self.drop_control()
        self.renew_link()
        return True

    def link_frames(self) -> Iterator[bytes]:
        """What arrived on the link."""
        return _frames(self._link)

    def stream_frames(self) -> Iterator[bytes]:
        """What arrived on the stream."""
        return _frames(self._stream)

    def control_frames(self) -> Iterator[bytes]:
        """What arrived in answer to requests."""
        return iter(()) if self._control is None else _frames(self._control)

    def watch_faces(self, topic: bytes | None) -> None:
        """Read this topic of faces instead of the one before, on a socket of its own: CONFLATE keeps one frame."""
        if topic == self._topic:
            return
        self._topic = topic
        if self._faces is not None:
            self._poller.unregister(self._faces)
            self._faces.close(linger=0)
            self._faces = None
        if topic is not None:
            self._faces = self._open(zmq.SUB)
            self._faces.setsockopt(zmq.CONFLATE, 1)
            self._faces.subscribe(topic)
            self._faces.connect(self._endpoints[0])
            self._poller.register(self._faces, zmq.POLLIN)

    def faces_frames(self) -> Iterator[bytes]:
        """What arrived of faces."""
        return iter(()) if self._faces is None else _frames(self._faces)

    def _open_stream(self) -> Socket:
        socket = self._open(zmq.SUB)
        if self._conflate:
            # Without it an engine that stood on a breakpoint wakes to seconds of old frames, whatever the HWM.
            socket.setsockopt(zmq.CONFLATE, 1)
        if self._watch:
            socket.subscribe(ids.TOPIC_TICK)
        socket.connect(self._endpoints[0])
        self._poller.register(socket, zmq.POLLIN)
        return socket

    def _open_link(self) -> tuple[Socket, Socket]:
        socket = self._open(zmq.DEALER)
        # Nothing is queued for a connection that is not there: the session keeps it, and sends it in order.
        socket.setsockopt(zmq.IMMEDIATE, 1)
        monitor = socket.get_monitor_socket(EVENTS)
        self._listener = Listener(self._endpoints[1], self._mechanism)
        socket.connect(self._endpoints[1])
        self._poller.register(socket, zmq.POLLIN)
        self._poller.register(monitor, zmq.POLLIN)
        return socket, monitor

    @property
    def _mechanism(self) -> Mechanism:
        if self._shown is None:
            return "NULL"
        return "CURVE" if isinstance(self._shown, ClientKeys) else "PLAIN"

    def _open(self, kind: int) -> Socket:
        socket = self._context.socket(kind)
        self._credentials.show(socket, self._shown)
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
