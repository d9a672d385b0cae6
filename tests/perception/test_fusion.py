"""Laws of fusion: one witness is left alone, a weightless one unheard, agreement sharpens, conflict leaves doubt."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.perception.fusion import FACE, MODALITIES, TEXT, VOICE, Estimate, fuse

LABELS = 4
shares = st.lists(st.floats(0.0, 1.0), min_size=LABELS, max_size=LABELS).filter(lambda row: sum(row) > 0.01)
rows = shares.map(lambda row: tuple(value / sum(row) for value in row))
masks = st.lists(st.booleans(), min_size=LABELS, max_size=LABELS).filter(any).map(tuple)


def estimate(modality: str) -> st.SearchStrategy[Estimate]:
    return st.builds(
        Estimate,
        st.just(modality),
        rows,
        masks,
        confidence=st.floats(0.0, 1.0),
        age=st.floats(0.0, 100.0),
        reliability=st.floats(0.0, 1.0),
    )


several = st.lists(st.sampled_from(MODALITIES), min_size=1, unique=True).flatmap(
    lambda names: st.tuples(*(estimate(name) for name in names))
)


def sure(modality: str, label: int, share: float = 0.9, **values: float) -> Estimate:
    rest = (1.0 - share) / (LABELS - 1)
    row = tuple(share if place == label else rest for place in range(LABELS))
    return Estimate(modality, row, (True,) * LABELS, **values)


@given(several)
def test_what_is_fused_are_probabilities(estimates: tuple[Estimate, ...]) -> None:
    fused = fuse(estimates)
    assert math.isclose(math.fsum(fused.probabilities), 1.0, abs_tol=1e-9)
    assert all(0.0 <= value <= 1.0 + 1e-12 for value in fused.probabilities)
    assert 0.0 <= fused.confidence <= 1.0 + 1e-12
    assert set(fused.modalities) <= {each.modality for each in estimates}


@given(several)
def test_the_order_in_which_witnesses_come_does_not_matter(estimates: tuple[Estimate, ...]) -> None:
    assert fuse(estimates) == fuse(tuple(reversed(estimates)))


@given(estimate(TEXT))
def test_one_witness_is_left_alone(only: Estimate) -> None:
    assert fuse([only]).probabilities == pytest.approx(only.probabilities, abs=1e-12)


@given(estimate(TEXT), rows)
def test_a_witness_of_no_confidence_changes_nothing(text: Estimate, row: tuple[float, ...]) -> None:
    silent = Estimate(FACE, row, (True,) * LABELS, confidence=0.0)
    assert fuse([text, silent]).probabilities == pytest.approx(fuse([text]).probabilities, abs=1e-9) or text.weight == 0


def test_agreement_sharpens_and_is_trusted_more_than_either() -> None:
    text, voice = sure(TEXT, 1, 0.6), sure(VOICE, 1, 0.6)
    fused = fuse([text, voice])
    assert fused.probabilities[1] > 0.6
    assert fused.confidence > max(fuse([text]).confidence, fuse([voice]).confidence)


def test_a_contradiction_leaves_doubt_on_the_side_of_the_more_reliable() -> None:
    text, voice = sure(TEXT, 0), sure(VOICE, 1)
    fused = fuse([text, voice])
    assert fused.probabilities[0] > fused.probabilities[1] > fused.probabilities[2]
    assert fused.probabilities[0] < 0.9
    assert fused.confidence < fuse([text, sure(VOICE, 0)]).confidence


def test_the_older_a_voice_is_the_less_it_moves_a_text() -> None:
    moved = [fuse([sure(TEXT, 0, 0.5), sure(VOICE, 1, age=age)]).probabilities[1] for age in (0.0, 2.0, 20.0, 2000.0)]
    assert moved == sorted(moved, reverse=True)
    assert moved[-1] == pytest.approx(0.5 / 3, abs=0.01)


def test_a_witness_says_nothing_about_labels_it_does_not_know() -> None:
    text = Estimate(TEXT, (0.4, 0.3, 0.2, 0.1), (True,) * LABELS)
    voice = Estimate(VOICE, (0.0, 0.5, 0.5, 0.0), (False, True, True, False))
    fused = fuse([text, voice])
    assert fused.probabilities[0] > 0.3, "not pulled down by a model that never heard of it"
