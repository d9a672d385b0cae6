"""Owns the types of single values in a scene file: how a marked scalar becomes a typed value that keeps its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from behaviors.expressions import Expression, ExpressionFault, parse
from emotion_runtime.scene import quantities
from emotion_runtime.scene.nodes import Scalar
from emotion_runtime.scene.quantities import Declared, QuantityError

CALLED = {"aim": "an aim", "effect": "an effect", "feels": "a feeling", "vars": "a variable", "world": "a variable"}
"""How messages call a value of a field; any other field is called by its name."""

DAMAGED = "damaged"
"""Type of a pydantic error that is not to be reported: the scalar already was."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in base units and its place."""

    value: float
    at: Scalar


@dataclass(frozen=True, slots=True)
class Delta:
    """A signed change, per second or not, and its place."""

    amount: float
    per_second: bool
    at: Scalar


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable and its place."""

    declared: Declared
    at: Scalar


@dataclass(frozen=True, slots=True)
class Spread:
    """A contagion: gain per second, metres, and its place."""

    gain: float
    within: float
    at: Scalar


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number and its place."""

    value: int
    at: Scalar


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`, and its place."""

    value: bool
    at: Scalar


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed expression and its place: it starts at `offset` of the scalar. Its names are not checked yet."""

    expression: Expression
    at: Scalar
    offset: int = 0


def _scalar(value: Any, info: ValidationInfo) -> Scalar:
    if not isinstance(value, Scalar):
        what = "a list" if isinstance(value, list) else "a map"
        raise PydanticCustomError("wrong-shape", "{message}", {"message": f"{_called(info)} is one value, not {what}"})
    if value.damaged:
        raise PydanticCustomError(DAMAGED, "already reported")
    if not value.text and value.plain:
        raise PydanticCustomError("missing-value", "no value")
    return value


def _called(info: ValidationInfo) -> str:
    name = (info.field_name or "this").rstrip("_")
    return CALLED.get(name, f"`{name}`")


def _reader(read: Callable[[Scalar, str], Any]) -> PlainValidator:
    """A validator out of a function that reads one scalar or raises a fault."""

    def validate(value: Any, info: ValidationInfo) -> Any:
        at = _scalar(value, info)
        try:
            return read(at, _called(info))
        except QuantityError as fault:
            width = len(at.text) - fault.offset if fault.width is None else fault.width
            raise _error(fault.slug, fault.message, fault.remedy, at, fault.offset, width) from None
        except ExpressionFault as fault:
            raise _error(fault.slug, fault.message, fault.remedy, at, fault.offset, fault.width) from None

    return PlainValidator(validate)


def _error(slug: str, message: str, remedy: str, at: Scalar, offset: int, width: int) -> PydanticCustomError:
    whole = offset == 0 and width >= len(at.text)
    place = at.place if whole else at.span(offset, width)
    return PydanticCustomError(slug, "{message}", {"message": message, "remedy": remedy, "place": place})


def _change(rate: bool | None) -> PlainValidator:
    return _reader(lambda at, what: Delta(*quantities.change(at.text, what, rate=rate), at))


def _number(low: float, high: float) -> PlainValidator:
    return _reader(lambda at, what: Number(quantities.number(at.text, what, low, high), at))


def one_of(*words: str) -> tuple[PlainValidator, WithJsonSchema]:
    """A type with a fixed list of words."""

    def read(at: Scalar, what: str) -> Scalar:
        if at.text not in words:
            raise QuantityError("not-a-word", f"{what} is one of: {', '.join(words)}", words[0])
        return at

    return _reader(read), WithJsonSchema({"enum": list(words)})


def _schema(pattern: str, *others: str) -> WithJsonSchema:
    """Text of a pattern, or any value of the other types, as a YAML reader sees it."""
    return WithJsonSchema({"type": ["string", *others] if others else "string", "pattern": pattern})


_DIGITS = r"\d+(\.\d+)?|\.\d+"

Word: TypeAlias = Annotated[Scalar, _reader(lambda at, what: at), WithJsonSchema({"type": "string"})]
"""Any text: a name, a selector, a file."""
Formed: TypeAlias = Annotated[
    Formula, _reader(lambda at, what: Formula(parse(at.text), at)), WithJsonSchema({"type": ["string", "boolean"]})
]
"""An expression."""
Length: TypeAlias = Annotated[
    Number,
    _reader(lambda at, what: Number(quantities.length(at.text, what), at)),
    _schema(rf"^({_DIGITS}) ?(m|cm)$"),
]
Duration: TypeAlias = Annotated[
    Number,
    _reader(lambda at, what: Number(quantities.duration(at.text, what), at)),
    _schema(rf"^({_DIGITS}) ?(s|ms|min)$"),
]
Pause: TypeAlias = Annotated[
    Number,
    _reader(lambda at, what: Number(quantities.duration(at.text, what, zero=True), at)),
    _schema(rf"^({_DIGITS}) ?(s|ms|min)$"),
]
Signed: TypeAlias = Annotated[
    Number, _number(-1.0, 1.0), WithJsonSchema({"type": "number", "minimum": -1, "maximum": 1})
]
Dial: TypeAlias = Annotated[Number, _number(0.0, 2.0), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 2})]
Share: TypeAlias = Annotated[Number, _number(0.0, 1.0), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Coordinate: TypeAlias = Annotated[Number, _number(-1e6, 1e6), WithJsonSchema({"type": "number"})]
Aim: TypeAlias = Annotated[Delta, _change(None), _schema(rf"^[+-]({_DIGITS})(/s)?$", "number")]
Effect: TypeAlias = Annotated[Delta, _change(True), _schema(rf"^[+-]({_DIGITS})/s$")]
Feeling: TypeAlias = Annotated[Delta, _change(False), _schema(rf"^[+-]({_DIGITS})$", "number")]
Declaration: TypeAlias = Annotated[
    Variable,
    _reader(lambda at, what: Variable(quantities.variable(at.text, what), at)),
    _schema(r"^(true|false|.+ in .+\.\..+)$", "boolean"),
]
Spreading: TypeAlias = Annotated[
    Spread,
    _reader(lambda at, what: Spread(*quantities.spread(at.text, what), at)),
    _schema(rf"^({_DIGITS})/s within .+$"),
]


def _whole(low: int, high: int) -> tuple[PlainValidator, WithJsonSchema]:
    return (
        _reader(lambda at, what: Whole(quantities.whole(at.text, what, low, high), at)),
        WithJsonSchema({"type": "integer", "minimum": low, "maximum": high}),
    )


Priority: TypeAlias = Annotated[Whole, *_whole(-1000, 1000)]
Capacity: TypeAlias = Annotated[Whole, *_whole(1, 100_000)]
YesNo: TypeAlias = Annotated[
    Truth,
    _reader(lambda at, what: Truth(quantities.truth(at.text, what), at)),
    WithJsonSchema({"type": "boolean"}),
]
