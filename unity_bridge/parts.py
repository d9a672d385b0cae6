"""Owns long messages in parts: cut for the wire, and put together again by whoever gets them."""

from __future__ import annotations

from protocol import codec
from protocol.ids import MAX_STATE_BYTES, PART_BYTES
from protocol.messages import Part


def in_parts(frame: bytes, size: int = PART_BYTES) -> list[bytes]:
    """Return `frame` itself if it has at most `size` bytes, or the frames of its parts."""
    if len(frame) <= size:
        return [frame]
    pieces = [frame[at : at + size] for at in range(0, len(frame), size)]
    return [codec.encode(Part(index=i, count=len(pieces), data=data)) for i, data in enumerate(pieces)]


class Assembly:
    """Puts parts together. A part out of its order, or too many bytes, make it forget what it has."""

    def __init__(self, limit: int = MAX_STATE_BYTES) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._count = 0

    def clear(self) -> None:
        """Forget what there is: it was of another connection."""
        self._pieces, self._size, self._count = [], 0, 0

    def take(self, part: Part) -> bytes | None:
        """Take the next part; returns the whole message with the last one. False starts are forgotten silently."""
        if part.index == 0:
            self.clear()
            self._count = part.count
        fits = part.index == len(self._pieces) and part.index < self._count == part.count
        if not fits or self._size + len(part.data) > self._limit:
            self.clear()
            return None
        self._pieces.append(part.data)
        self._size += len(part.data)
        if len(self._pieces) < self._count:
            return None
        whole = b"".join(self._pieces)
        self.clear()
        return whole
