"""Checks across a scene: places out of reach, appraisal rows without a turn, rules that feed each other, the tavern."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from emotion_runtime.proofs import Proving, proved_report
from emotion_runtime.proofs.influence import circles
from emotion_runtime.scene import bundled_scene
from tests.proofs.scenes import prove, scene

HOP = "hop: {bearer: self, trigger: fear > 0.5, lasts: 2 s}"
WARM = "warm: {trigger: lit, bearer: ‸all(person) within 3 m, effect: {joy: +0.01/s}}"


def test_an_object_nobody_can_come_near_is_an_error(tmp_path: Path) -> None:
    fault = prove(tmp_path, scene(HOP, fire=WARM, fire_at="[3, -5]")).at_mark("out-of-reach")
    assert fault.notes == ("the nearest point where anybody can stand is 5 m away (area hall)",)
    assert fault.remedy == "within 6 m, or move it"
    for at in ("[3, -3]", "[12, 9]"):
        assert "out-of-reach" not in prove(tmp_path, scene(HOP, fire=WARM.replace("‸", ""), fire_at=at)).slugs


def test_who_may_stand_anywhere_is_in_reach_of_all(tmp_path: Path) -> None:
    text = scene(HOP, fire=WARM.replace("‸", ""), fire_at="[300, -5]").replace("{roams: [hall]}", "{hearing: 5 m}")
    assert "out-of-reach" not in prove(tmp_path, text).slugs


def test_people_whose_areas_are_too_far_apart_are_out_of_reach(tmp_path: Path) -> None:
    rule = "greet: {bearer: ‸nearest(ben) within 5 m, trigger: joy > 0.1, lasts: 2 s}"
    apart = scene(rule, ben="roams: [attic]").replace(
        "  hall: {from", "  attic: {from: [0, 20], to: [5, 25]}\n  hall: {from"
    )
    assert prove(tmp_path, apart).at_mark("out-of-reach").level == "error"
    assert "out-of-reach" not in prove(tmp_path, apart.replace("[0, 20]", "[0, 12]").replace("‸", "")).slugs


def test_one_of_several_with_the_same_areas_who_is_in_reach_is_enough(tmp_path: Path) -> None:
    """Of three who greet, ben himself is the only near bearer of the rule for the other two."""
    rule = "greet: {bearer: nearest(guest) within 5 m, trigger: joy > 0.1, lasts: 2 s}"
    text = scene(rule, ben="tags: [guest], can: [greet], tree: life")
    text = text.replace("objects:", "  cleo: {is: person, at: [1, 22], roams: [attic], tags: [guest]}\nobjects:")
    text = text.replace("  hall: {from", "  attic: {from: [0, 20], to: [5, 25]}\n  hall: {from")
    assert "out-of-reach" not in prove(tmp_path, text).slugs
    assert "out-of-reach" in prove(tmp_path, text.replace("tags: [guest], can", "can")).slugs


ROWS = [
    ("{heard: joy, feels: {joy: +0.1}}", "‸{heard: joy, from: ben, feels: {joy: +0.2}}", True),
    (
        "{heard: joy, from: person, feels: {joy: +0.1}}",
        "‸{heard: joy, who: anna, addressed: true, feels: {joy: +0.2}}",
        True,
    ),
    ("{event: bang, who: person, feels: {joy: +0.1}}", "‸{event: bang, from: ben, feels: {joy: +0.2}}", True),
    ("{heard: joy, from: liked, feels: {joy: +0.1}}", "‸{heard: joy, who: anna, feels: {joy: +0.2}}", True),
    ("{heard: joy, from: ben, feels: {joy: +0.1}}", "{heard: joy, feels: {joy: +0.2}}", False),
    ("{heard: joy, addressed: true, feels: {joy: +0.1}}", "{heard: joy, from: ben, feels: {joy: +0.2}}", False),
    ("{event: bang, from: person, feels: {joy: +0.1}}", "{event: bang, feels: {joy: +0.2}}", False),
    ("{heard: joy, feels: {joy: +0.1}}", "{heard: fear, feels: {joy: +0.2}}", False),
]


@pytest.mark.parametrize(("first", "second", "hidden"), ROWS)
def test_a_row_behind_rows_that_always_fit_first_is_a_warning(
    tmp_path: Path, first: str, second: str, hidden: bool
) -> None:
    text = scene(
        HOP,
        rows=f"  - {{event: bang, addressed: true, feels: {{joy: +0.1}}}}\n  - {first}\n  - {second}",
        anna="likes: {ben: 0.9}",
    )
    found = prove(tmp_path, text)
    if hidden:
        assert found.at_mark("appraisal-shadowed").level == "warning"
    else:
        assert "appraisal-shadowed" not in found.slugs


LOOP = """
shout: {bearer: ben, trigger: anger > 0.4, aim: {anger: ‸AIM}, lasts: 2 s}
shout_back: {bearer: anna, trigger: anger > 0.4, aim: {anger: AIM}, lasts: 2 s}
"""


def loop(aim: str, mark: bool = True) -> str:
    text = scene(LOOP.replace("AIM", aim), "{selector: [shout]}", ben="can: [shout_back], tree: other")
    text = text.replace("can: [shout, shout_back]", "can: [shout]")
    text = text.replace("  life: {selector", "  other: {selector: [shout_back]}\n  life: {selector")
    return text if mark else text.replace("‸", "")


def test_rules_that_can_set_each_other_off_are_noted(tmp_path: Path) -> None:
    fault = prove(tmp_path, loop("+0.40")).at_mark("rules-feed-each-other")
    assert fault.level == "note"
    assert "anna shout -> ben shout_back -> anna shout" in fault.message
    assert "rules-feed-each-other" not in prove(tmp_path, loop("-0.40", mark=False)).slugs


def test_a_start_that_never_settles_is_shown(tmp_path: Path) -> None:
    proving = Proving(simulating=True)
    fault = prove(tmp_path, loop("+0.40"), proving).at_mark("rules-feed-for-ever")
    assert "witness: " in fault.notes[0]
    assert "anger" in fault.notes[0]


def test_a_loop_that_dies_down_is_not_reported(tmp_path: Path) -> None:
    found = prove(tmp_path, loop("+0.02", mark=False), Proving(simulating=True))
    assert not {"rules-feed-for-ever", "rules-feed-each-other"} & set(found.slugs)


@pytest.mark.parametrize("aim", ["+0.40", "+0.60"])
def test_no_witness_contains_a_rule_that_is_proved_unreachable(tmp_path: Path, aim: str) -> None:
    """`mutter` can never start behind `shout`, and the witness of the loop must agree."""
    text = loop(aim, mark=False).replace("can: [shout]", "can: [shout, mutter]")
    text = text.replace(
        "rules:\n", "rules:\n  mutter: {bearer: ben, trigger: anger > 0.6, aim: {anger: +0.5}, lasts: 2 s}\n", 1
    )
    text = text.replace("life: {selector: [shout]}", "life: {selector: [shout, mutter]}")
    proving = Proving(simulating=True)
    found = prove(tmp_path, text, proving)
    assert "branch-shadowed" in found.slugs
    assert proving.witnesses, "there must be something to cross-check"
    for witness in proving.witnesses:
        assert ("anna", "mutter") not in witness.run.started
        assert ("anna", "shout") in witness.run.late


def test_circles_are_found_and_chains_are_not() -> None:
    def graph(*edges: tuple[str, str]) -> dict[tuple[str, str], dict[tuple[str, str], object]]:
        nodes = {("x", name) for edge in edges for name in edge}
        return {node: {("x", b): None for a, b in edges if ("x", a) == node} for node in nodes}

    assert circles(graph(("a", "b"), ("b", "c"))) == []
    assert circles(graph(("a", "a"))) == []
    assert circles(graph(("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"))) == [[("x", "a"), ("x", "b")]]
    assert [len(each) for each in circles(graph(("a", "b"), ("b", "c"), ("c", "a"), ("d", "e"), ("e", "d")))] == [3, 2]


def test_the_tavern_has_nothing_to_report_and_is_checked_fast() -> None:
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        _, report = proved_report(bundled_scene())
        spent.append(time.perf_counter() - began)
        assert report.sorted() == []
    assert min(spent) < 1.0, "0.15 s is the aim; a busy machine gets room"


def test_the_tavern_settles_from_every_start_tried() -> None:
    _, report = proved_report(bundled_scene(), Proving(simulating=True))
    assert report.text() == ""


def test_closed_the_tavern_is_sound_too() -> None:
    _, report = proved_report(bundled_scene(), Proving(speech=False))
    assert report.text() == ""
