"""The characters of docs/examples are scenes without faults; each does what its first line says, in every executor."""

from __future__ import annotations

from pathlib import Path

import pytest

from behaviors.forest import Forest
from behaviors.trees import walk
from emotion_runtime.outputs import Start
from emotion_runtime.player import NominalPlayer
from emotion_runtime.scene import check_scene, load_scene
from emotion_runtime.simulation import Simulation
from tests.behaviors.equality import compare_on
from tests.behaviors.fuzz import in_numpy

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLES = sorted(FOLDER.glob("*.yaml"))
WANTED: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "01_baker": ((), ["knead", "bake", "knead"]),
    "02_rabbit": (("twig_snaps",), ["bolt", "graze"]),
    "03_sentry": (("gate_rattles",), ["shout", "advance"]),
    "04_bard": ((), ["sing", "sway", "sing", "sway"]),
    "05_gardener": ((), ["water", "water", "water", "rest_a_while"]),
    "06_jester": ((), ["greet", "juggle", "bow"]),
    "07_mother_and_child": (("toy_breaks",), ["cry", "comfort"]),
    "08_campfire": ((), ["tell_a_story"]),
    "09_guard": (("alarm",), ["shout", "search", "walk_round"]),
}


def test_there_are_nine_examples_that_grow() -> None:
    assert [path.stem for path in EXAMPLES] == list(WANTED)
    every = {type(node).__name__ for tree in load_scene(EXAMPLES[-1]).trees.values() for node in walk(tree.root)}
    assert every >= {"Sequence", "Selector", "Filter", "Parallel", "Repeat", "Modify"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_no_fault_and_does_what_it_says(path: Path) -> None:
    _, found = check_scene(path)
    assert [str(each) for each in found] == []
    events, wanted = WANTED[path.stem]
    with Simulation.from_scene(path, perception=None, player=NominalPlayer()) as simulation:
        for event in events:
            simulation.event(event)
        begun = [command.rule for command in simulation.run(12) if isinstance(command, Start)]
    places = iter(begun)
    assert all(any(each == want for each in places) for want in wanted), begun


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_trees_of_an_example_are_equal_in_all_executors(path: Path) -> None:
    scene = load_scene(path)
    forest = Forest([*scene.trees.values()] * 3, scene.rules, scene.pad)
    for seed in range(3):
        compare_on(forest, seed, 0.5, in_numpy)
