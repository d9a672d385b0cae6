"""Owns the digest of a compiled scene: equal for scenes that mean the same, whatever their layout."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

import xxhash

from behaviors.expressions import Expression
from emotion_runtime.scene.resolved import Scene

_NOT_CONTENT = frozenset({"path", "sources", "where"})
"""Fields that say where something was written, not what it means."""


def compiled_digest(scene: Scene) -> str:
    """32 hexadecimal digits (xxh3, 128 bits). Comments, order of keys, spacing and file names do not count."""
    return xxhash.xxh3_128_hexdigest(_canonical(scene).encode())


def _canonical(value: object) -> str:
    """One text for one meaning: fields by name, maps and sets sorted, expressions in canonical form."""
    if isinstance(value, Expression):
        return f"`{value}`"
    if isinstance(value, enum.Enum):
        return repr(value.value)
    if dataclasses.is_dataclass(value):
        fields = [f.name for f in dataclasses.fields(value) if f.name not in _NOT_CONTENT]
        inside = ",".join(f"{name}={_canonical(getattr(value, name))}" for name in sorted(fields))
        return f"{type(value).__name__}({inside})"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}:{_canonical(each)}" for key, each in sorted(value.items())) + "}"
    if isinstance(value, frozenset):
        return "<" + ",".join(sorted(_canonical(each) for each in value)) + ">"
    if isinstance(value, tuple):
        return "[" + ",".join(_canonical(each) for each in value) + "]"
    return repr(value)
