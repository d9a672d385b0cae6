"""Owns the proof that the committed JSON Schema is the generated one, and that its digest ignores prose."""

from __future__ import annotations

import copy
import json
import subprocess
import sys

import jsonschema

from protocol.codec import MESSAGE_TYPES
from protocol.digest import SCHEMA_FILE, schema_digest
from protocol.schema import build_schema, digest_of, schema_text


def test_the_committed_schema_is_the_generated_one() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m protocol.schema --write"


def test_the_schema_is_a_schema_of_every_message() -> None:
    schema = build_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    named = {reference["$ref"].rpartition("/")[2] for reference in schema["oneOf"]}
    assert named == {cls.__name__ for cls in MESSAGE_TYPES.values()}


def test_the_digest_is_sixteen_hex_digits_of_the_committed_schema() -> None:
    assert schema_digest() == digest_of(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    assert len(schema_digest()) == 16
    assert int(schema_digest(), 16) > 0


def test_prose_and_order_do_not_change_the_digest() -> None:
    schema = build_schema()
    other = copy.deepcopy(dict(reversed(schema.items())))
    other["title"] = "other words"
    other["$defs"]["Ack"]["description"] = "other words"
    assert digest_of(other) == digest_of(schema)


def test_a_field_or_a_limit_changes_the_digest() -> None:
    schema = build_schema()
    for change in ("limit", "field", "required"):
        other = copy.deepcopy(schema)
        ack = other["$defs"]["Ack"]
        if change == "limit":
            ack["properties"]["seq"]["maximum"] -= 1
        elif change == "field":
            ack["properties"]["title"] = {"type": "string"}
        else:
            ack["required"].append("credit")
        assert digest_of(other) != digest_of(schema), change


def test_the_schema_command_prints_the_schema_without_a_warning() -> None:
    command = [sys.executable, "-W", "error", "-X", "utf8", "-m", "protocol.schema"]
    assert subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout == schema_text()
