"""Pictures: well-formed, complete, without overlaps, the same on every run, and safe for any scene."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviors.trees import leaves
from emotion_runtime.drawing import Influences, influence_mermaid, influence_svg, map_svg, tree_mermaid, tree_svg
from emotion_runtime.drawing.trees import HEIGHT, Box, boxes, layout
from emotion_runtime.scene import bundled_scene, load_scene, scene_report

TAVERN = load_scene(bundled_scene())
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)
    return [
        "".join(part for part in [each.text or "", *[c.tail or "" for c in each]]) for each in root.iter(f"{SVG}text")
    ]


def graph() -> Influences:
    found = Influences()
    scene_report(bundled_scene(), found)
    return found


@pytest.mark.parametrize("name", sorted(TAVERN.trees))
def test_a_tree_shows_every_leaf_with_its_trigger(name: str) -> None:
    shown = texts(tree_svg(TAVERN, name))
    for leaf in leaves(TAVERN.trees[name].root):
        assert leaf.rule in shown
        assert any(
            str(TAVERN.rules[leaf.rule].trigger).startswith(text.removesuffix("...")) for text in shown if len(text) > 5
        )


def test_a_tree_shows_what_tests_have_started() -> None:
    plain, covered = tree_svg(TAVERN, "prowl"), tree_svg(TAVERN, "prowl", {"flee": ["succeeded"]})
    assert "never started in tests" not in plain
    assert covered.count("never started in tests") > 0
    assert "not seen in tests: succeeded" in covered
    assert "stroke-dasharray" in covered


def test_the_map_shows_everybody_and_everything() -> None:
    shown = texts(map_svg(TAVERN, hearing=True))
    for name in [*(p.id for p in TAVERN.characters), *(o.id for o in TAVERN.objects), *(a.name for a in TAVERN.areas)]:
        assert name in shown


def test_the_influence_graph_shows_the_rules_that_push_each_other() -> None:
    shown = texts(influence_svg(TAVERN, graph().graph))
    assert {"dance", "sell", "comfort", "guard", "thief"} <= set(shown)
    assert "patrol" not in shown, "it touches no other rule"


def test_pictures_are_the_same_on_every_run() -> None:
    assert tree_svg(TAVERN, "watch") == tree_svg(TAVERN, "watch")
    assert influence_svg(TAVERN, graph().graph) == influence_svg(TAVERN, graph().graph)
    assert map_svg(TAVERN) == map_svg(TAVERN)


def test_mermaid_names_every_node_and_escapes_comparisons() -> None:
    text = tree_mermaid(TAVERN, "watch")
    assert text.startswith("flowchart TD\n")
    assert text.count("-->") == 11
    assert "anger #gt; 0.3 and fear #lt; 0.7" in text
    whole = influence_mermaid(TAVERN, graph().graph)
    assert whole.startswith("flowchart LR\n")
    assert whole.count("subgraph") == 4


def test_a_scene_without_any_influence_still_gives_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(
        "scene: one\nlanguage: 1\ncharacters:\n  anna: {at: [0, 0], can: [hum], tree: life}\n"
        "rules:\n  hum: {bearer: self, trigger: joy > 0.3, lasts: 1 s}\ntrees:\n  life: {sequence: [hum]}\n",
        encoding="utf-8",
    )
    found = Influences()
    scene, report = scene_report(path, found)
    assert scene is not None, report.text()
    assert "no rule pushes" in influence_svg(scene, found.graph)
    ET.fromstring(map_svg(scene))


def shapes() -> st.SearchStrategy[Box]:
    leaf = st.text("abcdefgh_", min_size=1, max_size=40).map(lambda name: Box("leaf", (name, "fear > 0.5"), "", name))
    return st.recursive(
        leaf,
        lambda below: st.lists(below, min_size=1, max_size=4).map(
            lambda children: Box("selector", ("selector", "the first that can"), "", "", children)
        ),
        max_leaves=25,
    )


@settings(max_examples=150, deadline=None)
@given(shapes())
def test_no_two_boxes_of_any_tree_overlap_and_all_lie_inside(root: Box) -> None:
    width, height = layout(root)
    every = list(walk(root))
    for box in every:
        assert box.x - box.width / 2 >= -1e-6
        assert box.x + box.width / 2 <= width + 1e-6
        assert box.y + HEIGHT <= height
        for child in box.below:
            assert child.y > box.y + HEIGHT
    for one, other in itertools.combinations(every, 2):
        if one.y == other.y:
            assert abs(one.x - other.x) >= (one.width + other.width) / 2 - 1e-6


def walk(box: Box) -> list[Box]:
    return [box, *(each for child in box.below for each in walk(child))]


def test_the_boxes_of_a_real_tree_join_modifiers_around_one_child() -> None:
    root = boxes(TAVERN, TAVERN.trees["keep_shop"])
    (comfort,) = [each for each in walk(root) if each.form == "modify"]
    assert comfort.lines == ("modify", "cooldown 10 s, timeout 6 s")
