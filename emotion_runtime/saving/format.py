"""Owns save format 1: what a saved state consists of, its limits, and its bytes with version, length and checksum."""

from __future__ import annotations

import math
import struct
import zlib
from typing import Annotated, Any, Final, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.saving.upgrades import FORMAT, upgraded
from emotion_runtime.voiced import Voiced

MAGIC: Final = b"\x89EMS\r\n\x1a\n"
"""First bytes of a save. A transfer as text changes them, as in PNG."""
LARGEST_SAVE: Final = 1024 * 1024 * 1024
"""Bytes of a save: four times what 100,000 characters need. A longer one is not read."""
_HEAD: Final = struct.Struct("<8sIIQ")
HEAD_BYTES: Final = _HEAD.size

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Subject: TypeAlias = Annotated[int, Meta(ge=-1, le=2**31 - 1)]
Name: TypeAlias = Annotated[str, Meta(max_length=256)]
Array: TypeAlias = NDArray[Any]


class SaveError(EmotionRuntimeError):
    """Bytes are no save, damaged, of a format this version does not know, or hold what cannot be a state."""


class Column(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """An array: numpy's name of its type (little-endian), its shape, its bytes in C order."""

    dtype: Annotated[str, Meta(pattern=r"^([<|][fiu][1248]|\|b1)$")]
    shape: Annotated[tuple[Count, ...], Meta(max_length=4)]
    data: bytes


class SavedTree(msgspec.Struct, array_like=True, frozen=True):
    """A tree of the scene: `mark` is equal for trees that mean the same; sizes, and the rule of each leaf."""

    mark: str
    nodes: Count
    rules: tuple[Name, ...]


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What rows and numbers of the columns mean: the names of the scene the state belongs to.

    `compiled`: digest of the compiled scene. `channels`: labels without neutral. `causes`: (kind, detail) by code.
    """

    scene: str
    compiled: str
    package: str
    characters: tuple[Name, ...]
    objects: tuple[Name, ...]
    channels: tuple[Name, ...]
    variables: tuple[str, ...]
    causes: tuple[tuple[str, str], ...]
    trees: tuple[SavedTree, ...]


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that only rise, and the seed."""

    tick: Count
    now_us: Count
    epoch: Count
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    utterances: Count
    next_ticket: Annotated[int, Meta(ge=1, le=2**53)]


class Waiting(msgspec.Struct, array_like=True, frozen=True):
    """A line whose answer has not entered a tick. `context`: earlier lines, and whether by the same speaker."""

    ticket: Count
    speaker: Count
    addressed: Subject
    text: str
    number: Count
    conversation: str
    source: int
    context: tuple[tuple[str, bool], ...]


class Half(msgspec.Struct, array_like=True, frozen=True):
    """An utterance that enters with the coming tick as it is: half understood, or a voice whose sound is lost."""

    ticket: Count
    speaker: Count
    addressed: Subject
    text: str
    number: Count
    conversation: str
    source: int
    probabilities: Annotated[tuple[float, ...], Meta(max_length=4096)]
    seconds: float
    failed: str
    modality: str
    confidence: float
    age: float


class SeenFace(msgspec.Struct, array_like=True, frozen=True):
    """A captured face: `neutral`, `mean` (52,) in the order of ARKIT, or None; times in simulated microseconds."""

    character: Count
    neutral: tuple[float, ...] | None
    mean: tuple[float, ...] | None
    at_us: Count
    speaking: bool
    source: int
    told_us: int
    label: str


class Remembered(msgspec.Struct, array_like=True, frozen=True):
    """A line that somebody said or heard: the context of the next. `before`: the number of the one before it, or 0."""

    ticket: Count
    speaker: Subject
    text: str
    conversation: str
    before: Count = 0


class Queued(msgspec.Struct, array_like=True, frozen=True, tag=-1):
    """An observation that waits for the coming tick."""


class QueuedLine(Queued, frozen=True, tag=0):
    """`inputs.Utterance`, and who said so."""

    speaker: str
    text: str
    number: Count
    to: str | None
    conversation: str
    heard: dict[str, float] | None
    source: int
    speech: Voiced | None = None


class QueuedEvent(Queued, frozen=True, tag=1):
    """`inputs.Event`."""

    name: str
    cause: str | None
    target: str | None
    at: tuple[float, float, float] | None
    strength: float


class QueuedPlaces(Queued, frozen=True, tag=2):
    """Subjects by row (uint32, ascending) and where they will stand."""

    rows: Column
    xyz: Column


class QueuedValue(Queued, frozen=True, tag=3):
    """`inputs.SetVariable`."""

    name: str
    value: float


class QueuedResult(Queued, frozen=True, tag=4):
    """`inputs.Result`."""

    action: Count
    ok: bool
    detail: str


class QueuedPush(Queued, frozen=True, tag=5):
    """`inputs.Push`; older files end before `because`."""

    character: str
    label: str
    amount: float
    because: str | None = None


class QueuedCapture(Queued, frozen=True, tag=6):
    """`inputs.Capture`."""

    character: str
    weights: dict[str, float] | None
    like: str | None


class QueuedSight(Queued, frozen=True, tag=7):
    """`inputs.Sight`."""

    character: str
    thing: str
    sees: bool


AnyQueued: TypeAlias = (
    QueuedLine | QueuedEvent | QueuedPlaces | QueuedValue | QueuedResult | QueuedPush | QueuedCapture | QueuedSight
)  # fmt: skip


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A whole state; `columns` are listed in docs/saving.md.

    `player`: (action, its end in seconds), or None where no player plays. `stops`: stops that a reload left for the
    coming tick, as (action, character, rule).
    """

    origin: Origin
    clock: Clock
    columns: dict[str, Column]
    waiting: tuple[Waiting, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    queue: tuple[AnyQueued, ...] = ()
    player: tuple[tuple[Count, float], ...] | None = None
    stops: tuple[tuple[Count, Name, Name], ...] = ()
    faces: dict[str, Column] = {}
    """`SceneFaces.state`; empty where nobody had asked for faces."""
    halves: tuple[Half, ...] = ()
    seen: tuple[SeenFace, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()


def column(array: Array) -> Column:
    """An array as it is saved."""
    dtype = array.dtype.newbyteorder("<")
    return Column(dtype.str, array.shape, np.ascontiguousarray(array, dtype).tobytes())


def array(name: str, saved: Column) -> Array:
    """The array again, read-only. Raises SaveError when its bytes do not fit its shape."""
    dtype = np.dtype(saved.dtype)
    if math.prod(saved.shape) * dtype.itemsize != len(saved.data):
        raise SaveError("bad_save", f"column `{name[:80]}` has {len(saved.data)} bytes for shape {saved.shape}")
    return np.frombuffer(saved.data, dtype).reshape(saved.shape)


def encode(saved: Saved) -> bytes:
    """The bytes of a save. Raises SaveError for a state that is too large, or holds text that is no Unicode."""
    try:
        payload = _ENCODER.encode(saved)
    except UnicodeEncodeError:
        raise SaveError("bad_save", "a text with half a surrogate pair cannot be saved", "send UTF-8") from None
    except OverflowError:
        raise SaveError("bad_save", "a number of more than 64 bits cannot be saved") from None
    if len(payload) > LARGEST_SAVE:
        raise SaveError("save_too_large", f"the state has {len(payload):,} bytes; at most {LARGEST_SAVE:,} are saved")
    return _HEAD.pack(MAGIC, FORMAT, _checksum(FORMAT, payload), len(payload)) + payload


def decode(data: bytes) -> Saved:
    """The state that bytes hold, whatever older format they have. Raises SaveError."""
    if len(data) < HEAD_BYTES or data[: len(MAGIC)] != MAGIC:
        raise SaveError("no_save", "these bytes are not a saved state", "give what `save` returned, unchanged")
    _, version, crc, length = _HEAD.unpack_from(data)
    if version > FORMAT:
        raise SaveError(
            "unknown_save_format",
            f"the save has format {version}, this version reads up to {FORMAT}",
            "use the version of emotion-runtime that saved it, or a later one",
        )
    if length > LARGEST_SAVE or length != len(data) - HEAD_BYTES:
        there = len(data) - HEAD_BYTES
        raise SaveError("bad_save", f"the save is cut or has something behind it: {there:,} of {length:,} bytes")
    payload = data[HEAD_BYTES:]
    if _checksum(version, payload) != crc:
        raise SaveError("bad_save", "the save is damaged: its checksum does not fit", "use an earlier save")
    try:
        if version == FORMAT:
            return msgspec.msgpack.decode(payload, type=Saved)
        return msgspec.convert(upgraded(version, msgspec.msgpack.decode(payload)), Saved)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError, ValueError) as error:
        raise SaveError("bad_save", f"the save cannot be understood: {error}"[:500]) from error


def _checksum(version: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(struct.pack("<IQ", version, len(payload))))


def saved_faces(saved: Saved) -> dict[str, Array]:
    """The arrays of the saved faces. Raises SaveError."""
    return {name: array(name, each) for name, each in saved.faces.items()}
