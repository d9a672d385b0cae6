"""Owns the exact flow of emotion and mood between impulses: one closed-form step for any length of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.exponential import one_minus_exp
from emotion_runtime.kernels.tables import EPSILON, Fixed

__all__ = ["EPSILON", "LN2", "Constants", "Flow", "Moved", "flow", "flow_columns", "impulse"]

Floats = NDArray[np.float64]

LN2: Final = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Constants:
    """What personality and scene fix for each character. c channels = labels without `neutral`.

    `baseline` (n, c) in (0, 1); `decay` (n, c) per second, ln 2 / half-life; `mood_home` (n, 3); `mood_decay` (n,)
    per second; `pad` (c, 3): where each emotion pulls the mood; `mood_gain`: how far a lasting emotion of strength
    1 above its baseline moves the mood towards its place in PAD space.
    """

    baseline: Floats
    decay: Floats
    mood_home: Floats
    mood_decay: Floats
    pad: Floats
    mood_gain: float = 1.0
    _slow: dict[float, Floats] = field(default_factory=dict)

    def mood_gone(self, dt: float) -> Floats:
        """(n,) share of the way home that mood goes in `dt` seconds; kept for the last length asked for."""
        known = self._slow.get(dt)
        if known is None:
            self._slow.clear()
            known = self._slow[dt] = one_minus_exp(self.mood_decay * dt)[0]
        return known

    def fixed(self) -> Fixed:
        """The same as one contiguous row a channel, for kernels."""
        return Fixed(
            np.ascontiguousarray(self.baseline.T),
            np.ascontiguousarray(self.decay.T),
            np.ascontiguousarray(self.mood_home.T),
            self.mood_decay,
            np.ascontiguousarray(self.pad),
            self.mood_gain,
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """One step's result. `emotion` (n, c), `mood` (n, 3); the rest tells the ledger where the change came from.

    `kept` (n, c): the share of the old deviation that is left. `up`, `down` (n, c): what one unit per second of
    excitation or inhibition added to or took from the deviation during the step.
    """

    emotion: Floats
    mood: Floats
    kept: Floats
    up: Floats
    down: Floats


@dataclass(frozen=True, slots=True)
class Moved:
    """One step of columns: `emotion`, `kept`, `share` (c, k), `mood` (3, k). up = share (1 - b), down = share b."""

    emotion: Floats
    mood: Floats
    kept: Floats
    share: Floats


def flow(constants: Constants, emotion: Floats, mood: Floats, excite: Floats, inhibit: Floats, dt: float) -> Flow:
    """Advance by `dt` seconds (>= 0) under constant excitation and inhibition rates (n, c), each >= 0 per second.

    Emotion obeys e' = l (1 - e) - u e - k (e - b), so it moves to e* = (l + k b) / (l + u + k) as
    e(t + D) = e + (e* - e) (1 - exp(-(l + u + k) D)). Mood obeys m' = mu (d - m) + g mu sum_i P_i (e_i - b_i) with e_i
    that same curve, and its integral is written with expm1-like quotients, which do not cancel where rates are close.
    Law: flow(a) then flow(b) is flow(a + b), to rounding. `dt` in seconds of simulated time.
    """
    moved = flow_columns(constants.fixed(), constants.mood_gone(dt), emotion.T, mood.T, excite.T, inhibit.T, dt)
    share = moved.share.T
    return Flow(
        emotion=moved.emotion.T,
        mood=moved.mood.T,
        kept=moved.kept.T,
        up=share * (1.0 - constants.baseline),
        down=share * constants.baseline,
    )


def flow_columns(
    fixed: Fixed, mood_gone: Floats, emotion: Floats, mood: Floats, excite: Floats, inhibit: Floats, dt: float
) -> Moved:
    """`flow` on one row a channel: `emotion`, `excite`, `inhibit` (c, k), `mood` (3, k), `mood_gone` (k,)."""
    rate = fixed.decay + excite
    rate += inhibit
    target = fixed.decay * fixed.baseline
    target += excite
    target /= rate
    spans = np.empty((2, *rate.shape))
    np.multiply(rate, dt, out=spans[0])
    np.subtract(rate, fixed.slow, out=spans[1])
    np.abs(spans[1], out=spans[1])
    spans[1] *= dt
    done, quotient = one_minus_exp(spans)
    gone = done[0]

    step = target - emotion
    # integral of exp(-rate s) exp(-slow (dt - s)) ds over the step, times slow
    overlap = np.minimum(gone, mood_gone)
    np.subtract(1.0, overlap, out=overlap)
    overlap *= quotient[1]
    overlap *= fixed.slow * dt
    overlap *= step
    pull = target
    pull -= fixed.baseline
    pull *= mood_gone
    pull -= overlap
    if fixed.gain != 1.0:
        pull *= fixed.gain
    total = pull[0] * fixed.pad[0][:, None]
    for channel in range(1, len(pull)):  # strictly in channel order: the same bits everywhere
        total += pull[channel] * fixed.pad[channel][:, None]
    moved = mood - fixed.home
    moved *= 1.0 - mood_gone
    moved += fixed.home
    moved += total
    kept = 1.0 - gone
    np.divide(gone, rate, out=rate)
    step *= gone
    step += emotion
    return Moved(emotion=step, mood=moved, kept=kept, share=rate)


def impulse(emotion: Floats, up: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Apply saturating impulses: e <- 1 - (1 - e) up, then e <- e down, each kept in [EPSILON, 1 - EPSILON].

    `up` and `down` are products of (1 - s) over all impulses of strength s in 0..1 of one tick, 1 where there are
    none. Ups come before downs, so the order in which a tick's impulses arrived does not matter. Returns the
    emotions after the ups, and after both.
    """
    raised = np.minimum(np.maximum(1.0 - (1.0 - emotion) * up, EPSILON), 1.0 - EPSILON)
    return raised, np.minimum(np.maximum(raised * down, EPSILON), 1.0 - EPSILON)
