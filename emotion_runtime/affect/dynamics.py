"""Owns the exact flow of emotion and mood between impulses: one closed-form step for any length of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.exponential import one_minus_exp

Floats = NDArray[np.float64]

EPSILON: Final = 2.0**-24
"""Emotions are kept in [EPSILON, 1 - EPSILON]: strictly inside (0, 1), in float32 too."""

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
        """(n, 1) share of the way home that mood goes in `dt` seconds; kept for the last length asked for."""
        known = self._slow.get(dt)
        if known is None:
            self._slow.clear()
            known = self._slow[dt] = one_minus_exp(self.mood_decay[:, None] * dt)[0]
        return known


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


def flow(constants: Constants, emotion: Floats, mood: Floats, excite: Floats, inhibit: Floats, dt: float) -> Flow:
    """Advance by `dt` seconds (>= 0) under constant excitation and inhibition rates (n, c), each >= 0 per second.

    Emotion obeys e' = l (1 - e) - u e - k (e - b), so it moves to e* = (l + k b) / (l + u + k) as
    e(t + D) = e + (e* - e) (1 - exp(-(l + u + k) D)). Mood obeys m' = mu (d - m) + g mu sum_i P_i (e_i - b_i) with e_i
    that same curve, and its integral is written with expm1-like quotients, which do not cancel where rates are close.
    Law: flow(a) then flow(b) is flow(a + b), to rounding. `dt` in seconds of simulated time.
    """
    rate = constants.decay + excite + inhibit
    target = (excite + constants.decay * constants.baseline) / rate
    slow = constants.mood_decay[:, None]
    done, quotient = one_minus_exp(np.stack((rate * dt, np.abs(rate - slow) * dt)))
    gone = done[0]
    mood_gone = constants.mood_gone(dt)

    step = target - emotion
    deviation = target - constants.baseline
    # integral of exp(-rate s) exp(-slow (dt - s)) ds over the step, times slow
    overlap = (1.0 - np.minimum(gone, mood_gone)) * quotient[1] * (slow * dt)
    pull = deviation * mood_gone - step * overlap
    new_mood = constants.mood_home + (mood - constants.mood_home) * (1.0 - mood_gone)
    pulled = (constants.mood_gain * pull)[:, :, None] * constants.pad
    new_mood += np.add.accumulate(pulled, axis=1)[:, -1]  # strictly in channel order: the same bits everywhere
    share = gone / rate
    return Flow(
        emotion=emotion + step * gone,
        mood=new_mood,
        kept=1.0 - gone,
        up=share * (1.0 - constants.baseline),
        down=share * constants.baseline,
    )


def impulse(emotion: Floats, up: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Apply saturating impulses: e <- 1 - (1 - e) up, then e <- e down, each kept in [EPSILON, 1 - EPSILON].

    `up` and `down` are products of (1 - s) over all impulses of strength s in 0..1 of one tick, 1 where there are
    none. Ups come before downs, so the order in which a tick's impulses arrived does not matter. Returns the
    emotions after the ups, and after both.
    """
    raised = np.clip(1.0 - (1.0 - emotion) * up, EPSILON, 1.0 - EPSILON)
    return raised, np.clip(raised * down, EPSILON, 1.0 - EPSILON)
