"""Voices and faces under a journal: heard while it is written, exact when it is read, told as lost when they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from emotion_runtime.journal import Journal, recover
from emotion_runtime.journal.writer import SEGMENT_S
from emotion_runtime.perception import InlineService, Line, VoiceJob
from emotion_runtime.record import Recorder
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.simulation import Simulation

TAVERN = load_scene(bundled_scene("tavern"))
WHO, OTHER = TAVERN.characters[0].id, TAVERN.characters[1].id
SECOND = b"\x12\x34" * 16_000


class Reader:
    labels = TAVERN.labels

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        return tuple(0.7 if label == "joy" else 0.05 for label in self.labels)


class Listener:
    """It finds anger, the more of it the louder, so that silence is told from sound."""

    labels = ("anger", "boredom", "joy")
    reliability = 0.6

    def __init__(self) -> None:
        self.asked: list[VoiceJob] = []

    def hear(self, job: VoiceJob) -> tuple[float, ...]:
        self.asked.append(job)
        return (0.8, 0.1, 0.1) if any(job.pcm) else (0.1, 0.8, 0.1)


def simulation(listener: Listener) -> Simulation:
    return Simulation(
        TAVERN,
        perception=InlineService(Reader),
        voice=InlineService(lambda: listener),
        voice_reliability=0.6,
        rate=20.0,
    )


def test_what_is_recorded_or_journalled_is_still_heard(tmp_path: Path) -> None:
    for make in (
        lambda sim: Recorder(sim, tmp_path / "a.emr"),
        lambda sim: Journal(sim, tmp_path),
    ):
        listener = Listener()
        world = make(simulation(listener))
        world.voice(WHO, SECOND, number=1, last=True)
        world.step()
        world.close()
        assert [job.pcm for job in listener.asked] == [SECOND]
    assert all(SECOND[:64] not in path.read_bytes() for path in tmp_path.iterdir())


def play(journal: Journal, ticks: int) -> None:
    for tick in range(ticks):
        if tick == 0:
            journal.face(WHO, {}, neutral=True)
        journal.face(WHO, {"mouthSmileLeft": tick / 80, "mouthSmileRight": tick / 80})
        journal.voice(WHO, SECOND, OTHER, number=1 + tick // 10, last=tick % 10 == 9, transcript=True)
        if tick % 10 == 9:
            journal.say(WHO, f"Lovely, {tick}.", OTHER)
        journal.step()
        journal.commit(b"x")


@pytest.mark.parametrize("ticks", [20, 40])
def test_text_voice_and_face_that_met_come_back_to_the_bit(tmp_path: Path, ticks: int) -> None:
    sim = simulation(Listener())
    journal = Journal(sim, tmp_path)
    journal.begin(b"bridge")
    play(journal, ticks)
    digest = sim.digest
    journal.close()
    found = recover(tmp_path, TAVERN)
    assert found is not None
    assert (found.exact, found.remarks, found.ticks) == (True, (), ticks)
    back = simulation(Listener())
    assert back.restore(found.save).exact
    assert back.digest == digest


def test_a_voice_that_was_open_at_a_kill_is_told_as_lost_and_what_comes_after_is_heard(tmp_path: Path) -> None:
    sim = simulation(Listener())
    journal = Journal(sim, tmp_path)
    journal.begin(b"bridge")
    journal.voice(WHO, SECOND, number=7)
    journal.step()
    journal.voice(OTHER, SECOND, number=8)  # queued, and not taken in
    journal.commit(b"x")
    journal.close()
    found = recover(tmp_path, TAVERN)
    assert found is not None
    assert found.exact
    listener = Listener()
    back = simulation(listener)
    back.restore(found.save)
    told = back.step().perceptions
    assert {(each.utterance, each.failed, each.modality) for each in told} == {
        (7, "perception_lost", "voice"),
        (8, "perception_lost", "voice"),
    }
    back.voice(WHO, SECOND, number=7, last=True)
    (after,) = back.step().perceptions
    assert (after.label, after.failed) == ("anger", "")
    assert len(listener.asked) == 1


def test_a_text_that_waits_for_its_voice_at_a_kill_enters_by_itself(tmp_path: Path) -> None:
    sim = simulation(Listener())
    journal = Journal(sim, tmp_path)
    journal.begin(b"bridge")
    journal.voice(WHO, SECOND[:3200], number=1)
    journal.say(WHO, "How lovely.")
    assert journal.step().perceptions == ()
    journal.commit(b"x")
    journal.close()
    found = recover(tmp_path, TAVERN)
    assert found is not None
    back = simulation(Listener())
    back.restore(found.save)
    (told,) = back.step().perceptions
    assert (told.modality, told.label, told.failed) == ("text", "joy", "")


def test_a_captured_face_goes_on_after_a_save() -> None:
    sim = simulation(Listener())
    sim.face(WHO, {}, neutral=True)
    sim.face(WHO, {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0})
    sim.step()
    back = simulation(Listener())
    back.restore(sim.save())
    for world in (sim, back):
        world.say(WHO, "How lovely.")
    (one,), (other,) = sim.step().perceptions, back.step().perceptions
    assert one.modality == "text+face"
    assert (one.probabilities, one.confidence) == (other.probabilities, other.confidence)
    assert sim.digest == back.digest


def test_a_new_segment_waits_for_a_voice_to_end(tmp_path: Path) -> None:
    now = [0.0]
    sim = simulation(Listener())
    journal = Journal(sim, tmp_path, clock=lambda: now[0])
    journal.begin(b"bridge")
    journal.voice(WHO, SECOND[:3200], number=1)
    journal.step()
    now[0] = SEGMENT_S + 1.0
    assert not journal.is_due
    now[0] = 2.0 * SEGMENT_S
    assert journal.is_due
    now[0] = SEGMENT_S + 1.0
    journal.voice(WHO, SECOND, number=1, last=True)
    journal.step()
    assert journal.is_due
    journal.close()
