"""Owns `malformed.json`: frames that must be refused, each with the code of its one fault."""

from __future__ import annotations

import math
from typing import Any

from protocol.ids import MAX_CHARACTERS, MAX_ID_CHARS, MAX_LINK_BYTES, MAX_NAME_CHARS, MAX_OBSERVATIONS, MAX_TEXT_CHARS
from protocol.vectors.cases import Case, Group, document
from protocol.vectors.forms import pack
from protocol.vectors.message_cases import plain
from protocol.vectors.samples import FULL

FLAGS = {
    "Truncated": "The frame ends early.",
    "Trailing": "Bytes follow the message.",
    "Structure": "Not msgpack, or not a map with text keys and a text `type`.",
    "Depth": "Nested deeper than 16 levels; must cost neither stack nor time.",
    "Version": "Another protocol number; told before anything else about the message.",
    "NotFinite": "NaN or infinity.",
    "Range": "Out of the field's range.",
    "Type": "Of another kind than the field.",
    "Missing": "A required field is missing.",
    "Long": "Longer than its limit.",
    "Repeat": "The frame is `hex` followed by `repeat.hex` `repeat.times` times, then `tail`.",
}
_ACK = {"type": "ack", "seq": 1, "v": 1}
_REQUEST = {"type": "request", "client": "t", "id": 1, "op": "ping", "v": 1}
_TICK = {"type": "tick", "session": 1, "tick": 1, "time": 0.0, "epoch": 1, "n": 0}
_TICK |= {"emotion": b"", "mood": b"", "action": b"", "v": 1}


def build() -> dict[str, Any]:
    """Return the file's JSON."""
    about = "No frame here may be taken, crash a reader, or change anything but a counter. Limit: 4 MiB a frame."
    return document(about, FLAGS, (_structure(), _depth(), _version(), _values(), _limits()))


def _bad(comment: str, value: Any, error: str, flag: str, where: str = "") -> Case:
    data = value if isinstance(value, bytes) else pack(value)
    extra = {"where": where} if where else {}
    return Case(comment, data, "invalid", error, flags=(flag,), extra=extra)


def _structure() -> Group:
    whole = pack(_ACK)
    cases = [_bad("an empty frame", b"", "malformed", "Truncated")]
    cases += [
        _bad(f"an ack of {len(whole)} bytes cut after {end}", whole[:end], "malformed", "Truncated")
        for end in range(1, len(whole))
    ]
    for message in FULL:
        data = pack(plain(message))
        kind = message.__struct_config__.tag
        cases.append(_bad(f"{kind} without its last byte", data[:-1], "malformed", "Truncated"))
        cases.append(_bad(f"{kind} and one byte more", data + b"\xc0", "malformed", "Trailing"))
    cases += [
        _bad("two messages in a frame", whole + whole, "malformed", "Trailing"),
        _bad("the opcode msgpack never uses", b"\xc1", "malformed", "Structure"),
        _bad("the unused opcode inside", b"\x81\xa4type\xc1", "malformed", "Structure"),
        _bad("a str32 that announces 4 GiB", b"\x81\xa4type\xdb\xff\xff\xff\xff", "malformed", "Truncated"),
        _bad("an array32 that announces 4 billion items", b"\xdd\xff\xff\xff\xff", "malformed", "Truncated"),
        _bad("a map32 that announces 4 billion pairs", b"\xdf\xff\xff\xff\xff", "malformed", "Truncated"),
        _bad("a bin32 that announces 4 GiB", b"\x81\xa4type\xc6\xff\xff\xff\xff\x00", "malformed", "Truncated"),
        _bad("nil", None, "malformed", "Structure"),
        _bad("an integer", 7, "malformed", "Structure"),
        _bad("a text", "hello", "malformed", "Structure"),
        _bad("an array", [1, 2], "malformed", "Structure"),
        _bad("a key that is no text", {1: 2, **_ACK}, "malformed", "Structure"),
        _bad("no type", {"seq": 1, "v": 1}, "malformed", "Structure", "$.type"),
        _bad("a type that is a number", {**_ACK, "type": 3}, "malformed", "Structure", "$.type"),
        _bad("an extension type", b"\x84" + whole[1:] + pack("x") + b"\xd4\x05\x00", "malformed", "Structure"),
        _bad("a timestamp", b"\x84" + whole[1:] + pack("x") + b"\xd6\xff\x00\x00\x00\x01", "malformed", "Structure"),
        _bad(
            "text that is not UTF-8",
            pack({"type": "bye", "reason": "?", "v": 1}).replace(b"?", b"\xff"),
            "malformed",
            "Structure",
        ),
        _bad(
            "text with a surrogate",
            pack({"type": "bye", "reason": "???", "v": 1}).replace(b"???", b"\xed\xa0\x80"),
            "malformed",
            "Structure",
        ),
        _bad(
            "text with an overlong form",
            pack({"type": "bye", "reason": "??", "v": 1}).replace(b"??", b"\xc0\x80"),
            "malformed",
            "Structure",
        ),
        _bad("JSON", b'{"type":"ack","seq":1,"v":1}', "malformed", "Trailing"),
    ]
    return Group("structure", tuple(cases))


def _depth() -> Group:
    open_value = b"\x84" + pack(_ACK)[1:] + pack("x")
    open_args = b"\x86" + pack(_REQUEST)[1:] + pack("args") + b"\x81" + pack("x")
    cases = [
        _bad("17 levels in an unknown field", open_value + b"\x91" * 16 + b"\x01", "malformed", "Depth"),
        _bad("17 levels in args", open_args + b"\x91" * 15 + b"\x01", "malformed", "Depth"),
        _bad("17 levels of maps", open_args + (b"\x81" + pack("y")) * 15 + b"\x01", "malformed", "Depth"),
    ]
    for name, opener in (("arrays", "91"), ("maps", "81a179")):
        repeat = {"repeat": {"hex": opener, "times": 100_000}, "tail": "01"}
        cases.append(
            Case(
                f"100,000 levels of {name}", open_args, "invalid", "malformed", flags=("Depth", "Repeat"), extra=repeat
            )
        )
    return Group("depth", tuple(cases))


def _version() -> Group:
    code, flag, where = "wrong_version", "Version", "$.v"
    return Group(
        "version",
        (
            _bad("protocol 2", {**_ACK, "v": 2}, code, flag, where),
            _bad("protocol 0", {**_ACK, "v": 0}, code, flag, where),
            _bad("protocol -1", {**_ACK, "v": -1}, code, flag, where),
            _bad("protocol 2^64-1", {**_ACK, "v": 2**64 - 1}, code, flag, where),
            _bad("no protocol number", {"type": "ack", "seq": 1}, code, flag, where),
            _bad("nil for a protocol number", {**_ACK, "v": None}, code, flag, where),
            _bad("protocol 2 with another shape", {"type": "ack", "seq": [1], "v": 2}, code, flag, where),
            _bad("protocol 2 with an unknown type", {"type": "greeting", "v": 2}, code, flag, where),
            _bad("protocol 2 without a type", {"kind": 1, "v": 2}, code, flag, where),
            _bad("a text for a protocol number", {**_ACK, "v": "1"}, "bad_value", "Type", where),
            _bad("a number for a protocol number", {**_ACK, "v": 1.0}, "bad_value", "Type", where),
        ),
    )


def _item(**fields: Any) -> dict[str, Any]:
    return {"type": "observations", "seq": 1, "items": [fields], "v": 1}


def _values() -> Group:
    roster = {"type": "roster", "epoch": 1, "scene": "s", "characters": [], "labels": [], "actions": [""], "v": 1}
    seen = {"type": "perception", "seq": 1, "tick": 1, "utterance": 1, "character": "a", "labels": ["x"], "v": 1}
    start = {"kind": "start", "action": 1, "character": "a", "rule": "r"}
    command = {"type": "command", "seq": 1, "tick": 1, "v": 1}
    rows: list[tuple[str, Any, str, str]] = [
        ("a missing field", {"type": "ack", "v": 1}, "Missing", "$"),
        ("a missing field of an observation", _item(kind="move", id="a"), "Missing", "$.items[0]"),
        ("an observation without a kind", _item(id="a", at=[0.0, 0.0, 0.0]), "Missing", "$.items[0]"),
        ("an observation of unknown kind", _item(kind="teleport", id="a"), "Range", "$.items[0].kind"),
        ("a negative count", {**_ACK, "seq": -1}, "Range", "$.seq"),
        ("a count over 2^63-1", {**_ACK, "seq": 2**63}, "Range", "$.seq"),
        ("a number for a count", {**_ACK, "seq": 1.0}, "Type", "$.seq"),
        ("true for a count", {**_ACK, "seq": True}, "Type", "$.seq"),
        ("nil for a count", {**_ACK, "seq": None}, "Type", "$.seq"),
        ("a text for a count", {**_ACK, "seq": "1"}, "Type", "$.seq"),
        ("batch number 0", {"type": "observations", "seq": 0, "items": [], "v": 1}, "Range", "$.seq"),
        ("an empty id", {"type": "hello", "client": "", "v": 1}, "Range", "$.client"),
        ("a blob for a text", {"type": "bye", "reason": b"x", "v": 1}, "Type", "$.reason"),
        ("a text for a blob", {**_TICK, "emotion": "abcd"}, "Type", "$.emotion"),
        ("an array for a blob", {**_TICK, "mood": [0.0]}, "Type", "$.mood"),
        ("a map for an array", {**roster, "characters": {}}, "Type", "$.characters"),
        ("two coordinates", _item(kind="move", id="a", at=[0.0, 0.0]), "Range", "$.items[0].at"),
        ("four coordinates", _item(kind="move", id="a", at=[0.0] * 4), "Range", "$.items[0].at"),
        ("a coordinate over float32", _item(kind="move", id="a", at=[1e39, 0.0, 0.0]), "Range", "$.items[0].at[0]"),
        ("a strength over 1", _item(kind="event", name="e", strength=1.5), "Range", "$.items[0].strength"),
        ("a strength under 0", _item(kind="event", name="e", strength=-0.5), "Range", "$.items[0].strength"),
        ("a text for a variable", _item(kind="variable", name="v", value="on"), "Type", "$.items[0].value"),
        ("a rate of 0", {**roster, "rate": 0.0}, "Range", "$.rate"),
        ("a negative time", {**_TICK, "time": -0.5}, "Range", "$.time"),
        (
            "a roster inside a snapshot that is none",
            {"type": "snapshot", "session": 1, "roster": [], "v": 1},
            "Type",
            "$.roster",
        ),
        ("args that are an array", {**_REQUEST, "args": []}, "Type", "$.args"),
        ("a number as a key in args", {**_REQUEST, "args": {"a": {1: 2}}}, "Type", "$.args.a"),
        ("a probability over 1", {**seen, "probabilities": [1.5]}, "Range", "$.probabilities[0]"),
    ]
    for name, odd in (("NaN", math.nan), ("infinity", math.inf), ("minus infinity", -math.inf)):
        rows += [
            (f"{name} for a time", {**_TICK, "time": odd}, "NotFinite", "$.time"),
            (f"{name} for `sent`", {**_TICK, "sent": odd}, "NotFinite", "$.sent"),
            (f"{name} for a rate", {**roster, "rate": odd}, "NotFinite", "$.rate"),
            (f"{name} in a point", _item(kind="move", id="a", at=[0.0, odd, 0.0]), "NotFinite", "$.items[0].at[1]"),
            (f"{name} for a strength", _item(kind="event", name="e", strength=odd), "NotFinite", "$.items[0].strength"),
            (f"{name} for a variable", _item(kind="variable", name="v", value=odd), "NotFinite", "$.items[0].value"),
            (f"{name} heard", _item(kind="utterance", speaker="a", text="", heard={"joy": odd}), "NotFinite", ""),
            (f"{name} for a probability", {**seen, "probabilities": [odd]}, "NotFinite", "$.probabilities[0]"),
            (f"{name} in args", {**_REQUEST, "args": {"a": [1, odd]}}, "NotFinite", "$.args.a[1]"),
            (
                f"{name} in a result",
                {"type": "reply", "id": 1, "result": {"a": odd}, "v": 1},
                "NotFinite",
                "$.result.a",
            ),
            (
                f"{name} in a payload",
                {**command, "commands": [{**start, "payload": {"speed": odd}}]},
                "NotFinite",
                "$.commands[0].payload.speed",
            ),
        ]
    return Group(
        "values", tuple(_bad(comment, value, "bad_value", flag, where) for comment, value, flag, where in rows)
    )


def _limits() -> Group:
    base = pack({"type": "observations", "seq": 1, "v": 1})
    many = b"\x84" + base[1:] + pack("items") + b"\xcd"[:0] + b"\xdc" + (MAX_OBSERVATIONS + 1).to_bytes(2, "big")
    crowd = {"type": "roster", "epoch": 1, "scene": "s", "labels": [], "actions": [""], "v": 1}
    people = b"\x87" + pack(crowd)[1:] + pack("characters") + b"\xdd" + (MAX_CHARACTERS + 1).to_bytes(4, "big")
    item = pack({"kind": "result", "action": 1, "ok": True}).hex()
    flags = ("Long", "Repeat")
    cases = [
        _bad(
            "an id too long",
            {"type": "hello", "client": "a" * (MAX_ID_CHARS + 1), "v": 1},
            "too_large",
            "Long",
            "$.client",
        ),
        _bad(
            "a name too long",
            {"type": "bye", "reason": "a" * (MAX_NAME_CHARS + 1), "v": 1},
            "too_large",
            "Long",
            "$.reason",
        ),
        _bad(
            "a text too long",
            _item(kind="utterance", speaker="a", text="a" * (MAX_TEXT_CHARS + 1)),
            "too_large",
            "Long",
            "$.items[0].text",
        ),
        Case(
            "too many observations",
            many,
            "invalid",
            "too_large",
            flags=flags,
            extra={"where": "$.items", "repeat": {"hex": item, "times": MAX_OBSERVATIONS + 1}, "tail": ""},
        ),
        Case(
            "too many characters",
            people,
            "invalid",
            "too_large",
            flags=flags,
            extra={"where": "$.characters", "repeat": {"hex": "a161", "times": MAX_CHARACTERS + 1}, "tail": ""},
        ),
        Case(
            "a frame over the limit, whatever it holds",
            b"",
            "invalid",
            "too_large",
            flags=flags,
            extra={"repeat": {"hex": "c0", "times": MAX_LINK_BYTES + 1}, "tail": ""},
        ),
    ]
    return Group("limits", tuple(cases))
