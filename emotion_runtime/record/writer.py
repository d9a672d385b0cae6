"""Owns the file being recorded: whole records in order, written in batches, and a clear end when the disk refuses."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from emotion_runtime.errors import UsageError
from emotion_runtime.record.format import MAGIC, frame, limit

FLUSH_BYTES: Final = 64 * 1024
FLUSH_SECONDS: Final = 1.0


class RawFile(Protocol):
    """What is needed of an unbuffered file: `write` may take less than it is given."""

    def write(self, data: memoryview, /) -> int | None:
        """Write; returns how many bytes were taken."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to this offset."""
        ...

    def truncate(self, size: int, /) -> int:
        """Cut the file to `size` bytes."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


def create(path: Path, *, overwrite: bool) -> RawFile:
    """A new unbuffered file. Raises UsageError when it cannot be made, or is there and must not be overwritten."""
    try:
        return path.open("wb" if overwrite else "xb", buffering=0)
    except FileExistsError:
        raise UsageError(
            "record_exists", f"{path} exists and would be lost", "name another file, or remove it"
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError("record_unwritable", f"{path} cannot be written: {reason}", "name another file") from error


class RecordWriter:
    """Whole records into a raw file. Nothing raises after the first record: `trouble` says what went wrong.

    Records are handed to the system when `FLUSH_BYTES` have gathered, or `FLUSH_SECONDS` after the last time. What the
    process loses by being killed is what it had not handed over; when the machine itself dies, also what the system
    still held, since nothing is synced to the disk.
    """

    def __init__(
        self,
        file: RawFile,
        clock: Callable[[], float],
        *,
        flush_seconds: float = FLUSH_SECONDS,
        flush_bytes: int = FLUSH_BYTES,
    ) -> None:
        """`clock` gives monotonic seconds."""
        self._file = file
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._flush_bytes = flush_bytes
        self._flushed = clock()
        self._buffer = bytearray(MAGIC)
        self._written = 0
        self._is_writing = False
        self.is_open = True
        self.trouble = ""
        """Why nothing more is written; '' while all is well."""

    @property
    def size(self) -> int:
        """Bytes recorded so far, handed over or not."""
        return self._written + len(self._buffer)

    def add(self, payload: bytes) -> None:
        """Append a record; writes when it is time to. A record no reader would take ends the recording."""
        if not self.is_open:
            return
        if len(payload) > limit(payload):
            self.stop(f"a record of {len(payload):,} bytes; at most {limit(payload):,} can be read again")
            return
        self._buffer += frame(payload)
        if len(self._buffer) >= self._flush_bytes or self._clock() - self._flushed >= self._flush_seconds:
            self.flush()

    def flush(self) -> None:
        """Hand over everything there is."""
        if not self.is_open:
            return
        try:
            if self._is_writing:
                # Ctrl-C came in the middle of it the last time, and nobody knows how much was taken
                self._file.seek(self._written)
            self._is_writing = True
            with memoryview(self._buffer) as rest:
                done = 0
                while done < len(rest):
                    done += self._file.write(rest[done:]) or 0
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._give_up(f"writing failed: {reason}")
            return
        self._written += len(self._buffer)
        self._buffer = bytearray()
        self._is_writing = False
        self._flushed = self._clock()

    def stop(self, trouble: str) -> None:
        """End for a reason that is not the disk's: what came before is still written."""
        if self.is_open:
            self.flush()
            self._give_up(trouble)

    def close(self) -> None:
        """Write what is left and close the file. A second call does nothing."""
        if self.is_open:
            self.flush()
        if self.is_open:
            self.is_open = False
            self._close_file()

    def _give_up(self, trouble: str) -> None:
        self.trouble = self.trouble or trouble
        self.is_open = False
        self._buffer = bytearray()
        with contextlib.suppress(OSError, ValueError):
            # a record half written is no harm to a reader, but a file that ends with a whole one is better
            self._file.truncate(self._written)
        self._close_file()

    def _close_file(self) -> None:
        try:
            self._file.close()
        except OSError as error:  # some network file systems tell only now that the disk is full
            self.trouble = self.trouble or f"writing failed: {os.strerror(error.errno or 0)}"
