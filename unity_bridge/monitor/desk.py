"""Owns what an editor's page asks for: observations, handed from the web's thread to the one that ticks."""

from __future__ import annotations

import queue
from collections import Counter
from typing import Any, Final

from emotion_runtime.errors import InputError
from emotion_runtime.inputs import Event, Observation, Push, SetVariable
from emotion_runtime.monitor import Tape
from unity_bridge.world import World

MOST_WAITING: Final = 256


class Desk:
    """Takes wishes from any thread; `turn`, in the bridge's thread, applies them to the world."""

    def __init__(self, world: World, tape: Tape) -> None:
        self._world, self._tape = world, tape
        self._waiting: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        self.counts: Counter[str] = Counter()
        """Wishes applied, and refused by code."""

    def ask(self, wish: dict[str, Any]) -> None:
        """Queue what a page asks for. Raises InputError for what is no wish, or when too many wait."""
        if self._waiting.qsize() >= MOST_WAITING:
            raise InputError("too_large", f"{MOST_WAITING} wishes wait already", "send fewer")
        self._waiting.put(wished(wish))

    def turn(self) -> bool:
        """Apply what waits. Always False, so that `Bridge.run(until=desk.turn)` serves and applies."""
        while not self._waiting.empty():
            wish = self._waiting.get()
            try:
                self._world.apply(wish)
                self.counts["applied"] += 1
            except InputError as error:
                self.counts[error.code] += 1
                remedy = f" ({error.remedy})" if error.remedy else ""
                self._tape.log(self._world.tick, self._world.time, "trouble", f"{error.message}{remedy}")
        return False


def wished(wish: dict[str, Any]) -> Observation:
    """The observation a page's wish stands for. Raises InputError."""
    try:
        match wish.get("do"):
            case "push":
                return Push(_text(wish["character"]), _text(wish["label"]), _number(wish["amount"]))
            case "event":
                cause = wish.get("cause")
                return Event(_text(wish["name"]), None if not cause else _text(cause))
            case "set":
                return SetVariable(_text(wish["name"]), _number(wish["value"]))
            case other:
                raise InputError("bad_value", f"a page cannot ask for {other!r}"[:200], "push, event or set")
    except (KeyError, TypeError) as error:
        raise InputError("bad_value", f"a wish lacks or spoils {error}"[:200]) from None


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 256:
        raise TypeError("a name")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number")
    return float(value)
