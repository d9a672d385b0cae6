"""Owns durations: a fixed log-bucket histogram with quantiles to within 5 percent, in constant memory."""

from __future__ import annotations

import math

LOWEST_S = 1e-6
STEPS_PER_OCTAVE = 16
OCTAVES = 24
"""1 microsecond to 16 seconds."""


class Histogram:
    """Counts seconds in buckets whose edges grow by 2**(1/16), so a quantile is off by less than 5 percent."""

    __slots__ = ("_buckets", "count", "longest", "total")

    def __init__(self) -> None:
        self._buckets = [0] * (STEPS_PER_OCTAVE * OCTAVES + 1)
        self.count = 0
        self.total = 0.0
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration; what is outside the range counts in the first or last bucket."""
        self._buckets[_bucket(seconds)] += 1
        self.count += 1
        self.total += seconds
        self.longest = max(self.longest, seconds)

    def quantile(self, q: float) -> float:
        """Return the upper edge, in seconds, of the bucket that holds quantile `q` (0..1); 0 when empty."""
        wanted = q * self.count
        seen = 0
        for index, n in enumerate(self._buckets):
            seen += n
            if n and seen >= wanted:
                return min(_edge(index), self.longest)
        return 0.0

    def summary_ms(self) -> dict[str, float]:
        """`p50`, `p99`, `max` and `mean` in milliseconds."""
        mean = self.total / self.count if self.count else 0.0
        figures = {"p50": self.quantile(0.5), "p99": self.quantile(0.99), "max": self.longest, "mean": mean}
        return {name: round(seconds * 1000, 4) for name, seconds in figures.items()}


def _edge(index: int) -> float:
    return LOWEST_S * math.exp2((index + 1) / STEPS_PER_OCTAVE)


def _bucket(seconds: float) -> int:
    if seconds <= LOWEST_S:
        return 0
    return min(int(math.log2(seconds / LOWEST_S) * STEPS_PER_OCTAVE), STEPS_PER_OCTAVE * OCTAVES)
