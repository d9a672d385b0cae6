"""Owns `messages.json`: valid messages in canonical and in every other legal encoding, and what is to be ignored."""

from __future__ import annotations

from typing import Any

import msgspec

from protocol.codec import MESSAGE_TYPES, encode
from protocol.ids import MAX_COUNT, MAX_ID_CHARS
from protocol.messages import AnyMessage
from protocol.vectors.cases import Case, Group, document
from protocol.vectors.forms import WIDEST, Form, pack
from protocol.vectors.samples import FULL, MINIMAL

FLAGS = {
    "Canonical": "These are the very bytes a sender writes: encoding `decoded` gives `hex`.",
    "Width": "Another legal msgpack width than the shortest; readers take them all.",
    "UnknownField": "Holds fields this protocol does not have: skipped, `decoded` is without them.",
    "ExplicitDefault": "A field is written out though it has its default value.",
    "UnknownType": "A message type this protocol does not have: ignored and counted, not an error of the peer.",
    "Order": "The order of fields carries no meaning.",
}


def build() -> dict[str, Any]:
    """Return the file's JSON."""
    about = "One frame of the link or of control each; on the stream the four bytes `tick` come before."
    groups = [*_by_type(), _integers(), _numbers(), _texts(), _blobs(), _containers(), _forward()]
    return document(about, FLAGS, groups)


def plain(message: AnyMessage) -> dict[str, Any]:
    """Return the map that `message` is on the wire, as a plain dict."""
    value: dict[str, Any] = msgspec.msgpack.decode(encode(message))
    return value


def _by_type() -> list[Group]:
    groups = []
    for kind in MESSAGE_TYPES:
        cases = []
        for name, samples in (("required fields only", MINIMAL), ("every field", FULL)):
            message = next(m for m in samples if m.__struct_config__.tag == kind)
            value = plain(message)
            cases.append(Case(f"{name}", encode(message), decoded=value, flags=("Canonical",)))
        cases.append(Case("every field, widest forms", pack(value, WIDEST), decoded=value, flags=("Width",)))
        backwards = dict(reversed(value.items()))
        cases.append(Case("every field, in another order", pack(backwards), decoded=value, flags=("Order",)))
        groups.append(Group(kind, tuple(cases)))
    return groups


def _ack(seq: int) -> dict[str, Any]:
    return {"type": "ack", "seq": seq, "v": 1}


def _integers() -> Group:
    cases = [
        Case(f"integer {value}", pack(_ack(value)), decoded=_ack(value), flags=("Canonical",))
        for value in (0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**53 + 1, MAX_COUNT)
    ]
    for bits in (8, 16, 32, 64):
        for sign in ("unsigned", "signed"):
            name = f"{'u' if sign == 'unsigned' else ''}int{bits}"
            form = Form(unsigned=bits) if sign == "unsigned" else Form(signed=bits)
            cases += [
                Case(f"{value} as {name}", pack(_ack(value), form), decoded=_ack(value), flags=("Width",))
                for value in (0, 5, 100)
            ]
    negative = {"type": "request", "client": "t", "id": 1, "op": "ping", "v": 1}
    for value in (-1, -32, -33, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1, -(2**63)):
        message = {**negative, "args": {"x": value}}
        cases.append(Case(f"integer {value} in args", pack(message), decoded=message))
    return Group("integers", tuple(cases))


def _move(x: float) -> dict[str, Any]:
    return {"type": "observations", "seq": 1, "items": [{"kind": "move", "id": "a", "at": [x, 0.0, -2.5]}], "v": 1}


def _numbers() -> Group:
    cases = []
    for x in (0.0, 1.5, -0.25, 3.4028234663852886e38, -3.4028234663852886e38, 2.0**-126):
        value = _move(x)
        cases.append(Case(f"{x!r} as float64", pack(value), decoded=value, flags=("Canonical",)))
        cases.append(Case(f"{x!r} as float32", pack(value, Form(real=32)), decoded=value, flags=("Width",)))
    value = _move(0.1)
    cases.append(Case("0.1, which only float64 holds to 53 bits", pack(value), decoded=value, flags=("Canonical",)))
    for whole in (0, 7, 300, -7, 2**40):
        value = _move(1.0)
        value["items"][0]["at"][0] = whole
        cases.append(Case(f"integer {whole} where a number is meant", pack(value), decoded=value, flags=("Width",)))
    for name, given in (("true", True), ("false", False), ("0.0", 0.0), ("1.0", 1.0)):
        value = {**_ack(1), "type": "observations", "items": [{"kind": "variable", "name": "a", "value": given}]}
        cases.append(Case(f"a variable's value {name}", pack(value), decoded=value))
    return Group("numbers", tuple(cases))


def _texts() -> Group:
    cases = []
    for text in ("", "a" * 31, "a" * 32, "a" * 255, "a" * 256, "ä" * 128, "火" * 256, "🔥" * 256):
        value = {"type": "bye", "reason": text, "v": 1} if text else {"type": "bye", "v": 1}
        size = len(text.encode())
        cases.append(Case(f"{len(text)} characters in {size} bytes", pack(value), decoded=value, flags=("Canonical",)))
    for bits in (8, 16, 32):
        value = {"type": "bye", "reason": "Zoë", "v": 1}
        cases.append(Case(f"str{bits}", pack(value, Form(text=bits)), decoded=value, flags=("Width",)))
    value = {"type": "hello", "client": "é" * MAX_ID_CHARS, "v": 1}
    cases.append(Case(f"limits count characters, not bytes: {MAX_ID_CHARS} of two bytes", pack(value), decoded=value))
    value = {"type": "bye", "reason": "a\x00b", "v": 1}
    cases.append(Case("a zero character inside", pack(value), decoded=value, flags=("Canonical",)))
    return Group("texts", tuple(cases))


def _blobs() -> Group:
    cases = []
    base = {"session": 1, "tick": 1, "time": 0.5, "epoch": 1, "mood": b"", "action": b"", "v": 1}
    for rows in (0, 1, 63, 64):
        value = {"type": "tick", **base, "n": rows, "emotion": bytes(4 * rows)}
        for bits in (8, 16, 32):
            flags = ("Width",) if bits > 8 else ()
            cases.append(
                Case(f"{4 * rows} bytes as bin{bits}", pack(value, Form(blob=bits)), decoded=value, flags=flags)
            )
    return Group("blobs", tuple(cases))


def _containers() -> Group:
    cases = []
    for count in (0, 15, 16):
        value = {"type": "command", "seq": 1, "tick": 1, "v": 1}
        value["commands"] = [
            {"kind": "stop", "action": i, "character": "a", "rule": "r", "reason": "success"} for i in range(count)
        ]
        cases.append(Case(f"{count} commands", pack(value), decoded=value))
    for bits in (16, 32):
        cases.append(Case(f"array{bits}", pack(value, Form(array=bits)), decoded=value, flags=("Width",)))
        cases.append(Case(f"map{bits}", pack(value, Form(map=bits)), decoded=value, flags=("Width",)))
    nested: Any = 1
    for _ in range(14):
        nested = [nested]
    value = {"type": "request", "client": "t", "id": 1, "op": "ping", "args": {"x": nested}, "v": 1}
    cases.append(Case("16 levels, the message itself being the first", pack(value), decoded=value))
    return Group("containers", tuple(cases))


def _forward() -> Group:
    known = _ack(3)
    cases = [
        Case(f"unknown field: {name}", pack({**known, "later": later}), decoded=known, flags=("UnknownField",))
        for name, later in (
            ("nil", None),
            ("integer", 7),
            ("number", 0.5),
            ("text", "x"),
            ("blob", b"\x00\x01"),
            ("array", [1, [2, 3]]),
            ("map", {"a": {"b": 1}}),
        )
    ]
    item = {"kind": "move", "id": "a", "at": [0.0, 1.0, 2.0]}
    value = {"type": "observations", "seq": 1, "items": [item], "v": 1}
    later = {**value, "items": [{**item, "speed": 3.0}]}
    cases.append(Case("unknown field of an observation", pack(later), decoded=value, flags=("UnknownField",)))
    explicit = {**known, "credit": 0}
    cases.append(Case("credit 0 written out", pack(explicit), decoded=explicit, flags=("ExplicitDefault",)))
    explicit = {"type": "hello", "client": "a", "owns": None, "v": 1}
    cases.append(Case("owns nil written out", pack(explicit), decoded=explicit, flags=("ExplicitDefault",)))
    for name, unknown in (
        ("a type of a later capability", {"type": "viseme", "seq": 9, "v": 1}),
        ("an empty type", {"type": "", "v": 1}),
        ("types are case-sensitive", {"type": "Ack", "seq": 1, "v": 1}),
        ("an observation's kind is no message type", {"type": "move", "id": "a", "at": [0.0, 0.0, 0.0], "v": 1}),
    ):
        cases.append(Case(name, pack(unknown), "ignored", "unknown_message", flags=("UnknownType",)))
    return Group("forward", tuple(cases))
