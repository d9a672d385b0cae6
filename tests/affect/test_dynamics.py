"""The step law: two steps are one step of their sum, and nothing leaves its range."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotion_runtime.affect.dynamics import EPSILON, LN2, Constants, flow, impulse
from emotion_runtime.affect.labels import PAD
from emotion_runtime.affect.personality import channels

Floats = NDArray[np.float64]
CHANNELS = channels(tuple(PAD))
SHAPE = (3, len(CHANNELS))

half_lives = st.floats(0.5, 600.0)
inside = st.floats(1e-6, 1.0 - 1e-6)
rates = st.one_of(st.just(0.0), st.floats(0.0, 5.0))


def columns(element: st.SearchStrategy[float], shape: tuple[int, ...] = SHAPE) -> st.SearchStrategy[Floats]:
    size = int(np.prod(shape))
    return st.lists(element, min_size=size, max_size=size).map(lambda v: np.array(v).reshape(shape))


constants = st.builds(
    lambda baseline, half_life, home, mood_half_life: Constants(
        baseline=baseline,
        decay=LN2 / half_life,
        mood_home=home,
        mood_decay=LN2 / mood_half_life,
        pad=np.array([PAD[c] for c in CHANNELS]),
    ),
    columns(inside),
    columns(half_lives),
    columns(st.floats(-1.0, 1.0), (3, 3)),
    columns(half_lives, (3,)),
)


@settings(max_examples=150)
@given(constants, columns(inside), columns(st.floats(-1.0, 1.0), (3, 3)), columns(rates), columns(rates), st.data())
def test_two_steps_are_one_step_of_their_sum(
    fixed: Constants, emotion: Floats, mood: Floats, excite: Floats, inhibit: Floats, data: st.DataObject
) -> None:
    first, second = data.draw(st.floats(0.0, 30.0)), data.draw(st.floats(0.0, 30.0))
    whole = flow(fixed, emotion, mood, excite, inhibit, first + second)
    half = flow(fixed, emotion, mood, excite, inhibit, first)
    parts = flow(fixed, half.emotion, half.mood, excite, inhibit, second)
    assert np.abs(whole.emotion - parts.emotion).max() < 1e-12
    assert np.abs(whole.mood - parts.mood).max() < 1e-12


@given(constants, columns(inside), columns(st.floats(-1.0, 1.0), (3, 3)), columns(rates), columns(rates))
def test_the_frame_rate_does_not_matter(
    fixed: Constants, emotion: Floats, mood: Floats, excite: Floats, inhibit: Floats
) -> None:
    once = flow(fixed, emotion, mood, excite, inhibit, 1.0)
    for _ in range(60):
        result = flow(fixed, emotion, mood, excite, inhibit, 1.0 / 60.0)
        emotion, mood = result.emotion, result.mood
    assert np.abs(once.emotion - emotion).max() < 1e-12
    assert np.abs(once.mood - mood).max() < 1e-12


@given(constants, columns(inside), columns(rates), columns(rates), st.floats(0.0, 1e6))
def test_no_flow_leaves_the_open_interval(
    fixed: Constants, emotion: Floats, excite: Floats, inhibit: Floats, dt: float
) -> None:
    result = flow(fixed, emotion, np.zeros((3, 3)), excite, inhibit, dt)
    assert (result.emotion > 0.0).all()
    assert (result.emotion < 1.0).all()
    assert np.isfinite(result.mood).all()


@given(columns(inside), columns(st.floats(0.0, 1.0)), columns(st.floats(0.0, 1.0)))
def test_no_impulse_leaves_the_open_interval_even_in_float32(emotion: Floats, up: Floats, down: Floats) -> None:
    for result in impulse(emotion, up, down):
        assert (result >= EPSILON).all()
        single = result.astype(np.float32)
        assert (single > 0.0).all()
        assert (single < 1.0).all()


def test_an_emotion_falls_half_way_in_its_half_life() -> None:
    fixed = Constants(
        baseline=np.array([[0.1]]),
        decay=np.array([[LN2 / 12.0]]),
        mood_home=np.zeros((1, 3)),
        mood_decay=np.array([LN2 / 120.0]),
        pad=np.array([PAD["fear"]]),
    )
    nothing = np.zeros((1, 1))
    result = flow(fixed, np.array([[0.9]]), np.zeros((1, 3)), nothing, nothing, 12.0)
    assert abs(result.emotion[0, 0] - 0.5) < 1e-15
    assert result.mood[0, 0] < 0.0 < result.mood[0, 1]
