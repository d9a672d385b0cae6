"""Owns the watch over accepted connections: libzmq's events of the bound sockets, and the kernel's byte counts."""

from __future__ import annotations

import contextlib
import socket as sockets
import struct
import sys
from typing import cast

import zmq
from zmq.utils.monitor import parse_monitor_message

from unity_bridge.config import BridgeConfig
from unity_bridge.guard import Guard
from unity_bridge.sockets import Socket, Sockets

_EVENTS = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED
_TCP_INFO = getattr(sockets, "TCP_INFO", None)
_RECEIVED_AT, _INFO_BYTES = 128, 136
"""Linux: tcpi_bytes_received, since 4.1. Other systems do not tell by this way."""
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
STREAM_BYTES = 64 * 1024
"""Subscriptions of one viewer for all its time; ours is seven bytes."""
UNREAD_BYTES = 1024 * 1024
"""What the kernel and libzmq hold beside a message that has begun: twice what `link_rcvbuf` asks for, and room."""
TOGETHER = 2
"""All connections may have begun as much as so many of the largest messages."""


class TcpLine:
    """A second hold of a connection that libzmq owns: its number may be another's soon, ours stays."""

    def __init__(self, held: sockets.socket) -> None:
        self._held = held

    def received(self) -> int | None:
        """Bytes taken in; None where the system does not tell."""
        if _TCP_INFO is None:
            return None
        try:
            info = self._held.getsockopt(sockets.IPPROTO_TCP, _TCP_INFO, _INFO_BYTES)
        except OSError:
            return None
        return int(struct.unpack_from("=Q", info, _RECEIVED_AT)[0]) if len(info) == _INFO_BYTES else None

    def cut(self) -> None:
        """End it; libzmq sees the end and frees what it had queued."""
        with contextlib.suppress(OSError):
            # with a reset at the end: a peer whose window is shut would else go on asking for long
            self._held.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, _RESET)
            self._held.shutdown(sockets.SHUT_RDWR)

    def close(self) -> None:
        """Give back the hold."""
        self._held.close()


class Watch:
    """Keeps a guard's books from the events of bound sockets. One thread uses it: the one that owns the sockets."""

    def __init__(self, bound: Sockets, config: BridgeConfig) -> None:
        budgets = {
            "stream": STREAM_BYTES,
            "link": config.max_link_bytes + UNREAD_BYTES,
            "control": config.max_control_bytes + UNREAD_BYTES,
        }
        together = TOGETHER * max(budgets.values())
        self.guard = Guard(budgets, together=together, most=config.max_connections)
        self._backlog = config.credit + 1
        self._monitors: dict[str, tuple[Socket, int, Socket]] = {}
        for name, port in zip(budgets, bound.ports(), strict=True):
            socket: Socket = getattr(bound, name)
            place = f"inproc://watch-{name}"
            socket.monitor(place, _EVENTS)
            pair = bound.pair(place)
            self._monitors[name] = (pair, port, socket)

    def follow(self, now: float) -> None:
        """Take in which connections came and went, and what they have sent by now."""
        for name, (monitor, port, _) in self._monitors.items():
            while cast(int, monitor.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
                told = parse_monitor_message(monitor.recv_multipart(zmq.NOBLOCK))
                number = told["value"]
                if told["event"] == zmq.EVENT_ACCEPTED:
                    self.guard.accepted(name, number, lambda n=number, p=port: _take(n, p), now)  # type: ignore[misc]
                else:
                    self.guard.closed(name, number)
        self.guard.look()

    def delivered(self, name: str, frame: zmq.Frame, sizes: list[int]) -> None:
        """A message came out whole; `frame` is any of its frames."""
        with contextlib.suppress(zmq.ZMQError):
            self.guard.delivered(name, int(frame.get(zmq.SRCFD)), sizes)

    def check(self, now: float, behind: frozenset[str]) -> None:
        """Cut off who is over the budget; `behind` names the sockets that were not read to their end."""
        self.guard.check(now, behind, self._backlog)

    def close(self) -> None:
        """Stop watching; before the sockets are closed."""
        for monitor, _, socket in self._monitors.values():
            socket.disable_monitor()
            monitor.close(linger=0)
        self.guard.close()


def _take(number: int, port: int) -> TcpLine | None:
    """Get a hold of a connection by the number of libzmq's; None when that number is something else by now."""
    try:
        # not the method of the same name: that one makes the connection blocking, for libzmq too
        held = sockets.socket(fileno=sockets.dup(number))
    except OSError:
        return None
    try:
        name = held.getsockname()
    except OSError:
        name = None
    if isinstance(name, tuple) and name[1] == port:
        return TcpLine(held)
    held.close()
    return None
