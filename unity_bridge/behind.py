"""Owns what an engine that is behind is told later: perceptions, the newest of each state, and what was left out."""

from __future__ import annotations

from collections import Counter, deque
from typing import Final, TypeAlias

from protocol.messages import Notice, Perception, Roster, Variables

State: TypeAlias = Variables | Roster | Notice

MAX_PERCEPTIONS: Final = 4096
"""Perceptions that wait for an engine: what one batch of utterances can bring. Past that the oldest are left out."""


class Behind:
    """State that waits for room in the window, one value for each (subject, channel); sizes are those of the scene.

    Of notices only their number is kept: the first faults have been told, and the rest are more of the same.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """`values` and `rosters` that a newer one overtook, `notices` and `perceptions` that were left out."""
        self.perceptions: deque[Perception] = deque()
        """Those that wait, oldest first: they are told when there is room, and commands may come before them."""
        self.version = 0
        """Rises with every change, and now and then without one."""
        self._values: dict[str, float] = {}
        self._tick = 0
        self._roster: Roster | None = None
        self._unsaid: Counter[str] = Counter()

    def __len__(self) -> int:
        """Messages that `take` would give."""
        return (self._roster is not None) + bool(self._values) + bool(self._unsaid)

    def put(self, message: State) -> None:
        """Keep what is newest."""
        self.version += 1
        match message:
            case Variables():
                self._count("values", len(self._values.keys() & message.values.keys()))
                self._values.update(message.values)
                self._tick = message.tick
            case Roster():
                self._count("rosters", int(self._roster is not None))
                self._roster = message
            case Notice():
                self._count("notices", 1)

    def put_perception(self, message: Perception) -> None:
        """Keep a perception; with too many the oldest is given up."""
        self.version += 1
        if len(self.perceptions) >= MAX_PERCEPTIONS:
            self.perceptions.popleft()
            self._count("perceptions", 1)
        self.perceptions.append(message)

    def next_perception(self) -> Perception:
        """Take out the oldest perception."""
        self.version += 1
        return self.perceptions.popleft()

    def waiting(self) -> list[State | Perception]:
        """All that waits, left where it is; of what was left out only the number is told."""
        roster, values, unsaid = self._roster, dict(self._values), self._unsaid.copy()
        version, taken = self.version, self.take()
        self._roster, self._values, self._unsaid, self.version = roster, values, unsaid, version
        return [*taken, *self.perceptions]

    def take(self) -> list[State]:
        """Take out what waits: the roster, the values, and a notice that tells what was left out."""
        self.version += 1
        taken: list[State] = []
        if self._roster is not None:
            taken.append(self._roster)
        if self._values:
            taken.append(Variables(seq=1, tick=self._tick, values=self._values))
        if self._unsaid:
            parts = " and ".join(f"{count} {what}" for what, count in sorted(self._unsaid.items()))
            taken.append(Notice(code="behind", message=f"this engine was behind: {parts} were left out"))
        self._roster, self._values, self._unsaid = None, {}, Counter()
        return taken

    def _count(self, what: str, count: int) -> None:
        if count:
            self.counts[what] += count
            self._unsaid[what] += count
