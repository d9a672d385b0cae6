"""Owns `columns.json`: blobs and whole ticks as numbers, stream frames, positions, and the ways they can be wrong."""

from __future__ import annotations

import math
import struct
from typing import Any

import msgspec
import numpy as np

from protocol.codec import encode
from protocol.columns import LEAST_OPEN, MOST_OPEN, pack_f32, pack_u16, pack_u32
from protocol.faces import faces_topic
from protocol.messages import Positions, Tick
from protocol.vectors.cases import Case, Group, document
from protocol.vectors.jsonform import to_json
from protocol.vectors.message_cases import plain
from protocol.vectors.samples import FACES, ROSTER, TICK
from protocol.views import TickView, stream_frame

FLAGS = {
    "Canonical": "Writing `decoded` gives `hex`.",
    "Length": "A column does not have the bytes its rows need.",
    "Range": "A value is outside its range.",
    "NotFinite": "NaN or infinity in a column.",
    "Epoch": "The rows are of another roster.",
    "Order": "Row indices not strictly ascending.",
    "Topic": "The first four bytes of a stream frame.",
}


def build() -> dict[str, Any]:
    """Return the file's JSON."""
    about = (
        "Groups f32, u16, u32: bare blobs. Group tick: the message after the topic, read against the group's `roster`. "
        "Group stream: whole stream frames. Group positions: a `positions` observation, read for the group's `epoch` "
        "and `rows`. Group faces: the message after the topic, read against `roster` and `columns`. "
        "Group faces stream: whole frames of faces."
    )
    return document(about, FLAGS, (_f32(), *_integers(), _ticks(), _stream(), _positions(), _faces(), _faces_frames()))


def _f32() -> Group:
    cases = []
    for rows, columns in ((0, 3), (1, 1), (2, 3), (3, 2)):
        values = (np.arange(rows * columns, dtype=np.float32) / 8).reshape(rows, columns)
        shape = {"rows": rows, "columns": columns}
        data = pack_f32(values)
        cases.append(
            Case(f"{rows} rows of {columns}", data, decoded=values.tolist(), flags=("Canonical",), extra=shape)
        )
        cases.append(Case("one byte more", data + b"\x00", "invalid", "bad_column", flags=("Length",), extra=shape))
    one = {"rows": 1, "columns": 1}
    for name, value in (("least above 0", LEAST_OPEN), ("most under 1", MOST_OPEN), ("-0", -0.0)):
        cases.append(Case(name, pack_f32([value]), decoded=[[value]], flags=("Canonical",), extra=one))
    cases.append(
        Case("big-endian 1.0 is not 1.0", b"\x3f\x80\x00\x00", decoded=[[float(np.float32(4.6006e-41))]], extra=one)
    )
    cases.append(Case("three bytes", bytes(3), "invalid", "bad_column", flags=("Length",), extra=one))
    return Group("f32", tuple(cases))


def _integers() -> tuple[Group, Group]:
    small = [0, 1, 255, 256, 65535]
    large = [0, 1, 65536, 2**32 - 1]
    rows_16, rows_32 = {"rows": len(small)}, {"rows": len(large)}
    return (
        Group(
            "u16",
            (
                Case("the corners", pack_u16(small), decoded=small, flags=("Canonical",), extra=rows_16),
                Case("no rows", b"", decoded=[], flags=("Canonical",), extra={"rows": 0}),
                Case("half a value", b"\x01", "invalid", "bad_column", flags=("Length",), extra={"rows": 1}),
            ),
        ),
        Group(
            "u32",
            (
                Case("the corners", pack_u32(large), decoded=large, flags=("Canonical",), extra=rows_32),
                Case("half a value", b"\x01\x00", "invalid", "bad_column", flags=("Length",), extra={"rows": 1}),
            ),
        ),
    )


def _numbers(tick: Tick) -> dict[str, Any]:
    view = TickView.of(tick, ROSTER)
    return {
        "emotion": view.emotion.tolist(),
        "mood": view.mood.tolist(),
        "action": view.action.tolist(),
        "face": None if view.face is None else view.face.tolist(),
    }


def _changed(**fields: Any) -> Tick:
    return msgspec.structs.replace(TICK, **fields)


def _patched(blob: bytes, place: int, value: float) -> bytes:
    return blob[: 4 * place] + struct.pack("<f", value) + blob[4 * place + 4 :]


def _ticks() -> Group:
    good = [
        ("all columns", TICK),
        ("without faces and digest", _changed(face=b"", digest=b"")),
        ("emotion at its ends", _changed(emotion=pack_f32([LEAST_OPEN, MOST_OPEN] * 3))),
    ]
    cases = [Case(name, encode(tick), decoded=_numbers(tick)) for name, tick in good]
    e, m, f = TICK.emotion, TICK.mood, TICK.face
    bad: list[tuple[str, Tick, str, str, str]] = [
        ("emotion short by a row", _changed(emotion=e[:-8]), "bad_column", "Length", "$.emotion"),
        ("emotion long by a byte", _changed(emotion=e + b"\x00"), "bad_column", "Length", "$.emotion"),
        ("mood of two columns", _changed(mood=m[:24]), "bad_column", "Length", "$.mood"),
        ("no mood", _changed(mood=b""), "bad_column", "Length", "$.mood"),
        ("action of one byte each", _changed(action=b"\x00\x01\x02"), "bad_column", "Length", "$.action"),
        ("face short by a value", _changed(face=f[:-4]), "bad_column", "Length", "$.face"),
        ("a digest of 8 bytes", _changed(digest=bytes(8)), "bad_column", "Length", "$.digest"),
        ("fewer rows than the roster", _changed(n=2), "bad_column", "Length", "$.n"),
        ("another epoch", _changed(epoch=2), "stale_epoch", "Epoch", "$.epoch"),
        ("a later epoch", _changed(epoch=4), "stale_epoch", "Epoch", "$.epoch"),
        ("emotion of 0", _changed(emotion=_patched(e, 0, 0.0)), "bad_value", "Range", "$.emotion[0][0]"),
        ("emotion of 1", _changed(emotion=_patched(e, 5, 1.0)), "bad_value", "Range", "$.emotion[2][1]"),
        ("emotion of NaN", _changed(emotion=_patched(e, 3, math.nan)), "bad_value", "NotFinite", "$.emotion[1][1]"),
        ("mood over 1", _changed(mood=_patched(m, 4, 1.25)), "bad_value", "Range", "$.mood[1][1]"),
        ("mood of infinity", _changed(mood=_patched(m, 8, math.inf)), "bad_value", "NotFinite", "$.mood[2][2]"),
        ("mood of NaN", _changed(mood=_patched(m, 0, math.nan)), "bad_value", "NotFinite", "$.mood[0][0]"),
        ("face under 0", _changed(face=_patched(f, 1, -0.5)), "bad_value", "Range", "$.face[0][1]"),
        ("face of NaN", _changed(face=_patched(f, 2, math.nan)), "bad_value", "NotFinite", "$.face[1][0]"),
        ("an action the roster lacks", _changed(action=pack_u16([0, 3, 1])), "bad_value", "Range", "$.action[1]"),
    ]
    cases += [
        Case(name, encode(tick), "invalid", code, flags=(flag,), extra={"where": where})
        for name, tick, code, flag, where in bad
    ]
    return Group("tick", tuple(cases), {"roster": to_json(plain(ROSTER))})


def _stream() -> Group:
    frame = stream_frame(TICK)
    other = b"tick" + encode(ROSTER)
    return Group(
        "stream",
        (
            Case("topic and tick in one frame", frame, decoded=plain(TICK), flags=("Canonical",)),
            Case("another topic", b"face" + frame[4:], "ignored", "unknown_message", flags=("Topic",)),
            Case("topics are case-sensitive", b"TICK" + frame[4:], "ignored", "unknown_message", flags=("Topic",)),
            Case("another message under the topic", other, "ignored", "unknown_message", flags=("Topic",)),
            Case("no topic", frame[4:], "ignored", "unknown_message", flags=("Topic",)),
            Case("less than a topic", b"tic", "invalid", "malformed", flags=("Topic",)),
            Case("a topic alone", b"tick", "invalid", "malformed", flags=("Topic",)),
        ),
    )


def _u8(value: int) -> float:
    return float(np.float32(value) / np.float32(255.0))


def _faces() -> Group:
    def message(**changes: Any) -> bytes:
        return encode(msgspec.structs.replace(FACES, **changes))

    four = pack_f32([[0.0, 1.0], [0.25, 0.5]])
    u8 = {"rows": [0, 2], "weights": [[0.0, 1.0], [_u8(51), _u8(102)]]}
    cases = [
        Case("two of three rows in bytes", message(), decoded=u8),
        Case(
            "two of three rows in float32",
            message(weights=four, u8=False),
            decoded={"rows": [0, 2], "weights": [[0.0, 1.0], [0.25, 0.5]]},
        ),
        Case(
            "everybody, without an index",
            message(n=3, index=b"", weights=bytes((0, 255) * 3)),
            decoded={"rows": [0, 1, 2], "weights": [[0.0, 1.0]] * 3},
        ),
        Case("nobody is near", message(n=0, index=b"", weights=b""), decoded={"rows": [], "weights": []}),
    ]
    bad: list[tuple[str, dict[str, Any], str, str, str]] = [
        ("rows not ascending", {"index": pack_u32([2, 0])}, "bad_value", "Order", "$.index[1]"),
        ("a row twice", {"index": pack_u32([1, 1])}, "bad_value", "Order", "$.index[1]"),
        ("a row the roster lacks", {"index": pack_u32([0, 3])}, "bad_value", "Range", "$.index[1]"),
        ("an index of 7 bytes", {"index": bytes(7)}, "bad_column", "Length", "$.index"),
        ("two rows without an index", {"index": b""}, "bad_column", "Length", "$.n"),
        ("a weight too few", {"weights": bytes(3)}, "bad_column", "Length", "$.weights"),
        ("bytes where float32 is meant", {"u8": False}, "bad_column", "Length", "$.weights"),
        ("over 1", {"u8": False, "weights": _patched(four, 3, 1.5)}, "bad_value", "Range", "$.weights[1][1]"),
        ("NaN", {"u8": False, "weights": _patched(four, 0, math.nan)}, "bad_value", "NotFinite", "$.weights[0][0]"),
        ("another epoch", {"epoch": 2}, "stale_epoch", "Epoch", "$.epoch"),
    ]
    cases += [
        Case(name, message(**changes), "invalid", code, flags=(flag,), extra={"where": where})
        for name, changes, code, flag, where in bad
    ]
    return Group("faces", tuple(cases), {"roster": to_json(plain(ROSTER)), "columns": ["jawOpen", "mouthSmileLeft"]})


def _faces_frames() -> Group:
    topic = faces_topic(258)
    return Group(
        "faces stream",
        (
            Case("topic and faces in one frame", topic + encode(FACES), decoded=plain(FACES), flags=("Canonical",)),
            Case("a tick", stream_frame(TICK), "ignored", "unknown_message", flags=("Topic",)),
            Case("a tick under the topic", topic + encode(TICK), "ignored", "unknown_message", flags=("Topic",)),
            Case("less than a topic", topic[:6], "invalid", "malformed", flags=("Topic",)),
            Case("no number", b"face0000010x" + encode(FACES), "invalid", "malformed", flags=("Topic",)),
            Case("a topic alone", topic, "invalid", "malformed", flags=("Topic",)),
        ),
        {"wish": 258},
    )


def _positions() -> Group:
    def message(index: bytes, xyz: bytes, epoch: int = 3) -> bytes:
        data: bytes = msgspec.msgpack.encode(Positions(epoch=epoch, index=index, xyz=xyz))
        return data

    two = pack_f32([[1.0, 0.0, 2.0], [-1.5, 0.0, 0.5]])
    good = [
        (
            "two of three rows",
            message(pack_u32([0, 2]), two),
            {"index": [0, 2], "xyz": [[1.0, 0.0, 2.0], [-1.5, 0.0, 0.5]]},
        ),
        ("no rows", message(b"", b""), {"index": [], "xyz": []}),
    ]
    cases = [Case(name, data, decoded=decoded) for name, data, decoded in good]
    bad = [
        ("rows not ascending", message(pack_u32([2, 0]), two), "bad_value", "Order", "$.index[1]"),
        ("a row twice", message(pack_u32([1, 1]), two), "bad_value", "Order", "$.index[1]"),
        ("a row the roster lacks", message(pack_u32([0, 3]), two), "bad_value", "Range", "$.index[1]"),
        ("row 2^32-1", message(pack_u32([0, 2**32 - 1]), two), "bad_value", "Range", "$.index[1]"),
        ("NaN", message(pack_u32([0, 2]), _patched(two, 4, math.nan)), "bad_value", "NotFinite", "$.xyz[1][1]"),
        ("infinity", message(pack_u32([0, 2]), _patched(two, 0, math.inf)), "bad_value", "NotFinite", "$.xyz[0][0]"),
        ("an index of 7 bytes", message(bytes(7), two), "bad_column", "Length", "$.index"),
        ("a point too few", message(pack_u32([0, 2]), two[:12]), "bad_column", "Length", "$.xyz"),
        ("another epoch", message(pack_u32([0, 2]), two, epoch=2), "stale_epoch", "Epoch", "$.epoch"),
    ]
    cases += [
        Case(name, data, "invalid", code, flags=(flag,), extra={"where": where})
        for name, data, code, flag, where in bad
    ]
    return Group("positions", tuple(cases), {"epoch": 3, "rows": 3})
