"""Whoever watches a simulation is told all that enters and comes out; an editor's push is an input like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_runtime import Simulation
from emotion_runtime.errors import InputError
from emotion_runtime.inputs import Observation, Push
from emotion_runtime.outputs import TickResult
from emotion_runtime.record import Recorder, Replay


class Notes:
    """A watcher that writes down."""

    def __init__(self) -> None:
        self.inputs: list[Observation] = []
        self.ticks: list[int] = []

    def told(self, observation: Observation) -> None:
        self.inputs.append(observation)

    def ticked(self, result: TickResult) -> None:
        self.ticks.append(result.tick)


def tavern() -> Simulation:
    return Simulation.from_scene("tavern", perception=None)


def test_a_watcher_is_told_of_what_was_taken_and_of_every_tick() -> None:
    notes = Notes()
    with tavern() as sim:
        sim.watch(notes)
        sim.push("guard", "anger", 0.5)
        with pytest.raises(InputError):
            sim.push("guard", "angre", 0.5)
        sim.run(0.1)
    assert notes.inputs == [Push("guard", "anger", 0.5)]
    assert notes.ticks == [1, 2, 3, 4, 5, 6]


def test_watching_changes_nothing() -> None:
    with tavern() as sim, tavern() as other:
        other.watch(Notes())
        for each in (sim, other):
            each.say("guard", "Stop!", heard={"anger": 0.9})
            each.run(1.0)
        assert sim.digest == other.digest


def test_a_push_moves_one_emotion_of_one_character_and_says_whose_it_is() -> None:
    with tavern() as sim, tavern() as calm:
        sim.push("guard", "fear", 0.4)
        sim.step()
        calm.step()
        moved = {
            (name, label)
            for name in sim.characters
            for label, value in sim[name].emotion.items()
            if abs(value - calm[name].emotion[label]) > 0.01 and label != "neutral"
        }
        assert moved == {("guard", "fear")}
        assert sim["guard"].why("fear").reasons[0].cause == "pushed by an editor: fear"


@pytest.mark.parametrize(
    ("push", "code"),
    [(("nobody", "fear", 0.1), "unknown_character"), (("guard", "neutral", 0.1), "unknown_label"),
     (("guard", "fear", 1.5), "bad_value"), (("guard", "fear", float("nan")), "bad_value")],
)  # fmt: skip
def test_a_push_that_makes_no_sense_is_refused(push: tuple[str, str, float], code: str) -> None:
    with tavern() as sim:
        with pytest.raises(InputError) as refused:
            sim.push(*push)
        assert refused.value.code == code
        assert sim.untouched


def test_a_push_is_recorded_and_happens_again(tmp_path: Path) -> None:
    with Recorder(tavern(), tmp_path / "pushed.emr") as sim:
        sim.push("thief", "joy", 0.8)
        for _ in range(30):
            sim.step()
    with Replay(tmp_path / "pushed.emr") as replay:
        outcome = replay.run()
    assert outcome.equal
    assert outcome.inputs == 1
