"""Owns the record of one vector and how a file of them is put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from protocol.vectors.jsonform import to_json

UNCHECKED = object()
"""`decoded` of a vector that has none."""


@dataclass(frozen=True, slots=True)
class Case:
    """One vector. `result` is valid, invalid or ignored; `error` the code of an invalid or ignored one."""

    comment: str
    data: bytes
    result: str = "valid"
    error: str = ""
    decoded: Any = UNCHECKED
    flags: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    """More keys of the vector, already in JSON form."""


@dataclass(frozen=True, slots=True)
class Group:
    """Vectors about one thing, read in one way."""

    type: str
    cases: tuple[Case, ...]
    extra: dict[str, Any] = field(default_factory=dict)


def document(about: str, flags: dict[str, str], groups: Iterable[Group]) -> dict[str, Any]:
    """Return the JSON of a vector file; vectors are numbered through the file from 1."""
    written: list[dict[str, Any]] = []
    number = 0
    for group in groups:
        tests = []
        for case in group.cases:
            number += 1
            tests.append(_vector(number, case))
        written.append({"type": group.type, **group.extra, "tests": tests})
    return {"v": 1, "schema": "vectors.schema.json", "about": about, "flags": flags, "count": number, "groups": written}


def _vector(number: int, case: Case) -> dict[str, Any]:
    vector: dict[str, Any] = {"id": number, "comment": case.comment, "flags": list(case.flags), **case.extra}
    vector["hex"] = case.data.hex()
    vector["decoded"] = None if case.decoded is UNCHECKED else to_json(case.decoded)
    vector["result"] = case.result
    if case.error:
        vector["error"] = case.error
    return vector
