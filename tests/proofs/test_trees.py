"""Checks of trees: a branch that is always shadowed, and a step of a sequence that can never follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.scenes import prove, scene

TWO = """
rage: {bearer: self, trigger: anger > 0.5, lasts: 2 s}
sulk: {bearer: self, trigger: anger > 0.7 and fear < 0.5, lasts: 2 s}
"""

SHADOWED = [
    "{selector: [rage, ‸sulk]}",
    "{selector: [{repeat: rage, times: 3}, ‸sulk]}",
    "{selector: [{modify: rage, with: [retry 3]}, ‸sulk]}",
    "{selector: [{filter: rage, while: fear < 0.6}, ‸sulk]}",
    "{selector: [{parallel: [rage]}, ‸sulk]}",
    "{selector: [rage, {‸sequence: [sulk, rage]}]}",
    "{selector: [rage, {‸filter: sulk, while: joy > 0.1}]}",
    "{sequence: [{selector: [rage, ‸sulk]}, rage]}",
]
OPEN = [
    "{selector: [sulk, rage]}",
    "{selector: [{modify: rage, with: [cooldown 3 s]}, sulk]}",
    "{selector: [{modify: rage, with: [timeout 3 s]}, sulk]}",
    "{selector: [{modify: rage, with: [once]}, sulk]}",
    "{selector: [{modify: rage, with: [invert]}, sulk]}",
    "{selector: [{filter: rage, while: fear < 0.3}, sulk]}",
    "{selector: [{modify: rage, with: [guard fear < 0.3]}, sulk]}",
    "{selector: [{sequence: [sulk, rage]}, rage]}",
    "{parallel: [rage, sulk]}",
]


@pytest.mark.parametrize("tree", SHADOWED)
def test_a_branch_behind_one_that_is_always_chosen_is_shadowed(tmp_path: Path, tree: str) -> None:
    fault = prove(tmp_path, scene(TWO, tree)).at_mark("branch-shadowed")
    assert fault.level == "warning"
    assert "anna never reaches" in fault.message


@pytest.mark.parametrize("tree", OPEN)
def test_a_branch_that_some_state_reaches_is_no_fault(tmp_path: Path, tree: str) -> None:
    assert "branch-shadowed" not in prove(tmp_path, scene(TWO, tree)).slugs


@pytest.mark.parametrize("form", ["{modify: rage, with: [force success]}", "{repeat: rage, until: success}"])
def test_nothing_comes_after_a_branch_that_never_fails(tmp_path: Path, form: str) -> None:
    fault = prove(tmp_path, scene(TWO, f"{{selector: [{form}, ‸sulk]}}")).at_mark("branch-shadowed")
    assert fault.level == "error"
    assert "never fails" in fault.message


def test_a_bearer_that_may_be_missing_shadows_nothing(tmp_path: Path) -> None:
    rules = TWO.replace("rage: {bearer: self", "rage: {bearer: nearest(person)")
    assert "branch-shadowed" not in prove(tmp_path, scene(rules)).slugs
    named = TWO.replace("rage: {bearer: self", "rage: {bearer: ben")
    assert "branch-shadowed" in prove(tmp_path, scene(named)).slugs


def test_two_branches_can_shadow_a_third_between_them(tmp_path: Path) -> None:
    rules = """
    low: {bearer: self, trigger: fear < 0.6, lasts: 2 s}
    high: {bearer: self, trigger: fear > 0.5, lasts: 2 s}
    more: {bearer: self, trigger: joy > 0.5, lasts: 2 s}
    """
    prove(tmp_path, scene(rules, "{selector: [low, high, ‸more]}")).at_mark("branch-shadowed")
    gap = rules.replace("fear > 0.5", "fear > 0.7")
    assert "branch-shadowed" not in prove(tmp_path, scene(gap, "{selector: [low, high, more]}")).slugs


def test_a_shadow_that_is_meant_can_be_allowed(tmp_path: Path) -> None:
    found = prove(tmp_path, scene(TWO, "{selector: [rage, sulk], allow: [branch-shadowed]}"))
    assert not {"branch-shadowed", "allow-unused"} & set(found.slugs)
    unused = prove(tmp_path, scene(TWO, "{selector: [sulk, rage], allow: [‸branch-shadowed]}"))
    unused.at_mark("allow-unused")


STEPS = """
vent: {bearer: self, trigger: anger > 0.5, aim: AIM, lasts: 2 s}
hit: {bearer: BEARER, trigger: NEXT, lasts: 2 s}
"""


def steps(aim: str, following: str, bearer: str = "self") -> str:
    rules = STEPS.replace("AIM", aim).replace("NEXT", following).replace("BEARER", bearer)
    return scene(rules, "{sequence: [vent, ‸hit]}")


@pytest.mark.parametrize(
    ("aim", "following"),
    [
        ("{anger: -0.6}", "anger > 0.4"),
        ("{anger: -0.6, fear: +0.2}", "anger + fear > 1.4"),
        ("{fear: +0.5}", "fear < 0.5"),
        ("{fear: +0.5}", "neutral > 0.5"),
    ],
)
def test_a_step_that_takes_away_what_the_next_needs_is_a_warning(tmp_path: Path, aim: str, following: str) -> None:
    prove(tmp_path, steps(aim, following)).at_mark("step-cannot-follow")


@pytest.mark.parametrize(
    ("aim", "following"),
    [
        ("{anger: -0.6}", "anger > 0.3"),
        ("{anger: -0.6/s}", "anger > 0.5"),
        ("{}", "anger > 0.4"),
        ("{anger: -0.6}", "fear > 0.5"),
    ],
)
def test_a_step_that_leaves_room_is_no_fault(tmp_path: Path, aim: str, following: str) -> None:
    text = steps(aim, following).replace("‸", "")
    assert "step-cannot-follow" not in prove(tmp_path, text).slugs


def test_a_release_lets_the_next_step_go_on(tmp_path: Path) -> None:
    text = steps("{anger: -0.6}", "anger > 0.45, release: anger < 0.1").replace("‸", "")
    assert "step-cannot-follow" not in prove(tmp_path, text).slugs


def test_what_a_step_sets_counts_too(tmp_path: Path) -> None:
    rules = """
    douse: {bearer: fire, trigger: fear > 0.2 and bearer.lit, sets: {SETS}, lasts: 2 s}
    warm_up: {bearer: fire, trigger: fear > 0.1 and bearer.lit and bearer.heat > 0.3, lasts: 2 s}
    """
    tree = "{sequence: [douse, ‸warm_up]}"
    prove(tmp_path, scene(rules.replace("SETS", "lit: false"), tree)).at_mark("step-cannot-follow")
    prove(tmp_path, scene(rules.replace("SETS", "heat: 0.2"), tree)).at_mark("step-cannot-follow")
    fine = scene(rules.replace("SETS", "heat: 0.4"), tree.replace("‸", ""))
    assert "step-cannot-follow" not in prove(tmp_path, fine).slugs
