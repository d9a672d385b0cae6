"""Owns reading a captured face: 52 ARKit coefficients -> shares of six prototypes -> modest probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.errors import InputError
from emotion_runtime.expression.recipe import default_recipes
from emotion_runtime.expression.shapes import ARKIT, COLUMN, region

PAIR: Final = 0.7071067811865476
"""Weight of each side of a pair, so that a pair counts as much as a single shape."""
SPEECH_SHARE: Final = 0.35
"""What a mouth or jaw shape counts for while its owner speaks: most of it is the words."""
SWEEPS: Final = 24
"""Rounds of the descent. After 24 no share of a random face moves by more than 1e-3."""
TRUST: Final = {"joy": 1.0, "surprise": 0.5, NEUTRAL: 0.6}
"""How well the label names of a decoded face may be believed, 0..1, others OTHER_TRUST. On real takes smiles were told
from the rest without a fault, while bad news came out as surprise: negative emotions are not to be named from this."""
OTHER_TRUST: Final = 0.3
FAINTEST: Final = 0.02
"""Coefficients below this are the noise of a tracker."""

_Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FaceReading:
    """`shares`: prototype -> strength 0 or more. `probabilities` in the order of the decoder's labels, sum 1.

    `confidence` 0..1: how much of the face the prototypes explain, times how well its labels may be believed.
    """

    shares: Mapping[str, float]
    probabilities: tuple[float, ...]
    confidence: float


class FaceDecoder:
    """Non-negative least squares of a face against the prototypes of the expression recipes (FACS action units).

    min |sum_k e_k T_k - w|^2 over e >= 0 by cyclic coordinate descent. Only + - * / in a fixed order, so the same
    frame gives the same bits on every machine.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        """`labels`: the scene's, in whose order probabilities come."""
        self.labels = tuple(labels)
        rows = _prototypes()
        self._names = tuple(name for name in rows if name in self.labels)
        self._weights = {
            speaking: [_weighted(rows[name], speaking) for name in self._names] for speaking in (False, True)
        }
        self._gram = {
            speaking: [[_dot(left, right) for right in table] for left in table]
            for speaking, table in self._weights.items()
        }
        self.known = tuple(label in self._names or label == NEUTRAL for label in self.labels)

    def read(self, frame: Sequence[float], neutral: Sequence[float], *, speaking: bool = False) -> FaceReading:
        """`frame`, `neutral` (52,) in 0..1 as `ARKIT`: what the face does and how it rests."""
        raw = [max(0.0, now - rest) for now, rest in zip(frame, neutral, strict=True)]
        face = _weighted(tuple(value if value > FAINTEST else 0.0 for value in raw), speaking)
        shares = self._solve(face, speaking)
        energy = _dot(face, face)
        left = list(face)
        for share, row in zip(shares, self._weights[speaking], strict=True):
            left = [value - share * part for value, part in zip(left, row, strict=True)]
        fit = 1.0 if energy < 1e-4 else max(0.0, 1.0 - _dot(left, left) / energy)
        total = 0.0
        for share in shares:
            total += share
        by_name = {name: share / max(1.0, total) for name, share in zip(self._names, shares, strict=True)}
        by_name[NEUTRAL] = max(0.0, 1.0 - total)
        if NEUTRAL not in self.labels and total <= 1.0:
            by_name = {name: by_name[name] / total if total > 0 else 1.0 / len(self._names) for name in self._names}
        probabilities = tuple(by_name.get(label, 0.0) for label in self.labels)
        trust = 0.0
        for label, value in zip(self.labels, probabilities, strict=True):
            trust += value * TRUST.get(label, OTHER_TRUST)
        return FaceReading(dict(zip(self._names, shares, strict=True)), probabilities, min(1.0, max(0.0, trust * fit)))

    def _solve(self, face: _Row, speaking: bool) -> list[float]:
        gram = self._gram[speaking]
        wanted = [_dot(row, face) for row in self._weights[speaking]]
        shares = [0.0] * len(wanted)
        for _ in range(SWEEPS):
            for k, row in enumerate(gram):
                pull = wanted[k]
                for other, entry in enumerate(row):
                    pull -= entry * shares[other]
                shares[k] = max(0.0, shares[k] + pull / row[k])
        return shares


def frame_of(weights: Mapping[str, float]) -> tuple[float, ...]:
    """Coefficients by name (any order; those left out are 0) as a row in the order of `ARKIT`.

    Names, never places: recorders disagree about the order. Raises InputError `unknown_shape` or `bad_value`.
    """
    row = [0.0] * len(ARKIT)
    for name, value in weights.items():
        column = COLUMN.get(name)
        if column is None:
            column = COLUMN.get(name[:1].lower() + name[1:])
        if column is None:
            raise InputError("unknown_shape", f"there is no blendshape `{name}`", "use Apple's 52 names, as jawOpen")
        if not 0.0 <= value <= 1.0:
            raise InputError("bad_value", f"`{name}` must be in 0..1, not {value!r}")
        row[column] = float(value)
    return tuple(row)


def _prototypes() -> dict[str, _Row]:
    """Emotion -> (52,) weights at full strength, of the bundled recipes."""
    rows: dict[str, _Row] = {}
    for name, recipe in default_recipes().emotions.items():
        row = [0.0] * len(ARKIT)
        for shape, value in recipe.by_column_name().items():
            row[COLUMN[shape]] = float(value)
        if any(row):
            rows[name] = tuple(row)
    return rows


def _weighted(row: Sequence[float], speaking: bool) -> _Row:
    out = []
    for name, value in zip(ARKIT, row, strict=True):
        weight = PAIR if name.endswith(("Left", "Right")) else 1.0
        if name.startswith(("eyeBlink", "eyeLook")):
            weight = 0.0  # everybody blinks and looks about, whatever they feel
        if speaking and region(name) in ("mouth", "jaw"):
            weight *= SPEECH_SHARE
        out.append(weight * value)
    return tuple(out)


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    total = 0.0
    for one, other in zip(left, right, strict=True):
        total += one * other
    return total
