"""Owns 1 - exp(-x) from exactly rounded steps only, so that every x86-64 machine computes the same bits."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COEFFICIENTS: Final = (
    1.0,
    -0.5,
    0.16666666666666666,
    -0.041666666666666664,
    0.008333333333333333,
    -0.001388888888888889,
    0.0001984126984126984,
    -2.48015873015873e-05,
    2.7557319223985893e-06,
    -2.755731922398589e-07,
    2.505210838544172e-08,
    -2.08767569878681e-09,
    1.6059043836821613e-10,
    -1.1470745597729725e-11,
)
"""(-1)^i / (i + 1)!, written out: (1 - exp(-x)) / x = sum of COEFFICIENTS[i] x^i; the rest < 5e-17 up to 0.5."""

SHORT: Final = 0.0625
"""Up to this, nine coefficients do: the rest is < 5e-18. Which is used depends on the argument alone."""
SHORT_TERMS: Final = 9

LARGEST_DIRECT: Final = 0.5
"""Above this the argument is halved, exactly, and the result doubled back by q(2y) = q(y) (2 - q(y))."""

SATURATED: Final = 64.0
"""From here on 1 - exp(-x) is 1 in float64; larger arguments are treated as this one."""


def one_minus_exp(x: Floats) -> tuple[Floats, Floats]:
    """1 - exp(-x) and (1 - exp(-x)) / x (which is 1 at 0), for x >= 0 of any shape.

    Only + - * / and comparisons: no libm, whose last bits differ between machines. Each element's result depends
    on that element alone. Relative error below 2e-15; the quotient keeps full precision as x goes to 0.
    """
    if x.max(initial=0.0) <= SHORT:
        quotient = _series(x, SHORT_TERMS)
        return quotient * x, quotient
    reduced = np.minimum(x, SATURATED)
    halvings: list[NDArray[np.bool_]] = []
    while (large := reduced > LARGEST_DIRECT).any():
        halvings.append(large)
        reduced = np.where(large, reduced * 0.5, reduced)
    quotient = np.where(reduced <= SHORT, _series(reduced, SHORT_TERMS), _series(reduced, len(COEFFICIENTS)))
    result = quotient * reduced
    for large in reversed(halvings):
        result = np.where(large, result * (2.0 - result), result)
    if halvings:
        quotient = np.where(halvings[0], result / np.where(halvings[0], x, 1.0), quotient)
    return result, quotient


def _series(x: Floats, terms: int) -> Floats:
    """The sum of so many terms, the highest power first."""
    quotient = x * COEFFICIENTS[terms - 1]
    quotient += COEFFICIENTS[terms - 2]
    for coefficient in COEFFICIENTS[terms - 3 :: -1]:
        quotient *= x
        quotient += coefficient
    return quotient
