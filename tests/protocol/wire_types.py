"""Owns the words by which `docs/protocol.md` names the type and default of a field, made from the message classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from protocol.codec import MESSAGE_TYPES
from protocol.ids import (
    MAX_CHARACTERS,
    MAX_COUNT,
    MAX_FLOAT,
    MAX_ID_CHARS,
    MAX_NAME_CHARS,
    MAX_OBSERVATIONS,
    MAX_PARTS,
    MAX_TEXT_CHARS,
)
from protocol.messages import Command, Fault, Observations, Running

_TEXTS: dict[Any, str] = {(1, MAX_ID_CHARS): "id", (None, MAX_NAME_CHARS): "name", (None, MAX_TEXT_CHARS): "text"}
_NUMBERS: dict[Any, str] = {(-MAX_FLOAT, MAX_FLOAT): "number", (0.0, MAX_FLOAT): "seconds", (0.0, 1.0): "unit"}
_INTEGERS: dict[Any, str] = {
    (0, MAX_COUNT): "count",
    (1, MAX_COUNT): "seq",
    (0, MAX_CHARACTERS): "count up to 131,072",
    (0, MAX_PARTS - 1): "count up to 255",
    (1, MAX_PARTS): "integer 1 to 256",
    (8000, 48000): "integer 8,000 to 48,000",
    (None, None): "integer",
}
_LONGEST: dict[Any, str] = {MAX_OBSERVATIONS: " (up to 4,096)", MAX_CHARACTERS: " (up to 131,072)", None: ""}


def sections() -> Iterator[tuple[str, type]]:
    """Each heading of the reference and the class whose fields stand under it."""
    yield from MESSAGE_TYPES.items()
    nested: list[Any] = [Running, Fault]
    for cls, name in ((Command, "commands"), (Observations, "items")):
        field = next(f for f in inspect.type_info(cls).fields if f.name == name)  # type: ignore[attr-defined]
        nested += [each.cls for each in field.type.item_type.types]
    for cls in nested:
        yield str(cls.__struct_config__.tag or cls.__name__.lower()), cls


def rows(cls: type) -> Iterator[tuple[str, str, str]]:
    """Name, type word and default of every field that the envelope does not have already."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        if field.name != "v":
            yield field.name, word(field.type), _default(field)


def word(info: inspect.Type) -> str:
    """Return the documentation's word for a type."""
    match info:
        case inspect.StrType():
            return _TEXTS[info.min_length, info.max_length]
        case inspect.IntType():
            return _INTEGERS[info.ge, info.le]
        case inspect.FloatType():
            return "number over 0" if info.gt == 0.0 else _NUMBERS[info.ge, info.le]
        case inspect.BoolType():
            return "boolean"
        case inspect.BytesType():
            return "blob"
        case inspect.VarTupleType():
            return f"list of {word(info.item_type)}{_LONGEST[info.max_length]}"
        case inspect.TupleType():
            return "point"
        case inspect.DictType():
            return "values" if isinstance(info.value_type, inspect.AnyType) else f"map to {word(info.value_type)}"
        case inspect.StructType():
            return f"`{info.tag or info.cls.__name__.lower()}`"
        case inspect.UnionType():
            return _union(info)
    raise AssertionError(f"no word for {info!r}")


def _union(info: inspect.UnionType) -> str:
    words = [word(each) for each in info.types if not isinstance(each, inspect.NoneType)]
    if len(words) > 2:
        return "observation"
    return " or ".join(sorted(words)) + (" or nil" if len(words) < len(info.types) else "")


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    else:
        value = field.default
    shown = {(): "`[]`", "": "empty", None: "nil", False: "false", b"": "empty"}
    if value == {}:
        return "`{}`"
    if value is False or value is None or isinstance(value, (str, bytes, tuple)):
        return shown.get(value, f"`{value!s}`")
    return f"{value:g}"
