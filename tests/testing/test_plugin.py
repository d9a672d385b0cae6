"""The pytest plugin: the fixture, scenario files as tests, coverage, and what a failure leaves behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emotion_runtime.record import Replay
from emotion_runtime.scene import bundled_scene

PLUGIN = "emotion_runtime.testing.plugin"

TESTS = """
import pytest
from emotion_runtime.testing import expect

pytestmark = pytest.mark.scene("tavern", seed=7, tick="50 ms")

def test_holds(sim):
    sim.say("guard", "Out!", to="child", heard={"anger": 0.9})
    expect(sim["child"]).to_feel("fear", above=0.3, within="500 ms")
    assert sim.seed == 7

def test_fails(sim):
    sim.event("theft_seen", cause="thief")
    expect(sim["child"]).to_feel("joy", above=0.9, within="500 ms")
"""


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # a process of its own: the plugin under test may already be part of this one
    loaded = [] if _registered() else ["-p", PLUGIN]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", *loaded, "--rootdir", str(folder)]
    return subprocess.run(
        [*command, *arguments, str(folder)], capture_output=True, encoding="utf-8", timeout=100, check=False, cwd=folder
    )


def _registered() -> bool:
    from importlib.metadata import entry_points

    return any(each.value == PLUGIN for each in entry_points(group="pytest11"))


def test_marked_tests_get_their_world_and_a_failure_leaves_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    done = pytest_in(tmp_path)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "wanted: child to feel joy above 0.9 within 500 ms" in done.stdout
    line = next(line for line in done.stdout.splitlines() if line.startswith("run it: emotion-runtime test "))
    path = Path(line.removeprefix("run it: emotion-runtime test "))
    assert "event: theft_seen, cause: thief" in path.read_text(encoding="utf-8")
    recorded = next(line for line in done.stdout.splitlines() if line.startswith("replay it: emotion-runtime replay "))
    with Replay(Path(recorded.removeprefix("replay it: emotion-runtime replay "))) as replay:
        assert replay.run().equal


def test_scenario_files_are_tests(tmp_path: Path) -> None:
    scene = bundled_scene().as_posix()
    text = (
        f"scene: {scene}\nscenarios:\n  calm:\n    then: [child.fear < 0.5]\n  wrong:\n    then: [child.fear > 0.9]\n"
    )
    (tmp_path / "tavern.scenario.yaml").write_text(text, encoding="utf-8")
    done = pytest_in(tmp_path)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "tavern.scenario.yaml:6:12: not so: child.fear > 0.9" in done.stdout


def test_a_scenario_file_that_cannot_be_read_is_an_error_with_a_place(tmp_path: Path) -> None:
    (tmp_path / "bad.scenario.yaml").write_text("scene: tavern\nscenaros: {}\n", encoding="utf-8")
    done = pytest_in(tmp_path)
    assert "bad.scenario.yaml:2:1: error[unknown-key]" in done.stdout


def test_coverage_is_shown_and_can_fail_the_session(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS.partition("def test_fails")[0], encoding="utf-8")
    done = pytest_in(tmp_path, "--scene-cov", "--scene-cov-fail-under", "rules:99")
    assert done.returncode == 1
    assert "scene coverage of tavern" in done.stdout
    assert "is below 99%" in done.stdout
    done = pytest_in(tmp_path, "--scene-cov-fail-under", "roles:99")
    assert "is none of rules" in done.stderr


def test_a_world_without_a_scene_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(sim): pass\n", encoding="utf-8")
    done = pytest_in(tmp_path)
    assert "the fixture `sim` needs a scene" in done.stdout


@pytest.mark.skipif(not _registered(), reason="the entry point is there once the package is installed again")
def test_the_plugin_is_found_by_itself(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n", encoding="utf-8")
    assert "scene-cov" in pytest_in(tmp_path, "--help").stdout
