"""Owns `protocol.g.gd`: the protocol's names, numbers and message fields as constants for the Godot client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from msgspec import NODEFAULT, inspect

from protocol import ids, messages
from protocol.codec import MESSAGE_TYPES
from protocol.codegen import GENERATED
from protocol.digest import schema_digest

PATH: Final = "unity_bridge/godot/addons/emotion_runtime/protocol.g.gd"
"""Where the file belongs, from the root of the repository."""

LINE: Final = 120
_KINDS: Final = ("BOOL", "INT", "FLOAT", "TEXT", "BLOB", "LIST", "MAP", "POINT", "STRUCT", "UNION", "SWITCH", "VALUES")
_NUMBERS: Final = (
    "PROTOCOL",
    "DEFAULT_PORT",
    "HEARTBEAT_INTERVAL_MS",
    "HEARTBEAT_TIMEOUT_MS",
    "OBSERVATION_CREDIT",
    "MAX_ID_CHARS",
    "MAX_NAME_CHARS",
    "MAX_TEXT_CHARS",
    "MAX_OBSERVATIONS",
    "MAX_CHARACTERS",
    "MAX_LINK_BYTES",
    "MAX_CONTROL_BYTES",
    "MAX_STATE_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "MAX_COUNT",
    "MAX_FLOAT",
    "DIGEST_BYTES",
)
_LONGEST_LINE: Final = 120
_HEADER: Final = """\
## {generated}
##
## Names, numbers and message fields of the wire protocol.
# gdlint: disable=max-file-lines
extends RefCounted

## What a field holds. SWITCH is a number or a boolean, UNION a structure told by its `kind`.
enum Kind {{ {kinds} }}
"""
_FIELDS: Final = """\
## What a field may hold. `low` and `high` bound a number (`above`: not equal), or
## the length of a text or list.
{shapes}
## Fields of each message and structure. `is` says what a field holds, `nil` that it may be nil.
"""
_SHAPES: Final = {
    "ID": messages.Id,
    "NAME": messages.Name,
    "TEXT": messages.Text,
    "COUNT": messages.Count,
    "SEQ": messages.Seq,
    "NUMBER": messages.Number,
    "SECONDS": messages.Seconds,
    "UNIT": messages.Unit,
    "BOOLEAN": bool,
    "BLOB": bytes,
    "POINT": messages.Point,
    "SETTING": messages.Number | bool,
    "OBSERVATION": messages.Observation,
    "CHANGE": messages.Start | messages.Stop,
}
"""Kinds of fields by the words of `docs/protocol.md`."""


def render() -> str:
    """Return the text of the file."""
    structs: dict[str, inspect.StructType] = {}
    for cls in MESSAGE_TYPES.values():
        _collect(inspect.type_info(cls), structs)
    shapes = "".join(_constant(name, _literal(shape)) for name, shape in _named_shapes().items())
    parts = [
        _HEADER.format(generated=GENERATED, kinds=", ".join(_KINDS)),
        *_constants(),
        _FIELDS.format(shapes=shapes) + _table(structs),
    ]
    return "\n".join(parts)


def _constant(name: str, value: str) -> str:
    """One line, or three where gdformat would break it; a list too long even for that becomes a constant of its own."""
    line = f"const {name} := {value}\n"
    begin, end = value.find("["), value.rfind("]")
    if len(value) > LINE and begin >= 0:
        rows = "".join(f"\t{item},\n" for item in value[begin + 1 : end].split(", "))
        kinds = f"{name}_KINDS"
        return f"const {kinds} := [\n{rows}]\n" + _constant(name, value[:begin] + kinds + value[end + 1 :])
    return line if len(line) <= LINE + 1 else f"const {name} := {{\n\t{value[1:-1]}\n}}\n"


def _constants() -> Iterator[str]:
    lines = [f"const {name} := {getattr(ids, name)!r}" for name in _NUMBERS]
    lines.append(f"const DEFAULT_HOST := {_literal(ids.DEFAULT_HOST)}")
    lines.append(f"const TOPIC_TICK := {_literal(ids.TOPIC_TICK.decode())}")
    lines.append(f"const TOPIC_FACES := {_literal(ids.TOPIC_FACES.decode())}")
    lines.append(f"const SCHEMA := {_literal(schema_digest())}")
    yield "\n".join(lines) + "\n"
    yield _list("CAPABILITIES", ids.CAPABILITIES)
    yield _list("OPERATIONS", ids.OPERATIONS)
    yield _list("STOP_REASONS", ids.STOP_REASONS)
    yield _list("MESSAGES", MESSAGE_TYPES)
    codes = "".join(f"\t{_literal(code)}: {_literal(meaning)},\n" for code, meaning in ids.ERROR_CODES.items())
    yield f"const ERROR_CODES := {{\n{codes}}}\n"


def _list(name: str, items: Any) -> str:
    line = f"const {name} := [{', '.join(_literal(item) for item in items)}]\n"
    if len(line) <= _LONGEST_LINE:
        return line
    rows = "".join(f"\t{_literal(item)},\n" for item in items)
    return f"const {name} := [\n{rows}]\n"


def _collect(kind: inspect.Type, into: dict[str, inspect.StructType]) -> None:
    """Find every structure a type is made of; inner ones first, so that the file can name them."""
    match kind:
        case inspect.StructType():
            for field in kind.fields:
                _collect(field.type, into)
            into.setdefault(_name(kind), kind)
        case inspect.UnionType():
            for each in kind.types:
                _collect(each, into)
        case inspect.VarTupleType():
            _collect(kind.item_type, into)
        case _:
            pass


def _name(kind: inspect.StructType) -> str:
    return str(kind.tag) if kind.tag else kind.cls.__name__.lower()


def _table(structs: dict[str, inspect.StructType]) -> str:
    blocks = []
    for name, kind in structs.items():
        rows = "".join(
            f"\t{_literal(field.encode_name)}: {_row(field)},\n" for field in kind.fields if field.encode_name != "v"
        )
        blocks.append(f"const {name.upper()} := {{\n{rows}}}")
    index = "".join(f"\t{_literal(name)}: {name.upper()},\n" for name in structs)
    return "\n".join(blocks) + f"\nconst STRUCTS := {{\n{index}}}\n"


def _named_shapes() -> dict[str, dict[str, Any]]:
    shapes = {name: _shape(inspect.type_info(kind)) for name, kind in _SHAPES.items()}
    shapes["POINT"]["of"] = _Bare("NUMBER")
    return shapes


def _row(field: inspect.Field) -> str:
    kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    plain = tuple(kind for kind in kinds if not isinstance(kind, inspect.NoneType))
    row: dict[str, Any] = {"is": _named(plain[0] if len(plain) == 1 else field.type)}
    if len(plain) < len(kinds):
        row["nil"] = True
    if field.required:
        row["required"] = True
    else:
        factory = field.default_factory
        row["default"] = field.default if field.default is not NODEFAULT else factory() if callable(factory) else None
    return _literal(row)


def _named(kind: inspect.Type) -> Any:
    """Return the name of a shape that has one, or the shape."""
    for name, each in _SHAPES.items():
        if inspect.type_info(each) == kind:
            return _Bare(name)
    return _shape(kind)


def _shape(kind: inspect.Type) -> dict[str, Any]:
    match kind:
        case inspect.BoolType():
            return {"kind": _Bare("Kind.BOOL")}
        case inspect.IntType():
            return {"kind": _Bare("Kind.INT"), "low": kind.ge, "high": kind.le}
        case inspect.FloatType():
            low = {"low": kind.ge} if kind.gt is None else {"above": kind.gt}
            return {"kind": _Bare("Kind.FLOAT"), **low, "high": kind.le}
        case inspect.StrType():
            return {"kind": _Bare("Kind.TEXT"), "low": kind.min_length or 0, "high": kind.max_length or ids.MAX_COUNT}
        case inspect.BytesType():
            return {"kind": _Bare("Kind.BLOB")}
        case inspect.VarTupleType():
            most = {} if kind.max_length is None else {"high": kind.max_length}
            return {"kind": _Bare("Kind.LIST"), **most, "of": _named(kind.item_type)}
        case inspect.TupleType():
            return {"kind": _Bare("Kind.POINT"), "of": _shape(kind.item_types[0])}
        case inspect.DictType(value_type=inspect.AnyType()):
            return {"kind": _Bare("Kind.VALUES")}
        case inspect.DictType():
            return {"kind": _Bare("Kind.MAP"), "of": _named(kind.value_type)}
        case inspect.StructType():
            return {"kind": _Bare("Kind.STRUCT"), "of": _name(kind)}
        case inspect.UnionType():
            return _union(kind.types)
    raise TypeError(f"no GDScript form for {kind!r}")


def _union(kinds: tuple[inspect.Type, ...]) -> dict[str, Any]:
    """Return the shape of a structure told by its `kind`, or of a number that may be written as a boolean."""
    if all(isinstance(kind, inspect.StructType) for kind in kinds):
        return {
            "kind": _Bare("Kind.UNION"),
            "of": [_name(kind) for kind in kinds if isinstance(kind, inspect.StructType)],
        }
    [number] = [kind for kind in kinds if not isinstance(kind, inspect.BoolType)]
    return {**_shape(number), "kind": _Bare("Kind.SWITCH")}


class _Bare(str):
    """A name of the file: written without quotes."""


def _literal(value: Any) -> str:
    """Return `value` as GDScript, in the form gdformat keeps."""
    if isinstance(value, _Bare):
        return str(value)
    if value is None or isinstance(value, bytes):
        # GDScript has no constant for an empty blob; the reader knows what nil stands for there.
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
