"""Owns the file being journalled: groups handed to the system whole, synced to the disk beside the ticks."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import Final

from emotion_runtime.journal.format import SUFFIX

SYNC_S: Final = 1.0
"""Between syncs: what is lost when the machine, not just the process, dies."""
KEPT_SEGMENTS: Final = 2
"""The present one, and the one before in case its state cannot be read."""


class Disk:
    """Segments in a folder. Methods raise OSError; after one that did, nothing more may be written.

    A killed process loses nothing that `write` took: the system has it. A thread syncs it to the disk once a second, so
    that no tick waits for a disk.
    """

    def __init__(self, folder: Path, number: int) -> None:
        """`number`: that of the first segment."""
        self.folder = folder
        self.size = 0
        self.synced = 0
        """Syncs so far."""
        self._next = number
        self._file: int = -1
        self._dirty = False
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._sync_on, name="journal", daemon=True)

    def begin(self, data: bytes) -> None:
        """Start a segment that holds `data`: on the disk under its name once it is whole, or not at all."""
        path = self.folder / f"{self._next:08d}{SUFFIX}"
        fresh = path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        try:
            _write(handle, data)
            os.fsync(handle)
            # Windows cannot rename an open file
            os.close(handle)
            fresh.replace(path)
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            _sync_folder(self.folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(handle)
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise
        with self._lock:
            before, self._file = self._file, handle
        if before >= 0:
            os.close(before)
        self.size, self._next = len(data), self._next + 1
        self._forget(self._next - KEPT_SEGMENTS)
        if not self._thread.is_alive() and not self._ended.is_set():
            self._thread.start()

    def write(self, data: bytes) -> None:
        """Hand over a group."""
        if self._failed is not None:
            raise self._failed
        _write(self._file, data)
        self.size += len(data)
        self._dirty = True

    def close(self) -> None:
        """Sync and close. A second call does nothing."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            if self._file >= 0:
                with contextlib.suppress(OSError):
                    os.fsync(self._file)
                os.close(self._file)
                self._file = -1

    def _forget(self, below: int) -> None:
        for path in self.folder.glob(f"*{SUFFIX}"):
            if path.stem.isdecimal() and int(path.stem) < below:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _sync_on(self) -> None:
        while not self._ended.wait(SYNC_S):
            if not self._dirty:
                continue
            self._dirty = False
            with self._lock:
                handle = os.dup(self._file) if self._file >= 0 else -1
            if handle < 0:
                continue
            try:
                os.fsync(handle)
                self.synced += 1
            except OSError as error:
                self._failed = error
            finally:
                os.close(handle)


def _write(handle: int, data: bytes) -> None:
    with memoryview(data) as rest:
        done = 0
        while done < len(rest):
            done += os.write(handle, rest[done:])


def _sync_folder(folder: Path) -> None:
    """So that the name of a new segment outlives the machine; Windows has no such call, and needs none."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
