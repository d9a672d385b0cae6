"""Owns what is believed of a saved state: columns of the right kind and size, and no number that leads outside them."""

from __future__ import annotations

from typing import Final

import numpy as np

from emotion_runtime.saving.format import Array, Saved, SaveError, array

KINDS: Final = {
    "emotion": "<f8", "mood": "<f8", "position": "<f8", "variables": "<f8", "speaker": "<i4", "target": "<i4",
    "cause": "<i4", "amount": "<f8", "other": "<f8", "scale": "<f8", "strongest": "<i4", "tree": "<i8",
    "status": "|u1", "counter": "<i8", "deadline_us": "<i8", "running": "|b1", "action": "<u8", "bearer": "<i4",
    "started_us": "<i8", "rest_until_us": "<i8", "reported": "|u1", "next_action": "<u8", "set_slot": "<i4",
    "set_bearer": "<i4", "last_heard": "<i8",
}  # fmt: skip
"""Every column of a save, and the type of its numbers."""
HELD: Final = {
    "influence.on": "|b1", "influence.values": "<f8", "influence.only": "<i4", "influence.room": "<i8",
    "influence.filled": "<i4", "influence.character": "<i4", "influence.change": "<i4", "influence.rate": "<f8",
    "contagion.shape": "<f8", "contagion.cells": "<i8", "contagion.start": "<i4", "contagion.order": "<i4",
    "contagion.place": "<f8", "contagion.rate": "<f8", "contagion.source": "<i4",
    "sight.watched": "<i4", "sight.seen": "|b1", "claims": "|b1", "chance": "<u8",
}  # fmt: skip
"""Columns that only some have: those of crowds, and of scenes with effects in sight, claims, or anything drawn."""
SLOTS: Final = 4
LARGEST: Final = 3.4028234663852886e38
"""What a float32 holds: squares of such numbers are finite."""
LATEST_US: Final = 2**62
REPORTED: Final = 3
ACTIONS: Final = 2**53


def columns(saved: Saved) -> dict[str, Array]:
    """All columns of a save as arrays, checked against each other and the names they belong to. Raises SaveError."""
    found: dict[str, Array] = {}
    for name, each in saved.columns.items():
        kind = KINDS.get(name) or HELD.get(name)
        if kind is None:
            continue
        if each.dtype != kind:
            raise _bad(name, f"has numbers of type {each.dtype}, not {kind}")
        found[name] = array(name, each)
    for name in KINDS:
        if name not in found:
            raise _bad(name, "is missing")
    origin = saved.origin
    n, c, m = len(origin.characters), len(origin.channels), len(origin.objects)
    _names(saved)
    shapes: dict[str, tuple[int, ...]] = {
        "emotion": (c + 1, n), "mood": (3, n), "position": (n + m, 3), "variables": (len(origin.variables),),
        "speaker": (n,), "target": (n,), "tree": (n,), "last_heard": (n,), "cause": (c, n, SLOTS),
        "amount": (c, n, SLOTS), "other": (c, n), "scale": (c, n), "strongest": (c + 1, n), "next_action": (1,),
    }  # fmt: skip
    _inside("tree", found["tree"], 0, len(origin.trees)) if n else None
    nodes = sum(origin.trees[kind].nodes for kind in found["tree"].tolist())
    slots = sum(len(origin.trees[kind].rules) for kind in found["tree"].tolist())
    shapes |= dict.fromkeys(("status", "counter", "deadline_us"), (nodes,))
    shapes |= dict.fromkeys(("running", "action", "bearer", "started_us", "rest_until_us", "reported"), (slots,))
    for name, shape in shapes.items():
        if found[name].shape != shape:
            raise _bad(name, f"has shape {found[name].shape}, and the names make it {shape}")
    _values(saved, found, n + m, slots)
    return found


def _names(saved: Saved) -> None:
    origin = saved.origin
    subjects = origin.characters + origin.objects
    for what, names in (("characters and objects", subjects), ("channels", origin.channels)):
        if len(set(names)) != len(names):
            raise SaveError("bad_save", f"two of the {what} share a name")
    if (len(subjects) + 1) * max(1, len(origin.causes)) >= 2**31:
        raise SaveError("bad_save", "there are more kinds of causes than can be told apart")
    rows = len(origin.characters)
    for line in saved.waiting:
        if line.speaker >= rows or line.addressed >= rows or not 0 < line.ticket < saved.clock.next_ticket:
            raise SaveError("bad_save", f"line {line.ticket} was said by or to nobody")
    if any(line.speaker >= rows for line in saved.remembered):
        raise SaveError("bad_save", "somebody remembers a line of nobody")


def _values(saved: Saved, found: dict[str, Array], subjects: int, slots: int) -> None:
    for name, numbers in found.items():
        if numbers.dtype.kind == "f" and not (np.abs(numbers) <= LARGEST).all():
            raise _bad(name, "holds something that is no number, or one that no engine sends")
        if numbers.dtype.kind == "b" and numbers.size and int(numbers.view(np.uint8).max()) > 1:
            raise _bad(name, "holds something besides yes and no")
    _inside("emotion", found["emotion"], 0.0, 1.0, closed=True)
    _inside("scale", found["scale"], 0.0, 1.0, closed=True)
    if found["scale"].size and float(found["scale"].min()) <= 0.0:
        raise _bad("scale", "holds a zero")
    for name in ("speaker", "target", "bearer", "strongest", "set_bearer"):
        _inside(name, found[name], -1, subjects)
    _inside("cause", found["cause"], -1, (subjects + 1) * max(1, len(saved.origin.causes)))
    _inside("set_slot", found["set_slot"], 0, slots)
    for name in ("deadline_us", "started_us", "rest_until_us", "counter"):
        _inside(name, found[name], 0, LATEST_US)
    _inside("reported", found["reported"], 0, REPORTED)
    _inside("next_action", found["next_action"], 1, ACTIONS)
    _sight(saved, found)
    _inside("last_heard", found["last_heard"], 0, saved.clock.next_ticket)


def _sight(saved: Saved, found: dict[str, Array]) -> None:
    watched, seen = found.get("sight.watched"), found.get("sight.seen")
    if (watched is None) != (seen is None):
        raise _bad("sight.seen", "says who sees nobody knows what, or the reverse")
    if watched is not None and seen is not None:
        _inside("sight.watched", watched, 0, len(saved.origin.objects))
        if watched.ndim != 1 or seen.shape != (len(watched), len(saved.origin.characters)):
            raise _bad("sight.seen", f"has shape {seen.shape}, and the names make it another")


def _inside(name: str, numbers: Array, low: float, high: float, *, closed: bool = False) -> None:
    if not numbers.size:
        return
    least, most = numbers.min(), numbers.max()
    if least < low or (most > high if closed else most >= high):
        raise _bad(name, f"holds numbers from {least} to {most}, beyond {low} to {high}")


def _bad(name: str, what: str) -> SaveError:
    return SaveError("bad_save", f"column `{name}` {what}")
