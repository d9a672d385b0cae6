"""Owns how the kernel keeps deadlines and draws from streams of chance. Needs numba."""

from __future__ import annotations

import numpy as np

from behaviors.chance import FIRST, GOLDEN, SECOND
from behaviors.compiled.jit import NOTHING, ONE, WORD, Ints, Longs, Words, jit

STEP, TWIST, TURN = np.uint64(GOLDEN), np.uint64(FIRST), np.uint64(SECOND)


@jit
def set_deadline(deadline: Longs, m: Words, until: int, lo: int, n: int) -> None:
    """SET, and CLEAR with 0."""
    for i in range(n):
        bits = m[i]
        if bits == NOTHING:
            continue
        base = (lo + i) * WORD
        for one in range(WORD):
            if (bits >> np.uint64(one)) & ONE:
                deadline[base + one] = until


@jit
def due(to: Words, deadline: Longs, m: Words, now: int, lo: int, n: int) -> None:
    """DUE."""
    for i in range(n):
        bits = m[i]
        late = NOTHING
        if bits != NOTHING:
            base = (lo + i) * WORD
            for one in range(WORD):
                late |= np.uint64(deadline[base + one] <= now) << np.uint64(one)
        to[i] = late & bits


@jit
def mixed(x: np.uint64) -> np.uint64:
    """As `behaviors.chance.mixed`."""
    x = (x ^ (x >> np.uint64(30))) * TWIST
    x = (x ^ (x >> np.uint64(27))) * TURN
    return x ^ (x >> np.uint64(31))


@jit
def drawn(stream: np.uint64, node: int, now: int) -> np.uint64:
    """As `behaviors.chance.drawn`."""
    return mixed(mixed(stream + np.uint64(node + 1) * STEP) + np.uint64(now) * STEP)


@jit
def draw_longer(
    deadline: Longs, m: Words, extra: int, node: int, now: int, who: Ints, streams: Words, lo: int, n: int
) -> None:
    """The second part of SET: up to `extra` more."""
    parts = np.uint64(extra + 1)
    for i in range(n):
        bits = m[i]
        if bits == NOTHING:
            continue
        base = (lo + i) * WORD
        for one in range(WORD):
            if (bits >> np.uint64(one)) & ONE:
                deadline[base + one] += np.int64(drawn(streams[who[base + one]], node, now) % parts)


@jit
def draw(
    to: Words, node: int, m: Words, low: int, high: int, now: int, who: Ints, streams: Words, lo: int, n: int
) -> None:
    """DRAW."""
    first, last = np.uint64(low), np.uint64(high)
    for i in range(n):
        bits = m[i]
        chosen = NOTHING
        if bits != NOTHING:
            base = (lo + i) * WORD
            for one in range(WORD):
                if (bits >> np.uint64(one)) & ONE:
                    share = drawn(streams[who[base + one]], node, now) >> np.uint64(32)
                    chosen |= np.uint64(share >= first and share < last) << np.uint64(one)
        to[i] = chosen
