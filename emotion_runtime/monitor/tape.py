"""Owns the history a page can scrub through: frames, tree changes, log and moments, each within a budget of bytes."""

from __future__ import annotations

import threading
import zlib
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

Plain = dict[str, Any]
T = TypeVar("T")

FRAME_BYTES: Final = 96 << 20
MOMENT_BYTES: Final = 48 << 20
MOST_CHANGES: Final = 400_000
MOST_LINES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a tape keeps. `thin`: when frames or moments are too many keep every second; else forget the oldest."""

    frame_bytes: int = FRAME_BYTES
    moment_bytes: int = MOMENT_BYTES
    changes: int = MOST_CHANGES
    lines: int = MOST_LINES
    thin: bool = False


class _Row(Generic[T]):
    """Things by ascending tick, at most so many bytes of them. `first` is the number of the oldest that is kept."""

    def __init__(self, budget: int, *, thin: bool) -> None:
        self.ticks: list[int] = []
        self.items: list[T] = []
        self.first = 0
        self.stride = 1
        self._sizes: list[int] = []
        self._bytes, self._budget, self._thin = 0, budget, thin

    def add(self, tick: int, item: T, size: int) -> None:
        if self._thin and tick % self.stride:
            return
        if self.ticks and tick <= self.ticks[-1]:
            self._bytes += size - self._sizes[-1]
            self.items[-1], self._sizes[-1] = item, size
            return
        self.ticks.append(tick)
        self.items.append(item)
        self._sizes.append(size)
        self._bytes += size
        while self._bytes > self._budget and len(self.ticks) > 2:
            self._make_room()

    def _make_room(self) -> None:
        if self._thin:
            self.stride *= 2
            kept = [place for place, tick in enumerate(self.ticks) if not tick % self.stride]
            self.ticks = [self.ticks[place] for place in kept]
            self.items = [self.items[place] for place in kept]
            self._sizes = [self._sizes[place] for place in kept]
        else:
            gone = max(1, len(self.ticks) // 16)
            del self.ticks[:gone], self.items[:gone], self._sizes[:gone]
            self.first += gone
        self._bytes = sum(self._sizes)

    def at(self, tick: int) -> T | None:
        """The newest that is not newer than `tick`, or the oldest there is."""
        place = bisect_right(self.ticks, tick) - 1
        return self.items[max(0, place)] if self.items else None


class Tape:
    """Written by the thread that ticks, read by the thread that serves pages. All methods may be called from both."""

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._lock = threading.Lock()
        self._encoder = msgspec.json.Encoder()
        self.epoch = 0
        """Rises with `begin`: what was read before belongs to another scene."""
        self.stage: Plain = {}
        self.wanted: frozenset[str] = frozenset()
        """Characters that pages look at: in a crowd only their reasons are taken."""
        self.begin({})

    def begin(self, stage: Plain) -> None:
        """Forget everything: from now on it is this scene."""
        budget = self._budget
        with self._lock:
            self.epoch += 1
            self.stage = stage
            self._frames: _Row[bytes] = _Row(budget.frame_bytes, thin=budget.thin)
            self._moments: _Row[bytes] = _Row(budget.moment_bytes, thin=False)
            self._again = 0
            self._base: dict[int, int] = {}
            self._changes: deque[tuple[int, int, int]] = deque()
            self._folded = 0
            self._lines: deque[bytes] = deque(maxlen=budget.lines)
            self._spoken = 0

    # Written.
    def add_frame(self, tick: int, frame: bytes) -> None:
        """One frame of the stream; of a tick that is known already it takes the place of the one before."""
        with self._lock:
            known = self._frames.ticks
            self._again += bool(known) and tick <= known[-1]
            self._frames.add(tick, frame, len(frame))

    def add_changes(self, tick: int, nodes: Sequence[int], states: Sequence[int]) -> None:
        """Nodes of the forest have another state since this tick."""
        with self._lock:
            self._changes.extend((tick, node, state) for node, state in zip(nodes, states, strict=True))
            while len(self._changes) > self._budget.changes:
                _, node, state = self._changes.popleft()
                self._base[node] = state
                self._folded += 1

    def add_moment(self, moment: Plain) -> None:
        """A moment, as `Moments.take` gives it."""
        packed = zlib.compress(self._encoder.encode(moment), 1)
        with self._lock:
            self._moments.add(moment["tick"], packed, len(packed))

    def log(self, tick: int, time: float, kind: str, text: str, **more: object) -> None:
        """One line for people: `kind` said, heard, event, set, push, start, stop or trouble."""
        line = self._encoder.encode({"tick": tick, "time": round(time, 6), "kind": kind, "text": text, **more})
        with self._lock:
            self._lines.append(line)
            self._spoken += 1

    # Read.
    @property
    def span(self) -> tuple[int, int]:
        """First and last tick of which there is a frame; (0, 0) without one."""
        with self._lock:
            ticks = self._frames.ticks
            return (ticks[0], ticks[-1]) if ticks else (0, 0)

    @property
    def stride(self) -> int:
        """Ticks from one kept frame to the next."""
        return self._frames.stride

    def frames_from(self, number: int, most: int) -> tuple[int, list[bytes], int]:
        """Frames from the `number`-th ever added on: (number of the next, at most `most` frames, skipped before them).

        Skipped are those that are forgotten, and those between `number` and the newest `most`.
        """
        with self._lock:
            row = self._frames
            end = row.first + len(row.items)
            start = max(number, row.first, end - most)
            return end, row.items[start - row.first :], max(0, start - number)

    def repeats(self) -> tuple[int, bytes | None]:
        """How often a frame took the place of an older one of its tick, and the newest frame: a paused clock."""
        with self._lock:
            return self._again, self._frames.items[-1] if self._frames.items else None

    def frames_between(self, first: int, last: int, step: int, most: int) -> list[bytes]:
        """Every `step`-th frame kept of the ticks first..last, at most `most`."""
        with self._lock:
            ticks = self._frames.ticks
            found = self._frames.items[bisect_left(ticks, first) : bisect_right(ticks, last) : max(1, step)]
        return found[:most]

    def changes_from(self, number: int) -> tuple[int, dict[int, int], list[tuple[int, int, int]]]:
        """Changes from the `number`-th on: (number of the next, states before all of them, (tick, node, state) rows).

        The states before are given only where the reader has missed some.
        """
        with self._lock:
            end = self._folded + len(self._changes)
            if number >= end:
                return end, {}, []
            if number >= self._folded and number:
                late = [self._changes[place - end] for place in range(number, end)]
                return end, {}, late
            return end, dict(self._base), list(self._changes)

    def lines_from(self, number: int, most: int) -> tuple[int, list[bytes]]:
        """Log lines as JSON from the `number`-th on, the newest `most`: (number of the next, lines)."""
        with self._lock:
            missing = min(self._spoken - number, len(self._lines), most)
            return self._spoken, [self._lines[place - missing] for place in range(missing)] if missing > 0 else []

    def moment_at(self, tick: int) -> bytes | None:
        """The newest moment not after `tick`, as JSON."""
        with self._lock:
            packed = self._moments.at(tick)
        return None if packed is None else zlib.decompress(packed)

    def last_moment(self) -> int:
        """Tick of the newest moment, or -1."""
        with self._lock:
            return self._moments.ticks[-1] if self._moments.ticks else -1
