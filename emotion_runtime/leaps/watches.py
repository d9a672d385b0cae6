"""Owns what a leap watches for: formulas over named characters, whose truth ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from behaviors.expressions.syntax import Node
from behaviors.leaping.formulas import Formulas, Place
from emotion_runtime.leaps.tables import Watching

SPARE: Final = 256
"""Constants that all watches of one leap may have, and places of stack that they may need."""
NOTHING_WATCHED: Final = Watching(
    np.zeros((0, 3), np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint8)
)


class Watch:
    """Formulas with the truth that ends a leap. Built once, used for leap after leap; `wanted` may change between."""

    def __init__(self) -> None:
        self._several: list[tuple[Node, Callable[[str], Place], bool]] = []
        self._tables: tuple[Watching, NDArray[np.float64]] | None = None

    def add(self, node: Node, read: Callable[[str], Place], *, wanted: bool) -> None:
        """End a leap after the tick in which this comes out as wanted."""
        self._several.append((node, read, wanted))
        self._tables = None

    def tables(self, first: int) -> tuple[Watching, NDArray[np.float64]] | None:
        """The tables of the loop, and the constants that stand from `first` on in its column of values.

        None when there are more of them than there is room for: then every tick is one of its own.
        """
        if self._tables is None:
            formulas = Formulas(first)
            numbers = [formulas.add(node, read) for node, read, _ in self._several]
            rows, starts, constants = formulas.tables()
            begin = np.array([starts[number] for number in numbers], np.int32)
            end = np.array([starts[number + 1] for number in numbers], np.int32)
            truths = [wanted for _, _, wanted in self._several]
            if len(constants) > SPARE or formulas.deepest > SPARE:
                return None
            listed = Watching(rows, begin, end, np.array(truths, np.uint8))
            self._tables = listed, constants
        return self._tables
