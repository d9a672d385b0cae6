"""Faces over time: deterministic, independent of frame rate, visibly different, and blended within bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.crowd import BLOCK, Faces
from emotion_runtime.expression.evaluation import distinctness
from emotion_runtime.expression.face import ARKIT, Face
from emotion_runtime.expression.landmarks import own_basis, read_basis
from emotion_runtime.expression.moments import BLINK_SLOT, Moments
from emotion_runtime.expression.power import unit_power
from emotion_runtime.expression.recipe import default_recipes, read_recipes
from emotion_runtime.expression.shapes import COLUMN, REGIONS, mirrored, region, sides
from tests.conftest import shared_file

CHANNELS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
YARDSTICK = ("data", "face", "ict68_arkit52.npz")
Floats = NDArray[np.float64]

unit = st.floats(0.0, 1.0)
emotions = st.lists(unit, min_size=6, max_size=6).map(lambda row: np.array([row]))


def faces(n: int = 1, *, lively: bool = False, seed: int = 3) -> Faces:
    return Faces([f"c{i}" for i in range(n)], CHANNELS, np.zeros((n, 6)), seed=seed, lively=lively)


def one_hot(label: str, strength: float = 1.0) -> Floats:
    return np.array([[strength if channel == label else 0.0 for channel in CHANNELS]])


def test_the_shapes_are_apples_52_in_alphabetical_order() -> None:
    assert len(ARKIT) == len(set(ARKIT)) == 52
    assert list(ARKIT) == sorted(ARKIT)
    assert {region(shape) for shape in ARKIT} == set(REGIONS)
    assert sides("mouthSmile") == ("mouthSmileLeft", "mouthSmileRight")
    assert all(mirrored(mirrored(shape)) == shape for shape in ARKIT)


@settings(deadline=None)
@given(emotions, st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_two_steps_under_one_emotion_are_one_step_of_their_sum(emotion: Floats, a: float, b: float) -> None:
    twice, once = faces(), faces()
    for each in (twice, once):
        each.step(0.3, one_hot("joy", 0.8))
    twice.step(a, emotion)
    twice.step(b, emotion)
    once.step(a + b, emotion)
    assert np.abs(twice.save().drive - once.save().drive).max() <= 2e-12


def test_onset_and_release_keep_their_half_lives() -> None:
    recipe = default_recipes().emotions["joy"]
    face = faces()
    face.step(recipe.onset, one_hot("joy"))
    assert face.save().drive[CHANNELS.index("joy"), 0] == pytest.approx(0.5, abs=1e-12)
    face.step(recipe.release, one_hot("joy", 0.0))
    assert face.save().drive[CHANNELS.index("joy"), 0] == pytest.approx(0.25, abs=1e-12)


@settings(deadline=None)
@given(emotions)
def test_a_face_that_is_given_time_becomes_the_face_of_the_moment(emotion: Floats) -> None:
    face = faces()
    face.step(60.0, emotion)
    assert np.abs(face.weights() - Face(CHANNELS, np.zeros((1, 6))).weights(emotion)).max() < 1e-5


@settings(deadline=None)
@given(emotions, st.floats(0.0, 100.0))
def test_no_weight_leaves_0_to_1(emotion: Floats, dt: float) -> None:
    face = faces(lively=True)
    face.step(dt, emotion)
    weights = face.weights()
    assert weights.dtype == np.float32
    assert weights.shape == (1, 52)
    assert (weights >= 0.0).all() and (weights <= 1.0).all()


@settings(deadline=None)
@given(emotions)
def test_strengths_shown_sum_to_at_most_1(emotion: Floats) -> None:
    face = faces(lively=True)
    face.step(5.0, emotion)
    _, shown = face.strengths()
    assert shown.sum() <= 1.0 + 1e-6


def test_nothing_felt_is_a_face_of_exact_zeros() -> None:
    face = faces()
    face.step(1.0, one_hot("joy"))
    face.step(1000.0, one_hot("joy", 0.0))
    assert not face.weights().any()


def test_the_stronger_emotion_covers_the_weaker() -> None:
    face = Face(CHANNELS, np.zeros((1, 6)))
    alone = face.weights(one_hot("joy", 0.9))[0]
    beside = face.weights(one_hot("joy", 0.9) + one_hot("anger", 0.3))[0]
    assert beside[COLUMN["mouthSmileLeft"]] > 0.7 * alone[COLUMN["mouthSmileLeft"]]
    assert 0.0 < beside[COLUMN["browDownLeft"]] < 0.3


def test_equal_seeds_give_equal_bytes_whatever_the_frame_rate_and_the_company() -> None:
    crowd, pair = faces(40, lively=True), faces(2, lively=True)
    emotion = np.tile(one_hot("fear", 0.6), (40, 1))
    for _ in range(64):
        crowd.step(1.0 / 64.0, emotion)
    pair.step(1.0, emotion[:2])
    assert crowd.time == pair.time == 1.0
    assert np.allclose(crowd.weights()[:2], pair.weights(), atol=1e-6)
    again = faces(40, lively=True)
    for _ in range(64):
        again.step(1.0 / 64.0, emotion)
    assert again.weights().tobytes() == crowd.weights().tobytes()


def test_a_restored_face_goes_on_as_if_nothing_had_happened() -> None:
    first, second = faces(9, lively=True), faces(9, lively=True)
    emotion = np.tile(one_hot("anger", 0.7), (9, 1))
    first.step(2.5, emotion)
    second.restore(first.save())
    assert second.weights().tobytes() == first.weights().tobytes()
    for each in (first, second):
        each.step(0.5, emotion)
    assert second.weights().tobytes() == first.weights().tobytes()


def test_people_blink_about_seventeen_times_a_minute_and_shut_their_eyes_fully() -> None:
    moments = Moments([f"c{i}" for i in range(50)], 1)
    lids = np.stack([moments.blink(step / 100.0) for step in range(6000)])
    assert lids.min() >= 0.0
    assert lids.max() == pytest.approx(1.0)
    shut = (lids > 0.5).astype(int)
    blinks = (np.diff(shut, axis=0) == 1).sum(axis=0)
    assert 60.0 / BLINK_SLOT * 0.9 < blinks.mean() < 60.0 / BLINK_SLOT * 1.35
    assert blinks.std() > 1.0


def test_a_micro_expression_shows_what_another_emotion_covers() -> None:
    moments = Moments(["c0"], 3)
    felt = one_hot("joy", 0.9) + one_hot("anger", 0.45)
    quiet = Face(CHANNELS, np.zeros((1, 6))).weights(felt)[0][COLUMN["browDownLeft"]]
    seen = 0.0
    for step in range(4000):
        kind, much = moments.micro(step / 20.0, 6)
        if kind[0] == CHANNELS.index("anger") and much[0] > 0.9:
            face = faces(lively=True)
            face.step(step / 20.0, felt)
            seen = max(seen, float(face.weights()[0][COLUMN["browDownLeft"]]))
    assert seen > quiet + 0.1


def test_each_archetype_uses_its_own_table_and_rows_stay_in_place() -> None:
    stern = default_recipes().override({"emotions": {"joy": {"shapes": {"mouthSmile": 0.2, "cheekSquint": None}}}})
    n = BLOCK + 10
    table_of = (np.arange(n) % 2).astype(np.intp)
    crowd = Faces(
        [f"c{i}" for i in range(n)], CHANNELS, np.zeros((n, 6)), tables=[default_recipes(), stern],
        table_of=table_of, lively=False,
    )  # fmt: skip
    crowd.step(60.0, np.tile(one_hot("joy"), (n, 1)))
    smile = crowd.weights()[:, COLUMN["mouthSmileLeft"]]
    assert np.allclose(smile[0::2], 0.9, atol=1e-5)
    assert np.allclose(smile[1::2], 0.2, atol=1e-5)
    assert not crowd.weights()[1::2, COLUMN["cheekSquintLeft"]].any()


def test_a_scenes_own_labels_without_a_recipe_show_nothing() -> None:
    crowd = Faces(["c"], ("boredom", "joy"), np.zeros((1, 2)), lively=False)
    crowd.step(9.0, np.array([[0.9, 0.0]]))
    assert not crowd.weights().any()
    bored = Faces(["c", "d", "e"], ("boredom",), np.zeros((3, 1)), lively=False)
    bored.step(9.0, np.full((3, 1), 0.9))
    assert not bored.weights().any()


@settings(deadline=None)
@given(st.floats(0.1, 10.0), st.lists(st.just(0.0) | st.floats(2.0**-126, 1.0), min_size=1, max_size=20))
def test_the_power_is_a_power_and_keeps_both_ends(gamma: float, values: list[float]) -> None:
    x = np.array([*values, 0.0, 1.0], dtype=np.float32)
    power = unit_power(x, np.array([gamma], dtype=np.float32))
    assert np.abs(power - x.astype(np.float64) ** np.float64(np.float32(gamma))).max() < 1e-6
    assert power[-2] == 0.0
    assert power[-1] == 1.0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("version: 2\nemotions: {}", "version"),
        ("version: 1\nemotions: {joy: {shapes: {mouthGrin: 1}}}", "mouthGrin"),
        ("version: 1\nemotions: {joy: {shapes: {mouthSmile: 1.5}}}", "mouthSmile"),
        ("based_on: default\nemotions: {joy: {gama: 1}}", "gama"),
        ("version: 1\nemotions: {joy: {shapes: {}, onset: .nan}}", "onset"),
    ],
)
def test_a_faulty_table_is_refused_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "recipes.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=place) as caught:
        read_recipes(file)
    assert caught.value.code == "bad_recipe"


def test_an_override_file_changes_only_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "elf.yaml"
    file.write_text("based_on: default\nemotions: {joy: {gamma: 1.0, shapes: {mouthSmileLeft: 0.5}}}", encoding="utf-8")
    table = read_recipes(file)
    assert table.emotions["joy"].gamma == 1.0
    assert table.emotions["joy"].by_column_name()["mouthSmileLeft"] == 0.5
    assert table.emotions["joy"].by_column_name()["mouthSmileRight"] == 0.9
    assert table.emotions["anger"] == default_recipes().emotions["anger"]


def test_emotions_differ_visibly_on_a_scanned_face() -> None:
    found = distinctness(read_basis(shared_file(*YARDSTICK)))
    assert min(found.from_neutral.values()) >= 2.0
    assert min(found.pairs.values()) >= 2.5


def test_emotions_differ_on_our_own_face_too() -> None:
    found = distinctness(own_basis())
    assert min(found.from_neutral.values()) >= 1.7
    assert min(found.pairs.values()) >= 1.8
