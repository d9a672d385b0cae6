"""Owns chance in trees: numbers that depend on a character's stream, a node and the time, and on nothing else.

A node draws at most once a tick, so (stream, node, microsecond) never repeats, nothing has to be remembered from draw
to draw, and neither the order of ticking nor the number of threads can change a result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from behaviors.trees import Choose, Modify, Node, walk

GOLDEN: Final = 0x9E3779B97F4A7C15
FIRST: Final = 0xBF58476D1CE4E5B9
SECOND: Final = 0x94D049BB133111EB
MASK: Final = 0xFFFFFFFFFFFFFFFF
WHOLE: Final = 1 << 32
"""A choice is made by the upper half of a number: shares of so many parts."""

Words = NDArray[np.uint64]


def mixed(x: int) -> int:
    """The last step of SplitMix64 (Steele, Lea and Flood 2014): 64 bits to 64 bits, one to one."""
    x = (x ^ (x >> 30)) * FIRST & MASK
    x = (x ^ (x >> 27)) * SECOND & MASK
    return x ^ (x >> 31)


def drawn(stream: int, node: int, now_us: int) -> int:
    """64 random bits of a character's stream for one node (its row in the tree) at one time."""
    return mixed(mixed(stream + (node + 1) * GOLDEN & MASK) + now_us * GOLDEN & MASK)


def all_drawn(streams: Words, node: int, now_us: int) -> Words:
    """As `drawn`, for many streams at once."""
    return _all_mixed(_all_mixed(streams + np.uint64((node + 1) * GOLDEN & MASK)) + np.uint64(now_us * GOLDEN & MASK))


def _all_mixed(x: Words) -> Words:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(FIRST)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(SECOND)
    mixed_ones: Words = x ^ (x >> np.uint64(31))
    return mixed_ones


def bounds(weights: Sequence[float]) -> tuple[int, ...]:
    """Where each child's share of `WHOLE` ends, by its weight; the last is `WHOLE`."""
    ends, so_far, total = [], 0.0, 0.0
    for weight in weights:
        total += weight
    for weight in weights:
        so_far += weight
        ends.append(int(so_far / total * WHOLE))
    return (*ends[:-1], WHOLE)


def pick(ends: Sequence[int], bits: int) -> int:
    """Which child such bits choose."""
    share = bits >> 32
    return next(place for place, end in enumerate(ends) if share < end)


def streams_of(count: int) -> Words:
    """Streams for characters that were given none: a different one for each, the same on every run."""
    return np.arange(count, dtype=np.uint64)


def draws(roots: Iterable[Node]) -> bool:
    """Whether any node below draws at all."""
    return any(
        isinstance(node, Choose) or (isinstance(node, Modify) and node.most > 0.0)
        for root in roots
        for node in walk(root)
    )
