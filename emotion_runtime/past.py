"""Owns what of a state can live on in another scene: columns with the names of their rows, of a world or of a save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from behaviors.actions import ActionsState
from behaviors.executor import ExecutorState
from emotion_runtime.affect.ledger import Codes
from emotion_runtime.behaving import Behaving
from emotion_runtime.world import World

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Feelings, places and variables with their names: n characters, m objects, c channels, V variables.

    `emotion` (n, c), `mood` (n, 3), `position` (n + m, 3), `variables` (V,), `speaker` and `target` (n,). The ledger as
    in `kernels.tables.Accounts`: `cause` and `amount` (c, n, SLOTS), `other` and `scale` (c, n); `codes` its numbers.
    """

    names: tuple[str, ...]
    objects: tuple[str, ...]
    channel: Mapping[str, int]
    variable: Mapping[str, int]
    emotion: Array
    mood: Array
    position: Array
    variables: Array
    speaker: Array
    target: Array
    cause: Array
    amount: Array
    other: Array
    scale: Array
    codes: Codes
    watched: tuple[int, ...] = ()
    """Objects of which it is told who sees them."""
    sight: Array = field(default_factory=lambda: np.zeros((0, 0), np.bool_))
    """(k, n) who sees each of `watched`."""

    @property
    def n(self) -> int:
        """Characters."""
        return len(self.names)

    @classmethod
    def of(cls, world: World) -> Past:
        """A world's, borrowed."""
        ledger = world.ledger.columns
        return cls(
            world.names,
            world.objects,
            world.channel,
            world.variable,
            world.emotion,
            world.mood,
            world.position,
            world.variables,
            world.speaker,
            world.target,
            ledger.cause,
            ledger.amount,
            ledger.other,
            ledger.scale,
            world.ledger.codes,
            world.watched,
            world.sight,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """What one character's tree consists of: `mark` is equal for trees that mean the same, '' for none."""

    mark: str
    nodes: int
    rules: tuple[str, ...]


NO_TREE = Trees("", 0, ())


@dataclass(frozen=True, slots=True, eq=False)
class PastActs:
    """Trees and actions: `kinds` the trees there are, `kind` (n,) which one each character has; nodes and slots."""

    kinds: tuple[Trees, ...]
    kind: NDArray[np.int64]
    tree: ExecutorState
    acts: ActionsState

    @classmethod
    def of(cls, behaving: Behaving) -> PastActs:
        """Of a running scene; a copy."""
        kinds, kind = behaving.kinds
        return cls(
            tuple(Trees(mark, nodes, rules) for mark, nodes, rules in kinds),
            kind,
            behaving.executor.state(),
            behaving.actions.state(),
        )

    def starts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(n + 1,) where each character's slots and nodes begin."""
        slots = np.array([len(each.rules) for each in self.kinds], np.int64)[self.kind]
        nodes = np.array([each.nodes for each in self.kinds], np.int64)[self.kind]
        return np.concatenate([[0], np.cumsum(slots)]), np.concatenate([[0], np.cumsum(nodes)])

    def who(self, slot: int) -> tuple[int, str]:
        """The character of a slot and the rule that it plays."""
        starts, _ = self.starts()
        row = int(np.searchsorted(starts, slot, "right")) - 1
        return row, self.kinds[int(self.kind[row])].rules[slot - int(starts[row])]
