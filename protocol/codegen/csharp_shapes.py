"""Owns `Shapes.g.cs`: which fields every message has, with types and ranges, as tables that the C# reader checks by."""

from __future__ import annotations

from typing import Any, Final

from msgspec import inspect

from protocol import messages
from protocol.codec import MESSAGE_TYPES
from protocol.codegen import GENERATED
from protocol.codegen.csharp import PACKAGE
from protocol.ids import MAX_COUNT, MAX_FLOAT, MAX_VALUES

PATH: Final = f"{PACKAGE}/Runtime/Core/Wire/Shapes.g.cs"
_PARTS: Final[tuple[type[Any], ...]] = (
    messages.Fault,
    messages.Running,
    messages.Start,
    messages.Stop,
    messages.Utterance,
    messages.Event,
    messages.Move,
    messages.Positions,
    messages.Variable,
    messages.Sight,
    messages.Result,
    messages.Capture,
    messages.Voice,
    messages.Face,
)
"""Structures inside messages, before those that hold them: C# initialises fields from the top."""

LONGEST_LINE = 130
"""Characters; a longer field is broken once."""


def render() -> str:
    """Return the text of the file."""
    types: tuple[type[Any], ...] = (*_PARTS, messages.Roster, messages.Tick)
    rest = tuple(cls for cls in MESSAGE_TYPES.values() if cls not in types)
    lines = [
        f"// Owns the fields of every message, with types and ranges. {GENERATED}",
        "namespace EmotionRuntime",
        "{",
        "    internal static class Shapes",
        "    {",
    ]
    for cls in (*types, *rest):
        lines += _shape(cls)
    lines += [
        "        /// <summary>Messages of the link and of control.</summary>",
        "        public static readonly Shape[] Messages =",
        "        {",
        *(f"            {cls.__name__}," for cls in MESSAGE_TYPES.values()),
        "        };",
        "    }",
        "}",
        "",
    ]
    return "\n".join(lines)


def _shape(cls: type[Any]) -> list[str]:
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    tag = f'"{info.tag_field}", "{info.tag}"' if info.tag_field else "null, null"
    fields = []
    for each in info.fields:
        # A missing number of the protocol is told before any field is looked at.
        required = "true" if each.required else "false"
        start = f'            new Field("{each.encode_name}", {required},'
        line = f"{start} {_rule(each.type)})"
        fields.append(line if len(line) < LONGEST_LINE else f"{start}\n                {_rule(each.type)})")
    return [
        f"        public static readonly Shape {cls.__name__} = new Shape({tag},",
        ",\n".join(fields) + ");",
        "",
    ]


def _rule(kind: inspect.Type) -> str:
    """Return the C# expression that makes the rule of a field."""
    match kind:
        case inspect.Metadata():
            return _rule(kind.type)
        case inspect.BoolType():
            return "Rule.Boolean()"
        case inspect.IntType():
            least = "long.MinValue" if kind.ge is None else str(kind.ge)
            most = "long.MaxValue" if kind.le in (None, MAX_COUNT) else str(kind.le)
            return f"Rule.Integer({least}, {most})"
        case inspect.FloatType():
            return _number(kind)
        case inspect.StrType():
            return f"Rule.Text({kind.min_length or 0}, {_most(kind.max_length)})"
        case inspect.BytesType():
            return "Rule.Blob()"
        case inspect.VarTupleType():
            return f"Rule.List({_rule(kind.item_type)}, {_most(kind.max_length)})"
        case inspect.TupleType():
            return f"Rule.Row({_rule(kind.item_types[0])}, {len(kind.item_types)})"
        case inspect.DictType():
            value = "Rule.Any()" if isinstance(kind.value_type, inspect.AnyType) else _rule(kind.value_type)
            return f"Rule.Map({value})"
        case inspect.StructType():
            return f"Rule.Nested({kind.cls.__name__})"
        case inspect.UnionType():
            return _union(kind)
    raise TypeError(f"no rule for {kind!r}")


def _most(length: int | None) -> int:
    return MAX_VALUES if length is None else length


def _number(kind: inspect.FloatType) -> str:
    low = kind.ge if kind.ge is not None else kind.gt
    return f"Rule.Number({_float(low)}, {_float(kind.le)}, {'true' if kind.gt is not None else 'false'})"


def _float(value: float | None) -> str:
    assert value is not None, "every number of the wire is bounded"
    if abs(value) == MAX_FLOAT:
        return "float.MaxValue" if value > 0 else "-float.MaxValue"
    return f"{value:g}"


def _union(kind: inspect.UnionType) -> str:
    types = [each.type if isinstance(each, inspect.Metadata) else each for each in kind.types]
    bare = [each for each in types if not isinstance(each, inspect.NoneType)]
    if all(isinstance(each, inspect.StructType) for each in bare) and len(bare) > 1:
        names = ", ".join(each.cls.__name__ for each in bare if isinstance(each, inspect.StructType))
        return f"Rule.Choice({names})"
    if any(isinstance(each, inspect.BoolType) for each in bare):
        return "Rule.NumberOrBoolean()"
    assert len(bare) == 1, kind
    return f"{_rule(bare[0])}.OrNil()"
