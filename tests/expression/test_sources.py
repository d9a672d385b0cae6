"""Sources of lips: vendors' timings, text, a voice's profile, loudness; and how good they are against true times."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime.errors import InputError, MissingExtraError, UsageError
from emotion_runtime.expression.evaluation import SENTENCES, lip_distances
from emotion_runtime.expression.landmarks import own_basis, read_basis
from emotion_runtime.expression.speech.durations import timed
from emotion_runtime.expression.speech.flite import flite_phones, parse_durations
from emotion_runtime.expression.speech.letters import sounds
from emotion_runtime.expression.speech.lexicon import LEXICON
from emotion_runtime.expression.speech.loudness import track_of_loudness, voiced_span
from emotion_runtime.expression.speech.pronounce import number_words, pronounce, read_dictionary, words
from emotion_runtime.expression.speech.spoken_text import stretched_text, track_of_spoken_text, track_of_text
from emotion_runtime.expression.speech.track import VisemeTrack, track_of_phones
from emotion_runtime.expression.speech.vendors import AZURE, FORMATS, POLLY, RHUBARB, track_of_timings
from emotion_runtime.expression.speech.voice_profile import learn_voice, read_voice, track_of_voice
from emotion_runtime.expression.visemes import ARPABET, VISEMES
from tests.conftest import shared_file
from tests.expression.voices import true_voice


def shown(track: VisemeTrack) -> list[tuple[str, float, float]]:
    return [(segment.viseme, segment.start, segment.end) for segment in track]


AZURE_EVENTS = [
    {"audio_offset": 500_000, "viseme_id": 0},
    {"audio_offset": 1_000_000, "viseme_id": 21},
    {"audioOffset": 2_000_000, "visemeId": 11},
    {"AudioOffset": 4_000_000, "VisemeId": 0},
]
POLLY_MARKS = """{"time":0,"type":"sentence","start":0,"end":3,"value":"map"}
{"time":6,"type":"viseme","value":"p"}
{"time":90,"type":"viseme","value":"E"}
{"time":200,"type":"viseme","value":"p"}
{"time":300,"type":"viseme","value":"sil"}
"""
ELEVENLABS = {
    "audio_base64": "",
    "alignment": {
        "characters": list("a map"),
        "character_start_times_seconds": [0.0, 0.1, 0.2, 0.3, 0.4],
        "character_end_times_seconds": [0.1, 0.2, 0.3, 0.4, 0.5],
    },
}
CARTESIA = {
    "type": "phoneme_timestamps",
    "phoneme_timestamps": {"phonemes": ["h", "oʊ"], "start": [0.1, 0.2], "end": [0.2, 0.4]},
}
RHUBARB_CUES = {"mouthCues": [{"start": 0.0, "end": 0.1, "value": "X"}, {"start": 0.1, "end": 0.2, "value": "A"}]}


def test_azures_events_become_visemes_and_its_diphthongs_two() -> None:
    track = track_of_timings(json.dumps(AZURE_EVENTS), "azure")
    assert shown(track) == [("PP", 100.0, 200.0), ("aa", 200.0, 300.0), ("ih", 300.0, 400.0)]
    assert len(AZURE) == 22


def test_pollys_marks_of_other_types_are_skipped() -> None:
    track = track_of_timings(POLLY_MARKS, "polly")
    assert shown(track) == [("PP", 6.0, 90.0), ("E", 90.0, 200.0), ("PP", 200.0, 300.0)]


def test_elevenlabs_words_keep_their_measured_times() -> None:
    track = track_of_timings(json.dumps(ELEVENLABS), "elevenlabs")
    assert track.segments[0].start == 0.0
    assert track.segments[0].end == pytest.approx(100.0)
    assert [s.viseme for s in track] == ["aa", "PP", "E", "PP"]
    assert track.segments[1].start == pytest.approx(200.0)
    assert track.end == pytest.approx(500.0)
    streamed = {"chars": list("a map"), "charStartTimesMs": [0, 100, 200, 300, 400], "charDurationsMs": [100] * 5}
    assert [s.viseme for s in track_of_timings(json.dumps(streamed), "elevenlabs")] == ["aa", "PP", "E", "PP"]


def test_cartesia_rhubarb_and_our_own_form_are_read() -> None:
    assert shown(track_of_timings(json.dumps(CARTESIA), "cartesia"))[0] == ("kk", 100.0, 200.0)
    assert shown(track_of_timings(json.dumps(RHUBARB_CUES), "rhubarb")) == [("sil", 0.0, 100.0), ("PP", 100.0, 200.0)]
    ours = {"phonemes": [["HH", 0, 50], ["AY1", 50, 250]]}
    assert [name for name, _, _ in shown(track_of_timings(json.dumps(ours), "plain"))] == ["kk", "aa", "ih"]
    assert shown(track_of_timings('{"visemes": [["ou", 1, 2]]}', "plain")) == [("ou", 1.0, 2.0)]


def test_all_tables_lead_to_visemes() -> None:
    assert {each for entry in AZURE for each in entry.split("+")} <= set(VISEMES)
    assert {*POLLY.values(), *RHUBARB.values()} <= set(VISEMES)


@pytest.mark.parametrize(
    ("form", "text", "place"),
    [
        ("azure", '[{"audio_offset": 1}]', "viseme_id"),
        ("azure", '[{"audio_offset": 1, "viseme_id": 22}]', "0..21"),
        ("azure", "{}", "list"),
        ("polly", '{"time": -5, "type": "viseme", "value": "p"}', "no time"),
        ("polly", "{", "no JSON"),
        ("elevenlabs", '{"alignment": {"characters": ["a"]}}', "character_start"),
        ("elevenlabs", '{"chars": ["a"], "charStartTimesMs": [], "charDurationsMs": []}', "equally long"),
        ("cartesia", "[1]", "phonemes"),
        ("rhubarb", "{}", "mouthCues"),
        ("plain", '{"visemes": [["oo", 1, 2]]}', "oo"),
        ("plain", '{"phonemes": [["P", 1]]}', "three values"),
        ("siri", "{}", "siri"),
    ],
)
def test_faulty_timings_are_refused_with_their_place(form: str, text: str, place: str) -> None:
    with pytest.raises(InputError, match=place):
        track_of_timings(text, form)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["audio_offset", "viseme_id", "time", "type", "value", "alignment", "chars", "phonemes", "start"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(FORMATS)), json_values)
def test_no_input_crashes_an_importer(form: str, value: object) -> None:
    with suppress(InputError):
        FORMATS[form](value)


def test_words_numbers_and_pauses_are_found() -> None:
    found = words("Don't take 42, please...")
    assert [word.text for word in found] == ["don't", "take", "forty", "two", ",", "please", "..."]
    assert number_words("1999") == ["one", "thousand", "nine", "hundred", "ninety", "nine"]
    assert number_words("007") == ["zero", "zero", "seven"]


def test_the_lexicon_and_the_rules_speak_arpabet() -> None:
    assert len(LEXICON) > 300
    for phones in LEXICON.values():
        assert all(phone.rstrip("012") in ARPABET for phone in phones)
    assert pronounce("walked") == ("W", "AO1", "K", "T")
    assert pronounce("friends'") == pronounce("friends")
    for word, said in {
        "knight": "N AY1 T", "dragon": "D R AE1 G AH0 N", "baker": "B EY1 K ER0", "treasure": "T R EH1 ZH ER0",
        "ship": "SH IH1 P", "castle": "K AE1 S T AH0 L",
    }.items():  # fmt: skip
        assert " ".join(sounds(word)) == said
    assert pronounce("making") == ("M", "EY1", "K", "IH0", "NG")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_gets_a_track(text: str) -> None:
    track = track_of_text(text, total=1000.0, start=50.0)
    assert not len(track) or 50.0 <= track.segments[0].start <= track.end <= 1050.0 + 1e-6


def test_a_known_length_is_kept_and_a_rate_scales() -> None:
    line = words("We leave at dawn, so sleep while you can.")
    natural = timed(line)
    assert timed(line, total=2000.0, start=100.0)[-1].end == pytest.approx(2100.0)
    assert timed(line, rate=2.0)[-1].end == pytest.approx(natural[-1].end / 2.0)
    assert 1500.0 < natural[-1].end < 4000.0
    with pytest.raises(InputError):
        timed(line, rate=0.0)


def test_last_syllables_are_longer_and_unstressed_ones_shorter() -> None:
    middle = timed(words("map back"))
    last = timed(words("back map"))
    a_middle = next(p.end - p.start for p in middle if p.symbol == "AE1")
    a_last = [p.end - p.start for p in last if p.symbol == "AE1"][1]
    assert a_last > 1.3 * a_middle


def test_a_dictionary_in_cmus_form_is_read_and_others_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.dict"
    file.write_text(";;; a comment\nzyx Z IH1 K S # rare\nzyx(2) Z AY1\nbad QQ\n", encoding="utf-8")
    known = read_dictionary(file)
    assert known == {"zyx": ("Z", "IH1", "K", "S")}
    assert pronounce("zyx", known) == ("Z", "IH1", "K", "S")
    file.write_text("nothing here", encoding="utf-8")
    with pytest.raises(UsageError):
        read_dictionary(file)


def test_loudness_opens_the_mouth_and_silence_shuts_it() -> None:
    rate = 16000
    tone = (8000 * np.sin(np.arange(rate) / 5.0)).astype(np.int16)
    samples = np.concatenate([np.zeros(rate // 2, dtype=np.int16), tone, np.zeros(rate // 2, dtype=np.int16)])
    track = track_of_loudness(samples, rate)
    assert track.at(1000.0) == "aa"
    assert track.at(200.0) == track.at(1800.0) == "sil"
    assert voiced_span(samples, rate) == (500.0, 1500.0)
    assert not len(track_of_loudness(np.zeros(100, dtype=np.int16), rate))
    with pytest.raises(InputError):
        track_of_loudness(samples, 10)


def test_flites_durations_are_read() -> None:
    phones = parse_durations("pau:0.2 hh:0.3 ax:0.35 l:0.4 ow:0.6 pau:0.8")
    assert [(p.symbol, round(p.start), round(p.end)) for p in phones] == [
        ("HH", 200, 300), ("AX", 300, 350), ("L", 350, 400), ("OW", 400, 600),
    ]  # fmt: skip
    assert [s.viseme for s in track_of_phones(phones)] == ["kk", "aa", "nn", "oh", "ou"]
    if shutil.which("flite") is None:
        with pytest.raises(MissingExtraError):
            flite_phones("Hello")
    else:
        assert next(iter(flite_phones("Hello there."))).symbol == "HH"


def test_text_beats_linear_stretch_and_loudness_against_true_times() -> None:
    voice = true_voice()
    basis = read_basis(shared_file("data", "face", "ict68_arkit52.npz"))
    found = lip_distances(basis, voice)
    text = found["text, lexicon and rules"]
    assert text.lip <= 1.6
    assert text.lip_velocity <= 1.3
    for other in ("text, linear stretch", "loudness", "anchor: neutral face", "anchor: 100 ms late"):
        assert text.lip < found[other].lip
    assert text.lip_velocity < found["text, linear stretch"].lip_velocity
    assert text.lip_velocity < found["loudness"].lip_velocity


def test_a_profile_of_the_voice_hears_visemes_in_lines_it_has_not_learned(tmp_path: Path) -> None:
    voice = true_voice()
    spoken = [voice.say(line) for line in SENTENCES]
    lines = [(each.samples, each.rate, track_of_phones(each.phones)) for each in spoken]
    learn_voice(lines[:14]).save(tmp_path / "voice.npz")
    profile = read_voice(tmp_path / "voice.npz")
    right = total = 0
    for samples, rate, truth in lines[14:]:
        heard = track_of_voice(samples, rate, profile)
        for ms in np.arange(5.0, truth.end, 10.0):
            right += heard.at(ms) == truth.at(ms)
            total += 1
    assert right / total >= 0.6


def test_a_profile_needs_speech_and_its_file_is_checked(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        learn_voice([(np.zeros(100, dtype=np.int16), 16000, VisemeTrack([]))])
    (tmp_path / "voice.npz").write_bytes(b"nonsense")
    with pytest.raises(UsageError):
        read_voice(tmp_path / "voice.npz")


def test_the_baseline_stretches_evenly() -> None:
    track = stretched_text("map", total=300.0)
    assert [(v, round(a), round(b)) for v, a, b in shown(track)] == [("PP", 0, 100), ("E", 100, 200), ("PP", 200, 300)]
    assert own_basis().neutral.shape == (68, 2)


def test_pauses_are_where_the_audio_is_silent() -> None:
    rate = 16000
    tone = (8000 * np.sin(np.arange(rate // 2) / 5.0)).astype(np.int16)
    pause = np.zeros(rate // 2, dtype=np.int16)
    samples = np.concatenate([pause, tone, pause, tone, tone])
    track = track_of_spoken_text("Stop here, we leave at dawn.", samples, rate)
    assert track.segments[0].start == 500.0
    assert track.end == pytest.approx(2500.0)
    assert track.at(1250.0) == "sil"
    assert track.at(980.0) != "sil"
    assert track.at(1520.0) != "sil"
    assert not len(track_of_spoken_text("Stop.", pause, rate))
    whole = track_of_spoken_text("One, two, three, four.", samples, rate)
    assert whole.end == pytest.approx(2500.0)
