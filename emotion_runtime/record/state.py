"""Owns what a recording knows of the state itself: marks that tell which part differs, whole columns, and names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from emotion_runtime.record.format import Column
from emotion_runtime.simulation import Simulation

Array = NDArray[Any]

STAGES: Final = {
    "position": "take_in",
    "variables": "take_in",
    "speaker": "appraise",
    "target": "appraise",
    "emotion": "affect",
    "mood": "affect",
    "ledger": "affect",
    "behavior": "behave",
}
"""The stage of a tick that writes a group; the first one where there are several."""

_MOOD: Final = ("pleasure", "arousal", "dominance")
_NAMED: Final = frozenset({"emotion", "mood", "position", "variables", "speaker", "target"})

MARK_BYTES: Final = 4
MOST_ROWS: Final = 64
"""Marks of characters in one tick; in a larger cast one stands for a run of them."""
MARKED_UP_TO: Final = 4096
"""Larger casts get no marks of characters: they would cost more than a hundredth of the tick."""
MOST_VALUES: Final = 20
"""Differing values that are named."""


@dataclass(frozen=True, slots=True)
class Value:
    """One differing number: `what` of `who`, in column `column` at `place`."""

    column: str
    who: str
    what: str
    recorded: float
    replayed: float


def columns(simulation: Simulation) -> Iterator[tuple[str, Array]]:
    """Every array with a name of its own: `emotion`, or `ledger.2` for the third of several."""
    for group, arrays in simulation.state().items():
        for number, array in enumerate(arrays):
            yield (group if len(arrays) == 1 else f"{group}.{number}"), array


def marks(simulation: Simulation) -> bytes:
    """Four bytes for each group."""
    found = bytearray()
    for arrays in simulation.state().values():
        mark = xxhash.xxh3_64()
        for array in arrays:
            mark.update(np.ascontiguousarray(array).data)
        found += mark.digest()[:MARK_BYTES]
    return bytes(found)


class RowMarks:
    """Marks of characters by their emotions and mood: sums of whole numbers, the same in any order of addition.

    For one world: after a reload there must be another.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation.world
        n = self._world.n
        wide = len(self._world.rows) + 3
        # odd multipliers, so that no bit of any value is lost; their spread is that of the golden ratio
        self._weights = (np.arange(1, wide + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) | np.uint64(1))[
            :, None
        ]
        self.run = max(1, math.ceil(n / MOST_ROWS))
        """Characters that share one mark."""
        self._starts = np.arange(0, n, self.run)
        self._wanted = 0 < n <= MARKED_UP_TO

    def take(self) -> bytes:
        """Four bytes for each run of characters; empty for a crowd."""
        if not self._wanted:
            return b""
        feelings = self._world.feelings
        rows = len(feelings.emotion)
        mixed = (_bits(feelings.emotion) * self._weights[:rows]).sum(axis=0, dtype=np.uint64)
        mixed += (_bits(feelings.mood) * self._weights[rows:]).sum(axis=0, dtype=np.uint64)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        if self.run > 1:
            mixed = np.add.reduceat(mixed, self._starts)
        marks: bytes = (mixed >> np.uint64(32)).astype("<u4").tobytes()
        return marks

    def names(self, recorded: bytes, replayed: bytes) -> tuple[str, ...]:
        """The characters whose marks differ; a run of them as `first..last`."""
        if len(recorded) != len(replayed):
            return ()
        names = self._world.names
        found = []
        for number in differing(recorded, replayed):
            first = number * self.run
            last = min(first + self.run, len(names)) - 1
            found.append(names[first] if first == last else f"{names[first]}..{names[last]}")
        return tuple(found)


def differing(recorded: bytes, replayed: bytes) -> list[int]:
    """Numbers of the marks that differ."""
    pairs = range(0, min(len(recorded), len(replayed)), MARK_BYTES)
    return [at // MARK_BYTES for at in pairs if recorded[at : at + MARK_BYTES] != replayed[at : at + MARK_BYTES]]


def restored(simulation: Simulation, column: Column) -> Array | None:
    """The array of a record; None for one that this simulation has not, or whose bytes do not fit its shape."""
    dtype = np.dtype(column.dtype)
    known = any(name == column.name for name, _ in columns(simulation))
    if not known or math.prod(column.shape) * dtype.itemsize != len(column.data):
        return None
    return np.frombuffer(column.data, dtype).reshape(column.shape)


def compare(simulation: Simulation, recorded: Mapping[str, Array]) -> tuple[Value, ...]:
    """The first values in which the simulation differs from recorded columns of the same tick, by name."""
    found: list[Value] = []
    for name, mine in columns(simulation):
        theirs = recorded.get(name)
        if theirs is None:
            continue
        if theirs.shape != mine.shape or theirs.dtype != mine.dtype:
            found.append(
                Value(name, "", f"{theirs.dtype}{theirs.shape}, here {mine.dtype}{mine.shape}", theirs.size, mine.size)
            )
            continue
        # bytes are compared, as the digest does: 0.0 and -0.0 differ, a NaN equals itself
        differs = np.ascontiguousarray(mine).view(np.uint8) != np.ascontiguousarray(theirs).view(np.uint8)
        cells = differs.reshape(mine.size, -1).any(axis=1).reshape(mine.shape) if mine.size else differs
        for place in np.argwhere(cells)[: MOST_VALUES - len(found)].tolist():
            at = tuple(place)
            who, what = _names(simulation, name, at, len(mine) == simulation.world.n)
            found.append(Value(name, who, what, float(theirs[at]), float(mine[at])))
    return tuple(found[:MOST_VALUES])


def dump(simulation: Simulation) -> dict[str, Any]:
    """The whole state as plain values by name, for a file; what has no names of its own under `columns`."""
    world = simulation.world
    subjects = (*world.names, *world.objects)
    arrays = dict(columns(simulation))
    emotion, mood = arrays["emotion"].T.tolist(), arrays["mood"].T.tolist()
    position, acting = arrays["position"].tolist(), simulation._ticker.action_column().tolist()
    people = {
        name: {
            "emotion": dict(zip(world.rows, emotion[row], strict=True)),
            "mood": dict(zip(_MOOD, mood[row], strict=True)),
            "position": position[row],
            "action": simulation.actions[acting[row]],
            **{
                each: None if (other := int(arrays[each][row])) < 0 else subjects[other]
                for each in ("speaker", "target")
            },
        }
        for row, name in enumerate(world.names)
    }
    return {
        "tick": simulation.tick,
        "time": simulation.time,
        "digest": simulation.digest.hex(),
        "characters": people,
        "objects": {name: {"position": position[world.n + row]} for row, name in enumerate(world.objects)},
        "variables": simulation.variables(),
        "columns": {name: array.tolist() for name, array in arrays.items() if name not in _NAMED},
    }


def _bits(array: NDArray[np.float64]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(array).view(np.uint64)


def _names(simulation: Simulation, column: str, at: tuple[int, ...], by_character: bool) -> tuple[str, str]:
    """Whom and what a cell of a column is about, as far as its place tells."""
    world = simulation.world
    subjects = world.names + world.objects
    place = "".join(f"[{each}]" for each in at)
    match column:
        case "emotion":
            return subjects[at[-1]], world.rows[at[0]]
        case "mood":
            return subjects[at[-1]], _MOOD[at[0]]
        case "position":
            return subjects[at[0]], "xyz"[at[1]]
        case "variables":
            return "", list(world.variable)[at[0]]
        case "speaker" | "target":
            return subjects[at[0]], column
        case _ if column.startswith("ledger.") and by_character:
            return subjects[at[0]], place
        case _:
            return "", place
