"""Owns the digest of a compiled scene: equal for scenes that mean the same, whatever their layout."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

import numpy as np
import xxhash

from behaviors.expressions import Expression
from behaviors.trees import Leaf, walk
from emotion_runtime.scene.resolved import Scene

_NOT_CONTENT = frozenset({"path", "sources", "where"})
"""Fields that say where something was written, not what it means."""


_LATER = frozenset({"face", "priority", "claims", "most"})
"""Fields the language did not have from the start: one that says nothing leaves the digest as it was."""


def compiled_digest(scene: Scene) -> str:
    """32 hexadecimal digits (xxh3, 128 bits). Comments, order of keys, spacing and file names do not count."""
    return xxhash.xxh3_128_hexdigest(_canonical(scene).encode())


def _unsaid(field: dataclasses.Field[object], value: object) -> bool:
    return field.name in _LATER and getattr(value, field.name) == field.default


def tree_marks(scene: Scene) -> dict[str | None, tuple[str, int, tuple[str, ...]]]:
    """For each tree by name: 32 hexadecimal digits, equal for trees that mean the same; its nodes; its leaves' rules.

    None, the tree of those that have none, has the empty mark.
    """
    marks: dict[str | None, tuple[str, int, tuple[str, ...]]] = {None: ("", 0, ())}
    for name, tree in scene.trees.items():
        nodes = tuple(walk(tree.root))
        rules = tuple(node.rule for node in nodes if isinstance(node, Leaf))
        meaning = _canonical((tree.root, tuple(scene.rules[rule] for rule in sorted(set(rules)))))
        marks[name] = (xxhash.xxh3_128_hexdigest(meaning.encode()), len(nodes), rules)
    return marks


def _canonical(value: object) -> str:
    """One text for one meaning: fields by name, maps and sets sorted, expressions in canonical form."""
    if isinstance(value, Expression):
        return f"`{value}`"
    if isinstance(value, enum.Enum):
        return repr(value.value)
    if dataclasses.is_dataclass(value):
        fields = [f.name for f in dataclasses.fields(value) if f.name not in _NOT_CONTENT and not _unsaid(f, value)]
        inside = ",".join(f"{name}={_canonical(getattr(value, name))}" for name in sorted(fields))
        return f"{type(value).__name__}({inside})"
    if isinstance(value, np.ndarray):
        return f"{value.shape}:{value.astype('<f8').tobytes().hex()}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}:{_canonical(each)}" for key, each in sorted(value.items())) + "}"
    if isinstance(value, frozenset):
        return "<" + ",".join(sorted(_canonical(each) for each in value)) + ">"
    if isinstance(value, tuple):
        return "[" + ",".join(_canonical(each) for each in value) + "]"
    return repr(value)
