"""Owns what an engine must keep of its session to go on after a restart of its own: one blob, written by the engine."""

from __future__ import annotations

import msgspec

from protocol import codec, messages
from protocol.errors import ProtocolError

FORMAT = 1


class Remembered(msgspec.Struct, array_like=True):
    """A session between two polls: who we are to the sidecar, what we have, what it may not have yet."""

    format: int
    client: str
    session: int
    received: int
    """Highest number of the sidecar's that was handed to the game before this was remembered."""
    acked: int
    """Highest batch the sidecar has confirmed."""
    batches: list[bytes]
    """Batches after `acked`, as they were or would be sent."""
    waiting: list[messages.Observation]
    utterances: int
    snapshot: bytes


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Remembered)


def packed(remembered: Remembered) -> bytes:
    """The blob."""
    return _ENCODER.encode(remembered)


def unpacked(blob: bytes, client: str) -> Remembered | None:
    """What a blob holds, or None for one of another client or format, or none at all: begin anew then."""
    try:
        found = _DECODER.decode(blob)
        snapshot_of(found)
    except (msgspec.MsgspecError, UnicodeDecodeError, ProtocolError):
        return None
    return found if found.format == FORMAT and found.client == client else None


def snapshot_of(remembered: Remembered) -> messages.Snapshot | None:
    """The world it was in, if it had been welcomed. Raises ProtocolError."""
    if not remembered.snapshot:
        return None
    limit = max(1, len(remembered.snapshot))
    snapshot = codec.decode(remembered.snapshot, limit=limit, allowed=(messages.Snapshot,))
    assert isinstance(snapshot, messages.Snapshot)
    return snapshot
