"""Owns how msgpack values are written in JSON: bytes as `{"$hex": ...}`, integers past 2^53 as `{"$int": ...}`."""

from __future__ import annotations

from typing import Any, Final

EXACT_IN_DOUBLE: Final = 2**53 - 1
"""Many JSON readers hold every number as a double, which is exact up to here."""


def to_json(value: Any) -> Any:
    """Return a msgpack value as JSON can hold it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$hex": bytes(value).hex()}
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if type(value) is int and abs(value) > EXACT_IN_DOUBLE:
        return {"$int": str(value)}
    return value


def from_json(value: Any) -> Any:
    """Return what `to_json` was given (tuples as lists)."""
    if isinstance(value, dict):
        if value.keys() == {"$hex"}:
            return bytes.fromhex(value["$hex"])
        if value.keys() == {"$int"}:
            return int(value["$int"])
        return {key: from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item) for item in value]
    return value
