"""The tutorial: nine files that check clean, run, and build up to the bundled tavern; its scenarios hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_runtime.proofs import proved_report
from emotion_runtime.scene import bundled_scene, compiled_digest, load_scene
from emotion_runtime.testing import Sim, run_file

FOLDER = Path(__file__).parents[2] / "docs" / "tutorial"
STEPS = sorted(path for path in FOLDER.glob("0*.yaml") if not path.name.endswith(".scenario.yaml"))


def test_there_are_nine_steps_and_the_text_names_each() -> None:
    assert len(STEPS) == 9
    text = (FOLDER.parent / "tutorial.md").read_text(encoding="utf-8")
    for path in [*STEPS, FOLDER / "09_tavern.scenario.yaml"]:
        assert f"tutorial/{path.name}" in text


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_a_step_checks_clean_and_runs(path: Path) -> None:
    _, report = proved_report(path)
    assert report.text() == ""
    sim = Sim(path, tick="250 ms")
    before = {name: sim[name].emotion for name in sim.simulation.characters}
    sim.run("5 s")
    assert sim.happened or {name: sim[name].emotion for name in before} != before, "something goes on"


def test_the_last_step_is_the_bundled_tavern() -> None:
    assert compiled_digest(load_scene(STEPS[-1])) == compiled_digest(load_scene(bundled_scene()))


def test_the_scenarios_of_the_last_step_hold() -> None:
    for outcome in run_file(FOLDER / "09_tavern.scenario.yaml"):
        assert outcome.failures == (), outcome.failures
