"""Rules of captured faces: read by name, against the resting face, the right prototype back, and little confidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.affect.labels import LABELS
from emotion_runtime.errors import InputError
from emotion_runtime.expression.recipe import default_recipes
from emotion_runtime.expression.shapes import ARKIT, COLUMN
from emotion_runtime.perception.face_decoder import FaceDecoder, frame_of

REST = (0.0,) * len(ARKIT)
DECODER = FaceDecoder(LABELS)
EMOTIONS = tuple(default_recipes().emotions)
frames = st.lists(st.floats(0.0, 1.0), min_size=52, max_size=52)


def face(emotion: str, strength: float = 1.0) -> tuple[float, ...]:
    recipe = default_recipes().emotions[emotion]
    return frame_of({name: weight * strength for name, weight in recipe.by_column_name().items()})


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_a_prototype_is_read_as_itself_in_its_strength(emotion: str, strength: float) -> None:
    reading = DECODER.read(face(emotion, strength), REST)
    assert reading.shares[emotion] == pytest.approx(strength, abs=0.02)
    assert max(reading.shares, key=reading.shares.__getitem__) == emotion


def test_a_resting_face_is_neutral_whatever_it_looks_like() -> None:
    rest = frame_of({"mouthFrownLeft": 0.22, "mouthFrownRight": 0.22, "mouthFunnel": 0.13, "eyeLookDownLeft": 0.28})
    reading = DECODER.read(rest, rest)
    assert reading.probabilities[LABELS.index("neutral")] == 1.0
    assert DECODER.read(rest, REST).probabilities != reading.probabilities


def test_negative_emotions_are_believed_less_than_a_smile() -> None:
    smile = DECODER.read(face("joy"), REST).confidence
    assert all(DECODER.read(face(name), REST).confidence < smile for name in ("anger", "disgust", "fear", "sadness"))


def test_blinks_and_glances_are_no_emotion() -> None:
    reading = DECODER.read(frame_of({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0, "eyeLookUpLeft": 0.8}), REST)
    assert reading.probabilities[LABELS.index("neutral")] == 1.0


def test_an_open_mouth_counts_less_while_its_owner_speaks() -> None:
    talking = frame_of({"jawOpen": 0.6, "mouthFunnel": 0.3})
    still = DECODER.read(talking, REST)
    assert DECODER.read(talking, REST, speaking=True).confidence <= still.confidence


@given(frames, frames, st.booleans())
def test_any_frame_gives_probabilities_and_the_same_ones_again(
    frame: list[float], rest: list[float], speaking: bool
) -> None:
    reading = DECODER.read(frame, rest, speaking=speaking)
    assert sum(reading.probabilities) == pytest.approx(1.0)
    assert all(value >= 0.0 for value in reading.probabilities)
    assert 0.0 <= reading.confidence <= 1.0
    assert FaceDecoder(LABELS).read(frame, rest, speaking=speaking) == reading


def test_coefficients_go_by_name_and_never_by_place() -> None:
    assert frame_of({"jawRight": 0.25, "jawLeft": 0.5}) == frame_of({"JawLeft": 0.5, "JawRight": 0.25})
    assert frame_of({"jawLeft": 0.5})[COLUMN["jawLeft"]] == 0.5


@pytest.mark.parametrize(
    ("weights", "code"),
    [({"jawDrop": 0.5}, "unknown_shape"), ({"": 0.5}, "unknown_shape"), ({"jawOpen": 1.5}, "bad_value")],
)
def test_a_frame_with_a_fault_is_refused(weights: dict[str, float], code: str) -> None:
    with pytest.raises(InputError) as caught:
        frame_of(weights)
    assert caught.value.code == code
