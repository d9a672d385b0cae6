"""Transfer: nothing changed is bitwise nothing, each knob does what it says, and what is lost is told."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.expression.face import Face
from emotion_runtime.expression.shapes import ARKIT, COLUMN, region
from emotion_runtime.expression.transfer.apply import Transfer, coloured
from emotion_runtime.expression.transfer.keyposes import solve_key_poses
from emotion_runtime.expression.transfer.performer import Performer, drain
from emotion_runtime.expression.transfer.profile import Profile, checked_profile, read_profile
from emotion_runtime.expression.transfer.takes import UDP_ORDER, parse_datagram, parse_take, read_take, write_take

Floats32 = NDArray[np.float32]

weights_in_range = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).uniform(0.0, 1.0, (7, 52)).astype(np.float32)
)
SECONDS = np.arange(7) / 60.0


def profile(**settings_: object) -> Profile:
    return checked_profile(dict(settings_), "test")


def one(**shapes: float) -> Floats32:
    row = np.zeros((1, 52), dtype=np.float32)
    for name, weight in shapes.items():
        row[0, COLUMN[name]] = weight
    return row


@settings(deadline=None)
@given(weights_in_range)
def test_a_character_transferred_to_itself_keeps_every_bit(weights: Floats32) -> None:
    assert Transfer(profile()).apply(weights, SECONDS).tobytes() == weights.tobytes()
    live = Transfer(profile())
    for frame in weights:
        assert live.step(frame, 1.0 / 60.0).tobytes() == frame.tobytes()


def test_identity_survives_the_file(tmp_path: Path) -> None:
    weights = np.random.default_rng(1).uniform(0.0, 1.0, (20, 52)).astype(np.float32)
    header = ",".join(["seconds", *ARKIT])
    text = header + "\n" + "\n".join(",".join([str(i / 60), *map(str, row)]) for i, row in enumerate(weights))
    take = parse_take(text)
    assert take.weights.tobytes() == weights.tobytes()
    write_take(tmp_path / "out.csv", take, Transfer(profile()).apply(take.weights, take.seconds))
    assert read_take(tmp_path / "out.csv").weights.tobytes() == weights.tobytes()


def test_a_take_is_read_by_name_whatever_its_order() -> None:
    names = [name[0].upper() + name[1:] for name in reversed(ARKIT)]
    row = [str(COLUMN[name[0].lower() + name[1:]] / 100.0) for name in names]
    text = ",".join(["Timecode", "BlendShapeCount", *names, "HeadYaw"]) + "\n"
    text += ",".join(["01:02:03:29.5", "61", *row, "0.25"]) + "\n" + ",".join(["01:02:04:00.0", "61", *row, "0.5"])
    take = parse_take(text)
    assert np.allclose(take.weights[0], np.arange(52) / 100.0)
    assert take.extra_names == ("HeadYaw",)
    assert take.extra[:, 0].tolist() == [0.25, 0.5]
    assert take.seconds.tolist() == pytest.approx([0.0, 0.5 / 30.0])
    assert take.missing == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a,b\n1,2", "no column"),
        ("jawOpen\nx", ":2: no number"),
        ("jawOpen\nnan", "not finite"),
        ("Timecode,jawOpen\nnoon,0.5", "no timecode"),
        ("", "no column"),
    ],
)
def test_a_faulty_take_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(UsageError, match=place):
        parse_take(text)


def test_missing_shapes_of_a_take_are_told() -> None:
    take = parse_take("jawOpen\n0.5\n0.7")
    assert take.weights[:, COLUMN["jawOpen"]].tolist() == pytest.approx([0.5, 0.7])
    assert len(take.missing) == 51


def test_the_sources_rest_is_taken_away_and_its_range_stretched() -> None:
    moved = Transfer(profile(neutral={"mouthFrown": 0.2}, reach={"mouthFrown": 0.7}))
    found = moved.apply(np.concatenate([one(mouthFrownLeft=w) for w in (0.2, 0.45, 0.7)]), np.arange(3) / 60)
    assert found[:, COLUMN["mouthFrownLeft"]].tolist() == pytest.approx([0.0, 0.5, 1.0], abs=1e-6)


def test_each_gain_moves_its_own_region_alone() -> None:
    weights = np.full((1, 52), 0.4, dtype=np.float32)
    for name in ("brows", "eyes", "cheeks", "mouth", "jaw"):
        found = Transfer(profile(regions={name: 0.5})).apply(weights, [0.0])[0]
        for shape in ARKIT:
            assert found[COLUMN[shape]] == pytest.approx(0.2 if region(shape) == name else 0.4)


def test_an_inverse_gain_gives_back_what_was_there() -> None:
    weights = np.random.default_rng(3).uniform(0.0, 0.5, (5, 52)).astype(np.float32)
    there = Transfer(profile(knobs={"intensity": 2.0})).apply(weights, np.arange(5) / 60)
    back = Transfer(profile(knobs={"intensity": 0.5})).apply(there, np.arange(5) / 60)
    assert back.tobytes() == weights.tobytes()


def test_exaggeration_strengthens_the_weak_and_keeps_the_ends() -> None:
    weights = np.concatenate([one(mouthSmileLeft=w) for w in (0.0, 0.25, 1.0)])
    found = Transfer(profile(knobs={"exaggeration": 1.0})).apply(weights, np.arange(3) / 60)
    assert found[:, COLUMN["mouthSmileLeft"]].tolist() == pytest.approx([0.0, 0.5, 1.0], abs=1e-6)


def test_asymmetry_favours_a_side_and_leaves_gaze_alone() -> None:
    weights = one(mouthSmileLeft=0.5, mouthSmileRight=0.5, eyeBlinkLeft=0.5, eyeBlinkRight=0.5, jawLeft=0.5)
    found = Transfer(profile(knobs={"asymmetry": 0.4})).apply(weights, [0.0])[0]
    assert found[COLUMN["mouthSmileLeft"]] == pytest.approx(0.3)
    assert found[COLUMN["mouthSmileRight"]] == pytest.approx(0.7)
    assert found[COLUMN["eyeBlinkLeft"]] == found[COLUMN["eyeBlinkRight"]] == found[COLUMN["jawLeft"]] == 0.5


@settings(deadline=None)
@given(st.floats(0.0, 0.5), st.floats(0.0, 0.5))
def test_snap_and_linger_do_not_depend_on_the_frame_rate(a: float, b: float) -> None:
    settings_ = profile(knobs={"snap": 0.1, "linger": 0.3})
    twice, once = Transfer(settings_), Transfer(settings_)
    start, aim = one(browInnerUp=0.2, jawOpen=0.9)[0], one(browInnerUp=0.9, jawOpen=0.1)[0]
    twice.step(start, 0.0)
    once.step(start, 0.0)
    twice.step(aim, a)
    assert np.abs(twice.step(aim, b) - once.step(aim, a + b)).max() < 1e-6


def test_live_and_batch_agree() -> None:
    weights = np.random.default_rng(4).uniform(0.0, 1.0, (30, 52)).astype(np.float32)
    settings_ = profile(knobs={"snap": 0.05, "linger": 0.2, "intensity": 0.8}, rest={"mouthSmile": 0.1})
    seconds = np.arange(30) / 64.0
    batch = Transfer(settings_).apply(weights, seconds)
    live = Transfer(settings_)
    steps = [0.0, *np.diff(seconds).tolist()]
    assert all(live.step(f, dt).tobytes() == b.tobytes() for f, dt, b in zip(weights, steps, batch, strict=True))


def test_the_upper_face_can_lead() -> None:
    weights = np.zeros((10, 52), dtype=np.float32)
    weights[5:] = 1.0
    found = Transfer(profile(lead=0.2)).apply(weights, np.arange(10) / 10.0)
    assert found[:, COLUMN["browInnerUp"]].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
    assert found[:, COLUMN["jawOpen"]].tolist() == weights[:, 0].tolist()


def test_clarity_moves_lips_only_in_frames_that_are_speech() -> None:
    weights = np.full((2, 52), 0.4, dtype=np.float32)
    moved = Transfer(profile(knobs={"clarity": 0.5}))
    found = moved.apply(weights, [0.0, 0.1], speaking=np.array([True, False]))
    assert found[0, COLUMN["jawOpen"]] == pytest.approx(0.2)
    assert found[1, COLUMN["jawOpen"]] == found[0, COLUMN["browInnerUp"]] == np.float32(0.4)


def test_emotions_have_gains_of_their_own() -> None:
    moved = Transfer(profile(emotions={"anger": 0.5}))
    gain = moved.emotion_gains(("anger", "joy"), np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.0, 0.0]]))
    assert gain.tolist() == pytest.approx([0.5, 1.0, 0.75, 1.0])
    weights = np.full((4, 52), 0.4, dtype=np.float32)
    found = moved.apply(weights, np.arange(4) / 60, emotion_gain=gain)
    assert found[:, 0].tolist() == pytest.approx([0.2, 0.4, 0.3, 0.4])


def test_the_targets_rest_shows_and_movement_is_added_to_it() -> None:
    found = Transfer(profile(rest={"mouthFrown": 0.2})).apply(one(mouthFrownLeft=0.5), [0.0])[0]
    assert found[COLUMN["mouthFrownLeft"]] == pytest.approx(0.6)
    assert found[COLUMN["mouthFrownRight"]] == pytest.approx(0.2)


def test_missing_shapes_fall_back_on_their_side_and_the_rest_is_reported() -> None:
    available = [name for name in ARKIT if not name.startswith(("noseSneer", "cheekSquint"))]
    moved = Transfer(profile(available=available, fallback={"noseSneer": {"mouthUpperUp": 0.5}}))
    weights = one(noseSneerLeft=0.8, cheekSquintLeft=0.5)
    found = moved.apply(weights, [0.0])
    assert found[0, COLUMN["mouthUpperUpLeft"]] == pytest.approx(0.4)
    assert found[0, COLUMN["mouthUpperUpRight"]] == 0.0
    assert found[0, COLUMN["noseSneerLeft"]] == 0.0
    report = moved.report(weights, found)
    assert set(report.lost) == {"noseSneerLeft", "cheekSquintLeft"}
    assert report.lost["cheekSquintLeft"] > 0.0
    assert report.coverage["mouth"] == pytest.approx(0.4)


def test_clamped_weights_are_counted() -> None:
    moved = Transfer(profile(knobs={"intensity": 2.0}))
    weights = np.full((1, 52), 0.75, dtype=np.float32)
    assert moved.report(weights, moved.apply(weights, [0.0])).clamped == 1.0


def test_the_order_of_emotion_strengths_is_kept() -> None:
    channels = ("anger", "joy")
    strengths = np.stack([np.zeros(8), np.linspace(0.1, 1.0, 8)], axis=1)
    source = Face(channels, np.zeros((1, 2))).weights(strengths)
    found = Transfer(profile(knobs={"intensity": 0.6, "exaggeration": 0.5})).apply(source, np.arange(8) / 60)
    assert (np.diff(found[:, COLUMN["mouthSmileLeft"]]) > 0.0).all()


@pytest.mark.parametrize(
    ("settings_", "place"),
    [
        ({"version": 2}, "version"),
        ({"knobs": {"volume": 1}}, "volume"),
        ({"knobs": {"asymmetry": 3}}, "asymmetry"),
        ({"neutral": {"grin": 0.1}}, "grin"),
        ({"available": ["grin"]}, "grin"),
        ({"fallback": {"jawOpen": {"grin": 1}}}, "grin"),
        ({"regions": {"ears": 1}}, "ears"),
    ],
)
def test_a_faulty_profile_is_refused_with_its_place(settings_: dict[str, object], place: str) -> None:
    with pytest.raises(UsageError, match=place) as caught:
        checked_profile(dict(settings_), "x.yaml")
    assert caught.value.code == "bad_profile"


def test_a_take_out_of_order_or_with_other_shapes_is_refused() -> None:
    moved = Transfer(profile())
    for weights, seconds in (
        (np.zeros((2, 51), np.float32), [0.0, 1.0]),
        (np.zeros((2, 52), np.float32), [1.0, 0.0]),
        (np.full((1, 52), np.nan, np.float32), [0.0]),
    ):
        with pytest.raises(UsageError):
            moved.apply(weights, seconds)


def test_key_poses_are_met_exactly_and_between_them_is_between() -> None:
    random = np.random.default_rng(2)
    source, target = random.uniform(0, 1, (12, 52)), random.uniform(0, 1, (12, 9))
    solved = solve_key_poses(source, target)
    assert np.abs(solved.apply(source) - target).max() < 1e-8
    with pytest.raises(UsageError):
        solve_key_poses(np.zeros((2, 52)), np.zeros((2, 3)))


def datagram(values: dict[str, float], version: int = 6) -> bytes:
    floats = [values.get(name, 0.0) for name in UDP_ORDER] + [0.0] * 9
    name = b"phone"
    head = struct.pack("<i", version) + b"$" * 37 + struct.pack("!i", len(name)) + name
    return head + struct.pack("!if2ib", 7, 0.0, 60, 1, 61) + struct.pack("!61f", *floats)


def test_a_datagram_is_read_by_name() -> None:
    name, row = parse_datagram(datagram({"jawLeft": 0.25, "mouthRight": 0.5, "browInnerUp": 1.5}))
    assert name == "phone"
    assert row[COLUMN["jawLeft"]] == 0.25
    assert row[COLUMN["mouthRight"]] == 0.5
    assert row[COLUMN["browInnerUp"]] == 1.0
    assert sorted(UDP_ORDER) == list(ARKIT)


@settings(deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=360).map(lambda tail: datagram({})[:20] + tail))
def test_no_datagram_crashes_the_reader(data: bytes) -> None:
    with suppress(InputError):
        parse_datagram(data)


def test_a_performer_drives_and_the_characters_own_face_still_shows() -> None:
    own = one(browDownLeft=0.8)[0]
    performer = Performer(Transfer(profile()), share=0.5)
    assert performer.step(own, 0.1).tobytes() == own.tobytes()
    for _ in range(60):
        performer.receive(datagram({"jawOpen": 0.6}))
        driven = performer.step(own, 1.0 / 30.0)
    assert driven[COLUMN["jawOpen"]] == pytest.approx(0.6, abs=0.01)
    assert driven[COLUMN["browDownLeft"]] == pytest.approx(0.4, abs=0.01)
    performer.receive(b"junk")
    assert performer.refused == 1
    for _ in range(200):
        given_back = performer.step(own, 1.0 / 30.0)
    assert given_back.tobytes() == own.tobytes()


def test_datagrams_come_through_a_real_socket() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        sender.sendto(datagram({"jawOpen": 1.0}), receiver.getsockname())
        receiver.settimeout(5.0)
        first = receiver.recv(2048, socket.MSG_PEEK)
        receiver.setblocking(False)
        performer = Performer(Transfer(profile()), share=0.0)
        assert len(first) > 100
        assert drain(receiver, performer) == 1
        assert drain(receiver, performer) == 0
        assert performer.step(np.zeros(52, dtype=np.float32), 5.0 / 30.0)[COLUMN["jawOpen"]] > 0.3


def test_a_share_of_nothing_is_the_performer_alone() -> None:
    performer, own = one(jawOpen=0.3), one(jawOpen=0.9)
    assert coloured(performer, own, 0.0).tobytes() == performer.tobytes()
    with pytest.raises(UsageError):
        coloured(performer, own, 1.5)


def test_a_profile_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "guard.yaml").write_text("version: 1\nknobs: {upper: 0.8}\nrest: {browDown: 0.1}\n", encoding="utf-8")
    assert read_profile(tmp_path / "guard.yaml").knobs.upper == 0.8
