"""Owns the lock of a journal folder: one sidecar at a time, and none that was killed keeps it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from emotion_runtime.journal.format import JournalError


class FolderLock:
    """Held from construction to `close`, or to the end of the process, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Make the folder and take its lock. Raises JournalError when another process has it."""
        path = folder / "lock"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(
                "journal_unwritable", f"{folder} cannot be used: {error.strerror}", "name another folder"
            ) from None
        try:
            _take(self._handle)
        except OSError:
            os.close(self._handle)
            raise JournalError(
                "journal_in_use", f"another sidecar keeps its journal in {folder}", "end it, or name another folder"
            ) from None

    def close(self) -> None:
        """Give it back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


if sys.platform == "win32":

    def _take(handle: int) -> None:
        import msvcrt  # noqa: PLC0415 - there is none elsewhere

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _take(handle: int) -> None:
        import fcntl  # noqa: PLC0415 - there is none on Windows

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
