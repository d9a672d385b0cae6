"""Owns the types of fields: what a text, a number or a point on the wire may be, with its range."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from protocol.ids import MAX_COUNT, MAX_FLOAT, MAX_ID_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
Name: TypeAlias = Annotated[str, Meta(max_length=MAX_NAME_CHARS)]
Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Seq: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_COUNT)]
Number: TypeAlias = Annotated[float, Meta(ge=-MAX_FLOAT, le=MAX_FLOAT)]
"""Finite: the bounds also refuse NaN, since no comparison with it holds."""
Seconds: TypeAlias = Annotated[float, Meta(ge=0.0, le=MAX_FLOAT)]
Unit: TypeAlias = Annotated[float, Meta(ge=0.0, le=1.0)]
Point: TypeAlias = tuple[Number, Number, Number]
Values: TypeAlias = dict[str, Any]
"""Nil, booleans, 64-bit integers, finite numbers, text, bytes, arrays, and maps with text keys."""
