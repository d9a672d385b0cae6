"""Owns the checked reading of columnar messages: a tick against its roster, positions, and the stream's frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocol.codec import decode, encode
from protocol.columns import Floats, f32, require_finite, require_inside, u16, u32
from protocol.errors import BadColumnError, BadValueError, MalformedError, StaleEpochError, UnknownMessageError
from protocol.ids import DIGEST_BYTES, MAX_STATE_BYTES, TOPIC_TICK
from protocol.messages import Positions, Roster, Tick


def stream_frame(tick: Tick) -> bytes:
    """Return the one frame the stream carries for a tick: four bytes of topic, then the message."""
    return TOPIC_TICK + encode(tick)


def parse_stream_frame(frame: bytes, *, limit: int = MAX_STATE_BYTES) -> Tick:
    """Return the tick in a stream frame. Raises ProtocolError; UnknownMessageError for another topic: skip it."""
    topic = bytes(frame[: len(TOPIC_TICK)])
    if topic != TOPIC_TICK:
        if len(topic) < len(TOPIC_TICK):
            raise MalformedError(f"a stream frame begins with {len(TOPIC_TICK)} bytes of topic")
        raise UnknownMessageError(f"stream topic {topic!r} is not known here")
    message = decode(frame[len(TOPIC_TICK) :], limit=limit, allowed=(Tick,))
    assert isinstance(message, Tick)
    return message


@dataclass(frozen=True, slots=True, eq=False)
class TickView:
    """A tick as arrays, checked against its roster. All arrays are read-only; rows as in `roster.characters`."""

    session: int
    tick: int
    time: float
    """Simulated seconds."""
    epoch: int
    emotion: Floats
    """(n, len(roster.labels)), strictly inside (0, 1)."""
    mood: Floats
    """(n, 3), each in -1..1."""
    action: NDArray[np.uint16]
    """(n,), indices into roster.actions."""
    face: Floats | None
    """(n, len(roster.shapes)), each in 0..1, or None when no faces are streamed."""
    digest: bytes
    paused: bool
    sent: float

    @classmethod
    def of(cls, tick: Tick, roster: Roster) -> TickView:
        """Check `tick` against `roster` and return its arrays, without copying.

        Raises StaleEpochError (the roster is not the tick's), BadColumnError (a length) or BadValueError (a range).
        """
        if tick.epoch != roster.epoch:
            raise StaleEpochError(
                f"the tick is of epoch {tick.epoch}, the roster of epoch {roster.epoch}",
                where="$.epoch",
                remedy="wait for the roster with the tick's epoch",
                kind="tick",
            )
        rows = len(roster.characters)
        if tick.n != rows:
            raise BadColumnError(f"{tick.n} rows where the roster has {rows} characters", where="$.n", kind="tick")
        if len(tick.digest) not in (0, DIGEST_BYTES):
            raise BadColumnError(f"{len(tick.digest)} bytes where a digest has {DIGEST_BYTES}", where="$.digest")
        emotion = f32(tick.emotion, rows, len(roster.labels), "emotion")
        require_inside(emotion, 0.0, 1.0, "emotion", strictly=True)
        mood = f32(tick.mood, rows, 3, "mood")
        require_inside(mood, -1.0, 1.0, "mood")
        face = None
        if tick.face:
            face = f32(tick.face, rows, len(roster.shapes), "face")
            require_inside(face, 0.0, 1.0, "face")
        action = u16(tick.action, rows, "action")
        if rows and int(action.max()) >= len(roster.actions):
            row = int(np.argmax(action))
            raise BadValueError(
                f"{int(action[row])} is no index of the roster's {len(roster.actions)} actions",
                where=f"$.action[{row}]",
                kind="tick",
            )
        return cls(
            session=tick.session,
            tick=tick.tick,
            time=tick.time,
            epoch=tick.epoch,
            emotion=emotion,
            mood=mood,
            action=action,
            face=face,
            digest=tick.digest,
            paused=tick.paused,
            sent=tick.sent,
        )


def read_positions(positions: Positions, *, epoch: int, rows: int) -> tuple[NDArray[np.uint32], Floats]:
    """Return (index, xyz) of shapes (k,) and (k, 3): rows of a roster with `rows` characters, and metres.

    Raises StaleEpochError, BadColumnError, or BadValueError (not strictly ascending, no such row, not finite).
    """
    if positions.epoch != epoch:
        raise StaleEpochError(
            f"the positions are of epoch {positions.epoch}, the roster of epoch {epoch}",
            where="$.epoch",
            remedy="send them again with the new roster's rows",
        )
    count, rest = divmod(len(positions.index), 4)
    if rest:
        raise BadColumnError(f"{len(positions.index)} bytes are no whole number of uint32", where="$.index")
    index = u32(positions.index, count, "index")
    xyz = f32(positions.xyz, count, 3, "xyz")
    if count > 1 and not (index[1:] > index[:-1]).all():
        place = int(np.argmin(index[1:] > index[:-1])) + 1
        raise BadValueError("rows must be strictly ascending", where=f"$.index[{place}]")
    if count and int(index[-1]) >= rows:
        raise BadValueError(f"row {int(index[-1])} where the roster has {rows}", where=f"$.index[{count - 1}]")
    require_finite(xyz, "xyz")
    return index, xyz
