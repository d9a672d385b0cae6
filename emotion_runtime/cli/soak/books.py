"""Owns the books of one engine of the soak: what it told, was answered and played, safe from a kill at any moment."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Final, Literal

import msgspec
import xxhash

Kind = Literal["start", "taken", "stop", "handed_over"]
KINDS: Final[tuple[Kind, ...]] = ("start", "taken", "stop", "handed_over")
_HEAD: Final = struct.Struct("<QQ")
_ENTRY: Final = struct.Struct("<QB")


class Books(msgspec.Struct):
    """What an engine knows of itself after a poll. `blob` is its remembered session."""

    blob: bytes = b""
    page: int = 0
    observations: int = 0
    """Told, all kinds together."""
    utterances: int = 0
    perceived: int = 0
    """Highest utterance whose perception came."""
    last_started: int = 0
    entries: int = 0
    """Entries of the log of actions that count; what follows was torn."""
    running: dict[int, float] = {}
    """Simulated time at which the result of each action under way is due."""
    starts_of_process: int = 0
    counts: dict[str, int] = {}
    """Whatever else is worth counting, over all lives of the engine."""
    faults: list[str] = []


class Shelf:
    """Two pages written in turn, and a log of actions that only grows. The newest whole page is what happened."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._pages = [folder / f"{name}.{side}.page" for side in "ab"]
        self.log_path = folder / f"{name}.actions"
        self._encoder = msgspec.msgpack.Encoder()

    def open(self) -> Books:
        """The books as they were last written; empty ones at the first start."""
        found = [books for path in self._pages if (books := _read(path)) is not None]
        books = max(found, key=lambda each: each.page, default=Books())
        self._log = os.open(self.log_path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        os.ftruncate(self._log, books.entries * _ENTRY.size)
        os.lseek(self._log, 0, os.SEEK_END)
        self._files = [
            os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644) for path in self._pages
        ]
        return books

    def write(self, books: Books, entries: list[tuple[int, Kind]]) -> None:
        """Write what happened since the last page, all of it or nothing of it."""
        if entries:
            os.write(self._log, b"".join(_ENTRY.pack(action, KINDS.index(kind)) for action, kind in entries))
            books.entries += len(entries)
        books.page += 1
        body = self._encoder.encode(books)
        file = self._files[books.page % 2]
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, _HEAD.pack(len(body), xxhash.xxh3_64_intdigest(body)) + body)

    def close(self) -> None:
        """Close the files."""
        for file in (*self._files, self._log):
            os.close(file)

    def entries(self, books: Books) -> list[tuple[int, Kind]]:
        """The log of actions, in order."""
        data = self.log_path.read_bytes()[: books.entries * _ENTRY.size]
        return [(action, KINDS[kind]) for action, kind in _ENTRY.iter_unpack(data)]

    def read(self) -> Books:
        """The books of an engine that does not run."""
        found = [books for path in self._pages if (books := _read(path)) is not None]
        return max(found, key=lambda each: each.page, default=Books())


def _read(path: Path) -> Books | None:
    try:
        data = path.read_bytes()
        length, check = _HEAD.unpack_from(data)
        body = data[_HEAD.size : _HEAD.size + length]
        if len(body) != length or xxhash.xxh3_64_intdigest(body) != check:
            return None
        return msgspec.msgpack.decode(body, type=Books)
    except (OSError, struct.error, msgspec.MsgspecError):
        return None
