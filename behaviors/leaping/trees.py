"""Owns ticking a grove in numba, and leaving out the groups in which nothing can have changed. Needs numba."""

from __future__ import annotations

import numpy as np

from behaviors.compiled.jit import Bytes, Ints, Longs, jit, jit_making
from behaviors.compiled.kernel import tick
from behaviors.leaping.grove import Grove

NEVER = np.iinfo(np.int64).max


@jit
def same_inputs(grove: Grove, group: int, now_in: Bytes, before: Bytes, of_slots: bool) -> bool:
    """Whether the flags of a group's characters are those of the tick before."""
    start = grove.start
    several = start[group + 1, 3] - start[group, 3] if of_slots else grove.conditions[group]
    for who in range(start[group, 5], start[group + 1, 5]):
        first = grove.slot[who] if of_slots else grove.condition[who]
        for place in range(first, first + several):
            if now_in[place] != before[place]:
                return False
    return True


@jit_making
def tick_grove(
    grove: Grove,
    now: int,
    ready: Bytes,
    holds: Bytes,
    reported: Bytes,
    examined: Bytes,
    before: Bytes,
    examined_before: Bytes,
    wake: Longs,
    running: Bytes,
    ended: Bytes,
    begun: Ints,
    over: Ints,
    sizes: Longs,
) -> None:
    """One tick of all trees: slots begun and over, `sizes` of each.

    A group is left out that came out of its last tick as it went in (`wake` (B,): until when, 0: it did not), when
    its inputs are the same and no timer has run out: its program is a function of these. `before` (3, S) and
    `examined_before` hold the inputs of the last tick.
    """
    sizes[0] = 0
    sizes[1] = 0
    start = grove.start
    for group in range(len(grove.conditions)):
        if (
            now < wake[group]
            and same_inputs(grove, group, ready, before[0], True)
            and same_inputs(grove, group, holds, before[1], True)
            and same_inputs(grove, group, reported, before[2], True)
            and same_inputs(grove, group, examined, examined_before, False)
        ):
            continue
        low, high = start[group], start[group + 1]
        planes, deadlines = grove.planes[low[4] : high[4]], grove.deadlines[low[2] : high[2]]
        count = high[5] - low[5]
        planes_before, deadlines_before = planes.copy(), deadlines.copy()
        tick(
            grove.ops[low[0] : high[0]],
            grove.constants[low[1] : high[1]],
            grove.spans[low[2] : high[2]],
            grove.leaves[low[3] : high[3]],
            grove.conditions[group],
            planes,
            deadlines,
            grove.everyone[group : group + 1],
            grove.slot[low[5] : high[5]],
            grove.condition[low[5] : high[5]],
            grove.who[low[5] : high[5]],
            grove.streams,
            grove.scratch,
            0,
            1,
            now,
            ready,
            holds,
            reported,
            examined,
            planes,
            0,
            grove.room,
            running,
            ended,
            begun,
            over,
            sizes,
        )
        until = NEVER
        if grove.restless[group]:
            until = 0
        else:
            for row in range(planes.shape[0]):
                if planes[row, 0] != planes_before[row, 0]:
                    until = 0
            for timer in range(deadlines.shape[0]):
                for one in range(count):
                    if deadlines[timer, one] != deadlines_before[timer, one]:
                        until = 0
                    elif now < deadlines[timer, one] < until:
                        until = deadlines[timer, one]
        wake[group] = until
