"""Figures against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.perception.scores import expected_calibration_error, score

ABC = ("a", "b", "c")


def test_a_case_worked_out_by_hand() -> None:
    # a: tp 2, fp 1, fn 1; b: tp 1, fp 1, fn 0; c: tp 0, fp 0, fn 1
    scores = score(ABC, ["a", "a", "a", "b", "c"], ["a", "a", "b", "b", "a"])
    assert scores.confusion.tolist() == [[2, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert scores.f1_by_label == pytest.approx({"a": 2 / 3, "b": 2 / 3, "c": 0.0})
    assert scores.precision == pytest.approx([2 / 3, 1 / 2, 0.0])
    assert scores.recall == pytest.approx([2 / 3, 1.0, 0.0])
    assert scores.support.tolist() == [3, 1, 1]
    assert scores.accuracy == pytest.approx(3 / 5)
    assert scores.macro_f1 == pytest.approx(4 / 9)
    assert scores.weighted_f1 == pytest.approx((3 * 2 / 3 + 2 / 3) / 5)


def test_a_label_that_never_occurs_counts_in_the_macro_mean_only() -> None:
    scores = score(ABC, ["a", "b"], ["a", "b"])
    assert (scores.macro_f1, scores.weighted_f1) == pytest.approx((2 / 3, 1.0))


def test_always_saying_neutral_on_meld_test_gives_the_published_floor() -> None:
    truth = ["a"] * 1256 + ["b"] * (2610 - 1256)
    assert score(ABC, truth, ["a"] * 2610).weighted_f1 == pytest.approx(0.3127, abs=5e-5)


@given(st.lists(st.tuples(st.sampled_from(ABC), st.sampled_from(ABC)), min_size=1, max_size=40), st.randoms())
def test_the_order_of_the_lines_does_not_matter(pairs: list[tuple[str, str]], random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (score(ABC, [t for t, _ in some], [a for _, a in some]) for some in (pairs, shuffled))
    assert first.weighted_f1 == second.weighted_f1
    assert (first.confusion == second.confusion).all()
    assert 0.0 <= first.weighted_f1 <= 1.0


@pytest.mark.parametrize(("truth", "answers"), [(["a"], []), ([], []), (["a"], ["x"])])
def test_what_cannot_be_judged_is_refused(truth: list[str], answers: list[str]) -> None:
    with pytest.raises(ValueError, match=r"answers|unknown"):
        score(ABC, truth, answers)


def test_calibration_worked_out_by_hand() -> None:
    # Confidence 0.6 twice (one right), 0.9 twice (both right): (2 * |0.5 - 0.6| + 2 * |1 - 0.9|) / 4
    table = [[0.6, 0.4], [0.6, 0.4], [0.9, 0.1], [0.1, 0.9]]
    assert expected_calibration_error(table, [0, 1, 0, 1], bins=10) == pytest.approx(0.1)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    table = [[0.5, 0.5], [0.75, 0.25]]
    # One bin (0, 0.5] with gap |1 - 0.5|, one bin (0.5, 1] with gap |0 - 0.75|
    assert expected_calibration_error(table, [0, 1], bins=2) == pytest.approx((0.5 + 0.75) / 2)


def test_certainty_that_is_always_right_is_perfectly_calibrated() -> None:
    assert expected_calibration_error(np.eye(4), [0, 1, 2, 3]) == 0.0


def test_calibration_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        expected_calibration_error(np.zeros((0, 3)), [])
