"""Owns record file format 2: the records of a recording, their limits, and their frame of length and checksum."""

from __future__ import annotations

import struct
import zlib
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.perception.moments import MOST_STEPS
from emotion_runtime.voiced import Voiced

FORMAT: Final = 2
"""2 has whole states (`Snapshot`) where 1 had columns; both are read."""
MAGIC: Final = b"\x89EMR\r\n\x1a\n"
"""First bytes of a file. A transfer as text changes them, as in PNG."""

LARGEST_RECORD: Final = 16 * 1024 * 1024
"""Bytes of one record; a longer one is not read."""
LARGEST_TICK: Final = 4 * 1024 * 1024
"""Bytes of one record of inputs, answers or a tick: small values grow twentyfold when they are decoded."""
MOST_ITEMS: Final = 4096
"""Inputs or answers in one record; a tick with more has several."""
FULL_BYTES: Final = 1024 * 1024
"""A record of inputs is closed when it holds so many bytes."""
SNAPSHOT_PART: Final = 8 * 1024 * 1024
"""Bytes of one part of a whole state."""
LARGEST_SNAPSHOT: Final = 64 * 1024 * 1024
"""Bytes of a whole state in a recording, some 25,000 characters; larger ones are left out."""
MOST_FILES: Final = 64
"""Files of one scene, as the scene loader has it."""

_FRAME: Final = struct.Struct("<II")
FRAME_BYTES: Final = _FRAME.size

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Place: TypeAlias = tuple[float, float, float]


class RecordingError(EmotionRuntimeError):
    """A file is no recording, or of a format this version does not know."""


class Input(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=-1):
    """What all inputs have: who said so (`source`, for the bridge a session) and in which batch."""

    source: int
    batch: int


class Said(Input, frozen=True, tag=0):
    """`inputs.Utterance`."""

    speaker: str
    text: str
    number: int
    to: str | None
    conversation: str
    heard: Annotated[dict[str, float], Meta(max_length=MOST_ITEMS)] | None
    speech: Voiced | None = None


class Happened(Input, frozen=True, tag=1):
    """`inputs.Event`."""

    name: str
    cause: str | None
    target: str | None
    at: Place | None
    strength: float


class Moved(Input, frozen=True, tag=2):
    """`inputs.Move`."""

    subject: str
    at: Place


class Stood(Input, frozen=True, tag=3):
    """`inputs.Positions`: `index` as uint32, `xyz` as float32, both little-endian."""

    index: bytes
    xyz: bytes


class Became(Input, frozen=True, tag=4):
    """`inputs.SetVariable`."""

    name: str
    value: float


class Ended(Input, frozen=True, tag=5):
    """`inputs.Result`."""

    action: int
    ok: bool
    detail: str


class Shoved(Input, frozen=True, tag=6):
    """`inputs.Push`; older files end before `because`."""

    character: str
    label: str
    amount: float
    because: str | None = None


class Driven(Input, frozen=True, tag=7):
    """`inputs.Capture`."""

    character: str
    weights: Annotated[dict[str, float], Meta(max_length=MOST_ITEMS)] | None
    like: str | None


class Saw(Input, frozen=True, tag=8):
    """`inputs.Sight`."""

    character: str
    thing: str
    sees: bool


class Sounded(Input, frozen=True, tag=9):
    """`inputs.Voice` without its sound: a recording keeps nobody's voice, only how long it was."""

    speaker: str
    samples: Annotated[int, Meta(ge=0, le=2**31)]
    number: int
    rate: int
    file: str
    last: bool
    to: str | None
    conversation: str
    transcript: bool


class Faced(Input, frozen=True, tag=10):
    """`inputs.Face`."""

    character: str
    weights: Annotated[dict[str, float], Meta(max_length=64)]
    neutral: bool
    speaking: bool


AnyInput: TypeAlias = (
    Said | Happened | Moved | Stood | Became | Ended | Shoved | Driven | Saw | Sounded | Faced
)  # fmt: skip


class Answer(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A perception that entered a tick: `probabilities` as float64, little-endian, in the order of the scene's labels.

    `ticket` n belongs to the n-th utterance or piece of a voice that was taken; 2^52 + n is what a cross-modal network
    said of the utterance that n answered. A probability of minus zero means that
    the model cannot tell this label at all.
    """

    ticket: Count
    probabilities: bytes
    seconds: float
    failed: str


class Told(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=0):
    """Inputs of the coming tick `tick`, when there are too many for its own record."""

    tick: Count
    inputs: Annotated[list[AnyInput], Meta(max_length=MOST_ITEMS)]


class Understood(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=1):
    """Answers that enter the coming tick `tick`, when there are too many for its own record."""

    tick: Count
    answers: Annotated[list[Answer], Meta(max_length=MOST_ITEMS)]


class Ticked(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=2):
    """One tick: `inputs` in the order applied, `answers` by ticket, its length, and the digest after it.

    `marks`: 4 bytes for each group of state columns; `rows`: 4 bytes for each character, or run of characters.
    """

    tick: Count
    dt_us: Annotated[int, Meta(ge=1, le=3_600_000_000)]
    wait: bool
    inputs: Annotated[list[AnyInput], Meta(max_length=MOST_ITEMS)]
    answers: Annotated[list[Answer], Meta(max_length=MOST_ITEMS)]
    digest: Annotated[bytes, Meta(min_length=16, max_length=16)]
    marks: bytes
    rows: bytes


class Column(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=3):
    """Of older files, in place of a `Snapshot`: one state column after tick `tick`, its bytes in C order."""

    tick: Count
    name: str
    dtype: Annotated[str, Meta(pattern=r"^([<|][fiu][1248]|\|b1)$")]
    shape: Annotated[tuple[Count, ...], Meta(max_length=4)]
    data: bytes


class End(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=4):
    """The last record of a recording that was ended: ticks in it, and why it ended (`closed`, or what failed)."""

    tick: Count
    why: str


class Reloaded(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=5):
    """Before tick `tick`, after the inputs so far, the scene became another one: as in the header."""

    tick: Count
    main: str
    files: Annotated[dict[str, str], Meta(max_length=MOST_FILES)]
    compiled: str


class Snapshot(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=6):
    """The whole state after tick `tick`, as `Simulation.save` has it: part 0, 1 ... of it, and how many follow."""

    tick: Count
    part: Annotated[int, Meta(ge=0, le=LARGEST_SNAPSHOT // SNAPSHOT_PART)]
    following: Annotated[int, Meta(ge=0, le=LARGEST_SNAPSHOT // SNAPSHOT_PART)]
    data: bytes


AnyRecord: TypeAlias = Told | Understood | Ticked | Column | End | Reloaded | Snapshot


class Profile(msgspec.Struct, frozen=True):
    """What arithmetic may depend on."""

    python: str
    numpy: str
    machine: str
    cpu: str
    simd: str
    system: str


class JointHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The cross-modal network of a simulation (`joining.Joint`): its answers are in the file, nothing else of it."""

    modalities: Annotated[tuple[Literal["text", "voice", "face"], ...], Meta(max_length=3)]
    steps: Annotated[int, Meta(ge=1, le=MOST_STEPS)]
    reliability: Annotated[float, Meta(ge=0.0, le=1.0)]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first record. `files`: text of each scene file by name, relative to the folder of `main`.

    `compiled`: digest of the compiled scene. `player`: whether the simulation played its actions itself. `model`:
    SHA-256 of the text model or '', for information: its answers are in the recording. `groups` name the marks.
    """

    format: int
    version: str
    scene: str
    compiled: str
    main: str
    files: Annotated[dict[str, str], Meta(max_length=MOST_FILES)]
    seed: int
    rate: Annotated[float, Meta(ge=1.0, le=1000.0)]
    player: bool
    model: str
    profile: Profile
    groups: Annotated[tuple[str, ...], Meta(max_length=64)]
    voice_reliability: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    joint: JointHeader | None = None


class FormatOnly(msgspec.Struct, frozen=True):
    """The one field of a header that every format has."""

    format: int


_LARGE: Final = (b"\x96\x03", b"\x95\x05", b"\x95\x06")
"""How records of kind 3, 5 and 6 begin: few and long values."""


def limit(payload: bytes) -> int:
    """Bytes that a record which begins like this may have: a header (a map), a column and a reload more than others."""
    is_map = payload[:1] >= b"\x80" and payload[:1] <= b"\x8f"
    return LARGEST_RECORD if is_map or payload[:2] in _LARGE else LARGEST_TICK


def kind_and_tick(payload: bytes) -> tuple[int, int]:
    """What every record but a header begins with, without reading the rest of it. (-1, 0) for what is no record."""
    try:
        count, kind, first = payload[0], payload[1], payload[2]
        if count & 0xF0 != 0x90 or kind > 0x7F:
            return -1, 0
        wide = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}.get(first, 0)
        if wide:
            return kind, int.from_bytes(payload[3 : 3 + wide], "big")
        return (kind, first) if first < 0x80 else (-1, 0)
    except IndexError:
        return -1, 0


def frame(payload: bytes) -> bytes:
    """A record as it stands in the file: uint32 length, uint32 CRC-32 over length and payload, payload."""
    length = len(payload)
    return _FRAME.pack(length, checksum(length, payload)) + payload


def unframe(head: bytes) -> tuple[int, int]:
    """Length and checksum from the first `FRAME_BYTES` of a record."""
    length, crc = _FRAME.unpack(head)
    return length, crc


def checksum(length: int, payload: bytes) -> int:
    """CRC-32 over the length as it is stored and the payload: a run of zeros is no record."""
    return zlib.crc32(payload, zlib.crc32(length.to_bytes(4, "little")))
