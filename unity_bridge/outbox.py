"""Owns the reliable window, both ends of it: numbers, cumulative acknowledgement, resending, and telling repeats."""

from __future__ import annotations

from collections import deque
from typing import Literal


class WindowFullError(Exception):
    """The peer is as far behind as it may be."""


class Outbox:
    """Frames numbered 1, 2, 3 ... kept until acknowledged; a cursor marks what was handed to the connection.

    The connection may lose anything: after `resume` the cursor stands behind the last frame the peer has.
    """

    def __init__(self, window: int) -> None:
        self.window = window
        self.acked = 0
        """Highest number the peer has confirmed."""
        self.last = 0
        """Highest number given out."""
        self.cursor = 0
        """Highest number handed to the present connection."""
        self.resent = 0
        self._high = 0
        self._frames: deque[bytes] = deque()

    @classmethod
    def of(cls, window: int, acked: int, frames: list[bytes]) -> Outbox:
        """The outbox of a process that ended: any of `frames`, which follow `acked`, may have arrived."""
        outbox = cls(max(window, len(frames)))
        outbox._frames.extend(frames)
        outbox.acked = outbox.cursor = acked
        outbox.last = outbox._high = acked + len(frames)
        return outbox

    def frames(self) -> list[bytes]:
        """Everything not acknowledged."""
        return list(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def next_seq(self) -> int:
        """Number of the frame pushed next."""
        return self.last + 1

    @property
    def room(self) -> int:
        """Frames that still fit."""
        return self.window - len(self._frames)

    def push(self, frame: bytes) -> int:
        """Keep `frame`, which must carry `next_seq`; raises WindowFullError, changing nothing, without room."""
        if len(self._frames) >= self.window:
            raise WindowFullError
        self._frames.append(frame)
        self.last += 1
        return self.last

    def peek(self) -> bytes | None:
        """Return the next frame for the connection, or None."""
        return self._frames[self.cursor - self.acked] if self.cursor < self.last else None

    def sent(self) -> None:
        """The frame of `peek` was taken by the connection."""
        self.cursor += 1
        if self.cursor <= self._high:
            self.resent += 1
        else:
            self._high = self.cursor

    def ack(self, seq: int) -> bool:
        """Everything up to `seq` arrived. False, and nothing changes, for a number never sent."""
        if seq > self._high:
            return False
        while self.acked < seq:
            self._frames.popleft()
            self.acked += 1
        self.cursor = max(self.cursor, self.acked)
        return True

    def since(self, seq: int) -> list[bytes]:
        """The frames after number `seq`, as far as they are not acknowledged."""
        return list(self._frames)[max(0, seq - self.acked) :]

    def restore(self, acked: int, frames: tuple[bytes, ...]) -> None:
        """Be as an outbox that was acknowledged up to `acked` and sent `frames` after it: nobody knows who has them."""
        self.acked = self.cursor = acked
        self.last = self._high = acked + len(frames)
        self._frames = deque(frames)

    def rewind(self) -> None:
        """Send everything not acknowledged again, over the same connection."""
        self.cursor = self.acked

    def resume(self, received: int) -> bool:
        """Start again behind `received` on a new connection. False when that cannot be: then it is another world."""
        if not self.acked <= received <= self._high:
            return False
        self.ack(received)
        self.rewind()
        return True


class Inbox:
    """The other end: takes each number once, in order."""

    def __init__(self) -> None:
        self.received = 0
        self.repeated = 0

    def take(self, seq: int) -> Literal["new", "seen", "gap"]:
        """Say what to do with frame `seq`; only "new" moves on."""
        if seq <= self.received:
            self.repeated += 1
            return "seen"
        if seq > self.received + 1:
            return "gap"
        self.received = seq
        return "new"
