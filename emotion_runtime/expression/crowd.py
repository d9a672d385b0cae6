"""Owns the faces of all characters over time: emotions filtered, blended, with blinks and micro-expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.compose import mouth_share
from emotion_runtime.expression.kernel import FEW_FACES, Kernel, limit
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
BLINKS: Final = [COLUMN["eyeBlinkLeft"], COLUMN["eyeBlinkRight"]]
WIDE: Final = [COLUMN["eyeWideLeft"], COLUMN["eyeWideRight"]]
FULL: Final = np.float32(1.0)


@dataclass(frozen=True, slots=True, eq=False)
class FacesState:
    """What a save has to keep: seconds, and (c, n) float64 filtered, felt and last shown strengths, by channel."""

    time: float
    drive: Floats
    felt: Floats
    seen: Floats


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
        coarse: float = 0.0,
    ) -> None:
        """`baseline` (n, c) in [0, 1). `table_of` (n,): the entry of `tables` each character uses (default: the first).

        `lively`: blinks and micro-expressions; off, a face is a function of its emotions alone.
        `coarse`: while no filtered strength has moved by more than this, the face the emotions make stays as it is.
        """
        if baseline.shape != (len(names), len(channels)):
            raise UsageError("bad_shape", f"baseline is {baseline.shape}, not ({len(names)}, {len(channels)})")
        used = tuple(tables) if tables else (default_recipes(),)
        self._kernels = [Kernel(table, channels) for table in used]
        self._blocks = _blocks(len(names), len(used), table_of)
        self._baseline = np.ascontiguousarray(baseline.T)
        self._scale = 1.0 / (1.0 - self._baseline)
        self._moments = Moments(names, seed) if lively else None
        self._coarse = coarse
        self._table = np.zeros(len(names), dtype=np.intp) if table_of is None else table_of
        self._strengths = [np.zeros((len(kernel.labels), len(names)), dtype=np.float32) for kernel in self._kernels]
        self._fresh = False
        self._base: Floats32 | None = None
        self._seen: Floats = np.zeros(self._baseline.shape)
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

    def step(self, dt: float, emotion: Floats, *, at: float | None = None) -> None:
        """Let `dt` >= 0 seconds pass while the emotions (n, c) are these. `at`: the time it then is, if not the sum.

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
                if kernel.whole and isinstance(rows, slice):
                    kernel.follow(self._drive[:, rows], felt, fractions)
                    continue
                drive = self._drive[:, rows][kernel.channels]
                kernel.follow(drive, felt[kernel.channels], fractions)
                if isinstance(rows, slice):
                    self._drive[kernel.channels, rows] = drive
                else:
                    self._drive[np.ix_(kernel.channels, rows)] = drive
        self._time = self._time + dt if at is None else at
        if not self._coarse or (np.abs(self._drive - self._seen) > self._coarse).any():
            np.copyto(self._seen, self._drive)
            self._base, self._fresh = None, False

    def weights(self) -> Floats32:
        """(n, 52) float32 in 0..1, columns as `ARKIT`: a fresh array."""
        out = self._still()
        if self._moments is None:
            return out
        rows, shown = self._slipped()
        if rows is not None:
            for index, kernel in enumerate(self._kernels):
                mine = slice(None) if len(self._kernels) == 1 else np.flatnonzero(self._table[rows] == index)
                if len(rows[mine]):
                    block = np.empty((len(ARKIT), len(rows[mine])), dtype=np.float32)
                    kernel.spread(np.ascontiguousarray(shown[index][:, mine]), block)
                    out[rows[mine]] = block.T
        blinking, much = self._moments.blinks(self._time)
        if len(blinking):
            _shut(out, blinking, much.astype(np.float32))
        return out

    def strengths(self, rows: NDArray[np.intp] | None = None) -> tuple[tuple[str, ...], Floats32]:
        """Labels with a face, and (m, k) strengths as shown now; what VRM's expressions are made of."""
        labels = tuple(dict.fromkeys(label for kernel in self._kernels for label in kernel.labels))
        out = np.zeros((len(labels), self.n), dtype=np.float32)
        strengths = self._strength()
        slipping, slipped = self._slipped() if self._moments else (None, [])
        for index, kernel in enumerate(self._kernels):
            for part in self._blocks[index]:
                for k, label in enumerate(kernel.labels):
                    out[labels.index(label), part] = strengths[index][k, part]
            if slipping is not None:
                mine = np.flatnonzero(self._table[slipping] == index)
                for k, label in enumerate(kernel.labels):
                    out[labels.index(label), slipping[mine]] = slipped[index][k, mine]
        return labels, out.T if rows is None else out.T[rows]

    def mouth_share(self, rows: NDArray[np.intp]) -> Floats:
        """(m,) the part of its mouth each of these characters' emotion keeps while it speaks, by its own table."""
        share = np.zeros(len(rows))
        strengths = self._strength()
        for index, kernel in enumerate(self._kernels):
            mine = np.flatnonzero(self._table[rows] == index)
            if len(mine) and len(kernel.labels):
                share[mine] = mouth_share(strengths[index][:, rows[mine]].T, kernel.speaking)
        return share

    def blinks(self) -> Floats32:
        """(n,) how far the lids are shut now, 0..1."""
        if self._moments is None:
            return np.zeros(self.n, dtype=np.float32)
        return self._moments.blink(self._time).astype(np.float32)

    def save(self) -> FacesState:
        """Everything that `restore` needs."""
        return FacesState(self._time, self._drive.copy(), self._felt.copy(), self._seen.copy())

    def restore(self, state: FacesState) -> None:
        """Go on from a saved state of the same characters and channels."""
        if not state.drive.shape == state.felt.shape == state.seen.shape == self._drive.shape:
            raise UsageError("bad_shape", f"the state is for {state.drive.shape}, not {self._drive.shape}")
        self._time = state.time
        self._drive, self._felt, self._seen = state.drive.copy(), state.felt.copy(), state.seen.copy()
        self._base, self._fresh = None, False

    def _strength(self) -> list[Floats32]:
        """For each table (k, n) what its emotions show; kept as long as none of them moves."""
        if not self._fresh:
            for index, kernel in enumerate(self._kernels):
                for rows in self._blocks[index]:
                    seen = self._seen[:, rows] if kernel.whole else self._seen[:, rows][kernel.channels]
                    self._strengths[index][:, rows] = kernel.strengths(seen)
            self._fresh = True
        return self._strengths

    def _still(self) -> Floats32:
        """(n, 52) what the emotions alone show: an array to be written to. Few faces are kept while they stay."""
        strengths = self._strength()
        if self._base is not None:
            return self._base.copy()
        out = np.empty((self.n, len(ARKIT)), dtype=np.float32)
        for index, kernel in enumerate(self._kernels):
            for rows in self._blocks[index]:
                shown = strengths[index][:, rows]
                block = self._block[:, : shown.shape[1]]
                kernel.spread(shown, block)
                out[rows] = block.T
        if self.n <= FEW_FACES:
            self._base = out.copy()
        return out

    def _slipped(self) -> tuple[NDArray[np.intp] | None, list[Floats32]]:
        """Rows (m,) of those in a micro-expression, and for each table (k, m) strengths with what slips out."""
        assert self._moments is not None
        rows, kind, much = self._moments.slips(self._time, len(self._drive))
        if not len(rows):
            return None, []
        result = []
        for index, kernel in enumerate(self._kernels):
            felt = self._felt[np.ix_(kernel.channels, rows)]
            slip = np.where(kind == kernel.channels[:, None], much * SLIP * felt, 0.0).astype(np.float32)
            shown = self._strengths[index][:, rows]
            shown += slip * (FULL - shown)
            limit(shown)
            result.append(shown)
        return rows, result


Rows = slice | NDArray[np.intp]


def _shut(out: Floats32, rows: NDArray[np.intp], blink: Floats32) -> None:
    """Close the lids of (n, 52) faces at `rows` (m,) as far as `blink` (m,), in place."""
    for column in BLINKS:
        out[rows, column] = np.maximum(out[rows, column], blink)
    for column in WIDE:
        out[rows, column] *= FULL - blink


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
