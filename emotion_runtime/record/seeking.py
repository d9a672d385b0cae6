"""Owns the way to a later tick of a recording: past all records before its latest whole state, unread but checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from emotion_runtime.record.format import (
    LARGEST_SNAPSHOT,
    RecordingError,
    Reloaded,
    Snapshot,
    Ticked,
    kind_and_tick,
)
from emotion_runtime.record.reader import RecordReader

T = TypeVar("T", bound=msgspec.Struct)
_TICKED, _RELOADED, _SNAPSHOT = 2, 5, 6


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole state: after which tick, its digest there, and the scene it is of (None: that of the header)."""

    tick: int
    digest: bytes
    save: bytes
    scene: Reloaded | None


class Parts:
    """Puts the parts of a whole state together."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._last: Snapshot | None = None

    def add(self, snapshot: Snapshot) -> bytes | None:
        """The state, once its last part came. Parts that do not follow each other are dropped."""
        last, self._last = self._last, snapshot
        if snapshot.part == 0:
            self._parts = []
        elif last is None or (last.tick, last.part + 1, last.following - 1) != (
            snapshot.tick,
            snapshot.part,
            snapshot.following,
        ):
            self._last = None
            return None
        self._parts.append(snapshot.data)
        if snapshot.following or sum(map(len, self._parts)) > LARGEST_SNAPSHOT:
            return None
        whole = b"".join(self._parts)
        self._parts = []
        return whole


def go_to(reader: RecordReader, tick: int) -> Whole | None:
    """Put a reader that has read nothing behind the latest whole state up to `tick`; None, and nothing, without one.

    Every record on the way has its checksum looked at; the first unsound one is as far as it goes.
    """
    begin = reader.mark()
    found: tuple[Whole, tuple[int, int]] | None = None
    parts, scene, last = Parts(), b"", b""
    for payload in reader.payloads():
        kind, at = kind_and_tick(payload)
        if kind == _TICKED:
            if at > tick:
                break
            last = payload
        elif kind == _RELOADED:
            scene = payload
        elif kind == _SNAPSHOT and (save := parts.add(_decoded(payload, Snapshot))) is not None:
            ticked = _decoded(last, Ticked)
            if ticked.tick == at:
                reloaded = _decoded(scene, Reloaded) if scene else None
                found = Whole(at, ticked.digest, save, reloaded), (reader.mark()[0], at)
    reader.back_to(found[1] if found is not None else begin)
    return found[0] if found is not None else None


def _decoded(payload: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError("bad_recording", f"a record cannot be understood: {error}") from error
