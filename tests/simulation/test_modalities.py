"""Rules of text, voice and face together: what belongs together enters as one, what is late enters by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from emotion_runtime.errors import InputError
from emotion_runtime.outputs import Perceived
from emotion_runtime.perception import InlineService, Line, VoiceJob
from emotion_runtime.perception.fusion import RELIABILITY
from emotion_runtime.record import Recorder, Replay
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.simulation import Simulation

TAVERN = load_scene(bundled_scene("tavern"))
WHO, OTHER = TAVERN.characters[0].id, TAVERN.characters[1].id
SECOND = bytes(32_000)
LABELS = TAVERN.labels


class Reader:
    """Text means joy, always."""

    labels = LABELS

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        return tuple(0.7 if label == "joy" else 0.05 for label in LABELS)


class Listener:
    """A voice means anger, always; it remembers what it was asked. It never learnt what surprise sounds like."""

    labels = ("anger", "boredom", "joy")
    reliability = 0.6

    def __init__(self) -> None:
        self.asked: list[VoiceJob] = []

    def hear(self, job: VoiceJob) -> tuple[float, ...]:
        self.asked.append(job)
        return (0.8, 0.1, 0.1)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def sim(listener: Listener) -> Simulation:
    return Simulation(TAVERN, perception=InlineService(Reader), voice=InlineService(lambda: listener), rate=20.0)


def heard(sim: Simulation, ticks: int = 1) -> list[Perceived]:
    return [each for _ in range(ticks) for each in sim.step().perceptions]


def share(each: Perceived, label: str) -> float:
    return each.probabilities[each.labels.index(label)]


def test_a_voice_alone_moves_its_listeners_and_boredom_counts_as_neutral(sim: Simulation) -> None:
    calm = sim.step().digest
    sim.voice(WHO, SECOND, OTHER, number=3, last=True)
    before = sim.columns().emotion.copy()
    (told,) = heard(sim)
    assert (told.modality, told.partial, told.label, told.utterance) == ("voice", False, "anger", 3)
    assert share(told, "neutral") == pytest.approx(0.1)
    assert sim.columns().emotion.tolist() != before.tolist()
    assert calm


def test_partial_answers_come_about_every_second_and_move_nobody(sim: Simulation, listener: Listener) -> None:
    for _ in range(6):
        sim.voice(WHO, SECOND[:16_000], number=1)
    told = heard(sim)
    assert [each.partial for each in told] == [True] * 3
    assert [len(job.pcm) // 32_000 for job in listener.asked] == [1, 2, 3]
    still = Simulation(TAVERN, rate=20.0)
    still.step()
    assert sim.columns().emotion.tolist() == still.columns().emotion.tolist()


def test_the_window_is_bounded_and_keeps_the_end(sim: Simulation, listener: Listener) -> None:
    for second in range(20):
        sim.voice(WHO, bytes([second]) * 32_000, number=1, last=second == 19)
    sim.step()
    final = listener.asked[-1]
    assert final.final
    assert len(final.pcm) == 8 * 32_000
    assert final.pcm[-1] == 19


def test_text_and_voice_of_one_number_enter_as_one_in_doubt(sim: Simulation) -> None:
    sim.voice(WHO, SECOND, OTHER, number=1, last=True, transcript=True)
    assert heard(sim, 3) == []
    sim.say(WHO, "How lovely.", OTHER)
    (told,) = heard(sim)
    assert told.modality == "text+voice"
    assert share(told, "joy") < 0.7
    assert share(told, "anger") > 0.05
    assert share(told, "surprise") > 0.05, "this voice model has no opinion about surprise"
    assert told.age == pytest.approx(0.15)


def test_a_text_waits_for_its_open_voice(sim: Simulation) -> None:
    sim.voice(WHO, SECOND[:3200], number=1)
    sim.say(WHO, "How lovely.")
    assert heard(sim, 5) == []
    sim.voice(WHO, SECOND, number=1, last=True)
    assert [each.modality for each in heard(sim)] == ["text+voice"]


@pytest.mark.parametrize("first", ["text", "voice"])
def test_what_waits_in_vain_enters_after_a_second_by_itself(sim: Simulation, first: str) -> None:
    sim.voice(WHO, SECOND[:3200], number=1, last=first == "voice", transcript=True)
    if first == "text":
        sim.say(WHO, "How lovely.")
    told = heard(sim, 20)
    assert told == []
    assert [each.modality for each in heard(sim, 2)] == [first]


def test_the_half_that_comes_too_late_enters_by_itself(sim: Simulation) -> None:
    sim.voice(WHO, SECOND, number=1, last=True, transcript=True)
    heard(sim, 25)
    sim.say(WHO, "How lovely.")
    assert [each.modality for each in heard(sim)] == ["text"]


def test_lines_of_different_numbers_or_speakers_never_meet(sim: Simulation) -> None:
    sim.voice(OTHER, SECOND, number=1, last=True)
    sim.voice(WHO, SECOND, number=2, last=True)
    sim.say(WHO, "How lovely.")
    assert sorted(each.modality for each in heard(sim)) == ["text", "voice", "voice"]


def test_a_voice_without_a_model_fails_and_leaves_the_text_alone() -> None:
    sim = Simulation(TAVERN, perception=InlineService(Reader))
    sim.voice(WHO, SECOND, number=1, last=True, transcript=True)
    sim.say(WHO, "How lovely.")
    (told,) = heard(sim)
    assert (told.modality, told.failed) == ("text", "")
    sim.voice(WHO, SECOND, number=9, last=True)
    (told,) = heard(sim)
    assert (told.failed, told.probabilities) == ("perception_unavailable", ())


def test_a_face_is_fused_with_the_line_and_told_when_it_changes(sim: Simulation) -> None:
    frown = {"browInnerUp": 1.0, "mouthFrownLeft": 1.0, "mouthFrownRight": 1.0, "mouthShrugLower": 0.9}
    sim.face(WHO, frown)
    assert heard(sim) == [], "without a resting face, frames say nothing"
    sim.face(WHO, {}, neutral=True)
    sim.face(WHO, frown)
    (told,) = heard(sim)
    assert (told.modality, told.partial, told.label) == ("face", True, "sadness")
    assert told.confidence < RELIABILITY["face"]
    sim.say(WHO, "How lovely.")
    (told,) = heard(sim)
    assert told.modality == "text+face"
    assert share(told, "sadness") > 0.05
    assert share(told, "joy") > share(told, "sadness"), "a face is no ground truth"


def test_an_old_face_says_nothing(sim: Simulation) -> None:
    sim.face(WHO, {}, neutral=True)
    sim.face(WHO, {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0})
    heard(sim, 80)
    sim.say(WHO, "How lovely.")
    assert [each.modality for each in heard(sim)] == ["text"]


def test_a_line_that_brought_its_own_probabilities_is_left_as_it_is(sim: Simulation) -> None:
    sim.face(WHO, {}, neutral=True)
    sim.face(WHO, {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0})
    sim.say(WHO, "Hm.", heard={"anger": 1.0})
    (told, _) = heard(sim)
    assert share(told, "anger") == 1.0


def test_a_voice_that_was_never_ended_is_given_up_for_the_next_and_counted(sim: Simulation) -> None:
    sim.voice(WHO, SECOND[:3200], number=1)
    sim.voice(WHO, SECOND, number=2, last=True)
    assert [each.utterance for each in heard(sim)] == [2]
    health = sim.health()["voice"]
    assert (health["abandoned"], health["open"]) == (1, 0)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"pcm": b"\x00"}, "bad_value"),
        ({"rate": 4000}, "bad_value"),
        ({"pcm": bytes(200_000)}, "too_large"),
        ({"file": "../secret.wav"}, "bad_value"),
        ({"file": "/etc/passwd"}, "bad_value"),
        ({"file": "C:secret.wav"}, "bad_value"),
        ({"file": "a.wav", "pcm": SECOND}, "bad_value"),
        ({"to": "nobody"}, "unknown_character"),
    ],
)
def test_a_refused_voice_changes_nothing(sim: Simulation, values: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as caught:
        sim.voice(WHO, **values)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert heard(sim) == []


def test_a_recording_keeps_no_sound_and_replays_exactly(tmp_path: Path, sim: Simulation) -> None:
    path, secret = tmp_path / "voices.emr", b"\x12\x34" * 16_000
    with Recorder(sim, path) as recorder:
        for tick in range(40):
            recorder.face(WHO, {"mouthSmileLeft": tick / 40}, neutral=tick == 0)
            recorder.voice(WHO, secret, OTHER, number=1 + tick // 10, last=tick % 10 == 9, transcript=tick > 20)
            if tick % 10 == 9:
                recorder.say(WHO, f"Lovely, {tick}.", OTHER)
            recorder.step()
    assert secret[:64] not in path.read_bytes()
    with Replay(path) as replay:
        outcome = replay.run()
    assert (outcome.ticks, outcome.equal) == (40, True)
