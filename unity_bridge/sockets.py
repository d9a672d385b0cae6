"""Owns the sidecar's three sockets: makes, binds and closes them, with every option set here and nowhere else."""

from __future__ import annotations

import errno
from typing import TypeAlias

import zmq

from emotion_runtime.errors import UsageError
from unity_bridge.access import zap
from unity_bridge.config import BridgeConfig

Socket: TypeAlias = "zmq.Socket[bytes]"

FREE_PORT_TRIES = 20


class Sockets:
    """XPUB `stream`, ROUTER `link`, ROUTER `control`, bound. One thread owns them; close is quick and final."""

    def __init__(self, config: BridgeConfig) -> None:
        self._config = config
        self._context: zmq.Context[Socket] = zmq.Context(io_threads=1)
        try:
            # there before anything is bound: a handshake that finds nobody to ask is let in
            self.zap = self._context.socket(zap.SOCKET_KIND)
            self.zap.bind(zap.ENDPOINT)
            self.stream, self.link, self.control = self._bind()
        except BaseException:
            self._context.destroy(linger=0)
            raise

    def endpoints(self) -> tuple[str, str, str]:
        """Addresses of stream, link and control, as clients connect to them."""
        return tuple(s.getsockopt_string(zmq.LAST_ENDPOINT) for s in self._all())  # type: ignore[return-value]

    def ports(self) -> tuple[int, int, int]:
        """Port numbers of stream, link and control."""
        stream, link, control = (int(e.rpartition(":")[2]) for e in self.endpoints())
        return stream, link, control

    def pair(self, place: str) -> Socket:
        """Open the reading end of a monitor. Without a bound: a full one would stop libzmq's own thread."""
        socket = self._context.socket(zmq.PAIR)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVHWM, 0)
        socket.connect(place)
        return socket

    def close(self, linger_ms: int = 0) -> None:
        """Close all three, giving what was just sent at most `linger_ms` to leave."""
        for socket in self._all():
            socket.close(linger=linger_ms)
        self.zap.close(linger=0)
        self._context.term()

    def _all(self) -> tuple[Socket, Socket, Socket]:
        return self.stream, self.link, self.control

    def _bind(self) -> tuple[Socket, Socket, Socket]:
        if self._config.port:
            return self._bind_row(self._config.port)
        for _ in range(FREE_PORT_TRIES):
            try:
                return self._bind_row(0)
            except UsageError:
                continue
        stream, link, control = self._make()
        for socket in (stream, link, control):
            socket.bind(self._config.endpoint("*"))
        return stream, link, control

    def _bind_row(self, port: int) -> tuple[Socket, Socket, Socket]:
        """Bind three ports in a row, the first one free when `port` is 0; all or none."""
        sockets = self._make()
        try:
            for offset, socket in enumerate(sockets):
                if port == 0:
                    socket.bind(self._config.endpoint("*"))
                    port = int(socket.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])
                else:
                    self._bind_one(socket, port + offset)
        except UsageError:
            for socket in sockets:
                socket.close(linger=0)
            raise
        return sockets

    def _bind_one(self, socket: Socket, port: int) -> None:
        try:
            socket.bind(self._config.endpoint(port))
        except zmq.ZMQError as error:
            first = self._config.port or port
            if error.errno in (errno.EADDRINUSE, zmq.EADDRINUSE):
                raise UsageError(
                    "port_in_use",
                    f"port {port} is in use (ports {first} to {first + 2} are needed)",
                    "stop the other program, or choose others with --port (0 takes free ones)",
                ) from None
            raise UsageError(
                "port_unusable",
                f"cannot listen on port {port}: {error.strerror}",
                "choose others with --port (0 takes free ones)",
            ) from None

    def _make(self) -> tuple[Socket, Socket, Socket]:
        config = self._config
        stream = self._common(zmq.XPUB, config.max_subscription_bytes)
        stream.setsockopt(zmq.SNDHWM, config.stream_sndhwm)
        stream.setsockopt(zmq.SNDBUF, config.stream_sndbuf)
        return stream, self._router(config.max_link_bytes), self._router(config.max_control_bytes)

    def _router(self, max_bytes: int) -> Socket:
        socket = self._common(zmq.ROUTER, max_bytes)
        # MANDATORY: a peer that is gone gives an error instead of silence. No HANDOVER: it races on reconnects.
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        socket.setsockopt(zmq.SNDHWM, self._config.link_sndhwm)
        socket.setsockopt(zmq.RCVHWM, self._config.link_rcvhwm)
        socket.setsockopt(zmq.RCVBUF, self._config.link_rcvbuf)
        return socket

    def _common(self, kind: int, max_bytes: int) -> Socket:
        config = self._config
        socket = self._context.socket(kind)
        config.access.guard(socket)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.MAXMSGSIZE, max_bytes)
        socket.setsockopt(zmq.HANDSHAKE_IVL, config.handshake_ms)
        socket.setsockopt(zmq.HEARTBEAT_IVL, config.heartbeat_ms)
        socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, config.heartbeat_timeout_ms)
        socket.setsockopt(zmq.HEARTBEAT_TTL, config.heartbeat_timeout_ms)
        if ":" in config.host:
            socket.setsockopt(zmq.IPV6, 1)
        return socket
