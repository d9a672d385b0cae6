"""Owns the numba form of what becomes of actions in a tick in which many end and begin. Needs numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.jit import Bytes, Ints, Longs, Words, jit
from behaviors.executor import Ended

FAILED, LATE = np.uint8(Ended.ENGINE_FAILURE), np.uint8(Ended.TIMEOUT)
NEVER = np.iinfo(np.int64).max


@jit
def turn(
    now_us: int, first: int, over: Ints, begun: Ints, reasons: Bytes, chosen: Ints, character: Ints, rule: Ints,
    running: NDArray[np.bool_], action: Words, bearer: Ints, started_us: Longs, rest_until_us: Longs,
    timeout_us: Longs, rest_us: Longs, told: Longs,
) -> tuple[int, int]:  # fmt: skip
    """End the actions of the slots `over` and begin those of `begun`, numbered from `first`, on the bearers `chosen`.

    `told` (9, k) gets of those that end the number, since when, bearer, reason, character and rule; of those that begin
    bearer, character and rule. Returns until when failed slots rest, and the shortest time that a begun one may take.
    """
    rests, shortest = 0, NEVER
    for place in range(len(over)):
        slot = over[place]
        told[0, place] = np.int64(action[slot])
        told[1, place] = started_us[slot]
        told[2, place] = bearer[slot]
        told[3, place] = reasons[slot]
        told[4, place] = character[slot]
        told[5, place] = rule[slot]
        if reasons[slot] == FAILED or reasons[slot] == LATE:
            rest_until_us[slot] = now_us + rest_us[slot]
            rests = max(rests, rest_until_us[slot])
        running[slot] = False
        action[slot] = np.uint64(0)
        bearer[slot] = -1
        started_us[slot] = 0
    for place in range(len(begun)):
        slot = begun[place]
        told[6, place] = chosen[slot]
        told[7, place] = character[slot]
        told[8, place] = rule[slot]
        running[slot] = True
        action[slot] = np.uint64(first + place)
        bearer[slot] = chosen[slot]
        started_us[slot] = now_us
        shortest = min(shortest, timeout_us[slot])
    return rests, shortest
