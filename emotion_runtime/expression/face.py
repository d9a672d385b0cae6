"""Owns the face of a moment: 52 ARKit weights straight from the emotions, without time, blinks or speech."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.kernel import Kernel
from emotion_runtime.expression.recipe import RecipeTable, default_recipes
from emotion_runtime.expression.shapes import ARKIT

__all__ = ["ARKIT", "Face", "rises"]

Floats = NDArray[np.float64]


class Face:
    """Weights (n, 52) in 0..1 from emotions (n, c): the limit that `Faces` moves to when the emotions stay."""

    def __init__(self, channels: Sequence[str], baseline: Floats, table: RecipeTable | None = None) -> None:
        """`baseline` (n, c): strengths in [0, 1) that show nothing. `table`: the default one if none is given."""
        self._baseline = baseline
        self._kernel = Kernel(table or default_recipes(), channels)

    def weights(self, emotion: Floats) -> NDArray[np.float32]:
        """(n, 52) float32 from (n, c): gamma, contrast and blend of the recipe table."""
        shown = self._kernel.strengths(rises(emotion, self._baseline)[self._kernel.channels])
        out = np.empty((len(ARKIT), len(emotion)), dtype=np.float32)
        self._kernel.spread(shown, out)
        return np.ascontiguousarray(out.T)


def rises(emotion: Floats, baseline: Floats) -> Floats:
    """(c, n) how far each emotion (n, c) is from its baseline towards 1: (e - b) / (1 - b), at least 0."""
    rise = (emotion - baseline) / (1.0 - baseline)
    return np.ascontiguousarray(np.maximum(rise, 0.0).T)
