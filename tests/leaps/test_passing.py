"""Time in tests of scenes: leaps end exactly where ticks taken one by one would have ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from emotion_runtime.leaps.leaping import Leaping
from emotion_runtime.record import Recorder, RecordReader
from emotion_runtime.record.format import Ticked
from emotion_runtime.simulation import Simulation
from emotion_runtime.sweep import plan_of
from emotion_runtime.sweep.life import live
from emotion_runtime.testing import ExpectationError, Sim, expect, run_file
from emotion_runtime.testing.coverage import Coverage

SCENARIOS = Path(__file__).parents[2] / "docs" / "tutorial" / "09_tavern.scenario.yaml"


def both(story: Callable[[Sim], Any]) -> list[Any]:
    """What a story tells of a world in leaps, and of one that takes every tick by itself."""
    told = []
    for leaps in (True, False):
        with Sim("tavern", seed=2, leaps=leaps) as sim:
            sim.say("guard", "Out!", to="child", heard={"anger": 0.9})
            try:
                answer = story(sim)
            except ExpectationError as error:
                answer = str(error)
            told.append((answer, sim.time, sim.digest))
    return told


@pytest.mark.parametrize(
    "story",
    [
        lambda sim: sim.run_until("child.fear < 0.31", limit="60 s"),
        lambda sim: sim.run_until("guard.mood.pleasure > 0.0031 and thief.fear < 0.2", limit="30 s"),
        lambda sim: sim.run_until("merchant does chat", limit="30 s"),
        lambda sim: sim.run_until("world.night and child.fear > 0.2", limit="3 s"),
        lambda sim: expect(sim["child"]).to_feel("fear", below=0.25, within="40 s"),
        lambda sim: expect(sim.everyone).to_feel("fear", above=0.05, below=0.2, within="60 s"),
        lambda sim: expect(sim["child"]).to_feel("fear", above=0.95, within="4 s"),
        lambda sim: expect(sim["child"]).to_do("flee", within="1 s", because="guard"),
        lambda sim: expect(sim["child"]).to_do("flee", within="7 s", because="merchant"),
        lambda sim: expect(sim["child"]).to_keep("fear < 0.7", throughout="9 s"),
        lambda sim: expect(sim["child"]).to_keep("neuroticism > 0.5 and fear > 0.3", throughout="30 s"),
        lambda sim: expect(sim.everyone).never("fear > 0.97 or world.night", throughout="9 s"),
        lambda sim: expect(sim["guard"]).never("joy > 0.05", throughout="12 s"),
    ],
)
def test_what_is_waited_for_comes_at_the_same_tick(story: Callable[[Sim], Any]) -> None:
    leaping, stepping = both(story)
    assert leaping == stepping


def test_scenarios_have_the_same_outcomes_in_leaps(monkeypatch: pytest.MonkeyPatch) -> None:
    def outcomes() -> list[Any]:
        return [(each.name, each.failures, each.digest, each.simulated) for each in run_file(SCENARIOS)]

    leaping = outcomes()
    assert len(leaping) == 4
    monkeypatch.setattr(Leaping, "can_leap", lambda *_: False)
    assert outcomes() == leaping


def test_a_swept_life_is_the_same_in_leaps(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(
        "tavern", seconds=40.0, acts=10.0, outcomes=("child does flee", "guard.anger > 0.3", "thief.joy > 0.2")
    )
    leaping = [live(plan, seed) for seed in range(4)]
    monkeypatch.setattr(Leaping, "can_leap", lambda *_: False)
    assert [live(plan, seed) for seed in range(4)] == leaping


def test_whoever_watches_every_tick_sees_every_tick() -> None:
    with Sim("tavern") as sim:
        seen: list[int] = []
        sim.watchers.append(lambda _, result: seen.append(result.tick))
        covered = Coverage(sim.scene)
        covered.watch(sim)
        sim.run("3 s")
        assert seen == list(range(1, 61))
        assert not sim.simulation.has_leapt


def test_a_recorder_sees_every_tick(tmp_path: Path) -> None:
    with Sim("tavern") as sim:
        recorder = Recorder(sim.simulation, tmp_path / "run.emr")
        sim.simulation = cast(Simulation, recorder)
        sim.run("2 s")
        recorder.close()
    with RecordReader(tmp_path / "run.emr") as recording:
        assert sum(isinstance(record, Ticked) for record in recording) == 40


def test_a_twin_of_a_leaping_world_goes_on_the_same() -> None:
    with Sim("tavern", seed=4) as sim:
        sim.say("guard", "Out!", to="child", heard={"anger": 0.9})
        sim.run("7 s")
        with sim.fork() as twin:
            assert twin.digest == sim.digest
            for world in (sim, twin):
                world.move("guard", near="thief", distance="2 m")
                world.run("9 s")
            assert twin.digest == sim.digest
