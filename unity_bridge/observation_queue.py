"""Owns what an engine has to tell but could not send yet: events are kept, state is kept only where it is newest."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TypeAlias

from protocol.ids import MAX_OBSERVATIONS
from protocol.messages import (
    Capture,
    Event,
    Face,
    Move,
    Observation,
    Positions,
    Result,
    Sight,
    Utterance,
    Variable,
    Voice,
)
from unity_bridge.errors import ObservationOverflowError

MAX_WAITING_EVENTS = 1024
"""Utterances, pieces of voices, events and results that may wait for credit."""

State: TypeAlias = Move | Positions | Variable | Capture | Sight | Face


class ObservationQueue:
    """In order, bounded. A state replaces an older one of the same thing unless an event lies between them.

    So an event is still judged by where everybody stood when it happened. Only when the queue is long do older
    states go even then.
    """

    def __init__(self, most_events: int = MAX_WAITING_EVENTS, most: int = MAX_OBSERVATIONS) -> None:
        self._most_events = most_events
        self._most = most
        self._items: list[Observation | None] = []
        self._place: dict[tuple[str, str], int] = {}
        self._events = 0
        self._size = 0
        self.coalesced = 0
        """States that never left because a newer one took their place."""
        self.overflowed = 0
        """Events refused because too many were waiting."""

    def __len__(self) -> int:
        return self._size

    def put(self, item: Observation) -> None:
        """Take an observation in; raises ObservationOverflowError when too many events wait, and does not take it."""
        if isinstance(item, Utterance | Event | Result | Voice):
            if self._events >= self._most_events:
                self.overflowed += 1
                raise ObservationOverflowError(
                    "no_credit",
                    f"{self._most_events} events wait for the sidecar already",
                    "poll the client, check that its state is live, or send fewer",
                )
            self._events += 1
            self._place.clear()
        else:
            self._replace(item)
        self._items.append(item)
        self._size += 1

    def take(self, most: int = MAX_OBSERVATIONS) -> list[Observation]:
        """Take out the oldest, at most `most`."""
        waiting = deque(item for item in self._items if item is not None)
        taken = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        self._rebuild(list(waiting))
        return taken

    def put_back(self, items: list[Observation]) -> None:
        """Put what `take` gave back in front: it did not fit."""
        self._rebuild(items + [item for item in self._items if item is not None])

    def clear(self) -> int:
        """Forget everything; returns how many observations that were."""
        forgotten = self._size
        self._rebuild([])
        return forgotten

    def _replace(self, item: State) -> None:
        key = _key(item)
        place = self._place.get(key)
        if place is not None:
            self._drop(place)
        elif self._size >= self._most:
            self._squeeze(key)
        self._place[key] = len(self._items)
        if len(self._items) > 2 * self._most:
            self._rebuild([kept for kept in self._items if kept is not None])
            self._place[key] = len(self._items)

    def _squeeze(self, coming: tuple[str, str]) -> None:
        """Keep one state of each thing, the last, wherever events lie; then drop the oldest states if need be.

        An eighth of them at once: otherwise every newcomer would search the whole queue again.
        """
        seen = {coming}
        for place in range(len(self._items) - 1, -1, -1):
            item = self._items[place]
            if isinstance(item, State):
                if _key(item) in seen:
                    self._drop(place)
                seen.add(_key(item))
        if self._size >= self._most:
            states = (p for p, item in enumerate(self._items) if isinstance(item, State))
            for place in list(islice(states, max(1, self._most // 8))):
                self._drop(place)
        self._rebuild([item for item in self._items if item is not None])

    def _drop(self, place: int) -> None:
        self._items[place] = None
        self._size -= 1
        self.coalesced += 1

    def _rebuild(self, items: list[Observation]) -> None:
        self._items = list(items)
        self._size = len(items)
        self._events = 0
        self._place = {}
        for place, item in enumerate(items):
            if isinstance(item, Utterance | Event | Result | Voice):
                self._events += 1
                self._place.clear()
            else:
                self._place[_key(item)] = place


def _key(item: State) -> tuple[str, str]:
    match item:
        case Move():
            return ("move", item.id)
        case Variable():
            return ("variable", item.name)
        case Capture():
            return ("capture", item.character)
        case Sight():
            return ("sight", f"{item.character} {item.object}")
        case Face():
            return ("resting face" if item.neutral else "face", item.character)
        case Positions():
            # Only positions of the same characters replace each other.
            return ("positions", item.index.hex())
