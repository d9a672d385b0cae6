"""Owns the arithmetic of a block of faces: strengths filtered in time, shaped, blended and spread over shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.exponential import one_minus_exp
from emotion_runtime.expression.power import unit_power
from emotion_runtime.expression.recipe import RecipeTable
from emotion_runtime.expression.shapes import ARKIT, COLUMN

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

LN2: Final = 0.6931471805599453
NOTHING: Final = 1e-12
"""A strength below this is 0: keeps subnormal numbers, which are slow, out of the columns."""
TINY32: Final = np.float32(2.0**-100)


FEW_FACES: Final = 64


class Kernel:
    """One recipe table made ready for the channels of a world. `shown` are the channels that have a recipe."""

    def __init__(self, table: RecipeTable, channels: Sequence[str]) -> None:
        self.labels = tuple(label for label in channels if label in table.emotions)
        recipes = [table.emotions[label] for label in self.labels]
        self.channels = np.array([list(channels).index(label) for label in self.labels], dtype=np.intp)
        self.whole = len(self.labels) == len(channels)
        """Every channel has a recipe: no rows have to be picked out."""
        self._fractions: tuple[float, tuple[Floats, Floats]] = (-1.0, (np.zeros(0), np.zeros(0)))
        self.speaking = np.array([recipe.speaking for recipe in recipes], dtype=np.float32)
        self._gamma = np.array([recipe.gamma for recipe in recipes], dtype=np.float32)[:, None]
        self._contrast = table.contrast
        self._onset = np.array([recipe.onset for recipe in recipes], dtype=np.float64)[:, None]
        self._release = np.array([recipe.release for recipe in recipes], dtype=np.float64)[:, None]
        self._terms = _terms([recipe.by_column_name() for recipe in recipes])
        self._dense = np.zeros((len(recipes), len(ARKIT), 1), dtype=np.float32)
        for columns, terms in self._terms:
            for k, weight in terms:
                self._dense[k, columns] = weight
        moved = {column for columns, _ in self._terms for column in columns}
        self._still = [column for column in range(len(ARKIT)) if column not in moved]

    def fractions(self, dt: float) -> tuple[Floats, Floats]:
        """How much of the way to its target each emotion goes in `dt` seconds: (k, 1) rising, (k, 1) falling."""
        if dt != self._fractions[0]:
            self._fractions = dt, (_fractions(dt, self._onset), _fractions(dt, self._release))
        return self._fractions[1]

    def follow(self, drive: Floats, rise: Floats, fractions: tuple[Floats, Floats]) -> None:
        """Move `drive` (k, m) towards `rise` (k, m), exactly exponentially, in place."""
        gap = rise - drive
        gap *= np.where(gap > 0.0, *fractions)
        drive += gap
        drive *= drive > NOTHING

    def strengths(self, drive: Floats) -> Floats32:
        """(k, m) shown strengths in 0..1: gamma, then contrast, then limited so that they sum to at most 1."""
        shown = unit_power(drive.astype(np.float32), self._gamma)
        if self._contrast and len(shown) > 1:
            share = shown / np.maximum(np.maximum.reduce(shown, axis=0), TINY32)
            for _ in range(self._contrast):
                shown *= share
        limit(shown)
        return shown

    def spread(self, shown: Floats32, out: Floats32) -> None:
        """Write the weights of strengths (k, m) into `out` (52, m); every row is written, sums limited to 1.

        For few faces all rows at once, zeros too: the same sums in the same order, in a tenth of the calls.
        """
        if shown.shape[1] <= FEW_FACES and len(shown):
            np.multiply(self._dense[0], shown[0], out=out)
            for weights, strength in zip(self._dense[1:], shown[1:], strict=True):
                out += weights * strength
            np.minimum(out, np.float32(1.0), out=out)
            return
        out[self._still] = 0.0
        for columns, terms in self._terms:
            row = out[columns[0]]
            k, weight = terms[0]
            np.multiply(shown[k], weight, out=row)
            for k, weight in terms[1:]:
                row += shown[k] * weight
            if len(terms) > 1:
                np.minimum(row, np.float32(1.0), out=row)
            for column in columns[1:]:
                out[column] = row


def limit(shown: Floats32) -> None:
    """Scale each column of (k, m) down, in place, so that it sums to at most 1."""
    total = np.zeros(shown.shape[1:], dtype=np.float32)
    for row in shown:
        total += row
    np.maximum(total, np.float32(1.0), out=total)
    shown /= total


def _fractions(dt: float, half_life: Floats) -> Floats:
    slow = half_life > 0.0
    moved = one_minus_exp(dt * LN2 / np.where(slow, half_life, 1.0))[0]
    return np.where(slow, moved, 1.0)


Terms = list[tuple[list[int], list[tuple[int, np.float32]]]]


def _terms(rows: Sequence[dict[str, float]]) -> Terms:
    """Which columns are moved by which emotions; columns moved alike (left and right) are computed once."""
    alike: dict[tuple[tuple[int, float], ...], list[int]] = {}
    for shape in ARKIT:
        moved = tuple((k, row[shape]) for k, row in enumerate(rows) if row.get(shape))
        if moved:
            alike.setdefault(moved, []).append(COLUMN[shape])
    return [(columns, [(k, np.float32(weight)) for k, weight in moved]) for moved, columns in alike.items()]
