"""Sweeps: equal seeds live equal lives wherever they are lived, and what is counted is what happened."""

from __future__ import annotations

import importlib.util
import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emotion_runtime import spreading
from emotion_runtime.cli import app
from emotion_runtime.errors import MissingExtraError, UsageError
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.sweep import Plan, batches, found, plan_of, spread, sweep
from emotion_runtime.sweep.life import NEVER, Life, live
from emotion_runtime.sweep.picture import picture
from emotion_runtime.sweep.report import wilson
from emotion_runtime.testing import ScenarioError, Sim, run_file
from emotion_runtime.testing.writing import save_scenario

OUTCOMES = ("child does flee", "guard.anger > 0.3")
SEEDS = range(6)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of("tavern", seconds=10.0, tick=0.5, acts=30.0, outcomes=OUTCOMES)


@pytest.fixture(scope="module")
def lives(plan: Plan) -> list[Life]:
    return sweep(plan, SEEDS)


def test_equal_seeds_live_equal_lives_and_others_do_not(plan: Plan, lives: list[Life]) -> None:
    assert [live(plan, seed) for seed in SEEDS] == lives
    assert len({life.digest for life in lives}) == len(lives)


def test_several_processes_find_what_one_finds(plan: Plan, lives: list[Life], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "BATCH", 2)
    done: list[int] = []
    assert sweep(plan, SEEDS, spread.processes(2), done.append) == lives
    assert done[-1] == len(lives)


@pytest.mark.timeout(300)
def test_a_cluster_finds_what_one_process_finds(plan: Plan, lives: list[Life]) -> None:
    if importlib.util.find_spec("ray") is None:
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail("needs the extra `ray`")
        pytest.skip("needs the extra `ray`")
    assert sweep(plan, SEEDS, spread.ray()) == lives


def test_without_ray_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError) as caught:
        spread.ray()
    assert "emotion-runtime[ray]" in caught.value.remedy


def test_batches_hold_every_seed_once() -> None:
    assert [seed for batch in batches(range(45), 20) for seed in batch] == list(range(45))


def test_a_plan_needs_no_file_where_it_is_carried_out(tmp_path: Path) -> None:
    scene = tmp_path / "tavern.yaml"
    for file in bundled_scene().parent.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    carried = plan_of(scene, seconds=2.0, tick=0.5)
    before = live(carried, 3)
    scene.unlink()
    assert live(carried, 3) == before


def test_what_is_counted_is_what_happened(plan: Plan, lives: list[Life]) -> None:
    findings = found(plan, load_scene(bundled_scene()), lives)
    assert findings.faults == ()
    for rate in findings.rules:
        who, _, rule = rate.name.partition(" does ")
        having = [life.seed for life in lives if (who, rule) in {entry[:2] for entry in life.started}]
        assert rate.lives == len(having)
        assert set(rate.seeds) <= (set(having) if rate.share <= 0.5 else set(SEEDS) - set(having))
        assert rate.low <= rate.share <= rate.high
    for index, rate in enumerate(findings.outcomes):
        assert rate.lives == sum(life.held[index] != NEVER for life in lives)
    assert {peak.character for peak in findings.peaks} == {"guard", "merchant", "child", "thief"}
    for peak in findings.peaks:
        assert sum(peak.histogram) == len(lives)
        assert peak.quantiles == tuple(sorted(peak.quantiles))
        assert peak.most >= peak.quantiles[-1] - 1e-4
    assert not set(findings.never) & {rate.name for rate in findings.rules}


def test_a_kept_life_is_a_scenario_that_comes_to_the_same_end(plan: Plan, tmp_path: Path) -> None:
    worlds: list[Sim] = []
    life = live(plan, 4, worlds, load_scene(bundled_scene()))
    path = save_scenario(worlds[0], tmp_path, "seed 4")
    then = f"child.neutral < 1 at {worlds[0].time:g} s"
    worlds[0].close()
    assert then in path.read_text(encoding="utf-8")
    (outcome,) = run_file(path)
    assert outcome.failures == ()
    assert life.seed == 4


def test_what_breaks_is_told_with_its_seed(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Sim) -> None:
        raise AssertionError("an emotion left 0..1")

    monkeypatch.setattr("emotion_runtime.sweep.life.check_invariants", broken)
    findings = found(plan, load_scene(bundled_scene()), [live(plan, 5)])
    assert findings.faults == ((5, "invariant: an emotion left 0..1"),)
    assert "FAULT in seed 5" in findings.text()


@pytest.mark.parametrize("wrong", [{"seconds": 0.0}, {"tick": 60.0}, {"acts": -1.0}, {"spread": 3.0}])
def test_a_plan_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of("tavern", **wrong)  # type: ignore[arg-type]
    assert caught.value.code == "bad_sweep"


def test_an_outcome_nobody_can_read_is_refused_before_anything_runs() -> None:
    with pytest.raises(ScenarioError):
        plan_of("tavern", outcomes=["child does fly"])


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = wilson(10, 100)
    assert (low, high) == pytest.approx((0.05523, 0.17437), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0


def test_the_picture_is_an_svg_that_names_everybody(plan: Plan, lives: list[Life]) -> None:
    text = picture(found(plan, load_scene(bundled_scene()), lives))
    ET.fromstring(text)
    for word in ("child", "merchant", "fear", *OUTCOMES[:1]):
        assert word in text


def test_the_command_tells_the_same_in_json_as_in_text(tmp_path: Path) -> None:
    asked = ["sweep", "tavern", "--seeds", "3", "--time", "4", "--tick", "0.5", "--processes", "1", "--acts", "30"]
    drawn = tmp_path / "sweep.svg"
    done = CliRunner().invoke(app, [*asked, "--json", "--report", str(drawn)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["lives"] == 3
    assert drawn.is_file()
    text = CliRunner().invoke(app, asked).stdout
    for rate in told["rules"]:
        assert rate["name"] in text
