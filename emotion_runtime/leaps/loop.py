"""Owns the loop: whole ticks of a small scene, one after the other, until one in which something happens. Needs numba.

Every part of a tick is the kernel that a single tick runs, in the order of `Ticker.step`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from behaviors.leaping.trees import tick_grove
from behaviors.leaping.truths import examine, look, truth
from emotion_runtime.kernels.compiled import advance, catch, publish
from emotion_runtime.kernels.compiled_contagion import MAKING
from emotion_runtime.leaps.sources import source_stamp

TIMEOUT = 3
NEVER = np.iinfo(np.int64).max


@numba.njit(**MAKING)
def _sense(values, feelings):  # type: ignore[no-untyped-def]
    """Emotions and felt moods into the column that formulas read."""
    rows, n = feelings.emotion.shape
    for row in range(rows):
        for i in range(n):
            values[row * n + i] = feelings.emotion[row, i]
    for axis in range(3):
        for i in range(n):
            values[(rows + axis) * n + i] = min(max(feelings.mood[axis, i], -1.0), 1.0)


@numba.njit(**MAKING)
def _report(acting, now, moment):  # type: ignore[no-untyped-def]
    """What an engine reports by `moment` (seconds), and then as `Actions.reported`."""
    for slot in range(len(acting.codes)):
        code = acting.reported[slot]
        if code == 0 and acting.ends[slot] <= moment:
            code = acting.outcome[slot]
        limit = acting.timeout_us[slot]
        late = acting.running[slot] and limit != NEVER and acting.started_us[slot] + limit <= now
        acting.codes[slot] = TIMEOUT if late and code == 0 else code


@numba.njit(**MAKING)
def _behave(now, moment, first_end, first_timeout, values, looks, holding, pointed, speaker, target, acting, grove):  # type: ignore[no-untyped-def]
    """As `Behaving.tick`, up to what the trees did."""
    look(
        looks,
        values,
        pointed,
        speaker,
        target,
        acting.running,
        holding,
        acting.ready,
        acting.holds,
        acting.chosen,
        acting.reach,
        acting.stack,
    )
    for slot in range(len(acting.ready)):
        if acting.rest_until_us[slot] > now or not acting.able[slot]:
            acting.ready[slot] = 0
    examine(looks, values, acting.examined, acting.stack)
    if now >= first_timeout or moment >= first_end:
        _report(acting, now, moment)
    tick_grove(
        grove,
        now,
        acting.ready,
        acting.holds,
        acting.codes,
        acting.examined,
        acting.before,
        acting.examined_before,
        acting.wake,
        acting.playing,
        acting.ended,
        acting.begun,
        acting.over,
        acting.sizes,
    )
    acting.before[0, :] = acting.ready
    acting.before[1, :] = acting.holds
    acting.before[2, :] = acting.codes
    acting.examined_before[:] = acting.examined


def _with_its_parts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled, and kept on disk under a name that changes with the source of every kernel in it.

    numba itself looks only at this file, and would go on with the old form of a part that was changed elsewhere.
    """
    function.__qualname__ += f"_{source_stamp():08x}"
    compiled: Callable[..., Any] = numba.njit(**MAKING)(function)
    return compiled


@_with_its_parts
def leap(  # type: ignore[no-untyped-def]
    most,
    now,
    span,
    slack,
    first_end,
    first_timeout,
    dt,
    feelings,
    fixed,
    mood_gone,
    hits,
    active,
    drives,
    spreading,
    ledger,
    work,
    values,
    looks,
    holding,
    speaker,
    target,
    acting,
    grove,
    watching,
    kept,
):
    """Up to `most` ticks of `span` microseconds (`dt` seconds) from `now`; returns how many.

    It ends with the first tick in which a tree began or ended something (`acting.sizes`), or a watched formula came
    out as wanted; what follows from that is left to whoever called. An engine's results enter with the first tick that
    begins at their end, or `slack` seconds before; `first_end` is the earliest.
    """
    acting.codes[:] = acting.reported
    acting.wake[:] = 0
    for done in range(most):
        moment = now * 1e-6 + slack
        now += span
        if spreading.on:
            catch(
                0,
                1,
                spreading.due,
                feelings.emotion,
                spreading.reaches,
                spreading.attitude,
                spreading.grid,
                spreading.caught,
            )
        advance(0, 1, dt, feelings, fixed, mood_gone, hits, active, drives, spreading.caught, ledger, work)
        _sense(values, feelings)
        _behave(
            now,
            moment,
            first_end,
            first_timeout,
            values,
            looks,
            holding,
            ledger.strongest,
            speaker,
            target,
            acting,
            grove,
        )
        if done < len(kept.emotion):
            publish(0, 1, feelings, kept.columns, kept.emotion[done], kept.mood, kept.largest)
        if acting.sizes[0] > 0 or acting.sizes[1] > 0:
            return done + 1
        for each in range(len(watching.wanted)):
            low, high = watching.first[each], watching.last[each]
            if truth(watching.rows, low, high, values, 0, 0, 0, acting.stack) == (watching.wanted[each] != 0):
                return done + 1
    return most
