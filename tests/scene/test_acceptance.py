"""Proves that what the scene language accepts, the behavior engine accepts too: no scene fails after loading."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from behaviors.conditions import Conditions
from behaviors.forest import Forest
from behaviors.library import Library
from behaviors.objects import Influence
from behaviors.reference import ReferenceExecutor
from behaviors.senses import Cast
from behaviors.triggers import Triggers
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.scene.resolved import TRAITS, Scene
from tests.scene.scenes import SOUND, load
from tests.scene.test_broken_input import TAVERN, common, mutated


def cast_of(scene: Scene) -> Cast:
    names = [f"world.{each.name}" for each in scene.world]
    names += [f"{thing.id}.{each.name}" for thing in scene.objects for each in thing.variables]
    tags = sorted({tag for each in scene.characters for tag in each.tags})
    return Cast(
        characters=tuple(each.id for each in scene.characters),
        objects=tuple(each.id for each in scene.objects),
        labels=scene.labels,
        traits=TRAITS,
        tagged={
            tag: np.array([n for n, each in enumerate(scene.characters) if tag in each.tags], np.int32) for tag in tags
        },
        variables={name: row for row, name in enumerate(names)},
    )


def raise_forest(scene: Scene) -> None:
    """Build everything the runtime builds from a scene."""
    cast = cast_of(scene)
    trees = [scene.trees[each.tree] if each.tree else None for each in scene.characters]
    forest = Forest(trees, scene.rules, scene.pad)
    Triggers(cast, forest.slots, forest.rules)
    Conditions(cast, forest)
    ReferenceExecutor(forest)
    interactive = [rule for thing in scene.objects for rule in thing.rules]
    Influence(cast, interactive)
    Library(scene.rules, interactive, {each.id: each.can for each in scene.characters})
    for tree in scene.trees.values():
        Forest([tree] * len(trees), scene.rules, scene.pad)


def test_the_tavern_grows() -> None:
    raise_forest(load_scene(bundled_scene()))


def hold(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        people = (bundled_scene().parent / "people.yaml").read_text(encoding="utf-8")
        scene = load(Path(folder), text.encode("utf-8", "replace"), people=people).scene
    if scene is not None:
        raise_forest(scene)


@common
@given(mutated(SOUND))
def test_an_accepted_small_scene_grows(text: str) -> None:
    hold(text)


@common
@given(mutated(TAVERN))
def test_an_accepted_tavern_grows(text: str) -> None:
    hold(text)


WORDS = [
    "invert", "force success", "force failure", "timeout 2 s", "cooldown 1 s", "retry 3", "once", "delay 10 ms",
    "guard joy > 0.2",
]  # fmt: skip
NODES = st.recursive(
    st.sampled_from(["flee", "wave", "other"]),
    lambda below: st.one_of(
        st.lists(below, min_size=1, max_size=3).map(lambda n: "{sequence: [" + ", ".join(n) + "]}"),
        st.lists(below, min_size=1, max_size=3).map(lambda n: "{selector: [" + ", ".join(n) + "]}"),
        st.tuples(st.lists(below, min_size=1, max_size=3), st.sampled_from(["all", "one", "flee"])).map(
            lambda n: "{parallel: [" + ", ".join(n[0]) + f"], succeed: {n[1]}}}"
        ),
        below.map(lambda n: f"{{filter: {n}, while: fear > 0.1 and world.night}}"),
        st.tuples(below, st.sampled_from(["times: 2", "times: forever", "until: failure"])).map(
            lambda n: f"{{repeat: {n[0]}, {n[1]}}}"
        ),
        st.tuples(
            below,
            st.lists(
                st.sampled_from(WORDS),
                min_size=1,
                max_size=3,
            ),
        ).map(lambda n: f"{{modify: {n[0]}, with: [{', '.join(n[1])}]}}"),
    ),
    max_leaves=12,
)


@common
@given(NODES)
def test_an_accepted_tree_grows(node: str) -> None:
    text = SOUND.replace(
        "  life:\n    selector: [flee, wave]\n",
        f"  life: {{selector: [{node}, wave]}}\n  other: {{sequence: [flee]}}\n",
    )
    hold(text)
