"""A scene reloaded between two ticks: feelings live on by name, unchanged trees go on, everything else stops first."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from emotion_runtime import SceneError, Simulation, Start, Stop
from emotion_runtime.scene.find import find_scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(find_scene("tavern").parent, tmp_path / "tavern")
    return tmp_path / "tavern"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def lived(folder: Path) -> Simulation:
    sim = Simulation.from_scene(folder / "tavern.yaml", perception=None)
    sim.move("guard", 8.0, 0.0, 4.5)
    sim.set("campfire.heat", 0.9)
    sim.say("guard", "Out, now!", to="child", heard={"anger": 0.9})
    sim.run(1.0)
    return sim


def test_the_same_scene_read_again_changes_nothing_but_the_epoch(folder: Path) -> None:
    with lived(folder) as sim, lived(folder) as twin:
        sim.reload()
        assert sim.epoch == twin.epoch + 1
        assert sim.digest == twin.digest
        for _ in range(120):
            assert sim.step().digest == twin.step().digest


def test_feelings_causes_places_and_variables_are_found_by_name(folder: Path) -> None:
    with lived(folder) as sim:
        before = {name: (sim[name].emotion, sim[name].mood, sim[name].position) for name in sim.characters}
        why = [(part.cause, part.amount) for part in sim["child"].why("fear").reasons]
        edit(
            folder / "tavern.yaml",
            "  thief:\n    is: person",
            "  adam:\n    is: person\n    at: [2, 2]\n  thief:\n    is: person",
        )
        edit(folder / "tavern.yaml", "heat: 0.6 in 0..1", "heat: 0.6 in 0..0.7")
        sim.reload()
        assert "adam" in sim.characters
        for name, (emotion, mood, position) in before.items():
            assert sim[name].emotion == emotion
            assert sim[name].mood == mood
            assert sim[name].position == position
        assert [(part.cause, part.amount) for part in sim["child"].why("fear").reasons] == why
        assert sim.variables()["campfire.heat"] == 0.6
        sim.run(1.0)
        world = sim.world
        whole = world.ledger.amounts().sum(axis=2) + world.ledger.others()
        assert np.abs(whole.T - (world.emotion - world.constants.baseline)).max() < 1e-12


def test_actions_that_cannot_go_on_stop_before_anything_starts(folder: Path) -> None:
    with lived(folder) as sim:
        running = {action.character: action for action in sim.running()}
        assert running["child"].rule == "flee"
        edit(folder / "people.yaml", "release: fear < 0.3", "release: fear < 0.25")
        sim.reload()
        commands = sim.step().commands
        stops = [command for command in commands if isinstance(command, Stop) and command.reason == "reload"]
        assert ("child", "flee") in {(stop.character, stop.rule) for stop in stops}
        assert {stop.action for stop in stops} <= {action.action for action in running.values()}
        kinds = [type(command) for command in commands]
        assert kinds == sorted(kinds, key=lambda kind: kind is Start)
        assert min(c.action for c in commands if isinstance(c, Start)) > max(a.action for a in running.values())


def test_a_faulty_scene_changes_nothing(folder: Path) -> None:
    with lived(folder) as sim:
        digest = sim.digest
        edit(folder / "tavern.yaml", "trigger: lit and heat > 0.2", "trigger: lit and hate > 0.2")
        with pytest.raises(SceneError):
            sim.reload()
        assert (sim.digest, sim.epoch) == (digest, 1)
        sim.step()


def test_what_was_told_before_the_reload_is_heard_after_it(folder: Path) -> None:
    with lived(folder) as sim:
        sim.say("thief", "Ha!", heard={"joy": 0.9})
        sim.move("guard", 1.0, 0.0, 1.0)
        edit(
            folder / "tavern.yaml",
            "  thief:\n    is: person",
            "  adam:\n    is: person\n    at: [2, 2]\n  thief:\n    is: person",
        )
        sim.reload()
        (perceived,) = sim.step().perceptions
        assert perceived.character == "thief"
        assert sim["guard"].position == (1.0, 0.0, 1.0)
