"""Owns x ** gamma for 0 <= x <= 1 from exactly rounded steps and bits, so that machines agree to the bit."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

MANTISSA: Final = np.int32(0x007FFFFF)
ONE: Final = np.int32(0x3F800000)
SMALLEST: Final = np.float32(2.0**-126)
"""The smallest normal float32: subnormal numbers are taken as this one, 0 itself stays 0."""

LOG2: Final = tuple(np.float32(2.0 / 0.6931471805599453 / odd) for odd in (9.0, 7.0, 5.0, 3.0, 1.0))
"""log2 m = s (c0 + c1 s^2 + ...) with s = (m - 1) / (m + 1), highest power first; |s| < 0.172, rest < 1e-9."""

EXP2: Final = tuple(
    np.float32(value)
    for value in (
        0.00015403530393381608,
        0.0013333558146428443,
        0.009618129107628477,
        0.05550410866482158,
        0.24022650695910072,
        0.6931471805599453,
        1.0,
    )
)
"""2 ** f = sum of (ln 2) ** i / i! f ** i, highest power first; rest < 2e-7 for |f| <= 0.5."""


def unit_power(x: Floats32, gamma: Floats32) -> Floats32:
    """Raise x to gamma, elementwise, for float32 x in 0..1 and float32 gamma in 0.1..10, broadcast; 0 and 1 are exact.

    Only + - * /, comparisons and bits, each element by itself. Absolute error below 1e-6 for 0 and normal numbers.
    """
    if (gamma == 1.0).all():
        return x.copy()
    bits = np.maximum(x, SMALLEST).view(np.int32)
    exponent = (bits >> 23) - 127
    mantissa = ((bits & MANTISSA) | ONE).view(np.float32)
    high = mantissa > np.float32(1.4142135)
    mantissa = np.where(high, mantissa * np.float32(0.5), mantissa)
    s = (mantissa - np.float32(1.0)) / (mantissa + np.float32(1.0))
    square = s * s
    series = np.full_like(s, LOG2[0])
    for coefficient in LOG2[1:]:
        series *= square
        series += coefficient
    series *= s
    series += (exponent + high).astype(np.float32)
    series *= gamma
    np.maximum(series, np.float32(-126.0), out=series)
    whole = np.rint(series)
    series -= whole
    result = np.full_like(series, EXP2[0])
    for coefficient in EXP2[1:]:
        result *= series
        result += coefficient
    result *= ((whole.astype(np.int32) + 127) << 23).view(np.float32)
    np.minimum(result, np.float32(1.0), out=result)
    result *= x > 0
    return result
