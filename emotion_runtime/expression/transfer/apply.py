"""Owns the transfer itself: a fixed order of steps from a source's weights to a target's, batch or live.

Order: neutral away, range, region gains, emotion gains, exaggeration, asymmetry, timing, target's rest, fallback,
limits. A step whose setting changes nothing is not computed, so a character transferred to itself keeps every bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.exponential import one_minus_exp
from emotion_runtime.errors import UsageError
from emotion_runtime.expression.landmarks import PIXELS, own_basis
from emotion_runtime.expression.power import unit_power
from emotion_runtime.expression.shapes import ARKIT, COLUMN, region, sides
from emotion_runtime.expression.transfer.profile import LOWER, UPPER, Profile, expanded

Floats32 = NDArray[np.float32]
Floats = NDArray[np.float64]

LN2: Final = 0.6931471805599453
LEAST_SPAN: Final = np.float32(0.1)
"""A range of the source shorter than this is not stretched further: it would be noise that moves the target."""
GAZE: Final = tuple(name for name in ARKIT if name.startswith("eyeLook") or name.startswith("eyeBlink"))
"""Blinks and eye directions: neither slowed down, nor exaggerated, nor made unequal."""


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What did not fit. `clamped`: share of weights over 1; `lost`: shape -> mean px of movement it took away."""

    clamped: float
    lost: dict[str, float]
    coverage: dict[str, float]
    """Region -> largest weight reached."""


class Transfer:
    """One target. `apply` for whole takes, `step` for one frame after the other: both give the same values."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        knobs = profile.knobs
        self._neutral = _row(profile.neutral)
        self._reach = _row(profile.reach, 1.0)
        gains = profile.region_gains()
        self._gain = np.array([gains[region(name)] for name in ARKIT], dtype=np.float32)
        self._speech = np.array([knobs.clarity if region(n) in LOWER else 1.0 for n in ARKIT], dtype=np.float32)
        self._power = np.array([2.0**-knobs.exaggeration], dtype=np.float32)
        self._moving = np.array([COLUMN[name] for name in ARKIT if name not in GAZE], dtype=np.intp)
        self._side = _side_gains(knobs.asymmetry)
        self._rest = _row(profile.rest)
        self._missing = _missing(profile)
        self._state: Floats | None = None

    @property
    def moving(self) -> Floats | None:
        """(52,) where the timing's filter stands, or None before the first frame."""
        return None if self._state is None else self._state.copy()

    @moving.setter
    def moving(self, state: Floats | None) -> None:
        self._state = None if state is None else state.copy()

    def reset(self) -> None:
        """Forget the frame before: the next one starts where it stands."""
        self._state = None

    def apply(
        self,
        weights: Floats32,
        seconds: Sequence[float] | Floats,
        *,
        speaking: NDArray[np.bool_] | None = None,
        emotion_gain: Floats32 | None = None,
    ) -> Floats32:
        """A take (f, 52) with the time of each frame. Returns the target's (f, 52); bitwise the same for no change.

        `speaking` (f,) says which frames are speech (for `clarity`); `emotion_gain` (f,) as `emotion_gains` gives it.
        Raises UsageError `bad_take`.
        """
        times = np.asarray(seconds, dtype=np.float64)
        if weights.ndim != 2 or weights.shape[1] != len(ARKIT) or times.shape != (len(weights),):
            raise UsageError("bad_take", f"a take is (frames, 52) with a time each, not {weights.shape}, {times.shape}")
        if not np.isfinite(weights).all() or not np.isfinite(times).all() or (np.diff(times) < 0.0).any():
            raise UsageError("bad_take", "weights and times must be finite, and times must not fall")
        led = _ahead(weights, times, self._profile.lead)
        shaped = self._shape(led, speaking, emotion_gain)
        if self._profile.knobs.snap or self._profile.knobs.linger:
            self.reset()
            steps = np.diff(times, prepend=times[:1])
            shaped = np.stack([self._follow(frame, dt) for frame, dt in zip(shaped, steps.tolist(), strict=True)])
        return self._place(shaped)

    def step(self, weights: Floats32, dt: float, *, speaking: bool = False, emotion_gain: float = 1.0) -> Floats32:
        """One live frame (52,), `dt` seconds after the one before. A lead needs the future and does nothing here."""
        gain = None if emotion_gain == 1.0 else np.array([emotion_gain], dtype=np.float32)
        shaped = self._shape(weights[None, :], np.array([speaking]), gain)
        if self._profile.knobs.snap or self._profile.knobs.linger:
            shaped = self._follow(shaped[0], dt)[None, :]
        return np.asarray(self._place(shaped)[0])

    def emotion_gains(self, labels: Sequence[str], strengths: NDArray[np.floating]) -> Floats32:
        """(f,) gain from which emotions the source shows, (f, k): their gains weighed by their strengths."""
        gains = self._profile.emotions
        total, weighed = np.zeros(len(strengths)), np.zeros(len(strengths))
        for k, label in enumerate(labels):
            total += strengths[:, k]
            weighed += strengths[:, k] * gains.get(label, 1.0)
        quiet = total <= 1e-9
        return np.where(quiet, 1.0, weighed / np.where(quiet, 1.0, total)).astype(np.float32)

    def report(self, weights: Floats32, shown: Floats32) -> TransferReport:
        """What a take (f, 52) loses on this target; `shown` is what `apply` gave for it."""
        shaped = self._shape(weights, None, None)
        basis = own_basis()
        lost = {}
        for column, targets in self._missing:
            gone = shaped[:, column, None, None] * basis.moves[column]
            for target, part in targets:
                gone = gone - part * shaped[:, column, None, None] * basis.moves[target]
            size = float(np.linalg.norm(gone, axis=2).mean()) * PIXELS
            if shaped[:, column].max(initial=0.0) > 0.0:
                lost[ARKIT[column]] = size
        over = (shaped + self._rest > 1.0).mean() if shaped.size else 0.0
        coverage = {
            name: float(max(shown[:, COLUMN[each]].max(initial=0.0) for each in ARKIT if region(each) == name))
            for name in (*UPPER, *LOWER)
        }
        return TransferReport(float(over), lost, coverage)

    def _shape(self, weights: Floats32, speaking: NDArray[np.bool_] | None, emotion_gain: Floats32 | None) -> Floats32:
        w = weights.astype(np.float32)
        if self._neutral.any() or (self._reach != 1.0).any():
            span = np.maximum(self._reach - self._neutral, LEAST_SPAN)
            w = np.maximum(w - self._neutral, np.float32(0.0)) / span
        if (self._gain != 1.0).any():
            w = w * self._gain
        if emotion_gain is not None and (emotion_gain != 1.0).any():
            w = w * emotion_gain[:, None]
        if speaking is not None and speaking.any() and (self._speech != 1.0).any():
            w = np.where(speaking[:, None], w * self._speech, w)
        if (self._power != 1.0).any():
            w = np.array(w)
            w[:, self._moving] = unit_power(np.minimum(w[:, self._moving], np.float32(1.0)), self._power)
        if (self._side != 1.0).any():
            w = w * self._side
        return w

    def _follow(self, target: Floats32, dt: float) -> Floats32:
        aim = target.astype(np.float64)
        if self._state is None:
            self._state = aim.copy()
            return target
        gap = aim - self._state
        knobs = self._profile.knobs
        up, down = _fraction(dt, knobs.snap), _fraction(dt, knobs.linger)
        part = np.where(gap > 0.0, up, down)
        still = np.ones(len(ARKIT), dtype=bool)
        still[self._moving] = False
        self._state = np.where(still, aim, self._state + gap * part)
        return self._state.astype(np.float32)

    def _place(self, w: Floats32) -> Floats32:
        if self._rest.any():
            w = self._rest + w * (np.float32(1.0) - self._rest)
        if self._missing:
            w = np.array(w)
            for column, targets in self._missing:
                for target, part in targets:
                    w[:, target] += part * w[:, column]
                w[:, column] = 0.0
        return np.minimum(np.maximum(w, np.float32(0.0)), np.float32(1.0))


def coloured(performer: Floats32, own: Floats32, share: float) -> Floats32:
    """A performer drives a character whose own emotion still colours the face: 1 - (1 - p)(1 - share x own).

    Weights of any one shape; `share` 0..1 is how much of its own face (…, 52) shows through. mouthClose <= jawOpen.
    """
    if not 0.0 <= share <= 1.0:
        raise UsageError("bad_value", f"a share is in 0..1, not {share!r}")
    mixed = performer if share == 0.0 else 1.0 - (1.0 - performer) * (1.0 - np.float32(share) * own)
    result = np.array(mixed, dtype=np.float32)
    if share > 0.0:
        close, jaw = COLUMN["mouthClose"], COLUMN["jawOpen"]
        result[..., close] = np.minimum(result[..., close], result[..., jaw])
    return result


def _row(shapes: dict[str, float], default: float = 0.0) -> Floats32:
    row = np.full(len(ARKIT), default, dtype=np.float32)
    for name, weight in expanded(shapes).items():
        row[COLUMN[name]] = weight
    return row


def _side_gains(asymmetry: float) -> Floats32:
    gain = {"Left": 1.0 - asymmetry, "Right": 1.0 + asymmetry}
    row = np.ones(len(ARKIT), dtype=np.float32)
    for name in ARKIT:
        if name not in GAZE and name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
            row[COLUMN[name]] = next((value for side, value in gain.items() if name.endswith(side)), 1.0)
    return row


def _missing(profile: Profile) -> list[tuple[int, list[tuple[int, np.float32]]]]:
    if profile.available is None:
        return []
    present = {each for name in profile.available for each in sides(name)}
    result = []
    for name in ARKIT:
        if name in present:
            continue
        side = next((side for side in ("Left", "Right") if name.endswith(side)), "")
        stand_in = profile.fallback.get(name) or profile.fallback.get(name.removesuffix(side)) or {}
        targets = []
        for target, part in stand_in.items():
            same_side = [each for each in sides(target) if not side or each.endswith(side) or len(sides(target)) == 1]
            targets += [(COLUMN[each], np.float32(part)) for each in same_side if each in present]
        result.append((COLUMN[name], targets))
    return result


def _ahead(weights: Floats32, times: Floats, lead: float) -> Floats32:
    if lead == 0.0 or len(weights) < 2:
        return weights
    result = np.array(weights, dtype=np.float32)
    for name in ARKIT:
        if region(name) in UPPER:
            result[:, COLUMN[name]] = np.interp(times + lead, times, weights[:, COLUMN[name]])
    return result


def _fraction(dt: float, half_life: float) -> float:
    if half_life <= 0.0:
        return 1.0
    return float(one_minus_exp(np.array([max(dt, 0.0) * LN2 / half_life]))[0][0])
