"""Owns chance without a generator: numbers in [0, 1) that depend only on seed, character, purpose and counter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import xxhash
from numpy.typing import NDArray

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
SECOND: Final = np.uint64(0x94D049BB133111EB)

Keys = NDArray[np.uint64]


def keys(names: Sequence[str], seed: int, purpose: str) -> Keys:
    """(n,) one key a character. A character's stream does not depend on who else is in the scene."""
    seed64 = seed & 0xFFFFFFFFFFFFFFFF
    texts = (f"{purpose}\0{name}".encode() for name in names)
    return np.array([xxhash.xxh3_64_intdigest(text, seed64) for text in texts], dtype=np.uint64)


def uniform(keys: Keys, counter: NDArray[np.uint64]) -> NDArray[np.float64]:
    """(n,) in [0, 1): SplitMix64 (Steele et al. 2014) at place `counter` of each character's stream."""
    x: NDArray[np.uint64] = keys + counter * GOLDEN
    x ^= x >> np.uint64(30)
    x *= FIRST
    x ^= x >> np.uint64(27)
    x *= SECOND
    x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53
