"""Trees with parameters: what a use makes of them, and the faults of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from behaviors.expressions import parse
from behaviors.trees import Choose, Filter, Leaf, Modifier, Modify, Selector
from tests.scene.scenes import changed, load

REACT = """\
  react:
    takes: [what, level, pause = 4..8 s]
    modify: {filter: $what, while: fear > $level}
    with: [cooldown $pause]
  life:
    selector: [{use: react, with: {what: flee, level: 0.7}}, wave]"""
LIFE = """\
  life:
    selector: [flee, wave]"""


def with_trees(trees: str) -> str:
    return changed(LIFE, trees)


def react(what: str, level: str, least: float, most: float) -> Modify:
    return Modify(Filter(Leaf(what), parse(f"fear > {level}")), Modifier.COOLDOWN, least, None, most)


def test_a_use_is_the_tree_with_its_values_in_place(tmp_path: Path) -> None:
    found = load(tmp_path, with_trees(REACT))
    assert found.scene is not None, found.report.text()
    assert found.slugs == []
    assert found.scene.trees["life"].root == Selector((react("flee", "0.7", 4.0, 8.0), Leaf("wave")))
    assert "react" not in found.scene.trees


def test_one_tree_is_used_with_different_values(tmp_path: Path) -> None:
    more = REACT.replace("}, wave]", "}, {use: react, with: {what: wave, level: 0.2, pause: 2 s}}]")
    found = load(tmp_path, with_trees(more))
    assert found.scene is not None, found.report.text()
    expected = Selector((react("flee", "0.7", 4.0, 8.0), react("wave", "0.2", 2.0, 0.0)))
    assert found.scene.trees["life"].root == expected


def test_a_tree_whose_parameters_all_have_values_is_used_by_its_name_alone(tmp_path: Path) -> None:
    more = REACT.replace("[what, level, pause = 4..8 s]", "[what = flee, level = 0.7, pause = 4..8 s]")
    more = more.replace("{use: react, with: {what: flee, level: 0.7}}", "react")
    found = load(tmp_path, with_trees(more))
    assert found.scene is not None, found.report.text()
    assert found.scene.trees["life"].root == Selector((react("flee", "0.7", 4.0, 8.0), Leaf("wave")))
    assert found.scene.trees["react"].root == react("flee", "0.7", 4.0, 8.0)


def test_a_parameter_goes_on_to_a_tree_below(tmp_path: Path) -> None:
    both = REACT.replace(
        "  life:", "  twice: {takes: [x], selector: [{use: react, with: {what: $x, level: 0.7}}, $x]}\n  life:"
    )
    found = load(
        tmp_path,
        with_trees(both.replace("{use: react, with: {what: flee, level: 0.7}}", "{use: twice, with: {x: flee}}")),
    )
    assert found.scene is not None, found.report.text()
    inner = Selector((react("flee", "0.7", 4.0, 8.0), Leaf("flee")))
    assert found.scene.trees["life"].root == Selector((inner, Leaf("wave")))


@pytest.mark.parametrize(
    ("old", "new", "slug", "word"),
    [
        ("level: 0.7}", "level: 0.7, paus: 2 s}", "unknown-key", "did you mean `pause`"),
        (", level: 0.7}", "}", "missing-key", "needs `level`"),
        ("{what: flee, level: 0.7}", "[flee]", "wrong-shape", "map of parameters"),
        ("what: flee,", "what: fleee,", "unknown-name", "did you mean `flee`"),
        ("level: 0.7}", "level: much}", "unknown-name", "`much`"),
        ("level: 0.7}", "level: 0.7, pause: long}", "not-a-quantity", "`long`"),
        ("fear > $level", "fear > $levle", "unknown-name", "did you mean `level`"),
        ("takes: [what,", "takes: [what, what,", "listed-twice", "taken twice"),
        ("takes: [what,", "takes: [What,", "bad-name", "parameter"),
        ("use: react,", "use: raect,", "unknown-name", "did you mean `react`"),
        ("wave]", "$wave]", "unknown-name", "not a parameter"),
        ("wave]", "react]", "missing-key", "needs `what`, `level`"),
        ("with: [cooldown $pause]", "with: [cooldown $pause, oncee]", "modifier", "did you mean `once`"),
    ],
)
def test_a_fault_of_a_use_or_of_its_tree_is_told(tmp_path: Path, old: str, new: str, slug: str, word: str) -> None:
    assert REACT.count(old) == 1
    found = load(tmp_path, with_trees(REACT.replace(old, new)))
    assert found.scene is None
    assert slug in found.slugs
    assert word in found.report.text()


def test_a_fault_that_a_value_makes_shows_the_tree_and_the_use(tmp_path: Path) -> None:
    found = load(tmp_path, with_trees(REACT.replace("level: 0.7}", "level: 0.7, pause: long}")))
    (fault,) = [each for each in found.faults if each.slug == "not-a-quantity"]
    lines = with_trees(REACT).splitlines()
    assert "cooldown $pause" in lines[fault.line - 1]
    assert [lines[place.line - 1].strip()[:9] for place in fault.see] == ["selector:"]


def test_a_fault_of_the_tree_itself_is_told_once_however_often_it_is_used(tmp_path: Path) -> None:
    more = REACT.replace("}, wave]", "}, {use: react, with: {what: wave, level: 0.2}}]").replace("fear >", "feer >")
    found = load(tmp_path, with_trees(more.replace("fear > $level", "feer > 0.1")))
    assert found.slugs.count("unknown-name") == 2  # with $level the two uses differ
    plain = load(tmp_path, with_trees(more.replace("feer > $level", "feer > 0.1")))
    assert plain.slugs.count("unknown-name") == 1


def test_a_character_cannot_have_a_tree_that_needs_values(tmp_path: Path) -> None:
    found = load(tmp_path, with_trees(REACT).replace("tree: life\n  ben", "tree: react\n  ben"))
    assert found.slugs == ["missing-key"]


def test_a_tree_that_uses_itself_is_refused(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        with_trees(
            REACT.replace("{filter: $what, while", "{filter: {use: react, with: {what: $what, level: $level}}, while")
        ),
    )
    assert "tree-recursion" in found.slugs
    endless = load(
        tmp_path,
        with_trees(
            REACT.replace("{filter: $what, while", "{filter: {use: react, with: {what: $what, level: 1$level}}, while")
        ),
    )
    assert {"too-large", "tree-recursion"} & set(endless.slugs)


def test_a_tree_that_nobody_uses_is_told_unless_it_is_meant(tmp_path: Path) -> None:
    alone = REACT.replace("{use: react, with: {what: flee, level: 0.7}}", "flee")
    assert load(tmp_path, with_trees(alone)).slugs == ["tree-unused"]
    assert load(tmp_path, with_trees(alone.replace("    takes:", "    allow: [tree-unused]\n    takes:"))).slugs == []


def test_a_selector_by_priority_stands_in_that_order(tmp_path: Path) -> None:
    text = with_trees(
        "  life:\n    selector: [wave, {sequence: [wave, flee]}, {repeat: wave, times: 2}]\n    order: priority"
    )
    found = load(tmp_path, text.replace("lasts: 4 s}", "lasts: 4 s, priority: 7}"))
    assert found.scene is not None, found.report.text()
    root = found.scene.trees["life"].root
    assert isinstance(root, Selector)
    assert [type(each).__name__ for each in root.children] == ["Sequence", "Leaf", "Repeat"]
    assert found.scene.rules["flee"].priority == 7
    assert "priority 7" in str(found.scene.rules["flee"])


def test_a_choice_has_a_weight_for_each_child(tmp_path: Path) -> None:
    found = load(tmp_path, with_trees("  life:\n    choose: [flee, wave]\n    weights: [3, 1]"))
    assert found.scene is not None, found.report.text()
    assert found.scene.trees["life"].root == Choose((Leaf("flee"), Leaf("wave")), (3.0, 1.0))
    alike = load(tmp_path, with_trees("  life:\n    choose: [flee, wave]"))
    assert alike.scene is not None
    assert alike.scene.trees["life"].root == Choose((Leaf("flee"), Leaf("wave")), (1.0, 1.0))


@pytest.mark.parametrize(
    ("weights", "slug"),
    [("[3]", "wrong-shape"), ("3", "wrong-shape"), ("[3, -1]", "out-of-range"), ("[0, 0]", "out-of-range")],
)
def test_weights_that_do_not_fit_the_children_are_told(tmp_path: Path, weights: str, slug: str) -> None:
    found = load(tmp_path, with_trees(f"  life:\n    choose: [flee, wave]\n    weights: {weights}"))
    assert found.slugs == [slug]


@pytest.mark.parametrize(
    ("word", "least", "most"),
    [("8..12 s", 8.0, 12.0), ("500 ms..2 s", 0.5, 2.0), ("1 s .. 1 min", 1.0, 60.0), ("3 s", 3.0, 0.0)],
)
def test_a_time_may_be_drawn_from_a_range(tmp_path: Path, word: str, least: float, most: float) -> None:
    found = load(tmp_path, with_trees(f"  life:\n    selector: [flee, {{modify: wave, with: [delay {word}]}}]"))
    assert found.scene is not None, found.report.text()
    root = found.scene.trees["life"].root
    assert isinstance(root, Selector)
    assert root.children[1] == Modify(Leaf("wave"), Modifier.DELAY, least, None, most)


def test_a_range_that_is_empty_is_told(tmp_path: Path) -> None:
    found = load(tmp_path, with_trees("  life:\n    selector: [flee, {modify: wave, with: [delay 5..2 s]}]"))
    assert found.slugs == ["out-of-range"]
