"""Owns faces on the stream: their topics, and the checked reading of a block of weights against its roster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.codec import decode, encode
from protocol.columns import Floats, f32, require_inside, u32
from protocol.errors import BadColumnError, BadValueError, MalformedError, StaleEpochError, UnknownMessageError
from protocol.ids import MAX_STATE_BYTES, TOPIC_FACES
from protocol.messages import Faces, Roster

TOPIC_BYTES: Final = len(TOPIC_FACES) + 8


def faces_topic(number: int) -> bytes:
    """The topic of a wish: `face` and eight hexadecimal digits, so that none is the beginning of another."""
    return TOPIC_FACES + b"%08x" % number


def wish_number(topic: bytes) -> int:
    """The number in a topic of faces. Raises MalformedError for another."""
    digits = topic[len(TOPIC_FACES) :]
    if len(digits) != 8 or digits.strip(b"0123456789abcdef"):
        raise MalformedError(f"{topic!r} is no topic of faces")
    return int(digits, 16)


def faces_frame(number: int, faces: Faces) -> bytes:
    """Return the one frame the stream carries for a wish: its topic, then the message."""
    return faces_topic(number) + encode(faces)


def parse_faces_frame(frame: bytes, *, limit: int = MAX_STATE_BYTES) -> tuple[int, Faces]:
    """Return a wish's number and its faces. Raises ProtocolError; UnknownMessageError for another topic: skip it."""
    topic = bytes(frame[:TOPIC_BYTES])
    if topic[: len(TOPIC_FACES)] != TOPIC_FACES:
        raise UnknownMessageError(f"stream topic {topic!r} is no topic of faces")
    if len(topic) < TOPIC_BYTES:
        raise MalformedError(f"a frame of faces begins with {TOPIC_BYTES} bytes of topic")
    message = decode(frame[TOPIC_BYTES:], limit=limit, allowed=(Faces,))
    assert isinstance(message, Faces)
    return wish_number(topic), message


@dataclass(frozen=True, slots=True, eq=False)
class FacesView:
    """Faces as arrays, checked against the roster. `rows` (m,) ascending rows of the roster, `weights` (m, columns)."""

    session: int
    tick: int
    epoch: int
    form: str
    columns: tuple[str, ...]
    """Names of the columns of `weights`: ARKit's blendshapes or VRM's expressions."""
    rows: NDArray[np.uint32]
    weights: Floats
    """Each in 0..1."""

    @classmethod
    def of(cls, faces: Faces, roster: Roster, columns: tuple[str, ...]) -> FacesView:
        """Check `faces` against `roster` and the names that `subscribe_faces` told.

        Raises StaleEpochError, BadColumnError (a length) or BadValueError (a range, or rows not ascending).
        """
        if faces.epoch != roster.epoch:
            raise StaleEpochError(
                f"the faces are of epoch {faces.epoch}, the roster of epoch {roster.epoch}",
                where="$.epoch",
                remedy="wait for the roster with their epoch",
                kind="faces",
            )
        return cls(
            session=faces.session,
            tick=faces.tick,
            epoch=faces.epoch,
            form=faces.form,
            columns=columns,
            rows=_rows(faces, len(roster.characters)),
            weights=_weights(faces, len(columns)),
        )


def _rows(faces: Faces, characters: int) -> NDArray[np.uint32]:
    if not faces.index:
        if faces.n not in (0, characters):
            raise BadColumnError(f"{faces.n} rows without an index, for {characters} characters", where="$.n")
        return np.arange(faces.n, dtype=np.uint32)
    index = u32(faces.index, faces.n, "index")
    if faces.n > 1 and not (index[1:] > index[:-1]).all():
        place = int(np.argmin(index[1:] > index[:-1])) + 1
        raise BadValueError("rows must be strictly ascending", where=f"$.index[{place}]")
    if faces.n and int(index[-1]) >= characters:
        raise BadValueError(f"row {int(index[-1])} where the roster has {characters}", where=f"$.index[{faces.n - 1}]")
    return index


def _weights(faces: Faces, columns: int) -> Floats:
    if not faces.u8:
        weights = f32(faces.weights, faces.n, columns, "weights")
        require_inside(weights, 0.0, 1.0, "weights")
        return weights
    if len(faces.weights) != faces.n * columns:
        raise BadColumnError(f"{len(faces.weights)} bytes for {faces.n} rows of {columns}", where="$.weights")
    steps = np.frombuffer(faces.weights, dtype=np.uint8).reshape(faces.n, columns)
    return steps.astype(np.float32) / np.float32(255.0)
