"""Owns `session.json`: what each end of the link must send and hand on, step by step, for the reliability rules."""

from __future__ import annotations

from typing import Any

import msgspec

from protocol.vectors.jsonform import to_json
from protocol.vectors.samples import SESSION

STEPS = {
    "receive": "This frame arrives on the connection.",
    "send": "The next frame this side sends. Only the fields given are compared, in nested maps too.",
    "deliver": "The next thing handed on to the application: an observation batch or a message, compared like `send`.",
    "queue": "The application gives this message to be sent; the session numbers it.",
    "advance": "Seconds pass. On the server a tick takes in what was delivered; it then acknowledges.",
    "disconnect": "The connection is lost; frames sent and not acknowledged may or may not have arrived.",
    "connect": "A new connection is there (client role: the client says hello on it).",
    "silent": "Nothing is to be sent and nothing delivered at this point.",
}
_V = {"v": 1}


def build() -> dict[str, Any]:
    """Return the file's JSON."""
    sequences = [*_server_handshake(), *_server_numbers(), *_client()]
    for number, sequence in enumerate(sequences, 1):
        sequence["id"] = number
    return {
        "v": 1,
        "schema": "vectors.schema.json",
        "about": "Each sequence starts with a fresh state machine of its `role`, set up by `given`, connected.",
        "steps": STEPS,
        "count": len(sequences),
        "sequences": [to_json({"id": s.pop("id"), **s}) for s in sequences],
    }


def _sequence(role: str, comment: str, *steps: dict[str, Any], **given: Any) -> dict[str, Any]:
    setup = {"session": SESSION, "credit": 2, "window": 4, "characters": ["ann", "bob"], **given}
    return {"role": role, "comment": comment, "given": setup, "steps": list(steps)}


def _receive(type: str, **fields: Any) -> dict[str, Any]:
    return {"receive": {"type": type, **fields, **_V}}


def _send(type: str, **fields: Any) -> dict[str, Any]:
    return {"send": {"type": type, **fields}}


def _hello(**fields: Any) -> dict[str, Any]:
    return _receive("hello", client="unity", **fields)


def _batch(seq: int, *names: str, **fields: Any) -> dict[str, Any]:
    return {"type": "observations", "seq": seq, "items": [{"kind": "event", "name": n} for n in names], **fields, **_V}


def _unnumbered(*names: str) -> dict[str, Any]:
    return {key: value for key, value in _batch(1, *names).items() if key != "seq"}


def _command(action: int, **fields: Any) -> dict[str, Any]:
    stop = {"kind": "stop", "action": action, "character": "ann", "rule": "r", "reason": "success"}
    return {"type": "command", "tick": 1, "commands": [stop], **fields}


def _values(**values: float) -> dict[str, Any]:
    return {"type": "variables", "tick": 1, "values": values}


_OPEN = (_hello(), _send("welcome", resumed=False, observed=0, credit=2), _send("snapshot"))
_LOST = {"disconnect": True}
_BACK = {"connect": True}
_SILENT = {"silent": True}
_TICK = {"advance": 0.02}


def _server_handshake() -> list[dict[str, Any]]:
    return [
        _sequence(
            "server",
            "A hello is answered by a welcome, then the snapshot.",
            _hello(capabilities=["credit"]),
            _send("welcome", session=SESSION, credit=2, observed=0, owns=["ann", "bob"], resumed=False),
            _send("snapshot", session=SESSION),
            _SILENT,
        ),
        _sequence(
            "server",
            "Another protocol number is refused by a reply that names the code; the peer may say hello again.",
            {"receive": {"type": "hello", "client": "unity", "v": 2}},
            _send("refused", code="wrong_version"),
            *_OPEN,
        ),
        _sequence(
            "server",
            "Before a hello was welcomed nothing else is taken.",
            {"receive": _batch(1, "bang")},
            _send("refused", code="not_welcome"),
            *_OPEN,
        ),
        _sequence(
            "server",
            "A character the scene does not have cannot be owned.",
            _hello(owns=["ann", "nobody"]),
            _send("refused", code="unknown_character"),
            _SILENT,
        ),
        _sequence(
            "server",
            "A hello with another session number is a new beginning: numbers start at 1 on both sides.",
            _hello(session=SESSION + 1, received=40),
            _send("welcome", session=SESSION, observed=0, resumed=False),
            _send("snapshot"),
            {"queue": _command(1)},
            {"send": _command(1, seq=1)},
        ),
    ]


def _server_numbers() -> list[dict[str, Any]]:
    back = _hello(session=SESSION, received=1)
    return [
        _sequence(
            "server",
            "Commands are numbered from 1; after a resume those the client lacks come again, in order.",
            *_OPEN,
            *({"queue": _command(n)} for n in (1, 2, 3)),
            *({"send": _command(n, seq=n)} for n in (1, 2, 3)),
            _LOST,
            {"queue": _command(4)},
            back,
            _send("welcome", resumed=True, session=SESSION, observed=0),
            *({"send": _command(n, seq=n)} for n in (2, 3, 4)),
            _SILENT,
        ),
        _sequence(
            "server",
            "An ack is cumulative: it frees everything up to its number, so the window has room again.",
            *_OPEN,
            *({"queue": _command(n)} for n in (1, 2, 3, 4)),
            *({"send": _command(n, seq=n)} for n in (1, 2, 3, 4)),
            _receive("ack", seq=3),
            *({"queue": _command(n)} for n in (5, 6, 7)),
            *({"send": _command(n, seq=n)} for n in (5, 6, 7)),
        ),
        _sequence(
            "server",
            "An engine that falls behind by more than the window is told so and its session ends.",
            *_OPEN,
            *({"queue": _command(n)} for n in (1, 2, 3, 4)),
            *({"send": _command(n, seq=n)} for n in (1, 2, 3, 4)),
            {"queue": _command(5)},
            _TICK,
            _send("bye", reason="slow_client"),
        ),
        _sequence(
            "server",
            "State takes half of the window; past that the newest of each is sent later, with what was left out.",
            _hello(capabilities=["variables"]),
            _send("welcome", resumed=False),
            _send("snapshot"),
            *({"queue": _values(fire=float(n))} for n in (1, 2, 3, 4)),
            {"queue": _values(night=1.0)},
            *({"send": {**_values(fire=float(n)), "seq": n}} for n in (1, 2)),
            _SILENT,
            _receive("ack", seq=1),
            {"send": {**_values(fire=4.0, night=1.0), "seq": 3}},
            _send("notice", code="behind", seq=4),
            _SILENT,
        ),
        _sequence(
            "server",
            "A command comes after the state that was told before it, though the engine is behind.",
            _hello(capabilities=["variables"]),
            _send("welcome", resumed=False),
            _send("snapshot"),
            *({"queue": _values(fire=float(n))} for n in (1, 2, 3)),
            {"queue": _command(1)},
            *({"send": {**_values(fire=float(n)), "seq": n}} for n in (1, 2, 3)),
            {"send": _command(1, seq=4)},
            _SILENT,
        ),
        _sequence(
            "server",
            "An engine that has not named a capability is not sent what comes with it.",
            *_OPEN,
            {"queue": _values(fire=1.0)},
            {"queue": _command(1)},
            {"send": _command(1, seq=1)},
            _SILENT,
        ),
        _sequence(
            "server",
            "A batch is acknowledged once a tick took it in; the ack carries the credit.",
            *_OPEN,
            {"receive": _batch(1, "bang")},
            {"deliver": _batch(1, "bang")},
            _SILENT,
            _TICK,
            _send("ack", seq=1, credit=2),
            _SILENT,
        ),
        _sequence(
            "server",
            "A batch that comes twice is handed on once and acknowledged again.",
            *_OPEN,
            {"receive": _batch(1, "bang")},
            {"deliver": _batch(1, "bang")},
            _TICK,
            _send("ack", seq=1),
            {"receive": _batch(1, "bang")},
            _send("ack", seq=1),
            _SILENT,
        ),
        _sequence(
            "server",
            "A gap is refused by a notice; the missing batch and what follows are then taken in order.",
            *_OPEN,
            {"receive": _batch(2, "two")},
            _send("notice", code="gap", batch=2, seq=1),
            _SILENT,
            {"receive": _batch(1, "one")},
            {"deliver": _batch(1, "one")},
            {"receive": _batch(2, "two")},
            {"deliver": _batch(2, "two")},
        ),
        _sequence(
            "server",
            "A batch beyond the credit is refused by a notice, not taken, and welcome after the ack.",
            *_OPEN,
            {"receive": _batch(1, "one")},
            {"deliver": _batch(1, "one")},
            {"receive": _batch(2, "two")},
            {"deliver": _batch(2, "two")},
            {"receive": _batch(3, "three")},
            _send("notice", code="no_credit", batch=3, seq=1),
            _TICK,
            _send("ack", seq=2, credit=2),
            {"receive": _batch(3, "three")},
            {"deliver": _batch(3, "three")},
        ),
        _sequence(
            "server",
            "A batch that cannot be read uses up its number: it is told and acknowledged, never asked for again.",
            *_OPEN,
            {"receive": {**_batch(1), "items": [{"kind": "move", "id": "ann", "at": [0.0]}]}},
            _send("notice", code="bad_value", batch=1, seq=1),
            _TICK,
            _send("ack", seq=1),
            {"receive": _batch(2, "two")},
            {"deliver": _batch(2, "two")},
        ),
    ]


def _client() -> list[dict[str, Any]]:
    welcome = {"session": SESSION, "package": "", "capabilities": [], "schema": "", "credit": 2, "owns": ["ann"]}
    fresh = _receive("welcome", observed=0, **welcome)
    empty = {"emotion": b"", "mood": b"", "action": b"", **_V}
    snapshot = _receive(
        "snapshot",
        session=SESSION,
        roster={"type": "roster", "epoch": 1, "scene": "s", "characters": [], "labels": [], "actions": [""], **_V},
        state={"type": "tick", "session": SESSION, "tick": 1, "time": 0.5, "epoch": 1, "n": 0, **empty},
    )
    start = (_send("hello", client="unity", session=0, received=0), fresh, snapshot, {"deliver": {"type": "snapshot"}})
    return [
        _sequence(
            "client",
            "Batches are numbered from 1 and stop at the credit; an ack lets the next one go.",
            *start,
            *({"queue": _unnumbered(name)} for name in ("one", "two", "three")),
            {"send": _batch(1, "one")},
            {"send": _batch(2, "two")},
            _SILENT,
            _receive("ack", seq=1, credit=2),
            {"send": _batch(3, "three")},
            _SILENT,
        ),
        _sequence(
            "client",
            "A snapshot in parts is handed on once, when it is whole; 0 begins anew, a part out of order is dropped.",
            _send("hello", client="unity", session=0, received=0),
            fresh,
            *_parts(snapshot["receive"], 3)[:2],
            _parts(snapshot["receive"], 3)[0],
            _parts(snapshot["receive"], 3)[2],
            _SILENT,
            *_parts(snapshot["receive"], 3),
            {"deliver": {"type": "snapshot", "session": SESSION}},
            {"queue": _unnumbered("one")},
            {"send": _batch(1, "one")},
        ),
        _sequence(
            "client",
            "Variables and ownership are numbered as all the rest, handed on once and acknowledged.",
            *start,
            _receive("variables", seq=1, tick=2, values={"campfire.lit": 1.0}),
            {"deliver": {"type": "variables", "seq": 1, "tick": 2, "values": {"campfire.lit": 1.0}}},
            _receive("owned", seq=2, tick=3, owns=["ann", "bob"]),
            {"deliver": {"type": "owned", "seq": 2, "tick": 3, "owns": ["ann", "bob"]}},
            _receive("owned", seq=2, tick=3, owns=["ann", "bob"]),
            _TICK,
            _send("ack", seq=2),
        ),
        _sequence(
            "client",
            "On a resume the client sends again what follows `observed` and drops the rest.",
            *start,
            {"queue": _unnumbered("one")},
            {"send": _batch(1, "one")},
            {"queue": _unnumbered("two")},
            {"send": _batch(2, "two")},
            {"receive": {**_command(7), "seq": 1, **_V}},
            {"deliver": _command(7, seq=1)},
            _LOST,
            _BACK,
            _send("hello", client="unity", session=SESSION, received=1),
            _receive("welcome", observed=1, resumed=True, **welcome),
            {"send": _batch(2, "two")},
            _SILENT,
        ),
        _sequence(
            "client",
            "A numbered message that comes again is handed on once and acknowledged by the highest number received.",
            *start,
            {"receive": {**_command(1), "seq": 1, **_V}},
            {"deliver": _command(1, seq=1)},
            {"receive": {**_command(2), "seq": 2, **_V}},
            {"deliver": _command(2, seq=2)},
            {"receive": {**_command(1), "seq": 1, **_V}},
            _TICK,
            _send("ack", seq=2),
        ),
        _sequence(
            "client",
            "Another session number: everything of the old world is forgotten, numbers start again at 1.",
            *start,
            {"queue": _unnumbered("one")},
            {"send": _batch(1, "one")},
            _LOST,
            _BACK,
            _send("hello", session=SESSION, received=0),
            _receive("welcome", observed=0, **{**welcome, "session": SESSION + 1}),
            snapshot | {"receive": {**snapshot["receive"], "session": SESSION + 1}},
            {"deliver": {"type": "snapshot", "session": SESSION + 1}},
            _SILENT,
            {"queue": _unnumbered("new")},
            {"send": _batch(1, "new")},
        ),
    ]


def _parts(message: dict[str, Any], count: int) -> list[dict[str, Any]]:
    frame = msgspec.msgpack.encode(message)
    size = len(frame) // count + 1
    return [_receive("part", index=i, count=count, data=frame[i * size : (i + 1) * size]) for i in range(count)]
