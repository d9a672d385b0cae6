"""Owns journal format 1: segments of records whose groups count only when closed, and how one is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.record.format import (
    FRAME_BYTES,
    MOST_FILES,
    AnyInput,
    Count,
    JointHeader,
    Reloaded,
    Ticked,
    checksum,
    unframe,
)
from emotion_runtime.saving import LARGEST_SAVE

FORMAT: Final = 1
MAGIC: Final = b"\x89EMJ\r\n\x1a\n"
SUFFIX: Final = ".journal"
LARGEST_RECORD: Final = 64 * 1024 * 1024
"""Bytes of one record; only the first two, scene and state, may be longer."""


_CLOSING: Final = b"\x93\x15"
"""How the payload of a `Committed` begins."""


class JournalError(EmotionRuntimeError):
    """A journal cannot be used: of another scene or version, or in use by another sidecar."""


class JournalHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first record of a segment: the scene with its text, as in a recording."""

    format: int
    version: str
    scene: str
    compiled: str
    main: str
    files: Annotated[dict[str, str], Meta(max_length=MOST_FILES)]
    rate: Annotated[float, Meta(ge=1.0, le=1000.0)]
    player: bool
    voice_reliability: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    joint: JointHeader | None = None


class FormatOnly(msgspec.Struct, frozen=True):
    """The one field of a header that every format has."""

    format: int


class Told(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=0):
    """Inputs that were queued for the coming tick."""

    inputs: list[AnyInput]


class Began(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=20):
    """The second record of a segment: the whole state, and that of the bridge (empty where there is none)."""

    save: bytes
    bridge: bytes


class Committed(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=21):
    """Closes a group: what stands before it since the last one happened, and what changed in the bridge."""

    tick: Count
    bridge: bytes


class Returned(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag=22):
    """The simulation went on from a saved state."""

    save: bytes
    sources: bool


AnyRecord: TypeAlias = Told | Ticked | Reloaded | Began | Committed | Returned


class Segment:
    """One file, read group by group. `fault`: '' while all is whole; `torn`: it ends in the middle of a record."""

    def __init__(self, path: Path) -> None:
        """Read header and state. Raises JournalError for a later version, ValueError for a file that is no segment."""
        self.path = path
        self.fault = ""
        self.kind: Literal["whole", "torn", "damaged"] = "whole"
        self._decoder = msgspec.msgpack.Decoder(AnyRecord)
        self._file: BinaryIO = path.open("rb")
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            if self._file.read(len(MAGIC)) != MAGIC:
                raise ValueError("it is no journal")
            head = self._payload(LARGEST_RECORD)
            if head is None:
                raise ValueError(self.fault or "it is empty")
            number = msgspec.msgpack.decode(head, type=FormatOnly).format
            if number > FORMAT:
                raise JournalError(
                    "journal_version",
                    f"{path} has journal format {number}, this version reads up to {FORMAT}",
                    "use the version of emotion-runtime that wrote it, or another folder",
                )
            self.header = msgspec.msgpack.decode(head, type=JournalHeader)
            began = self._payload(LARGEST_SAVE + LARGEST_RECORD)
            first = None if began is None else self._decoder.decode(began)
            if not isinstance(first, Began):
                raise ValueError(self.fault or "it does not begin with a state")
            self.began = first
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self.close()
            raise ValueError(f"its beginning cannot be understood: {error}") from None
        except BaseException:
            self.close()
            raise

    def groups(self) -> Iterator[tuple[list[AnyRecord], Committed]]:
        """Every closed group in order; afterwards `kind` and `fault` say how the file ends."""
        group: list[AnyRecord] = []
        while (payload := self._payload(LARGEST_SAVE)) is not None:
            try:
                record = self._decoder.decode(payload)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                self.kind, self.fault = "damaged", f"a record at byte {self._file.tell()} is none: {error}"[:300]
                return
            if isinstance(record, Committed):
                yield group, record
                group = []
            else:
                group.append(record)
        if group and self.kind == "whole":
            self.kind, self.fault = "torn", "its last group was not closed"

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _payload(self, most: int) -> bytes | None:
        at = self._file.tell()
        head = self._file.read(FRAME_BYTES)
        if not head:
            return None
        length, crc = unframe(head) if len(head) == FRAME_BYTES else (0, 0)
        if len(head) < FRAME_BYTES or length > self._size - at - FRAME_BYTES:
            whole = self._has_group_after(at)
            self.kind = "damaged" if whole else "torn"
            self.fault = f"the record at byte {at} is {'damaged' if whole else 'cut'}"
            return None
        payload = self._file.read(length) if length <= most else b""
        if len(payload) != length or checksum(length, payload) != crc:
            self.kind, self.fault = "damaged", f"the record at byte {at} is damaged"
            return None
        return payload

    def _has_group_after(self, at: int) -> bool:
        """Whether the end of a group stands behind a record that seems cut: then it is its length that is wrong."""
        self._file.seek(at)
        rest = self._file.read(LARGEST_RECORD)
        place = rest.find(_CLOSING, FRAME_BYTES)
        while place >= 0:
            length, crc = unframe(rest[place - FRAME_BYTES : place])
            payload = rest[place : place + length]
            if len(payload) == length and checksum(length, payload) == crc:
                return True
            place = rest.find(_CLOSING, place + 1)
        return False


def segments(folder: Path) -> list[tuple[int, Path]]:
    """Number and path of each segment in a folder, the newest first."""
    found = [(int(path.stem), path) for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal()]
    return sorted(found, reverse=True)
