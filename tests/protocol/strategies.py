"""Owns Hypothesis strategies for messages, built from the message classes themselves, so no field is forgotten."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from protocol.codec import MESSAGE_TYPES
from protocol.ids import MAX_COUNT, PROTOCOL

_TEXT = st.characters(codec="utf-8")
OPEN_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(_TEXT, max_size=8)
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(_TEXT, max_size=8), inner, max_size=3),
    max_leaves=6,
)


def messages() -> st.SearchStrategy[Any]:
    """Any valid message."""
    return st.one_of([of(inspect.type_info(cls)) for cls in MESSAGE_TYPES.values()])


def of(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of one msgspec type."""
    match info:
        case inspect.StructType():
            return st.deferred(lambda: _struct(info))
        case inspect.StrType():
            return st.text(_TEXT, min_size=info.min_length or 0, max_size=min(info.max_length or 12, 12))
        case inspect.BytesType():
            return st.binary(max_size=24)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(
                info.ge if info.ge is not None else -(2**63), info.le if info.le is not None else MAX_COUNT
            )
        case inspect.FloatType():
            return _floats(info)
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType():
            return st.one_of([of(each) for each in info.types])
        case inspect.VarTupleType():
            return st.lists(of(info.item_type), max_size=4).map(tuple)
        case inspect.TupleType():
            return st.tuples(*[of(each) for each in info.item_types])
        case inspect.DictType():
            values = OPEN_VALUES if isinstance(info.value_type, inspect.AnyType) else of(info.value_type)
            return st.dictionaries(st.text(_TEXT, max_size=8), values, max_size=3)
    raise AssertionError(f"no strategy for {info!r}")


def _floats(info: inspect.FloatType) -> st.SearchStrategy[float]:
    assert info.le is not None, "a number without bounds lets NaN in"
    low = info.ge if info.ge is not None else info.gt
    assert low is not None
    return st.floats(low, info.le, exclude_min=info.gt is not None and not math.isinf(low))


def _struct(info: inspect.StructType) -> st.SearchStrategy[Any]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in info.fields:
        values = st.just(PROTOCOL) if field.name == "v" else of(field.type)
        if not field.required and field.default is not msgspec.NODEFAULT:
            values = st.just(field.default) | values
        fields[field.name] = values
    return st.fixed_dictionaries(fields).map(lambda chosen: info.cls(**chosen))
