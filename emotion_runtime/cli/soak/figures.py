"""Owns the arithmetic of the report: a slope with its confidence interval, and numbers that are there exactly once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Slope(NamedTuple):
    """Growth a second, and the bounds of its 95 % confidence interval."""

    value: float
    low: float
    high: float


def slope(times: Sequence[float], values: Sequence[float]) -> Slope | None:
    """Least squares of `values` over `times` in seconds; None for fewer than eight points.

    Readings of memory come in steps and hang together, so the interval is widened by the effective number of points
    that their lag-one correlation leaves (Bretherton and others, 1999).
    """
    n = len(times)
    if n < 8:
        return None
    mean_t, mean_v = sum(times) / n, sum(values) / n
    spread = sum((t - mean_t) ** 2 for t in times)
    if spread == 0.0:
        return None
    value = sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values, strict=True)) / spread
    rest = [v - mean_v - value * (t - mean_t) for t, v in zip(times, values, strict=True)]
    square = sum(r * r for r in rest)
    if square == 0.0:
        return Slope(value, value, value)
    lag = max(0.0, min(0.99, sum(a * b for a, b in pairwise(rest)) / square))
    effective = max(4.0, n * (1 - lag) / (1 + lag))
    error = math.sqrt(square / (effective - 2) / spread)
    # 2.2 to 4.3 for the few effective points there may be: Student's t at 97.5 %, bounded above
    quantile = 1.96 + 2.5 / (effective - 2)
    return Slope(value, value - quantile * error, value + quantile * error)


def not_once(numbers: Iterable[int]) -> tuple[list[int], list[int]]:
    """Which of 1 .. the highest are missing, and which are there more than once; at most twenty of each."""
    seen = Counter(numbers)
    highest = max(seen, default=0)
    missing = [n for n in range(1, highest + 1) if n not in seen]
    return missing[:20], [n for n, count in seen.items() if count > 1][:20]
