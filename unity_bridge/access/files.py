"""Owns files with secrets in them: written for this user alone, and not read or replaced where others could."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from emotion_runtime.errors import UsageError

MOST_BYTES = 64 * 1024
"""No file of tokens or keys is longer; a larger one is something else."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def require_private(path: Path) -> bool:
    """Say whether the file exists; raises UsageError `not_private` when others could read or redirect it."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError("not_private", f"{path} cannot be looked at: {error.strerror}") from None
    if stat.S_ISLNK(found.st_mode):
        raise UsageError("not_private", f"{path} is a link", "name the file itself")
    if not stat.S_ISREG(found.st_mode):
        raise UsageError("not_private", f"{path} is not a file", "name a file")
    _require_owner(path, found)
    return True


def read_private(path: Path) -> str:
    """Return the text of a secret file. Raises UsageError when it is missing, a link, or open to others."""
    if not require_private(path):
        raise UsageError("file_missing", f"there is no file {path}")
    try:
        # not a link a moment ago; with NOFOLLOW it cannot have become one
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            _require_owner(path, os.fstat(file.fileno()))
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError("not_private", f"{path} cannot be read: {error.strerror}") from None
    if len(text) > MOST_BYTES:
        raise UsageError("bad_secret", f"{path} is longer than {MOST_BYTES} bytes: it holds something else")
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        raise UsageError("bad_secret", f"{path} holds no tokens or keys") from None


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, in one step: a reader sees the old text or the new one, whole.

    Raises UsageError when a link or a file that others can read is in its place.
    """
    require_private(path)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError("file_unwritable", f"{path} cannot be written: {error.strerror}") from None


def _require_owner(path: Path, found: os.stat_result) -> None:
    if os.name != "posix":
        return  # on Windows a file has the rights of its folder, and a user's own folders are closed to others
    if found.st_mode & OTHERS:
        raise UsageError("not_private", f"others on this machine can read or change {path}", f"chmod 600 {path}")
    if found.st_uid not in (os.geteuid(), 0):
        raise UsageError("not_private", f"{path} belongs to another user", "choose a file of your own")
