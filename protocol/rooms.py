"""Owns frames of the stream that are written in place: where each column lies, and the bytes around the columns."""

from __future__ import annotations

from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from protocol.codec import encode
from protocol.ids import DIGEST_BYTES, TOPIC_TICK
from protocol.messages import Tick

HEAD_BYTES: Final = 256
"""Room for the topic and the fields before the first column, which end where that begins."""
TAIL_BYTES: Final = 256
EMOTION, MOOD, ACTION = (b"\xa7emotion\xc4\x00", b"\xa4mood\xc4\x00", b"\xa6action\xc4\x00")
"""Empty columns as msgpack."""
DIGEST: Final = b"\xa6digest"
FACE: Final = b"\xa4face\xc4\x01\x00"
"""A face column of one byte, 0."""


class Room:
    """The memory of one stream frame of n rows, `labels` emotions and `shapes` blendshapes (0: no faces), used again.

    Write the columns into `out` (uint8), little-endian, row by row: float32 emotions from byte `emotion` on, float32
    mood from `mood`, uint16 actions from `action`, float32 faces from `face`; then `close`. They lie at any address.
    """

    def __init__(self, n: int, labels: int, shapes: int) -> None:
        self.shape = (n, labels, shapes)
        sizes = 4 * n * labels, 12 * n, 2 * n, 4 * n * shapes
        self._heads = [name + _header(size) for name, size in zip(_NAMES, sizes, strict=True)]
        self.emotion = HEAD_BYTES
        self.mood = self.emotion + sizes[0] + len(self._heads[1])
        self.action = self.mood + sizes[1] + len(self._heads[2])
        self._after = self.action + sizes[2]
        digest = len(DIGEST) + 2 + DIGEST_BYTES
        self.face = self._after + digest + len(self._heads[3])
        self._digest_bytes, self._face_bytes = digest, sizes[3] if shapes else 0
        self._bytes = bytearray(self.face + sizes[3] + TAIL_BYTES)
        self.out: NDArray[np.uint8] = np.frombuffer(self._bytes, np.uint8)
        self._put(self.mood - len(self._heads[1]), self._heads[1])
        self._put(self.action - len(self._heads[2]), self._heads[2])

    def close(self, tick: Tick) -> memoryview:
        """Return the frame with the columns that were written and all else of `tick`, whose own columns are ignored.

        The same bytes as `stream_frame` of a tick with these columns. `tick` needs a digest of 16 bytes. The frame is
        lent: it changes with what is written here.
        """
        assert len(tick.digest) == DIGEST_BYTES
        small = encode(replace(tick, emotion=b"", mood=b"", action=b"", face=b"\0" if self._face_bytes else b""))
        first = small.index(EMOTION)  # before it are numbers only, none of which is so long
        last = first + len(EMOTION) + len(MOOD) + len(ACTION)
        assert small[first:last] == EMOTION + MOOD + ACTION
        head, rest = TOPIC_TICK + small[:first] + self._heads[0], small[last:]
        begin = self.emotion - len(head)
        self._put(begin, head)
        self._put(self._after, rest[: self._digest_bytes])
        rest, end = rest[self._digest_bytes :], self._after + self._digest_bytes
        if self._face_bytes:
            assert rest[: len(FACE)] == FACE
            self._put(end, self._heads[3])
            rest, end = rest[len(FACE) :], self.face + self._face_bytes
        self._put(end, rest)
        return memoryview(self._bytes)[begin : end + len(rest)]

    def _put(self, place: int, data: bytes) -> None:
        self._bytes[place : place + len(data)] = data


_NAMES: Final = (b"\xa7emotion", b"\xa4mood", b"\xa6action", b"\xa4face")


def _header(size: int) -> bytes:
    """What msgpack writes before so many bytes."""
    if size < 1 << 8:
        return b"\xc4" + size.to_bytes(1, "big")
    return b"\xc5" + size.to_bytes(2, "big") if size < 1 << 16 else b"\xc6" + size.to_bytes(4, "big")
