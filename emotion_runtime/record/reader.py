"""Owns reading a recording: whole records one after the other, and the offset from which nothing can be trusted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal

import msgspec

from emotion_runtime.record.format import (
    FORMAT,
    FRAME_BYTES,
    LARGEST_RECORD,
    MAGIC,
    AnyRecord,
    Column,
    End,
    FormatOnly,
    Header,
    RecordingError,
    Snapshot,
    Ticked,
    checksum,
    limit,
    unframe,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a file stops being one. `torn`: cut short, as by a kill; `damaged`: something else stands there."""

    offset: int
    kind: Literal["torn", "damaged"]
    message: str


class _UnsoundError(Exception):
    """A record that cannot be used: its fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class RecordReader:
    """The records of one file, in order, once. Holds one record in memory at a time, whatever the file says.

    Iteration ends with the file, or with the first record that is not whole and sound: then `fault` is set.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file and reads its header. Raises RecordingError when it has none, or one of another format."""
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            reason = error.strerror or str(error)
            raise RecordingError(
                "recording_missing", f"{path} cannot be read: {reason}", "give a file made by --record"
            ) from error
        self.path = path
        self.size = os.fstat(self._file.fileno()).st_size
        self.offset = 0
        """Bytes read and found sound."""
        self.fault: Fault | None = None
        self.end: End | None = None
        """The footer, once it was read."""
        self.ticks = 0
        """Whole ticks read."""
        self.is_done = False
        """Whether the file was read to its end, and every record was sound."""
        self._records = msgspec.msgpack.Decoder(AnyRecord)
        try:
            self.header = self._header()
        except BaseException:
            self._file.close()
            raise

    def __iter__(self) -> Iterator[AnyRecord]:
        while self.fault is None:
            try:
                record = self._record()
            except _UnsoundError as bad:
                self.fault = bad.fault
                return
            if record is None:
                self.is_done = True
                return
            yield record

    def payloads(self) -> Iterator[bytes]:
        """The bytes of each record from here on, checksum looked at, up to the first that is not sound."""
        while True:
            begin = self.offset
            try:
                payload, self.offset = self._payload()
            except _UnsoundError:
                return
            if self.offset == begin:
                return
            yield payload

    def mark(self) -> tuple[int, int]:
        """Where reading stands, for `back_to`."""
        return self.offset, self.ticks

    def back_to(self, mark: tuple[int, int]) -> None:
        """Go on reading at a mark."""
        self.offset, self.ticks = mark
        self._file.seek(self.offset)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> RecordReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _header(self) -> Header:
        magic = self._file.read(len(MAGIC))
        if magic != MAGIC:
            raise RecordingError("no_recording", f"{self.path} is not a recording", "give a file made by --record")
        self.offset = len(MAGIC)
        try:
            payload, after = self._payload()
        except _UnsoundError as bad:
            raise RecordingError(
                "no_recording", f"{self.path}: its header is {bad.fault.kind}: {bad.fault.message}"
            ) from None
        try:
            number = msgspec.msgpack.decode(payload, type=FormatOnly).format
            if not 1 <= number <= FORMAT:
                raise RecordingError(
                    "unknown_record_format",
                    f"{self.path} has format {number}, this version reads up to {FORMAT}",
                    "use the version of emotion-runtime that recorded it",
                )
            header = msgspec.msgpack.decode(payload, type=Header)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecordingError("bad_recording", f"{self.path}: its header cannot be understood: {error}") from error
        self.offset = after
        return header

    def _payload(self) -> tuple[bytes, int]:
        """The next record's bytes and the offset after it; empty at the end of the file. Raises _UnsoundError."""
        begin = self.offset
        head = self._file.read(FRAME_BYTES)
        if not head:
            return b"", begin
        if len(head) < FRAME_BYTES:
            raise _UnsoundError(Fault(begin, "torn", f"{len(head)} bytes of a record's frame"))
        length, crc = unframe(head)
        if length > LARGEST_RECORD:
            raise _UnsoundError(
                Fault(begin, "damaged", f"a record of {length:,} bytes; there are none over {LARGEST_RECORD:,}")
            )
        there = min(length, max(0, self.size - begin - FRAME_BYTES))
        payload = self._file.read(there)
        if len(payload) < length:
            raise _UnsoundError(Fault(begin, "torn", f"{len(payload):,} of {length:,} bytes of a record"))
        if length > limit(payload):
            raise _UnsoundError(
                Fault(begin, "damaged", f"a record of {length:,} bytes; {limit(payload):,} are allowed")
            )
        if checksum(length, payload) != crc:
            raise _UnsoundError(Fault(begin, "damaged", "the checksum does not fit"))
        return payload, begin + FRAME_BYTES + length

    def _record(self) -> AnyRecord | None:
        begin = self.offset
        payload, after = self._payload()
        if after == begin:
            return None
        if self.end is not None:
            raise _UnsoundError(Fault(begin, "damaged", "a record after the last one"))
        try:
            record: AnyRecord = self._records.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _UnsoundError(Fault(begin, "damaged", f"not a record of format {FORMAT}: {error}")) from None
        self._place(record, begin)
        self.offset = after
        return record

    def _place(self, record: AnyRecord, begin: int) -> None:
        """Each record stands where its tick number says; raises _UnsoundError for one out of its place."""
        done = isinstance(record, Column | Snapshot | End)
        expected = self.ticks if done else self.ticks + 1
        if record.tick != expected:
            raise _UnsoundError(Fault(begin, "damaged", f"a record of tick {record.tick} where tick {expected} is due"))
        if isinstance(record, Ticked):
            self.ticks = record.tick
        elif isinstance(record, End):
            self.end = record
