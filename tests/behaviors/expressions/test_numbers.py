"""Numbers of any length are read or refused, never a traceback."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behaviors.expressions import ExpressionFault, parse


@given(st.integers(31, 1000))
def test_a_number_too_long_to_mean_anything_is_refused(digits: int) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse(f"fear > {'9' * digits} m")
    assert caught.value.slug == "too-long"
    assert caught.value.offset == 7
