"""Owns the run of the golden vectors through our codec and through `msgpack`, the independent second one."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema
import msgpack
import msgspec
import pytest

from protocol.codec import decode, encode
from protocol.columns import f32, u16, u32
from protocol.digest import SCHEMA_FILE
from protocol.errors import ProtocolError, UnknownMessageError
from protocol.faces import FacesView, parse_faces_frame
from protocol.ids import ERROR_CODES
from protocol.messages import Faces, Positions, Roster, Tick
from protocol.vectors import FILES, FOLDER, generate, load
from protocol.vectors.jsonform import from_json, to_json
from protocol.views import TickView, parse_stream_frame, read_positions


def frame_of(test: dict[str, Any]) -> bytes:
    data = bytes.fromhex(test["hex"])
    if "repeat" in test:
        data += bytes.fromhex(test["repeat"]["hex"]) * test["repeat"]["times"] + bytes.fromhex(test["tail"])
    return data


def cases_of(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(group, test) for group in load(name)["groups"] for test in group["tests"]]


def name_of(value: Any) -> str:
    return f"{value['id']}-{value['comment']}" if "id" in value else str(value["type"])


def vectors(name: str, *results: str) -> pytest.MarkDecorator:
    chosen = [(group, test) for group, test in cases_of(name) if test["result"] in results]
    return pytest.mark.parametrize(("group", "test"), chosen, ids=name_of)


@cache
def message_schema() -> Any:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", FILES)
def test_the_committed_vectors_are_what_the_generator_writes(name: str) -> None:
    committed = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert generate.text_of(name) == committed, "run: python -m protocol.vectors.generate --write"


@pytest.mark.parametrize("name", FILES)
def test_every_vector_file_follows_its_schema(name: str) -> None:
    schema = json.loads((FOLDER / "vectors.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(load(name))


@pytest.mark.parametrize("name", ["messages", "columns", "malformed"])
def test_vector_ids_flags_and_codes_are_declared(name: str) -> None:
    document = load(name)
    tests = [test for _, test in cases_of(name)]
    assert [test["id"] for test in tests] == list(range(1, document["count"] + 1))
    assert {flag for test in tests for flag in test["flags"]} == set(document["flags"])
    assert {test["error"] for test in tests if "error" in test} <= set(ERROR_CODES)


@vectors("messages", "valid")
def test_a_valid_frame_means_the_same_to_both_codecs(group: dict[str, Any], test: dict[str, Any]) -> None:
    data = frame_of(test)
    decoded = from_json(test["decoded"])
    message = decode(data)
    assert decode(msgpack.packb(decoded)) == message
    by_msgpack = msgpack.unpackb(data)
    if "UnknownField" in test["flags"]:
        assert decoded != by_msgpack
    else:
        assert decoded == by_msgpack
    if "Canonical" in test["flags"]:
        assert encode(message) == data
        assert msgpack.unpackb(encode(message)) == decoded


@vectors("messages", "valid")
def test_a_valid_frame_fits_the_json_schema(group: dict[str, Any], test: dict[str, Any]) -> None:
    message_schema().validate(to_json(_with_exact_integers(test["decoded"])))


def _with_exact_integers(value: Any) -> Any:
    """JSON Schema knows integers, not `$int`; bytes stay `$hex`."""
    if isinstance(value, dict):
        if value.keys() == {"$int"}:
            return min(int(value["$int"]), 2**53 - 1)
        return {key: _with_exact_integers(item) for key, item in value.items()}
    return [_with_exact_integers(item) for item in value] if isinstance(value, list) else value


@vectors("messages", "ignored")
def test_an_unknown_type_is_told_apart_from_a_fault(group: dict[str, Any], test: dict[str, Any]) -> None:
    with pytest.raises(UnknownMessageError):
        decode(frame_of(test))


@vectors("malformed", "invalid", "ignored", "valid")
def test_a_faulty_frame_is_refused_with_its_code_and_place(group: dict[str, Any], test: dict[str, Any]) -> None:
    assert test["result"] == "invalid"
    with pytest.raises(ProtocolError) as caught:
        decode(frame_of(test))
    assert caught.value.code == test["error"]
    if "where" in test:
        assert caught.value.where == test["where"]


def read_columns(group: dict[str, Any], test: dict[str, Any]) -> Any:
    data = frame_of(test)
    kind = group["type"]
    if kind == "f32":
        return f32(data, test["rows"], test["columns"], "column").tolist()
    if kind in ("u16", "u32"):
        return (u16 if kind == "u16" else u32)(data, test["rows"], "column").tolist()
    if kind == "tick":
        roster = msgspec.convert(from_json(group["roster"]), Roster)
        tick = decode(data)
        assert isinstance(tick, Tick)
        view = TickView.of(tick, roster)
        face = None if view.face is None else view.face.tolist()
        return {
            "emotion": view.emotion.tolist(),
            "mood": view.mood.tolist(),
            "action": view.action.tolist(),
            "face": face,
        }
    if kind == "faces":
        faces = decode(data)
        assert isinstance(faces, Faces)
        shown = FacesView.of(faces, msgspec.convert(from_json(group["roster"]), Roster), tuple(group["columns"]))
        return {"rows": shown.rows.tolist(), "weights": shown.weights.tolist()}
    if kind == "faces stream":
        number, told = parse_faces_frame(data)
        assert number == group["wish"]
        return to_json(msgpack.unpackb(encode(told)))
    if kind == "stream":
        return to_json(msgpack.unpackb(encode(parse_stream_frame(data))))
    positions = msgspec.msgpack.decode(data, type=Positions)
    index, xyz = read_positions(positions, epoch=group["epoch"], rows=group["rows"])
    return {"index": index.tolist(), "xyz": xyz.tolist()}


@vectors("columns", "valid")
def test_valid_columns_hold_their_numbers(group: dict[str, Any], test: dict[str, Any]) -> None:
    assert read_columns(group, test) == test["decoded"]


@vectors("columns", "invalid", "ignored")
def test_faulty_columns_are_refused_with_their_code_and_place(group: dict[str, Any], test: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_columns(group, test)
    assert caught.value.code == test["error"]
    assert (test["result"] == "ignored") == isinstance(caught.value, UnknownMessageError)
    if "where" in test:
        assert caught.value.where == test["where"]


@pytest.mark.parametrize("sequence", load("session")["sequences"], ids=name_of)
def test_every_frame_of_a_session_sequence_can_be_sent(sequence: dict[str, Any]) -> None:
    faults = []
    for step in sequence["steps"]:
        if "receive" not in step:
            continue
        data = msgpack.packb(from_json(step["receive"]))
        try:
            decode(data)
        except ProtocolError as error:
            faults.append(error.code)
    answers = [s["send"].get("code") for s in sequence["steps"] if "send" in s]
    assert all(code in answers for code in faults), "a frame that cannot be read must be answered"


def test_every_message_type_has_a_minimal_and_a_full_vector() -> None:
    by_type = {group["type"]: group["tests"] for group in load("messages")["groups"]}
    for kind, cls in _message_types():
        comments = [test["comment"] for test in by_type[kind]]
        assert comments[:2] == ["required fields only", "every field"]
        full = by_type[kind][1]["decoded"]
        assert set(full) == {"type", *(f.encode_name for f in msgspec.structs.fields(cls))}


def _message_types() -> list[tuple[str, Any]]:
    from protocol.codec import MESSAGE_TYPES

    return list(MESSAGE_TYPES.items())
