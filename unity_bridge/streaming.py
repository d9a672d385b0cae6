"""Owns the frames of the stream on their way out: a crowd's are written in place, into memory that is used again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import zmq

from protocol.ids import DIGEST_BYTES
from protocol.rooms import Room
from protocol.views import stream_frame
from unity_bridge import translate
from unity_bridge.outgoing import send
from unity_bridge.sockets import Socket
from unity_bridge.world import World

IN_PLACE_FROM: Final = 512
"""Characters from which on a frame is written in place: below, making it anew is as fast."""
ROOMS: Final = 3
"""Frames kept in memory; where readers hold more of them, further ones are made anew."""


@dataclass(slots=True, eq=False)
class _Kept:
    """A room, and who knows whether the socket still reads from it."""

    room: Room
    reading: zmq.MessageTracker | None = None


class Stream:
    """What goes out on one socket: `frame`, then `send`, in turns."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._kept: list[_Kept] = []
        self._filled: _Kept | None = None

    def frame(self, world: World, session: int, digest: bytes, *, paused: bool, sent: float) -> bytes | memoryview:
        """The state of the world as a frame; a view of it is lent until it was sent."""
        shape = len(world.characters), len(world.labels), len(world.shapes)
        in_place = shape[0] >= IN_PLACE_FROM and len(digest) == DIGEST_BYTES
        kept = self._filled = self._free(shape) if in_place else None
        if kept is None:
            return stream_frame(translate.tick(world, session, digest, paused=paused, sent=sent))
        world.write_columns(kept.room)
        return kept.room.close(translate.without_columns(world, session, digest, paused=paused, sent=sent))

    def send(self, frame: bytes | memoryview) -> Literal["sent", "busy", "gone"]:
        """Send what `frame` gave, without waiting."""
        if self._filled is None:
            assert isinstance(frame, bytes)
            return send(self._socket, [frame])
        try:
            # for large frames the socket reads from our memory, in its own time, and tells when it has
            self._filled.reading = self._socket.send(frame, zmq.NOBLOCK, copy=False, track=True)
        except zmq.Again:
            return "busy"
        return "sent"

    def _free(self, shape: tuple[int, int, int]) -> _Kept | None:
        """A room of this shape that nobody reads from any more."""
        if self._kept and self._kept[0].room.shape != shape:
            self._kept.clear()
        for each in self._kept:
            if each.reading is None or each.reading.done:
                each.reading = None
                return each
        if len(self._kept) == ROOMS:
            return None
        self._kept.append(_Kept(Room(*shape)))
        return self._kept[-1]
