"""Random play: sound scenes survive it, and a fault is found, shrunk and can be told again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import run_state_machine_as_test

from emotion_runtime.testing import ExpectationError, Sim, expect, personalities, play, playing, run_file
from emotion_runtime.testing.acting import check_invariants
from emotion_runtime.testing.coverage import KINDS, Coverage, read_limits, total
from emotion_runtime.testing.stories import curve
from emotion_runtime.testing.writing import save_scenario

QUICK = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@QUICK
@given(sim=play("tavern", steps=6))
def test_the_tavern_keeps_its_invariants_and_calms_down(sim: Sim) -> None:
    sim.quiet("30 s")
    check_invariants(sim)
    expect(sim.everyone).to_feel("surprise", below=0.5)


@settings(QUICK, max_examples=2)
@given(sim=play("tavern", steps=5))
def test_a_twin_of_any_play_is_the_same(sim: Sim) -> None:
    assert sim.fork().digest == sim.digest


def test_a_fault_is_shrunk_to_what_it_takes(tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(
        max_examples=200,
        report_multiple_bugs=False,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(sim=play("tavern", steps=3, checked=False, tick=1.0))
    def nobody_is_ever_afraid(sim: Sim) -> None:
        sim.step()
        expect(sim.everyone).to_feel("fear", below=0.3)

    with pytest.raises((ExpectationError, FlakyFailure)):
        nobody_is_ever_afraid()
    found = playing.last_played
    assert found is not None
    assert len(found.told()) == 1
    path = save_scenario(found, tmp_path_factory.mktemp("finds"), "somebody is afraid")
    (outcome,) = run_file(path)
    assert outcome.failures == ()


def test_the_state_machine_of_a_scene_runs() -> None:
    run_state_machine_as_test(
        playing.machine("tavern", tick="500 ms"), settings=settings(QUICK, max_examples=2, stateful_step_count=5)
    )


@settings(QUICK, max_examples=5)
@given(traits=personalities())
def test_any_personality_can_be_given(traits: dict[str, float]) -> None:
    sim = Sim("tavern")
    sim["child"].personality(**traits)
    sim.run("200 ms")
    check_invariants(sim)


def test_coverage_counts_what_happened_and_nothing_else() -> None:
    sim = Sim("tavern")
    covered = Coverage(sim.scene)
    covered.watch(sim)
    sim.move("guard", near="child", distance="2 m")
    sim.say("guard", "Out!", to="child", heard={"anger": 0.9})
    sim.run("2 s")
    assert "flee" in covered.seen["rules"]
    assert "steal" not in covered.seen["rules"]
    assert any(each.startswith("child: small_one") and "flee" in each for each in covered.seen["branches"])
    assert "flee: fear > 0.6 - 0.2 * neuroticism is true" in covered.seen["comparisons"]
    assert "flee: fear > 0.6 - 0.2 * neuroticism is false" in covered.seen["comparisons"]
    assert any(each.startswith("tavern.yaml") for each in covered.seen["appraisal"])
    assert "campfire.blaze" not in covered.seen["objects"]
    assert 0.0 < covered.share("rules") < 1.0
    assert all(covered.seen[kind] <= covered.wanted[kind] for kind in KINDS)
    assert "scene coverage of tavern" in covered.text()
    assert total([covered, Coverage(sim.scene)])["tavern"].seen == covered.seen


def test_coverage_limits_are_read_or_refused() -> None:
    assert read_limits("rules:90,branches:80") == {"rules": 90.0, "branches": 80.0}
    for wrong in ("roles:90", "rules", "rules:many"):
        with pytest.raises(ValueError):
            read_limits(wrong)


def test_a_curve_shows_the_peaks() -> None:
    assert curve([0.0, 0.5, 0.99]) == "▁▅█"
    assert len(curve([0.1] * 1000)) == 40
    assert "█" in curve([0.1] * 999 + [1.0])
    assert curve([]) == ""
