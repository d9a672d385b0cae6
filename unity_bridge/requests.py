"""Owns what can be requested: the bridge as requests see it, their arguments, and what each one does."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from emotion_runtime.saving import Restored
from protocol import ids, messages

SPARE_BYTES = 1024
"""Of a reply, for what is around the state."""
MOST_UNPLACED = 1000
"""Things without a place that are named; of more only the number is told."""


class House(Protocol):
    """What requests act on: the running bridge."""

    @property
    def tick(self) -> int:
        """Ticks done."""
        ...

    @property
    def stands(self) -> bool:
        """True while no tick comes by itself: paused, or in lock-step."""
        ...

    def status(self) -> dict[str, Any]:
        """Everything countable."""
        ...

    def why(self, character: str) -> dict[str, Any] | None:
        """Causes of a character's state; None when there is no such character."""
        ...

    def pause(self, paused: bool) -> None:
        """Stop or start the clock."""
        ...

    def observed(self, client: str) -> int:
        """Highest observation batch taken from an engine; 0 when it is unknown."""
        ...

    def room(self) -> bool:
        """True when every lock-step engine can be told of one more tick."""
        ...

    def advance(self, dt: float | None) -> bytes:
        """Do one tick, waiting for perceptions; `dt` seconds or the scene's own. Returns the digest."""
        ...

    def own(self, characters: tuple[str, ...], engine: str) -> None:
        """Hand characters over to an engine, or to nobody; raises FaultError."""
        ...

    def reload(self, path: str) -> None:
        """Go on in a scene of the served scene's folder; raises FaultError."""
        ...

    def save(self) -> bytes:
        """The whole state; raises FaultError."""
        ...

    def restore(self, data: bytes) -> Restored:
        """Go on from a saved state, as a new world; raises FaultError."""
        ...

    def subscribe_faces(self, arguments: Arguments) -> dict[str, Any]:
        """Take a wish for faces; returns its topic and its columns. Raises FaultError."""
        ...

    def shutdown(self) -> None:
        """End soon."""
        ...


class FaultError(Exception):
    """A request that cannot be done, with what the reply says about it."""

    def __init__(self, code: str, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.fault = messages.Fault(code=code, message=message[:1000], where=where, remedy=remedy)


def served_file(scene: Path, path: str) -> Path:
    """A file in the folder of the served scene or below it. Raises FaultError for any other."""
    folder = scene.parent.resolve()
    target = (folder / path).resolve()
    if not target.is_relative_to(folder) or not target.is_file():
        what = f"there is no file {path!r} in the served scene's folder"[:300]
        raise FaultError("bad_value", what, where="$.args.path")
    return target


class Arguments:
    """Reads the open map of a request, with a typed fault for whatever does not fit."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._left = dict(values)

    def text(self, name: str) -> str:
        """Take a text that is not empty."""
        value = self._left.pop(name, None)
        if not isinstance(value, str) or not value:
            raise FaultError("bad_value", f"`{name}` must be a text", where=f"$.args.{name}")
        return value

    def optional_text(self, name: str) -> str:
        """Take a text, empty if it is not given."""
        value = self._left.pop(name, "")
        if not isinstance(value, str):
            raise FaultError("bad_value", f"`{name}` must be a text", where=f"$.args.{name}")
        return value

    def flag(self, name: str) -> bool:
        """Take a boolean, false if it is not given."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise FaultError("bad_value", f"`{name}` must be true or false", where=f"$.args.{name}")
        return value

    def point(self, name: str) -> tuple[float, float, float] | None:
        """Take three finite numbers, or nothing."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 3 or not all(_finite(each) for each in value):
            raise FaultError("bad_value", f"`{name}` must be three numbers", where=f"$.args.{name}")
        return float(value[0]), float(value[1]), float(value[2])

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Take an integer in low..high."""
        value = self._left.pop(name, default)
        if type(value) is not int or not low <= value <= high:
            raise FaultError("bad_value", f"`{name}` must be an integer in {low}..{high}", where=f"$.args.{name}")
        return value

    def number(self, name: str, default: float | None, low: float, high: float) -> float | None:
        """Take a finite number in low..high."""
        value = self._left.pop(name, default)
        if value is None and default is None:
            return None
        if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
            raise FaultError("bad_value", f"`{name}` must be a number in {low:g}..{high:g}", where=f"$.args.{name}")
        return float(value)

    def counts(self, name: str) -> dict[str, int]:
        """Take a map of texts to integers that are not negative."""
        value = self._left.pop(name, {})
        good = isinstance(value, dict) and all(
            isinstance(k, str) and type(v) is int and v >= 0 for k, v in value.items()
        )
        if not good:
            raise FaultError("bad_value", f"`{name}` must map engine names to batch numbers", where=f"$.args.{name}")
        return dict(value)

    def texts(self, name: str, *, needed: bool = True) -> tuple[str, ...]:
        """Take a list of texts, which is not empty if it is `needed`."""
        value = self._left.pop(name, None if needed else [])
        if (
            not isinstance(value, list)
            or (needed and not value)
            or not all(isinstance(each, str) and each for each in value)
        ):
            raise FaultError("bad_value", f"`{name}` must be a list of texts", where=f"$.args.{name}")
        return tuple(dict.fromkeys(value))

    def name_or_none(self, name: str) -> str:
        """Take a text that may be empty, but must be there."""
        value = self._left.pop(name, None)
        if not isinstance(value, str):
            raise FaultError("bad_value", f"`{name}` must be a text; empty: nobody", where=f"$.args.{name}")
        return value

    def data(self, name: str) -> bytes:
        """Take bytes."""
        value = self._left.pop(name, None)
        if not isinstance(value, bytes):
            raise FaultError("bad_value", f"`{name}` must be bytes", where=f"$.args.{name}")
        return value

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt argument must not be ignored."""
        for name in self._left:
            raise FaultError("bad_value", f"there is no argument `{name}`"[:200], where="$.args")


def _finite(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def _ping(house: House, arguments: Arguments) -> dict[str, Any]:
    arguments.done()
    return {}


def _status(house: House, arguments: Arguments) -> dict[str, Any]:
    arguments.done()
    return house.status()


def _why(house: House, arguments: Arguments) -> dict[str, Any]:
    character = arguments.text("character")
    arguments.done()
    found = house.why(character)
    if found is None:
        raise FaultError(
            "unknown_character", f"the scene has no character {character!r}"[:300], where="$.args.character"
        )
    return found


def _pause(house: House, arguments: Arguments) -> dict[str, Any]:
    arguments.done()
    house.pause(True)
    return {"paused": True}


def _resume(house: House, arguments: Arguments) -> dict[str, Any]:
    arguments.done()
    house.pause(False)
    return {"paused": False}


def _own(house: House, arguments: Arguments) -> dict[str, Any]:
    characters = arguments.texts("characters")
    engine = arguments.name_or_none("engine")
    arguments.done()
    house.own(characters, engine)
    return {"characters": list(characters), "engine": engine}


def _reload(house: House, arguments: Arguments) -> dict[str, Any]:
    path = arguments.text("path")
    arguments.done()
    house.reload(path)
    return {}


def _save(house: House, arguments: Arguments) -> dict[str, Any]:
    arguments.done()
    data = house.save()
    if len(data) > ids.MAX_CONTROL_BYTES - SPARE_BYTES:
        raise FaultError(
            "too_large",
            f"the state has {len(data):,} bytes; a reply holds {ids.MAX_CONTROL_BYTES:,}",
            remedy="run the sidecar with --journal",
        )
    return {"data": data}


def _restore(house: House, arguments: Arguments) -> dict[str, Any]:
    data = arguments.data("data")
    arguments.done()
    restored = house.restore(data)
    unplaced = [{"kind": each.kind, "name": each.name[:256], "why": each.why[:256]} for each in restored.unplaced]
    return {
        "exact": restored.exact,
        "unplaced": unplaced[:MOST_UNPLACED],
        "new": list(restored.new[:MOST_UNPLACED]),
        "more": max(0, len(unplaced) - MOST_UNPLACED) + max(0, len(restored.new) - MOST_UNPLACED),
    }


def _subscribe_faces(house: House, arguments: Arguments) -> dict[str, Any]:
    return house.subscribe_faces(arguments)


def _shutdown(house: House, arguments: Arguments) -> dict[str, Any]:
    arguments.done()
    house.shutdown()
    return {}


HANDLERS: dict[str, Callable[[House, Arguments], dict[str, Any]]] = {
    "ping": _ping,
    "status": _status,
    "why": _why,
    "pause": _pause,
    "resume": _resume,
    "own": _own,
    "reload": _reload,
    "save": _save,
    "restore": _restore,
    "subscribe_faces": _subscribe_faces,
    "shutdown": _shutdown,
}
"""What each request does. `step` is not here: it takes time, `unity_bridge.control` queues it."""
