"""Faces of a simulation: lips of what is said, performers, reloads and saves; nothing of it changes what is felt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotion_runtime import Capture, InputError, Speech, Utterance
from emotion_runtime.errors import UsageError
from emotion_runtime.expression.blocks import FaceWish
from emotion_runtime.expression.shapes import COLUMN, VRM
from emotion_runtime.expression.speech.track import Segment, VisemeTrack
from emotion_runtime.record import Recorder, Replay
from emotion_runtime.scene import load_scene
from emotion_runtime.simulation import Simulation

SCENE = """\
scene: three
language: 1
events: [bang]
characters:
  ann: {at: [0, 0], hearing: 50 m}
  bob: {at: [2, 0], hearing: 50 m}
  cid: {at: [40, 0]}
appraisal:
  - {event: bang, feels: {fear: +0.9}}
"""
LINE = "My brother Tom has a big blue boat."
HEARD = {"neutral": 1.0}
JAW = COLUMN["jawOpen"]


def simulation(folder: Path, text: str = SCENE, *, faces: bool = True) -> Simulation:
    path = folder / "three.yaml"
    path.write_text(text, encoding="utf-8")
    sim = Simulation(load_scene(path), seed=5)
    if faces:
        sim.stream_faces()
    return sim


def film(sim: Simulation, ticks: int) -> NDArray[np.float32]:
    shown = []
    for _ in range(ticks):
        sim.step()
        shown.append(sim.columns().face.copy())
    return np.stack(shown)


def test_a_spoken_line_moves_the_lips_of_its_speaker_and_of_nobody_else(tmp_path: Path) -> None:
    sim = simulation(tmp_path)
    sim.say("ann", LINE, heard=HEARD)
    shown = film(sim, 60)
    assert shown[:, 0, JAW].max() > 0.2
    assert not shown[:, 1:, JAW].any()
    assert not film(sim, 240)[-30:, 0, JAW].any(), "after the line the mouth is shut"


def test_timings_move_the_lips_before_the_text_does(tmp_path: Path) -> None:
    sim = simulation(tmp_path)
    track = VisemeTrack([Segment(500.0, 900.0, "aa")], "timings")
    sim.say("ann", LINE, heard=HEARD, speech=Speech(track))
    shown = film(sim, 60)[:, 0, JAW]
    assert not shown[:20].any()
    assert shown[42] == pytest.approx(0.5, abs=0.02)


def test_a_known_length_stretches_the_lips_of_a_text(tmp_path: Path) -> None:
    sim = simulation(tmp_path)
    sim.say("ann", LINE, heard=HEARD, speech=Speech(lasts=1.0))
    shown = film(sim, 90)[:, 0, JAW]
    assert shown[40:60].any()
    assert not shown[70:].any()


def test_a_voice_without_words_opens_the_mouth_by_its_loudness(tmp_path: Path) -> None:
    sim = simulation(tmp_path)
    rate = 16000
    tone = np.sin(np.arange(rate) * 0.2) * 12000.0 * (np.arange(rate) > rate // 2)
    sim.say("ann", "", heard=HEARD, speech=Speech(voice=tone.astype("<i2").tobytes(), voice_rate=rate))
    shown = film(sim, 60)[:, 0, JAW]
    assert not shown[:20].any()
    assert shown[40:55].min() > 0.2


def test_faces_change_nothing_that_is_felt(tmp_path: Path) -> None:
    with_faces, without = simulation(tmp_path), simulation(tmp_path, faces=False)
    for sim in (with_faces, without):
        sim.event("bang")
        sim.say("ann", LINE, heard=HEARD)
        sim.capture("bob", {"jawOpen": 0.5})
    for _ in range(30):
        assert with_faces.step().digest == without.step().digest


def test_a_performer_drives_a_face_that_its_own_emotion_colours(tmp_path: Path) -> None:
    sim = simulation(tmp_path)
    sim.event("bang")
    film(sim, 60)
    own = sim.columns().face[1].copy()
    for _ in range(60):
        sim.capture("bob", {"jawOpen": 0.8, "browOuterUpLeft": 0.3})
        sim.step()
    driven = sim.columns().face[1]
    assert driven[JAW] == pytest.approx(0.8, abs=0.1)
    assert own[COLUMN["browInnerUp"]] > 0.2
    assert 0.1 < driven[COLUMN["browInnerUp"]] < own[COLUMN["browInnerUp"]]
    film(sim, 150)
    assert sim.columns().face[1][JAW] < 0.3, "half a second without the performer gives the own face back"


def test_one_character_shows_the_face_of_another_until_it_is_let_go(tmp_path: Path) -> None:
    sim = simulation(tmp_path)
    sim.say("ann", LINE, heard=HEARD)
    sim.capture("cid", like="ann")
    shown = film(sim, 90)
    late = slice(60, 90)
    assert np.abs(shown[late, 2, JAW] - shown[late, 0, JAW]).max() < 0.02
    assert shown[late, 0, JAW].max() > 0.1
    sim.capture("cid")
    film(sim, 200)
    sim.say("ann", LINE, heard=HEARD)
    assert not film(sim, 60)[:, 2, JAW].any()


@pytest.mark.parametrize(
    ("capture", "code"),
    [
        (lambda: Capture("ann", {"mouthGrin": 0.5}), "unknown_shape"),
        (lambda: Capture("ann", {"jawOpen": 1.5}), "bad_value"),
        (lambda: Capture("ann", {"jawOpen": float("nan")}), "bad_value"),
        (lambda: Capture("ann", {"jawOpen": 0.5}, like="bob"), "bad_capture"),
        (lambda: Speech(voice=b"\0"), "bad_audio"),
        (lambda: Speech(lasts=-1.0), "bad_value"),
        (lambda: Utterance("ann", "hi", speech=Speech(voice=bytes(4 << 20))), "too_large"),
    ],
)
def test_what_no_face_can_be_made_of_is_refused(capture: object, code: str) -> None:
    assert callable(capture)
    with pytest.raises(InputError) as caught:
        capture()
    assert caught.value.code == code


def test_a_reload_keeps_the_faces_of_those_who_stay(tmp_path: Path) -> None:
    sim, still = simulation(tmp_path), simulation(tmp_path)
    for each in (sim, still):
        each.event("bang")
        each.say("ann", LINE, heard=HEARD)
        each.capture("cid", like="ann")
        film(each, 10)
    (tmp_path / "three.yaml").write_text(SCENE.replace("  bob: {at: [2, 0], hearing: 50 m}\n", ""), encoding="utf-8")
    sim.reload()
    assert sim.characters == ("ann", "cid")
    assert (film(sim, 40) == film(still, 40)[:, [0, 2]]).all()


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_faces_go_on_from_their_state_as_if_nothing_had_happened(ticks: int, seed: int) -> None:
    import tempfile

    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        sim, other = simulation(Path(folder)), simulation(Path(folder))
        for each in (sim, other):
            each.event("bang")
        for each in (sim,):
            each.say("ann", LINE, heard=HEARD)
            each.capture("bob", {"jawOpen": float(random.random())})
            each.capture("cid", like="bob")
        sim.step()
        other.step()
        for _ in range(ticks):
            sim.step()
            other.step()
        other.begin_faces().load_state({name: each.copy() for name, each in sim.begin_faces().state().items()})
        assert (film(other, 20) == film(sim, 20)).all()


def test_a_state_of_other_characters_is_refused(tmp_path: Path) -> None:
    sim = simulation(tmp_path)
    state = sim.begin_faces().state()
    for name, wrong in (("drive", np.zeros((1, 1))), ("speech_row", np.array([9]))):
        with pytest.raises(UsageError, match="state"):
            sim.begin_faces().load_state({**state, name: wrong})
    with pytest.raises(UsageError, match="needs `felt`"):
        sim.begin_faces().load_state({name: each for name, each in state.items() if name != "felt"})


def test_lips_and_performers_are_recorded_and_replayed_to_the_same_faces(tmp_path: Path) -> None:
    track = VisemeTrack([Segment(0.0, 200.0, "PP", 0.5), Segment(200.0, 900.0, "aa")], "timings")
    sim = simulation(tmp_path)
    with Recorder(sim, tmp_path / "r.emr") as recorder:
        recorder.apply(Utterance("ann", LINE, heard=HEARD, speech=Speech(track, 1.0, bytes(8), 8000)))
        recorder.apply(Capture("bob", {"jawOpen": 0.25}))
        recorder.apply(Capture("cid", None, "ann"))
        for _ in range(30):
            recorder.step(1 / 60, wait=True)
        shown = sim.columns().face.copy()
    with Replay(tmp_path / "r.emr") as replay:
        replay.simulation.stream_faces()
        assert replay.run().difference is None
        assert (replay.simulation.columns().face == shown).all()


def test_a_block_holds_whom_a_reader_wished_for(tmp_path: Path) -> None:
    sim = simulation(tmp_path, faces=False)
    sim.step()
    near = sim.face_block(FaceWish("vrm", near="bob", radius=5.0))
    assert np.frombuffer(near.index, "<u4").tolist() == [0, 1]
    assert len(near.weights) == 2 * len(VRM) * 4
    gone = FaceWish("arkit52", characters=("ann", "eve"))
    with pytest.raises(InputError, match="eve"):
        sim.face_block(gone, strict=True)
    assert sim.face_block(gone).count == 1


def test_a_save_holds_the_faces_and_what_waits_for_them(tmp_path: Path) -> None:
    sim, other = simulation(tmp_path), simulation(tmp_path)
    sim.event("bang")
    sim.say("ann", LINE, heard=HEARD)
    sim.capture("cid", like="ann")
    film(sim, 20)
    sim.say("bob", "", heard=HEARD, speech=Speech(VisemeTrack([Segment(0.0, 400.0, "aa")], "timings")))
    sim.capture("bob", {"browInnerUp": 0.5})
    other.restore(sim.save())
    assert (film(other, 40) == film(sim, 40)).all()


def test_a_save_without_faces_gives_faces_at_rest(tmp_path: Path) -> None:
    plain, other = simulation(tmp_path, faces=False), simulation(tmp_path)
    plain.event("bang")
    film(plain, 30)
    other.say("ann", LINE, heard=HEARD)
    film(other, 5)
    other.restore(plain.save())
    assert not other.columns().face[:, JAW].max() > 0.3
    assert other.columns().face[1, COLUMN["browInnerUp"]] > 0.1, "they show what is felt, at once"
