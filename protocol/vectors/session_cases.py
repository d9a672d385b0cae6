"""Owns `session.json`: what each end of the link must send and hand on, step by step, for the reliability rules."""

from __future__ import annotations

from typing import Any

from protocol.vectors import session_client_cases
from protocol.vectors.jsonform import to_json
from protocol.vectors.samples import SESSION
from protocol.vectors.session_steps import LOST, SILENT, TICK, batch, command, hello, receive, send, sequence, values

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


def build() -> dict[str, Any]:
    """Return the file's JSON."""
    sequences = [*_server_handshake(), *_server_numbers(), *session_client_cases.build()]
    for number, each in enumerate(sequences, 1):
        each["id"] = number
    return {
        "v": 1,
        "schema": "vectors.schema.json",
        "about": "Each sequence starts with a fresh state machine of its `role`, set up by `given`, connected.",
        "steps": STEPS,
        "count": len(sequences),
        "sequences": [to_json({"id": s.pop("id"), **s}) for s in sequences],
    }


_OPEN = (hello(), send("welcome", resumed=False, observed=0, credit=2), send("snapshot"))


def _server_handshake() -> list[dict[str, Any]]:
    return [
        sequence(
            "server",
            "A hello is answered by a welcome, then the snapshot.",
            hello(capabilities=["credit"]),
            send("welcome", session=SESSION, credit=2, observed=0, owns=["ann", "bob"], resumed=False),
            send("snapshot", session=SESSION),
            SILENT,
        ),
        sequence(
            "server",
            "Another protocol number is refused by a reply that names the code; the peer may say hello again.",
            {"receive": {"type": "hello", "client": "unity", "v": 2}},
            send("refused", code="wrong_version"),
            *_OPEN,
        ),
        sequence(
            "server",
            "Before a hello was welcomed nothing else is taken.",
            {"receive": batch(1, "bang")},
            send("refused", code="not_welcome"),
            *_OPEN,
        ),
        sequence(
            "server",
            "A character the scene does not have cannot be owned.",
            hello(owns=["ann", "nobody"]),
            send("refused", code="unknown_character"),
            SILENT,
        ),
        sequence(
            "server",
            "A hello with another session number is a new beginning: numbers start at 1 on both sides.",
            hello(session=SESSION + 1, received=40),
            send("welcome", session=SESSION, observed=0, resumed=False),
            send("snapshot"),
            {"queue": command(1)},
            {"send": command(1, seq=1)},
        ),
    ]


def _server_numbers() -> list[dict[str, Any]]:
    back = hello(session=SESSION, received=1)
    return [
        sequence(
            "server",
            "Commands are numbered from 1; after a resume those the client lacks come again, in order.",
            *_OPEN,
            *({"queue": command(n)} for n in (1, 2, 3)),
            *({"send": command(n, seq=n)} for n in (1, 2, 3)),
            LOST,
            {"queue": command(4)},
            back,
            send("welcome", resumed=True, session=SESSION, observed=0),
            *({"send": command(n, seq=n)} for n in (2, 3, 4)),
            SILENT,
        ),
        sequence(
            "server",
            "An ack is cumulative: it frees everything up to its number, so the window has room again.",
            *_OPEN,
            *({"queue": command(n)} for n in (1, 2, 3, 4)),
            *({"send": command(n, seq=n)} for n in (1, 2, 3, 4)),
            receive("ack", seq=3),
            *({"queue": command(n)} for n in (5, 6, 7)),
            *({"send": command(n, seq=n)} for n in (5, 6, 7)),
        ),
        sequence(
            "server",
            "An engine that falls behind by more than the window is told so and its session ends.",
            *_OPEN,
            *({"queue": command(n)} for n in (1, 2, 3, 4)),
            *({"send": command(n, seq=n)} for n in (1, 2, 3, 4)),
            {"queue": command(5)},
            TICK,
            send("bye", reason="slow_client"),
        ),
        sequence(
            "server",
            "State takes half of the window; past that the newest of each is sent later, with what was left out.",
            hello(capabilities=["variables"]),
            send("welcome", resumed=False),
            send("snapshot"),
            *({"queue": values(fire=float(n))} for n in (1, 2, 3, 4)),
            {"queue": values(night=1.0)},
            *({"send": {**values(fire=float(n)), "seq": n}} for n in (1, 2)),
            SILENT,
            receive("ack", seq=1),
            {"send": {**values(fire=4.0, night=1.0), "seq": 3}},
            send("notice", code="behind", seq=4),
            SILENT,
        ),
        sequence(
            "server",
            "A command comes after the state that was told before it, though the engine is behind.",
            hello(capabilities=["variables"]),
            send("welcome", resumed=False),
            send("snapshot"),
            *({"queue": values(fire=float(n))} for n in (1, 2, 3)),
            {"queue": command(1)},
            *({"send": {**values(fire=float(n)), "seq": n}} for n in (1, 2, 3)),
            {"send": command(1, seq=4)},
            SILENT,
        ),
        sequence(
            "server",
            "An engine that has not named a capability is not sent what comes with it.",
            *_OPEN,
            {"queue": values(fire=1.0)},
            {"queue": command(1)},
            {"send": command(1, seq=1)},
            SILENT,
        ),
        sequence(
            "server",
            "A batch is acknowledged once a tick took it in; the ack carries the credit.",
            *_OPEN,
            {"receive": batch(1, "bang")},
            {"deliver": batch(1, "bang")},
            SILENT,
            TICK,
            send("ack", seq=1, credit=2),
            SILENT,
        ),
        sequence(
            "server",
            "A batch that comes twice is handed on once and acknowledged again.",
            *_OPEN,
            {"receive": batch(1, "bang")},
            {"deliver": batch(1, "bang")},
            TICK,
            send("ack", seq=1),
            {"receive": batch(1, "bang")},
            send("ack", seq=1),
            SILENT,
        ),
        sequence(
            "server",
            "A gap is refused by a notice; the missing batch and what follows are then taken in order.",
            *_OPEN,
            {"receive": batch(2, "two")},
            send("notice", code="gap", batch=2, seq=1),
            SILENT,
            {"receive": batch(1, "one")},
            {"deliver": batch(1, "one")},
            {"receive": batch(2, "two")},
            {"deliver": batch(2, "two")},
        ),
        sequence(
            "server",
            "A batch beyond the credit is refused by a notice, not taken, and welcome after the ack.",
            *_OPEN,
            {"receive": batch(1, "one")},
            {"deliver": batch(1, "one")},
            {"receive": batch(2, "two")},
            {"deliver": batch(2, "two")},
            {"receive": batch(3, "three")},
            send("notice", code="no_credit", batch=3, seq=1),
            TICK,
            send("ack", seq=2, credit=2),
            {"receive": batch(3, "three")},
            {"deliver": batch(3, "three")},
        ),
        sequence(
            "server",
            "A batch that cannot be read uses up its number: it is told and acknowledged, never asked for again.",
            *_OPEN,
            {"receive": {**batch(1), "items": [{"kind": "move", "id": "ann", "at": [0.0]}]}},
            send("notice", code="bad_value", batch=1, seq=1),
            TICK,
            send("ack", seq=1),
            {"receive": batch(2, "two")},
            {"deliver": batch(2, "two")},
        ),
    ]
