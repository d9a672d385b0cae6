"""Scenario files: what they can say, how they fail, the command that runs them, and its JUnit report."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from typer.testing import CliRunner

from emotion_runtime.scene import bundled_scene
from emotion_runtime.testing import Outcome, Sim, run_file
from emotion_runtime.testing.reading import read_scenarios
from emotion_runtime.testing.writing import save_scenario
from tests.scene.test_broken_input import mutated

HEAD = f"scene: {bundled_scene().as_posix()}\ntick: 100 ms\nscenarios:\n"

GOOD = """\
  the child flees from a shouting guard:
    given: {guard.at: [7, 3], child.fear: 0.1, world.night: true}
    when:
      - {at: 0 s, say: guard, to: child, heard: {anger: 0.9}}
      - {at: 2 s, event: glass_breaks}
      - {at: 2500 ms, move: thief, near: guard, distance: 3 m}
      - {at: 3 s, set: guard.anger, value: 0.8, because: thief}
      - {at: 1 s, fail: merchant sell}
    then:
      - child.fear > 0.6 within 500 ms
      - child does flee within 1 s
      - never child does dance
      - guard does confront within 4 s
      - child.fear < 0.95 throughout 5 s
      - child.fear > 0.2 at 6 s
    with: [{child.neuroticism: 0.2}, {child.neuroticism: 0.8}]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "a.scenario.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def run(folder: Path, text: str) -> list[Outcome]:
    return list(run_file(write(folder, text)))


def failure(folder: Path, text: str) -> str:
    (outcome,) = run(folder, text)
    assert outcome.failures
    return "\n".join(outcome.failures)


def test_a_scenario_runs_once_for_each_variant(tmp_path: Path) -> None:
    outcomes = run(tmp_path, GOOD)
    assert [each.failures for each in outcomes] == [(), ()]
    assert [each.name.rpartition(" [")[2] for each in outcomes] == ["child.neuroticism=0.2]", "child.neuroticism=0.8]"]
    assert outcomes[0].digest != outcomes[1].digest


def test_the_same_scenario_gives_the_same_digest(tmp_path: Path) -> None:
    assert run(tmp_path, GOOD)[0].digest == run(tmp_path, GOOD)[0].digest


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("child.fear > 0.9 within 500 ms", "child.fear is 0."),
        ("child.fear > 0.9 at 1 s", "child.fear is 0."),
        ("child.fear > 0.2 throughout 1 s", "child.fear is 0."),
        ("never child does chat", "doing:  chat"),
        ("never child does chat throughout 2 s", "doing:  chat"),
        ("child does flee", "doing:  chat"),
    ],
)
def test_a_line_that_does_not_hold_is_told_with_its_place(tmp_path: Path, line: str, seen: str) -> None:
    text = failure(tmp_path, f"  s:\n    then:\n      - {line}\n")
    assert f"a.scenario.yaml:6:9: not so: {line}" in text
    assert seen in text


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("  s:\n    wen: []\n    then: [child.fear < 1]\n", "5:5", "did you mean `when`"),
        ("  s:\n    then: [chlid.fear < 1]\n", "5:12", "not known in this condition"),
        ("  s:\n    when: [{at: 0 s, event: flood}]\n    then: [child.fear < 1]\n", "5:22", "flood"),
        ("  s:\n    when: [{at: 0 s, evnt: bang}]\n    then: [child.fear < 1]\n", "5:22", "did you mean `event`"),
        ("  s:\n    when: [{at: 5, event: theft_seen}]\n    then: [child.fear < 1]\n", "5:17", "needs a time"),
        ("  s:\n    given: {child.feer: 0.2}\n    then: [child.fear < 1]\n", "5:25", "cannot be set"),
        (
            "  s:\n    when: [{at: 0 s, fail: guard dance_off}]\n    then: [child.fear < 1]\n",
            "5:22",
            "no rule `dance_off`",
        ),
        ("  s:\n    then: [child does flea]\n", "5:12", "did you mean `flee`"),
        ("  s:\n    then: [never child does flee at 3 s]\n", "5:12", "goes with `throughout`"),
        ("  s:\n    when: {at: 0 s}\n    then: [child.fear < 1]\n", "5:11", "must be a list"),
        ("  s: 3\n", "4:6", "must be a map"),
        (
            "  s:\n    when: [{event: glass_breaks, strength: lots}]\n    then: [child.fear < 1]\n",
            "5:13",
            "is no value",
        ),
    ],
)
def test_a_faulty_scenario_is_told_with_place_and_remedy(tmp_path: Path, text: str, place: str, message: str) -> None:
    told = failure(tmp_path, text)
    assert f"a.scenario.yaml:{place}:" in told, told
    assert message in told


def test_a_missing_scene_and_a_missing_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "b.scenario.yaml"
    path.write_text("scene: nowhere.yaml\nscenarios: {s: {then: [child.fear < 1]}}\n", encoding="utf-8")
    (outcome,) = run_file(path)
    assert "nowhere.yaml" in outcome.failures[0]
    (outcome,) = run_file(tmp_path / "absent.scenario.yaml")
    assert "cannot be read" in outcome.failures[0]


def test_a_saved_scenario_takes_the_world_to_the_same_state(tmp_path: Path) -> None:
    sim = Sim("tavern", seed=3)
    sim.say("guard", "", to="child", heard={"anger": 0.9})
    sim.run("1 s")
    sim.event("theft_seen", cause="thief", strength=0.5)
    sim.run("500 ms")
    sim.set("merchant.sadness", 0.6)
    sim.move("thief", to=[1, 1])
    sim.run("2 s")
    path = save_scenario(sim, tmp_path, "a find", ["child.fear > 0.1 at 3.5 s"])
    (outcome,) = run_file(path)
    assert outcome.failures == ()
    assert outcome.digest == sim.digest.hex()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(HEAD + GOOD))
def test_any_text_is_read_or_told_to_be_faulty(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.scenario.yaml"
        path.write_bytes(text.encode("utf-8", "replace"))
        file = read_scenarios(path)
    assert file.report.broken or file.scene


def call(*arguments: str) -> tuple[int, str]:
    import typer

    from emotion_runtime.cli.test_scenes import test

    app = typer.Typer()
    app.command()(test)
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_the_command_runs_a_folder_and_writes_a_junit_report(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "  broken <&> one:\n    then: [child.fear > 0.9 at 1 s]\n")
    report = tmp_path / "out.xml"
    code, text = call(str(tmp_path), "--junit", str(report))
    assert code == 1
    assert "3 scenarios, 1 failed" in text
    root = ET.parse(report).getroot()
    assert root.get("tests") == "3"
    cases = root.findall("testsuite/testcase")
    assert [case.find("failure") is not None for case in cases] == [False, False, True]
    assert cases[2].get("name") == "broken <&> one"
    properties = {each.get("name"): each.get("value") for each in cases[0].findall("properties/property")}
    assert properties["seed"] == "0"
    assert len(properties["digest"] or "") == 32


def test_the_command_reports_coverage_and_can_fail_for_it(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    code, text = call(
        str(path), "--coverage", "--only", "the child flees from a shouting guard [child.neuroticism=0.2]"
    )
    assert code == 0
    assert "scene coverage of tavern" in text
    code, text = call(str(path), "--fail-under", "rules:95")
    assert code == 1
    assert "rules" in text
    assert "is below 95%" in text
