"""Owns the client's half of `session.json`: what an engine must send and hand on, step by step."""

from __future__ import annotations

from typing import Any

import msgspec

from protocol.vectors.samples import SESSION
from protocol.vectors.session_steps import (
    BACK,
    LOST,
    SILENT,
    TICK,
    V,
    batch,
    command,
    receive,
    send,
    sequence,
    unnumbered,
)


def build() -> list[dict[str, Any]]:
    """The sequences."""
    welcome = {"session": SESSION, "package": "", "capabilities": [], "schema": "", "credit": 2, "owns": ["ann"]}
    fresh = receive("welcome", observed=0, **welcome)
    empty = {"emotion": b"", "mood": b"", "action": b"", **V}
    snapshot = receive(
        "snapshot",
        session=SESSION,
        roster={"type": "roster", "epoch": 1, "scene": "s", "characters": [], "labels": [], "actions": [""], **V},
        state={"type": "tick", "session": SESSION, "tick": 1, "time": 0.5, "epoch": 1, "n": 0, **empty},
    )
    start = (send("hello", client="unity", session=0, received=0), fresh, snapshot, {"deliver": {"type": "snapshot"}})
    return [
        sequence(
            "client",
            "Batches are numbered from 1 and stop at the credit; an ack lets the next one go.",
            *start,
            *({"queue": unnumbered(name)} for name in ("one", "two", "three")),
            {"send": batch(1, "one")},
            {"send": batch(2, "two")},
            SILENT,
            receive("ack", seq=1, credit=2),
            {"send": batch(3, "three")},
            SILENT,
        ),
        sequence(
            "client",
            "A snapshot in parts is handed on once, when it is whole; 0 begins anew, a part out of order is dropped.",
            send("hello", client="unity", session=0, received=0),
            fresh,
            *_parts(snapshot["receive"], 3)[:2],
            _parts(snapshot["receive"], 3)[0],
            _parts(snapshot["receive"], 3)[2],
            SILENT,
            *_parts(snapshot["receive"], 3),
            {"deliver": {"type": "snapshot", "session": SESSION}},
            {"queue": unnumbered("one")},
            {"send": batch(1, "one")},
        ),
        sequence(
            "client",
            "Variables and ownership are numbered as all the rest, handed on once and acknowledged.",
            *start,
            receive("variables", seq=1, tick=2, values={"campfire.lit": 1.0}),
            {"deliver": {"type": "variables", "seq": 1, "tick": 2, "values": {"campfire.lit": 1.0}}},
            receive("owned", seq=2, tick=3, owns=["ann", "bob"]),
            {"deliver": {"type": "owned", "seq": 2, "tick": 3, "owns": ["ann", "bob"]}},
            receive("owned", seq=2, tick=3, owns=["ann", "bob"]),
            TICK,
            send("ack", seq=2),
        ),
        sequence(
            "client",
            "On a resume the client sends again what follows `observed` and drops the rest.",
            *start,
            {"queue": unnumbered("one")},
            {"send": batch(1, "one")},
            {"queue": unnumbered("two")},
            {"send": batch(2, "two")},
            {"receive": {**command(7), "seq": 1, **V}},
            {"deliver": command(7, seq=1)},
            LOST,
            BACK,
            send("hello", client="unity", session=SESSION, received=1),
            receive("welcome", observed=1, resumed=True, **welcome),
            {"send": batch(2, "two")},
            SILENT,
        ),
        sequence(
            "client",
            "A numbered message that comes again is handed on once and acknowledged by the highest number received.",
            *start,
            {"receive": {**command(1), "seq": 1, **V}},
            {"deliver": command(1, seq=1)},
            {"receive": {**command(2), "seq": 2, **V}},
            {"deliver": command(2, seq=2)},
            {"receive": {**command(1), "seq": 1, **V}},
            TICK,
            send("ack", seq=2),
        ),
        sequence(
            "client",
            "Another session number: everything of the old world is forgotten, numbers start again at 1.",
            *start,
            {"queue": unnumbered("one")},
            {"send": batch(1, "one")},
            LOST,
            BACK,
            send("hello", session=SESSION, received=0),
            receive("welcome", observed=0, **{**welcome, "session": SESSION + 1}),
            snapshot | {"receive": {**snapshot["receive"], "session": SESSION + 1}},
            {"deliver": {"type": "snapshot", "session": SESSION + 1}},
            SILENT,
            {"queue": unnumbered("new")},
            {"send": batch(1, "new")},
        ),
    ]


def _parts(message: dict[str, Any], count: int) -> list[dict[str, Any]]:
    frame = msgspec.msgpack.encode(message)
    size = len(frame) // count + 1
    return [receive("part", index=i, count=count, data=frame[i * size : (i + 1) * size]) for i in range(count)]
