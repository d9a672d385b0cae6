"""Owns the JSON Schema of all messages and its 64-bit digest, generated from the message classes.

`python -m protocol.schema --write` renews `protocol/schema/messages.schema.json`; what runs reads only that file
(`protocol.digest`).
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

import msgspec
import xxhash

from protocol.codec import MESSAGE_TYPES
from protocol.digest import SCHEMA_FILE
from protocol.ids import PROTOCOL

_PROSE: Final = frozenset({"title", "description"})


def build_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one message in its JSON form, where bytes are `{"$hex": "..."}`."""
    types = tuple(MESSAGE_TYPES.values())
    references, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    defs = {name: _bytes_as_hex(components[name]) for name in sorted(components)}
    for cls in types:
        defs[cls.__name__]["properties"]["v"] = {"const": PROTOCOL}
        defs[cls.__name__]["required"].append("v")
    defs["Bytes"] = {
        "description": "A msgpack bin, in JSON as lower-case hex digits.",
        "type": "object",
        "properties": {"$hex": {"type": "string", "pattern": "^([0-9a-f]{2})*$"}},
        "required": ["$hex"],
        "additionalProperties": False,
    }
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "messages.schema.json",
        "title": f"emotion-runtime wire messages, protocol {PROTOCOL}",
        "protocol": PROTOCOL,
        "oneOf": list(references),
        "$defs": defs,
    }
    return {"digest": digest_of(schema), **schema}


def digest_of(schema: dict[str, Any]) -> str:
    """Return xxh3-64 over the canonical JSON of the schema without its prose, as 16 hex digits."""
    bare = _without_prose({key: value for key, value in schema.items() if key != "digest"})
    canonical = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return xxhash.xxh3_64_hexdigest(canonical.encode("ascii"))


def schema_text() -> str:
    """Return the text of the committed schema file."""
    return json.dumps(build_schema(), indent=1, ensure_ascii=False) + "\n"


def _bytes_as_hex(node: Any) -> Any:
    if isinstance(node, dict):
        if "contentEncoding" in node:
            return {"$ref": "#/$defs/Bytes"}
        return {key: ({"$hex": ""} if value == b"" else _bytes_as_hex(value)) for key, value in node.items()}
    if isinstance(node, list):
        return [_bytes_as_hex(item) for item in node]
    return node


def _without_prose(node: Any, *, names: bool = False) -> Any:
    """Drop titles and descriptions, but not fields that happen to have such a name (`names`: keys are field names)."""
    if isinstance(node, dict):
        return {
            key: _without_prose(value, names=not names and key in ("properties", "$defs"))
            for key, value in node.items()
            if names or key not in _PROSE
        }
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    return node


def main(arguments: list[str]) -> int:
    """Write the schema file (`--write`), or print the schema. Returns the exit code."""
    if arguments == ["--write"]:
        SCHEMA_FILE.parent.mkdir(exist_ok=True)
        SCHEMA_FILE.write_text(schema_text(), encoding="utf-8", newline="\n")
        return 0
    sys.stdout.write(schema_text())
    return 0 if not arguments else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
