"""Each check of single triggers fires where it must, at its place, and stays silent where it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_runtime.proofs import Proving
from tests.proofs.scenes import prove, scene

RULE = "hop: {bearer: self, trigger: TRIGGER, lasts: 2 s}"

NEVER = [
    "fear > 0.9 and joy + fear < 0.8",
    "neutral > 0.5 and fear > 0.5",
    "fear - 0.5 * neuroticism > 1",
    "fear > 0.1 and world.noise > 1.5",
    "fear > 0.5 and fear < 0.5",
]
POSSIBLE = ["fear > 0.9 and joy + fear < 1", "neutral > 0.4 and fear > 0.5", "fear > 0.1 and world.noise >= 1"]


@pytest.mark.parametrize("trigger", NEVER)
def test_a_trigger_no_state_makes_true_is_an_error(tmp_path: Path, trigger: str) -> None:
    found = prove(tmp_path, scene(RULE.replace("TRIGGER", f"‸{trigger}")))
    assert found.at_mark("trigger-never-true").level == "error"


@pytest.mark.parametrize("trigger", POSSIBLE)
def test_a_trigger_some_state_makes_true_is_no_fault(tmp_path: Path, trigger: str) -> None:
    assert "trigger-never-true" not in prove(tmp_path, scene(RULE.replace("TRIGGER", trigger))).slugs


def test_a_trigger_that_only_some_can_never_meet_is_a_warning(tmp_path: Path) -> None:
    text = scene(
        "hop: {bearer: self, trigger: ‸fear > 0.9 + neuroticism, lasts: 2 s}",
        anna="personality: {neuroticism: 0.5}", ben="personality: {neuroticism: -0.5}, can: [hop], tree: life",
    )  # fmt: skip
    fault = prove(tmp_path, text).at_mark("trigger-never-true")
    assert fault.level == "warning"
    assert "for anna" in fault.message


def test_a_rule_that_has_nobody_to_be_done_to_is_said(tmp_path: Path) -> None:
    text = scene(RULE.replace("self", "nearest(anna)").replace("TRIGGER", "‸fear > 0.5"))
    assert "nobody who could be its bearer" in prove(tmp_path, text).at_mark("trigger-never-true").message


def test_an_attitude_nobody_has_makes_a_trigger_impossible(tmp_path: Path) -> None:
    text = scene(RULE.replace("self", "nearest(person)").replace("TRIGGER", "‸fear > 0.1 and likes > 0.5"))
    prove(tmp_path, text).at_mark("trigger-never-true")
    liked = scene(
        RULE.replace("self", "nearest(person)").replace("TRIGGER", "fear > 0.1 and likes > 0.5"),
        anna="likes: {ben: 0.9}",
    )
    assert "trigger-never-true" not in prove(tmp_path, liked).slugs


def test_an_objects_trigger_and_a_trees_condition_are_looked_at_too(tmp_path: Path) -> None:
    fire = "glow: {trigger: ‸heat > 0.9 and heat < 0.2, bearer: all(person) within 4 m, effect: {joy: +0.1/s}}"
    prove(tmp_path, scene(RULE.replace("TRIGGER", "fear > 0.2"), fire=fire)).at_mark("trigger-never-true")
    tree = "{filter: hop, while: ‸fear > 0.9 and joy + fear < 0.8}"
    prove(tmp_path, scene(RULE.replace("TRIGGER", "fear > 0.2"), tree)).at_mark("trigger-never-true")


@pytest.mark.parametrize("trigger", ["fear < 1.5", "fear > 0.5 or fear < 0.6", "abs(mood.pleasure) <= 1"])
def test_a_trigger_every_state_makes_true_is_a_warning(tmp_path: Path, trigger: str) -> None:
    fault = prove(tmp_path, scene(RULE.replace("TRIGGER", f"‸{trigger}"))).at_mark("trigger-always-true")
    assert fault.level == "warning"
    allowed = RULE.replace("TRIGGER", trigger).replace("lasts", "allow: [trigger-always-true], lasts")
    assert not {"trigger-always-true", "allow-unused"} & set(prove(tmp_path, scene(allowed)).slugs)


@pytest.mark.parametrize("trigger", ["fear < 0.99", "fear > 0.5 or fear < 0.5", "fear < 1.5 and world.night"])
def test_a_trigger_some_state_makes_false_is_no_fault(tmp_path: Path, trigger: str) -> None:
    assert "trigger-always-true" not in prove(tmp_path, scene(RULE.replace("TRIGGER", trigger))).slugs


def test_a_release_that_may_hold_with_the_trigger_is_an_error(tmp_path: Path) -> None:
    rule = "rage: {bearer: self, trigger: anger > 0.5, release: ‸anger < 0.6, lasts: 2 s}"
    prove(tmp_path, scene(rule)).at_mark("release-overlaps-trigger")
    apart = rule.replace("‸anger < 0.6", "anger < 0.5")
    assert "release-overlaps-trigger" not in prove(tmp_path, scene(apart)).slugs
    same_bearer = "go: {bearer: ben, trigger: bearer.joy > 0.5, release: bearer.joy < 0.3 or joy > 2, lasts: 2 s}"
    assert "release-overlaps-trigger" not in prove(tmp_path, scene(same_bearer)).slugs


def test_two_branches_for_the_same_states_are_noted(tmp_path: Path) -> None:
    rules = """
    first: {bearer: nearest(person), trigger: fear > 0.5, lasts: 2 s}
    second: {bearer: nearest(person), trigger: ‸not fear <= 0.5, lasts: 2 s}
    """
    assert prove(tmp_path, scene(rules.replace("nearest(person)", "self"))).at_mark("same-trigger").level == "note"
    steps = scene(rules.replace("nearest(person)", "self").replace("‸", ""), "{sequence: [first, second]}")
    assert "same-trigger" not in prove(tmp_path, steps).slugs


def test_a_question_beyond_the_budget_is_said_and_never_passed_over(tmp_path: Path) -> None:
    rule = RULE.replace("TRIGGER", "‸fear + joy > 0.3 and (fear - joy > 0.1 or joy - fear > 0.1)")
    assert prove(tmp_path, scene(rule), Proving(budget=0)).at_mark("undecided").level == "note"
    assert "undecided" not in prove(tmp_path, scene(rule)).slugs
