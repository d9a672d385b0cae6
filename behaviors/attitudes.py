"""Owns who likes whom in a crowd: only what is stated is stored, in compressed rows; everything else is 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

DENSE = 1024
"""Up to so many characters a square matrix is small enough to be handed out instead (8 MB)."""


class Attitudes:
    """Attitudes -1..1 of n characters to each other. `start` (n + 1,), `who` (k,) ascending by row, `value` (k,)."""

    def __init__(self, stated: Sequence[Mapping[int, float]]) -> None:
        """`stated[i]` maps the character that i has an attitude to, to that attitude."""
        sizes = np.array([len(each) for each in stated], np.int64)
        self.start = np.zeros(len(stated) + 1, np.int64)
        np.cumsum(sizes, out=self.start[1:])
        self.who: Ints = np.array([who for each in stated for who in sorted(each)], np.int32)
        self.value: Floats = np.array([each[who] for each in stated for who in sorted(each)], np.float64)
        self._keys = np.repeat(np.arange(len(stated)), sizes) * len(stated) + self.who

    def __len__(self) -> int:
        return len(self.start) - 1

    def matrix(self) -> Floats:
        """(n, n), row = who likes."""
        n = len(self)
        dense = np.zeros((n, n))
        dense[np.repeat(np.arange(n), np.diff(self.start)), self.who] = self.value
        return dense

    def pairs(self, rows: Any, columns: Any) -> Floats:
        """What each of `rows` thinks of each of `columns`; integer arrays, slices or ints, broadcast to each other."""
        n = len(self)
        everyone = np.arange(n, dtype=np.int64)
        mine = everyone[rows] if isinstance(rows, slice) else np.asarray(rows, np.int64)
        other = everyone[columns] if isinstance(columns, slice) else np.asarray(columns, np.int64)
        asked = mine * n + other
        if not len(self._keys):
            return np.zeros(asked.shape)
        place = np.minimum(np.searchsorted(self._keys, asked), len(self._keys) - 1)
        return np.where(self._keys[place] == asked, self.value[place], 0.0)

    def grid(self, rows: Any, columns: Any) -> Floats:
        """(len(rows), len(columns)): what every one of `rows` thinks of every one of `columns`."""
        everyone = np.arange(len(self), dtype=np.int64)
        return self.pairs(everyone[rows][:, None], everyone[columns])

    def towards(self, other: int) -> Floats:
        """(n,) what everybody thinks of one character."""
        result = np.zeros(len(self))
        at = np.flatnonzero(self.who == other)
        result[np.searchsorted(self.start, at, side="right") - 1] = self.value[at]
        return result
