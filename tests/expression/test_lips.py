"""Lips: every source makes the same track, a stream equals the whole to the bit, and closures close."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from emotion_runtime.errors import InputError
from emotion_runtime.expression.compose import JAW_OPEN, MOUTH_CLOSE, Mouths, compose, mouth_share
from emotion_runtime.expression.shapes import ARKIT, COLUMN, region
from emotion_runtime.expression.speaking import Speaking
from emotion_runtime.expression.speech.coarticulation import REACH, LipStream, lip_frames, lip_stream
from emotion_runtime.expression.speech.track import Phone, Segment, VisemeTrack, track_of_phones
from emotion_runtime.expression.visemes import ARPABET, IPA, NUMBER, SHAPES, VISEMES, phone_visemes, shape_rows

Floats = NDArray[np.float64]


@st.composite
def tracks(draw: st.DrawFn) -> VisemeTrack:
    at, segments = draw(st.floats(0.0, 300.0)), []
    for _ in range(draw(st.integers(1, 14))):
        length = draw(st.floats(5.0, 250.0))
        segments.append(Segment(at, at + length, draw(st.sampled_from(VISEMES)), draw(st.sampled_from([1.0, 0.5]))))
        at += length + draw(st.sampled_from([0.0, 0.0, 30.0, 400.0]))
    return VisemeTrack(segments)


@given(tracks(), st.floats(1.0, 40.0))
@settings(max_examples=60, deadline=None)
def test_a_stream_with_120_ms_look_ahead_gives_the_bits_of_the_whole(track: VisemeTrack, hop: float) -> None:
    whole = lip_stream(track)
    stream = LipStream()
    waiting = list(track)
    time, seen = 0.0, 0
    while time < track.end + 300.0:
        while (frame := stream.frame(time)) is None:
            if waiting:
                # the next viseme is handed over as late as allowed: nothing beyond the look-ahead is known
                assert stream.known < time + REACH
                stream.push(waiting.pop(0))
            else:
                stream.finish()
        expected = whole.frame(time)
        assert expected is not None
        assert frame[0].tobytes() == expected[0].tobytes()
        assert frame[1:] == expected[1:]
        stream.forget(time)
        time += hop
        seen += 1
    assert seen > 0


@settings(deadline=None)
@given(tracks(), st.floats(-500.0, 5000.0))
def test_shares_sum_to_1_and_nothing_reaches_further_than_120_ms(track: VisemeTrack, time: float) -> None:
    frame = lip_stream(track).frame(time)
    assert frame is not None
    shares, closed, speaking = frame
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0.0).all()
    assert 0.0 <= closed <= 1.0 and 0.0 <= speaking <= 1.0
    near = {each.viseme for each in track if each.start - REACH < time < each.end + REACH}
    for viseme in VISEMES[1:]:
        assert shares[NUMBER[viseme]] == 0.0 or viseme in near


@settings(deadline=None)
@given(tracks())
def test_lips_are_closed_throughout_every_p_b_and_m(track: VisemeTrack) -> None:
    stream = lip_stream(track)
    for segment in track:
        if segment.viseme == "PP" and segment.strength == 1.0:
            frame = stream.frame((segment.start + segment.end) / 2.0)
            assert frame is not None
            assert frame[1] == 1.0
            assert frame[0][NUMBER["PP"]] == 1.0


def test_the_same_viseme_twice_is_one_longer_viseme() -> None:
    twice = VisemeTrack([Segment(100, 200, "aa"), Segment(200, 300, "aa"), Segment(300, 400, "ou")])
    once = VisemeTrack([Segment(100, 300, "aa"), Segment(300, 400, "ou")])
    times = np.arange(0.0, 600.0, 7.0)
    assert lip_frames(twice, times)[0].tobytes() == lip_frames(once, times)[0].tobytes()


def test_a_segment_that_comes_too_late_is_refused_and_changes_nothing() -> None:
    stream = LipStream()
    stream.push(Segment(0, 300, "aa"))
    before = stream.frame(100.0)
    with pytest.raises(InputError):
        stream.push(Segment(200, 400, "ou"))
    after = stream.frame(100.0)
    assert before is not None and after is not None
    assert before[0].tobytes() == after[0].tobytes()
    assert stream.frame(250.0) is None


@pytest.mark.parametrize(
    "segment",
    [(0, 0, "aa", 1.0), (5, 1, "aa", 1.0), (0, float("nan"), "aa", 1.0), (0, 9, "ah", 1.0), (0, 9, "aa", 2.0)],
)
def test_a_segment_that_cannot_be_is_refused(segment: tuple[float, float, str, float]) -> None:
    with pytest.raises(InputError):
        Segment(*segment)


def test_every_sound_has_a_viseme_and_every_viseme_a_face() -> None:
    assert set(ARPABET.values()) | {"sil"} == set(VISEMES)
    assert set(IPA.values()) | {"sil"} == set(VISEMES)
    assert set(SHAPES) == set(VISEMES)
    assert phone_visemes("AY1")[0][0] == "aa"
    assert [v for v, _ in phone_visemes("oʊ")] == ["oh", "ou"]
    assert phone_visemes("tʃ") == (("CH", 1.0),)
    assert phone_visemes("ˈiː") == (("ih", 1.0),)
    assert phone_visemes("?") == ()


def test_overlapping_sounds_are_cut_and_unknown_ones_are_silence() -> None:
    track = track_of_phones([Phone("P", 0, 100), Phone("AA", 80, 200), Phone("?", 200, 300), Phone("S", 300, 400)])
    assert [(s.viseme, s.start, s.end) for s in track] == [("PP", 0, 100), ("aa", 100, 200), ("SS", 300, 400)]
    assert track.at(250) == "sil"


def test_jaw_and_lip_dials_move_only_what_they_name() -> None:
    plain, jaw, lip = shape_rows(), shape_rows(jaw=0.5), shape_rows(lip=0.5)
    aa, pp = NUMBER["aa"], NUMBER["PP"]
    assert jaw[aa, JAW_OPEN] == pytest.approx(0.5 * plain[aa, JAW_OPEN])
    assert jaw[aa, COLUMN["mouthLowerDownLeft"]] == plain[aa, COLUMN["mouthLowerDownLeft"]]
    assert lip[aa, JAW_OPEN] == plain[aa, JAW_OPEN]
    assert lip[aa, COLUMN["mouthLowerDownLeft"]] == pytest.approx(0.5 * plain[aa, COLUMN["mouthLowerDownLeft"]])
    assert (lip[pp] == plain[pp]).all()


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 2**32 - 1))
def test_composed_faces_stay_within_bounds_and_lips_never_cross(
    closed: float, speaking: float, share: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    face, lips = random.uniform(0.0, 1.0, (1, 52)), random.uniform(0.0, 1.0, (1, 52))
    whole = compose(face, lips, np.array([closed]), np.array([speaking]), np.array([share]))
    assert (whole >= 0.0).all() and (whole <= 1.0).all()
    assert whole[0, MOUTH_CLOSE] <= whole[0, JAW_OPEN]
    upper = [COLUMN[name] for name in ARKIT if region(name) not in ("mouth", "jaw")]
    assert (whole[0, upper] == face[0, upper]).all()
    if closed == 1.0:
        assert whole[0, JAW_OPEN] == 0.0


def test_the_emotion_has_the_mouth_until_speech_begins_and_keeps_its_share() -> None:
    smile = COLUMN["mouthSmileLeft"]
    face = np.zeros((1, 52))
    face[0, smile] = 0.8
    lips, none = np.zeros((1, 52)), np.zeros(1)
    share = mouth_share(np.array([[0.5, 0.5]]), np.array([0.6, 0.2]))
    assert share[0] == pytest.approx(0.4)
    assert compose(face, lips, none, none, share)[0, smile] == pytest.approx(0.8)
    assert compose(face, lips, none, np.ones(1), share)[0, smile] == pytest.approx(0.32)


def test_only_those_who_speak_are_touched_and_they_fall_silent_by_themselves() -> None:
    speaking = Speaking(3)
    speaking.say(1, VisemeTrack([Segment(0, 200, "aa")]), start=10.0)
    face = np.zeros((3, 52), dtype=np.float32)
    visemes = speaking.apply(face, 10.1, np.zeros(3))
    assert face[1, JAW_OPEN] > 0.3
    assert not face[[0, 2]].any()
    assert visemes[1, NUMBER["aa"]] > 0.8 and visemes[0, 0] == 1.0
    speaking.apply(np.zeros((3, 52), dtype=np.float32), 11.0, np.zeros(3))
    assert not len(speaking.rows)
    with pytest.raises(InputError):
        speaking.say(7, VisemeTrack([]), 0.0)


def test_a_stream_that_runs_dry_holds_the_lips_where_they_are() -> None:
    stream = LipStream()
    stream.push(Segment(0, 400, "ou"))
    speaking = Speaking(1)
    speaking.say_stream(0, stream, 0.0)
    known, dry = np.zeros((1, 52), dtype=np.float32), np.zeros((1, 52), dtype=np.float32)
    speaking.apply(known, 0.2, np.zeros(1))
    speaking.apply(dry, 0.35, np.zeros(1))
    assert known.any()
    assert known.tobytes() == dry.tobytes()


def test_lips_of_many_are_those_of_each() -> None:
    shares = np.random.default_rng(1).dirichlet(np.ones(15), 4)
    many = Mouths(np.array([1.0, 0.5, 1.0, 1.5]), np.array([1.0, 1.0, 0.2, 0.7])).lips(shares)
    for row, (jaw, lip) in enumerate([(1.0, 1.0), (0.5, 1.0), (1.0, 0.2), (1.5, 0.7)]):
        one = Mouths(np.array([jaw]), np.array([lip])).lips(shares[row : row + 1])
        assert one.tobytes() == many[row : row + 1].tobytes()
