"""How far and on whom an object acts: fade, curve, sight, capacity and claims in the scene language."""

from __future__ import annotations

from pathlib import Path

import pytest

from behaviors.rules import Fade
from tests.scene.scenes import changed, load

EFFECT = "effect: {joy: +0.02/s}"


def test_an_object_may_fade_by_a_curve_act_in_sight_and_on_a_few_that_keep_their_places(tmp_path: Path) -> None:
    words = "curve: {4 m: 0, 50 cm: 1, 2 m: 0.5}, in_sight: true, capacity: 2, claims: true"
    found = load(tmp_path, changed(EFFECT, f"{EFFECT}, {words}"))
    assert found.scene is not None, found.report.text()
    (rule,) = found.scene.objects[0].rules
    assert (rule.fade, rule.curve) == (Fade.CURVE, ((0.5, 1.0), (2.0, 0.5), (4.0, 0.0)))
    assert (rule.in_sight, rule.capacity, rule.claims) == (True, 2, True)
    assert "fade {0.5 m: 1, 2 m: 0.5, 4 m: 0}, in_sight true, capacity 2, claims true" in str(rule)


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("fade: linear, curve: {2 m: 1}", "wrong-shape"),
        ("curve: {near: 1}", "not-a-quantity"),
        ("curve: {2: 1}", "wrong-unit"),
        ("curve: {2 m: 1.5}", "out-of-range"),
        ("curve: {2 m: 1, 200 cm: 0}", "listed-twice"),
        ("capacity: 0", "out-of-range"),
        ("capacity: few", "not-a-quantity"),
        ("claims: true", "missing-key"),
        ("in_sight: maybe", "not-a-word"),
    ],
)
def test_a_reach_that_makes_no_sense_is_told(tmp_path: Path, words: str, slug: str) -> None:
    found = load(tmp_path, changed(EFFECT, f"{EFFECT}, {words}"))
    assert slug in found.slugs, found.report.text()
