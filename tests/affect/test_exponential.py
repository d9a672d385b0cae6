"""1 - exp(-x) by our own polynomial: as good as libm, and each element on its own."""

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from emotion_runtime.affect.exponential import SHORT, one_minus_exp

AT_THE_BORDERS = [0.0, math.nextafter(SHORT, 0.0), SHORT, math.nextafter(SHORT, 1.0), 0.5, math.nextafter(0.5, 1.0)]


@example(AT_THE_BORDERS)
@given(st.lists(st.floats(0.0, 1000.0), min_size=1, max_size=20))
def test_it_agrees_with_expm1_to_the_last_bits(values: list[float]) -> None:
    result, quotient = one_minus_exp(np.array(values))
    for x, q, phi in zip(values, result.tolist(), quotient.tolist(), strict=True):
        expected = -math.expm1(-min(x, 64.0))
        assert math.isclose(q, expected, rel_tol=4e-15)
        assert math.isclose(phi, expected / x if x > 1e-300 else 1.0, rel_tol=4e-15)


@example(AT_THE_BORDERS)
@given(st.lists(st.floats(0.0, 1000.0), min_size=2, max_size=20))
def test_an_element_does_not_depend_on_its_neighbours(values: list[float]) -> None:
    together, quotients = one_minus_exp(np.array(values))
    for index, x in enumerate(values):
        alone, quotient = one_minus_exp(np.array([x]))
        assert together[index] == alone[0]
        assert quotients[index] == quotient[0]


def test_it_is_exact_at_the_ends() -> None:
    result, quotient = one_minus_exp(np.array([0.0, 1e9]))
    assert result.tolist() == [0.0, 1.0]
    assert quotient[0] == 1.0
