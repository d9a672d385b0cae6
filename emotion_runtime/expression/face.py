"""Owns the face of a moment: 52 ARKit weights straight from the emotions, without time, blinks or speech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.kernel import Kernel
from emotion_runtime.expression.recipe import RecipeTable, default_recipes
from emotion_runtime.expression.shapes import ARKIT

__all__ = ["ARKIT", "Face", "rises"]

Floats = NDArray[np.float64]

UNSEEN: Final = 2.0**-11
"""A change of emotion nobody sees in a face: between utterances most ticks bring less."""


class Face:
    """Weights (n, 52) in 0..1 from emotions (n, c): the limit that `Faces` moves to when the emotions stay."""

    def __init__(self, channels: Sequence[str], baseline: Floats, table: RecipeTable | None = None) -> None:
        """`baseline` (n, c): strengths in [0, 1) that show nothing. `table`: the default one if none is given."""
        self._baseline = baseline
        self._seen = np.full(baseline.shape, np.inf)
        self._shown = np.empty((len(baseline), len(ARKIT)), dtype=np.float32)
        self._kernel = Kernel(table or default_recipes(), channels)

    def weights(self, emotion: Floats) -> NDArray[np.float32]:
        """(n, 52) float32 from (n, c): gamma, contrast and blend of the recipe table.

        As long as no emotion has moved by more than UNSEEN, the last weights stand; they are lent, never written.
        """
        if emotion.shape == self._seen.shape and not (np.abs(emotion - self._seen) > UNSEEN).any():
            return self._shown
        self._seen = emotion.copy()
        shown = self._kernel.strengths(rises(emotion, self._baseline)[self._kernel.channels])
        out = np.empty((len(ARKIT), len(emotion)), dtype=np.float32)
        self._kernel.spread(shown, out)
        self._shown = np.ascontiguousarray(out.T)
        return self._shown


def rises(emotion: Floats, baseline: Floats) -> Floats:
    """(c, n) how far each emotion (n, c) is from its baseline towards 1: (e - b) / (1 - b), at least 0."""
    rise = (emotion - baseline) / (1.0 - baseline)
    return np.ascontiguousarray(np.maximum(rise, 0.0).T)
