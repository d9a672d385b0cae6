"""Owns what connections may cost before a message of theirs is whole: how many there are, and bytes without a message.

libzmq bounds a frame, not the number of frames of a message that never ends; its queue of such a message grows until
memory is gone. So bytes that the kernel took in are compared with the messages that came out, and who is over the
budget is cut off, which frees what was queued.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

SLACK = 64 * 1024
"""Bytes of handshakes, and of what is on its way, that no message accounts for."""
SLACK_PER_S = 256
"""Heartbeats are no messages: some thirty bytes a second, with room."""
FRAME_HEAD, LONG_FRAME_HEAD, LONGEST_SHORT_FRAME = 2, 9, 255


class Line(Protocol):
    """One accepted connection."""

    def received(self) -> int | None:
        """Bytes taken in since it was accepted; None where the system does not tell."""
        ...

    def cut(self) -> None:
        """End it in both directions."""
        ...

    def close(self) -> None:
        """Give back our hold of it."""
        ...


@dataclass(slots=True)
class _Connection:
    line: Line
    since: float
    received: int | None = None
    """As of the last look."""
    delivered: int = 0
    cut: bool = False

    def open_bytes(self, now: float) -> int:
        """Bytes that are no part of a message that came out."""
        if self.received is None:
            return 0
        return max(0, self.received - self.delivered - SLACK - int(SLACK_PER_S * (now - self.since)))


class Guard:
    """Connections of the three sockets by file number; `budgets` are open bytes of one connection, by socket.

    `together` bounds all connections; the one with most is cut off first.
    """

    def __init__(self, budgets: dict[str, int], *, together: int, most: int) -> None:
        self.counts: Counter[str] = Counter()
        """Connections accepted, closed, refused as too many, and cut off for messages without an end."""
        self._budgets = budgets
        self._together = together
        self._most = most
        self._connections: dict[tuple[str, int], _Connection] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def accepted(self, socket: str, number: int, take: Callable[[], Line | None], now: float) -> None:
        """A connection came in; `take` gets hold of it, or None when it has gone already."""
        self.closed(socket, number)
        self.counts["accepted"] += 1
        line = take()
        if line is None:
            return
        if len(self._connections) >= self._most:
            self.counts["too_many"] += 1
            line.cut()
            line.close()
            return
        self._connections[socket, number] = _Connection(line, now)

    def closed(self, socket: str, number: int) -> None:
        """A connection is gone."""
        connection = self._connections.pop((socket, number), None)
        if connection is not None:
            connection.line.close()
            self.counts["closed"] += 1

    def look(self) -> None:
        """Note what came in by now: before messages are read, since what is whole by now will then come out."""
        for connection in self._connections.values():
            connection.received = connection.line.received()

    def delivered(self, socket: str, number: int, frames: list[int]) -> None:
        """A message of frames of these lengths came out whole."""
        connection = self._connections.get((socket, number))
        if connection is not None:
            heads = (LONG_FRAME_HEAD if size > LONGEST_SHORT_FRAME else FRAME_HEAD for size in frames)
            connection.delivered += sum(frames) + sum(heads)

    def check(self, now: float, behind: frozenset[str] = frozenset(), backlog: int = 1) -> None:
        """Cut off who was over the budget at the last look; `behind`: sockets with messages yet, `backlog` more."""
        together = 0
        largest: tuple[int, _Connection | None] = (0, None)
        for (socket, _), connection in self._connections.items():
            if connection.cut:
                continue
            waiting = connection.open_bytes(now)
            if waiting > self._budgets[socket] * (backlog if socket in behind else 1):
                self._cut(connection)
                continue
            together += waiting
            largest = max(largest, (waiting, connection), key=lambda pair: pair[0])
        if together > self._together * (backlog if behind else 1) and largest[1] is not None:
            self._cut(largest[1])

    def close(self) -> None:
        """Let go of all."""
        for socket, number in list(self._connections):
            self.closed(socket, number)

    def _cut(self, connection: _Connection) -> None:
        connection.cut = True
        connection.line.cut()
        self.counts["endless_message"] += 1
