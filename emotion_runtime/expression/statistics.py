"""Owns the statistics of the human study: accuracy, intervals, and a bootstrap over people and clips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z95: Final = 1.959963984540054
DRAWS: Final = 2000


def mean_ci(values: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """Mean and its t confidence interval. One value alone has no interval: (mean, nan, nan)."""
    n = len(values)
    if n == 0:
        return math.nan, math.nan, math.nan
    mean = sum(values) / n
    if n == 1:
        return mean, math.nan, math.nan
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
    half = t_quantile(0.5 + level / 2.0, n - 1) * deviation / math.sqrt(n)
    return mean, mean - half, mean + half


def spread(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """The percentiles between which `level` of the values lie. Not a confidence interval of the mean."""
    if not len(values):
        return math.nan, math.nan
    low, high = np.percentile(np.asarray(values, dtype=np.float64), [50 * (1 - level), 50 * (1 + level)])
    return float(low), float(high)


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), for answers that are independent."""
    if n == 0:
        return math.nan, math.nan
    share, zz = right / n, Z95 * Z95
    middle = (share + zz / (2 * n)) / (1 + zz / n)
    half = Z95 * math.sqrt(share * (1 - share) / n + zz / (4 * n * n)) / (1 + zz / n)
    return middle - half, middle + half


def bootstrap(
    values: Floats, people: NDArray[np.integer], clips: NDArray[np.integer], seed: int, draws: int = DRAWS
) -> tuple[float, float]:
    """95 % interval of the mean of `values` (n,), drawing people and clips anew (crossed: both vary).

    Each draw weighs an answer by how often its person and its clip were drawn. Needs two people and two clips.
    """
    who, person = np.unique(people, return_inverse=True)
    what, clip = np.unique(clips, return_inverse=True)
    if len(who) < 2 or len(what) < 2:
        return math.nan, math.nan
    random = np.random.default_rng(seed)
    means = []
    for _ in range(draws):
        weight = (
            np.bincount(random.integers(0, len(who), len(who)), minlength=len(who))[person]
            * np.bincount(random.integers(0, len(what), len(what)), minlength=len(what))[clip]
        )
        total = float(weight.sum())
        if total > 0.0:
            means.append(float((weight * values).sum()) / total)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def t_quantile(p: float, freedom: int) -> float:
    """The value below which Student's t with `freedom` degrees lies with probability p > 0.5, by bisection."""
    low, high = 0.0, 1e3
    for _ in range(200):
        middle = (low + high) / 2.0
        if _t_cdf(middle, freedom) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _t_cdf(t: float, freedom: int) -> float:
    return 1.0 - 0.5 * _incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised; Lentz's continued fraction as in Abramowitz & Stegun 26.5.8."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1.0 - x))
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - front * _fraction(b, a, 1.0 - x) / b
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 / max(1.0 - (a + b) * x / (a + 1.0), tiny)
    result = d
    for m in range(1, 300):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1.0 + step * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + step / c
            c = c if abs(c) > tiny else tiny
            result *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return result
