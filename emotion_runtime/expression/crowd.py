"""Owns the faces of all characters over time: emotions filtered, blended, with blinks and micro-expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.compose import mouth_share
from emotion_runtime.expression.kernel import Kernel, limit
from emotion_runtime.expression.moments import Moments
from emotion_runtime.expression.recipe import RecipeTable, default_recipes
from emotion_runtime.expression.shapes import ARKIT, COLUMN

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

BLOCK: Final = 4096
"""Characters worked on together: few calls for a crowd, and a block's arrays still fit the cache."""
PADDING: Final = 16
"""Rows a power of two apart would all fall into one set of the cache: the transposed copy is 7 times slower then."""
SLIP: Final = 0.5
"""Part of a felt emotion's strength that a micro-expression lets slip at its peak."""
BLINKS: Final = (COLUMN["eyeBlinkLeft"], COLUMN["eyeBlinkRight"])
WIDE: Final = (COLUMN["eyeWideLeft"], COLUMN["eyeWideRight"])
FULL: Final = np.float32(1.0)


@dataclass(frozen=True, slots=True, eq=False)
class FacesState:
    """What a save has to keep: seconds, and (c, n) float64 filtered and felt strengths, by the world's channels."""

    time: float
    drive: Floats
    felt: Floats


class Faces:
    """The faces of n characters. `step` moves time on, `weights` shows the present; equal inputs give equal bytes."""

    def __init__(
        self,
        names: Sequence[str],
        channels: Sequence[str],
        baseline: Floats,
        *,
        seed: int = 0,
        tables: Sequence[RecipeTable] | None = None,
        table_of: NDArray[np.intp] | None = None,
        lively: bool = True,
    ) -> None:
        """`baseline` (n, c) in [0, 1). `table_of` (n,): the entry of `tables` each character uses (default: the first).

        `lively`: blinks and micro-expressions; off, a face is a function of its emotions alone.
        """
        if baseline.shape != (len(names), len(channels)):
            raise UsageError("bad_shape", f"baseline is {baseline.shape}, not ({len(names)}, {len(channels)})")
        used = tuple(tables) if tables else (default_recipes(),)
        self._kernels = [Kernel(table, channels) for table in used]
        self._blocks = _blocks(len(names), len(used), table_of)
        self._baseline = np.ascontiguousarray(baseline.T)
        self._scale = 1.0 / (1.0 - self._baseline)
        self._moments = Moments(names, seed) if lively else None
        self._time = 0.0
        self._drive: Floats = np.zeros(self._baseline.shape)
        self._felt: Floats = np.zeros(self._baseline.shape)
        self._block = np.empty((len(ARKIT), BLOCK + PADDING), dtype=np.float32)

    @property
    def n(self) -> int:
        """Characters."""
        return int(self._drive.shape[1])

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self._time

    def step(self, dt: float, emotion: Floats) -> None:
        """Let `dt` >= 0 seconds pass while the emotions (n, c) are these.

        Two steps under the same emotions are one step of their sum, to 1e-12.
        """
        if not 0.0 <= dt < float("inf"):
            raise UsageError("bad_value", f"a step of {dt!r} seconds cannot be taken")
        for index, kernel in enumerate(self._kernels):
            fractions = kernel.fractions(dt)
            for rows in self._blocks[index]:
                felt = emotion[rows].T - self._baseline[:, rows]
                felt *= self._scale[:, rows]
                np.maximum(felt, 0.0, out=felt)
                self._felt[:, rows] = felt
                drive = self._drive[:, rows][kernel.channels]
                kernel.follow(drive, felt[kernel.channels], fractions)
                if isinstance(rows, slice):
                    self._drive[kernel.channels, rows] = drive
                else:
                    self._drive[np.ix_(kernel.channels, rows)] = drive
        self._time += dt

    def weights(self) -> Floats32:
        """(n, 52) float32 in 0..1, columns as `ARKIT`: a fresh array."""
        out = np.empty((self.n, len(ARKIT)), dtype=np.float32)
        blink = self._moments.blink(self._time).astype(np.float32) if self._moments else None
        slips = self._slips()
        for index, kernel in enumerate(self._kernels):
            for rows in self._blocks[index]:
                shown = self._shown(kernel, rows, slips)
                block = self._block[:, : shown.shape[1]]
                kernel.spread(shown, block)
                if blink is not None:
                    _shut(block, blink[rows])
                out[rows] = block.T
        return out

    def strengths(self, rows: NDArray[np.intp] | None = None) -> tuple[tuple[str, ...], Floats32]:
        """Labels with a face, and (m, k) strengths as shown now; what VRM's expressions are made of."""
        labels = tuple(dict.fromkeys(label for kernel in self._kernels for label in kernel.labels))
        out = np.zeros((self.n, len(labels)), dtype=np.float32)
        slips = self._slips()
        for index, kernel in enumerate(self._kernels):
            for part in self._blocks[index]:
                shown = self._shown(kernel, part, slips)
                for k, label in enumerate(kernel.labels):
                    out[part, labels.index(label)] = shown[k]
        return labels, out if rows is None else out[rows]

    def mouth_share(self, rows: NDArray[np.intp]) -> Floats:
        """(m,) the part of its mouth each of these characters' emotion keeps while it speaks, by its own table."""
        share = np.zeros(self.n)
        for index, kernel in enumerate(self._kernels):
            for part in self._blocks[index]:
                mine = np.intersect1d(rows, part if not isinstance(part, slice) else np.arange(part.start, part.stop))
                if len(mine) and len(kernel.labels):
                    shown = kernel.strengths(self._drive[np.ix_(kernel.channels, mine)])
                    share[mine] = mouth_share(shown.T, kernel.speaking)
        return share[rows]

    def blinks(self) -> Floats32:
        """(n,) how far the lids are shut now, 0..1."""
        if self._moments is None:
            return np.zeros(self.n, dtype=np.float32)
        return self._moments.blink(self._time).astype(np.float32)

    def save(self) -> FacesState:
        """Everything that `restore` needs."""
        return FacesState(self._time, self._drive.copy(), self._felt.copy())

    def restore(self, state: FacesState) -> None:
        """Go on from a saved state of the same characters and channels."""
        if state.drive.shape != self._drive.shape or state.felt.shape != self._drive.shape:
            raise UsageError("bad_shape", f"the state is for {state.drive.shape}, not {self._drive.shape}")
        self._time = state.time
        self._drive = state.drive.copy()
        self._felt = state.felt.copy()

    def _shown(self, kernel: Kernel, rows: Rows, slips: tuple[NDArray[np.intp], Floats] | None) -> Floats32:
        shown = kernel.strengths(self._drive[:, rows][kernel.channels])
        if slips is None:
            return shown
        kind, much = slips[0][rows], slips[1][rows]
        some = np.flatnonzero(much > 0.0)
        if not len(some):
            return shown
        whole = some + rows.start if isinstance(rows, slice) else rows[some]
        felt = self._felt[np.ix_(kernel.channels, whole)]
        slip = np.where(kind[some] == kernel.channels[:, None], much[some] * felt, 0.0).astype(np.float32)
        slipped = shown[:, some]
        slipped += slip * (FULL - slipped)
        limit(slipped)
        shown[:, some] = slipped
        return shown

    def _slips(self) -> tuple[NDArray[np.intp], Floats] | None:
        if self._moments is None:
            return None
        kind, much = self._moments.micro(self._time, len(self._drive))
        return kind, much * SLIP


Rows = slice | NDArray[np.intp]


def _shut(block: Floats32, blink: Floats32) -> None:
    open_part = FULL - blink
    for column in BLINKS:
        np.maximum(block[column], blink, out=block[column])
    for column in WIDE:
        block[column] *= open_part


def _blocks(n: int, tables: int, table_of: NDArray[np.intp] | None) -> list[list[Rows]]:
    """For each table, its characters in pieces of at most BLOCK; one table needs no index."""
    if table_of is None:
        whole: list[Rows] = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
        return [whole, *([] for _ in range(1, tables))]
    if table_of.shape != (n,) or (n and (table_of.min() < 0 or table_of.max() >= tables)):
        raise UsageError("bad_shape", f"table_of must be ({n},) numbers of the {tables} tables")
    result: list[list[Rows]] = []
    for index in range(tables):
        rows = np.flatnonzero(table_of == index)
        result.append([rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)])
    return result
