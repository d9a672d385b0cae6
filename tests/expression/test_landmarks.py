"""Landmarks and their distances: our basis resembles a scanned one, and the metrics mean what they are called."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.drawing import face_svg
from emotion_runtime.expression.face import Face
from emotion_runtime.expression.handles import HANDLES, MIRROR, MOVES, NEUTRAL_HALF, PAIRED
from emotion_runtime.expression.landmarks import eye_centres, own_basis, read_basis
from emotion_runtime.expression.metrics import agreement, compare, landmark_distances, late
from emotion_runtime.expression.shapes import ARKIT, COLUMN, mirrored
from emotion_runtime.expression.sheet import emotion_sheet, spoken_sheet
from tests.conftest import shared_file

YARDSTICK = ("data", "face", "ict68_arkit52.npz")


def take(frames: int = 60) -> np.ndarray:
    random = np.random.default_rng(5)
    knots = random.uniform(0.0, 0.6, (frames // 6 + 2, 52))
    at = np.arange(frames) / 6.0
    return np.stack([np.interp(at, np.arange(len(knots)), column) for column in knots.T], axis=1)


def test_the_basis_has_26_handles_and_moves_every_shape_but_the_tongue() -> None:
    assert len(HANDLES) + len(PAIRED) == 26
    assert set(MOVES) | {mirrored(shape) for shape in MOVES} == set(ARKIT)
    basis = own_basis()
    still = [shape for shape in ARKIT if not np.abs(basis.moves[COLUMN[shape]]).any()]
    assert still == ["tongueOut"]


def test_all_68_landmarks_are_given_once() -> None:
    points = [point for point, _, _ in NEUTRAL_HALF]
    assert sorted({*points, *MIRROR.values()}) == list(range(68))
    assert set(points) == set(MIRROR)


def test_the_unit_is_the_distance_between_the_eyes() -> None:
    right, left = eye_centres(own_basis().neutral)
    assert np.linalg.norm(left - right) == pytest.approx(1.0)
    assert np.allclose(left + right, 0.0)


def test_left_and_right_are_mirror_images() -> None:
    basis = own_basis()
    for shape in ARKIT:
        one, other = basis.moves[COLUMN[shape]], basis.moves[COLUMN[mirrored(shape)]]
        for point, across in MIRROR.items():
            assert np.allclose(one[point], other[across] * (-1.0, 1.0))


def test_our_basis_agrees_with_a_scanned_face() -> None:
    found = agreement(own_basis(), read_basis(shared_file(*YARDSTICK)), ARKIT)
    assert found.median_cosine >= 0.88
    assert 0.8 <= found.median_ratio <= 1.25


def test_equal_tracks_have_no_distance_and_the_anchors_do() -> None:
    result = compare(take(), take(), 60.0, own_basis())
    assert result.measured.lip == result.measured.face_velocity == 0.0
    assert result.lag == 0.0
    assert result.gain == pytest.approx(1.0)
    assert all(anchor.lip > 0.0 and anchor.face > 0.0 for anchor in result.anchors.values())


def test_lateness_and_gain_are_found() -> None:
    basis, truth = own_basis(), take()
    points = basis.landmarks(truth)
    slow = np.concatenate([np.repeat(truth[:1], 6, axis=0), truth[:-6]])
    result = compare(slow * 0.8, truth, 60.0, basis)
    assert result.lag == pytest.approx(0.1)
    assert compare(truth * 0.8, truth, 60.0, basis).gain == pytest.approx(0.8)
    assert np.allclose(late(points, 0.1, 60.0)[6:], points[:-6])


def test_distances_are_in_pixels_at_64_between_the_eyes() -> None:
    truth = np.zeros((10, 68, 2))
    shown = truth + np.array([1.0 / 64.0, 0.0])
    found = landmark_distances(shown, truth, 25.0)
    assert found.lip == found.face == pytest.approx(1.0)
    assert found.face_velocity == 0.0
    assert found.percent()[0] == pytest.approx(100.0 / 64.0)


def test_velocity_does_not_depend_on_the_frame_rate() -> None:
    def ramp(rate: float) -> float:
        x = np.arange(int(2 * rate))[:, None, None] / rate * np.ones((1, 68, 2))
        return landmark_distances(x, np.zeros_like(x), rate).face_velocity

    assert ramp(25.0) == pytest.approx(ramp(60.0)) == pytest.approx(64.0 * 2**0.5 / 25.0)


@settings(deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(0.5, 2.0), st.floats(-1.0, 1.0))
def test_registration_takes_away_how_the_head_is_held(angle: float, scale: float, shift: float) -> None:
    points = own_basis().landmarks(take(5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    held = scale * points @ turn + shift
    assert landmark_distances(held, points, 25.0, registration="similarity").face < 1e-9
    assert landmark_distances(points + shift, points, 25.0, registration="centre").face < 1e-9


def test_a_basis_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "basis.npz"
    np.savez(file, neutral=np.zeros((5, 3)), basis=np.zeros((2, 5, 3)), names=np.array(["a", "b"]))
    with pytest.raises(UsageError, match="68 landmarks"):
        read_basis(file)
    file.write_bytes(b"not a zip")
    with pytest.raises(UsageError):
        read_basis(file)
    with pytest.raises(UsageError):
        read_basis(tmp_path / "none.npz")


def test_tracks_of_different_shape_are_refused() -> None:
    with pytest.raises(UsageError):
        landmark_distances(np.zeros((5, 68, 2)), np.zeros((4, 68, 2)), 25.0)


def test_the_sheets_are_drawn_alike_on_every_run() -> None:
    sheet = emotion_sheet()
    assert sheet == emotion_sheet()
    assert sheet.startswith("<svg") and sheet.endswith("</svg>\n")
    for label in ("anger", "neutral", "surprise"):
        assert f">{label}<" in sheet
    assert "nan" not in sheet
    assert "A &lt;b&gt;" in spoken_sheet("A <b>, perhaps.", 3)


def test_every_path_of_a_drawing_is_well_formed() -> None:
    numbers = {"M": 2, "L": 2, "C": 6, "Q": 4, "q": 4, "l": 2, "Z": 0}
    for row in (np.zeros(52), np.full(52, 0.5), *np.eye(52)):
        for path in re.findall(r' d="([^"]*)"', face_svg(row)):
            for command, given_ in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
                assert len(given_.split()) == numbers[command], path


def test_every_single_shape_can_be_drawn() -> None:
    neutral = face_svg(np.zeros(52))
    for row in np.eye(52):
        assert face_svg(row) != neutral
    assert Face(("joy",), np.zeros((1, 1))).weights(np.array([[0.5]])).shape == (1, 52)
