"""Proves that the bundled tavern means exactly what its text says, and that loading drags in no model or socket."""

from __future__ import annotations

import shutil
import subprocess
import sys
from math import inf
from pathlib import Path

import pytest

from behaviors.rules import Bearer, Change, Fade, Who
from behaviors.trees import Filter, Leaf, Modifier, Modify, Parallel, Repeat, Selector, Sequence
from emotion_runtime.errors import UsageError
from emotion_runtime.scene import bundled_scene, check_scene, compiled_digest, load_scene
from emotion_runtime.scene.resolved import Contagion, Scene, Variable


@pytest.fixture(scope="module")
def tavern() -> Scene:
    return load_scene(bundled_scene())


def test_the_tavern_has_no_fault_of_any_level() -> None:
    scene, diagnostics = check_scene(bundled_scene())
    assert scene is not None
    assert diagnostics == []


def test_characters_stand_in_the_order_of_their_names(tavern: Scene) -> None:
    assert [each.id for each in tavern.characters] == ["child", "guard", "merchant", "thief"]
    assert [each.id for each in tavern.objects] == ["baby", "campfire", "corpse", "music_box"]


def test_a_character_is_its_archetype_with_its_own_words_on_top(tavern: Scene) -> None:
    child = tavern.characters[0]
    assert child.at == (8.0, 0.0, 3.0)
    assert child.personality == {
        "openness": 0.8, "conscientiousness": 0.0, "extraversion": 0.0, "agreeableness": 0.6, "neuroticism": 0.7,
    }  # fmt: skip
    assert child.half_life == {
        "anger": 20.0, "disgust": 10.0, "fear": 25.0, "joy": 20.0, "sadness": 40.0, "surprise": 3.0,
    }  # fmt: skip
    assert child.mood_half_life == 120.0
    assert child.hearing == 10.0
    assert child.contagion == (Contagion("fear", 0.015, 4.0), Contagion("joy", 0.005, 4.0))
    assert child.can == ("chat", "cry", "dance", "flee", "hide")
    assert child.tags == {"child", "person", "small"}
    assert child.tree == "small_one"
    assert child.roams == ("hall",)


def test_a_liked_name_beats_a_liked_tag(tavern: Scene) -> None:
    assert tavern.characters[0].likes == {"guard": 0.1, "merchant": 0.8, "thief": 0.1}
    assert tavern.characters[1].likes == {"merchant": 0.4, "thief": -0.8}


def test_a_rule_holds_every_part_of_the_tuple(tavern: Scene) -> None:
    confront = tavern.rules["confront"]
    assert confront.bearer == Bearer(Who.CAUSE, "anger", inf)
    assert str(confront.trigger) == "anger > 0.5 and distance < 8 m"
    assert str(confront.release) == "anger < 0.3"
    assert confront.aim == (Change("anger", -0.2, False, True), Change("fear", 0.3, False, False))
    assert (confront.lasts, confront.timeout, confront.rest) == (3.0, 14.0, 1.0)
    assert confront.orientation == "anger"
    assert confront.payload == {"gesture": "point", "shout": True}
    assert tavern.rules["rock_baby"].sets == (("crying", 0.0),)
    assert tavern.rules["comfort"].bearer == Bearer(Who.NEAREST, "small", 5.0)
    assert tavern.rules["steal"].orientation == "joy"


def test_an_object_holds_its_variables_and_rules(tavern: Scene) -> None:
    box = tavern.objects[3]
    assert box.at == (9.0, 0.0, 2.0)
    assert box.variables == (
        Variable("playing", 0.0, 0.0, 1.0, boolean=True),
        Variable("wound", 0.0, 0.0, 60.0, unit="s"),
    )
    (tune,) = box.rules
    assert tune.inflicter == "music_box"
    assert tune.bearer == Bearer(Who.ALL, "person", 6.0)
    assert tune.effect == (Change("joy", 0.03, True),)
    assert tune.fade is Fade.LINEAR


def test_trees_come_out_in_their_forms(tavern: Scene) -> None:
    root = tavern.trees["watch"].root
    assert isinstance(root, Selector)
    guarded, both, forever = root.children
    assert isinstance(guarded, Filter)
    assert guarded.child == Sequence((Leaf("confront"), Leaf("arrest")))
    assert both == Parallel((Leaf("hush"), Leaf("stand_firm")), "all")
    assert forever == Repeat(Sequence((Leaf("patrol"), Leaf("look_around"))))
    shop = tavern.trees["keep_shop"].root
    assert isinstance(shop, Selector)
    timed = Modify(Leaf("comfort"), Modifier.TIMEOUT, 6.0)
    assert shop.children[0] == Modify(timed, Modifier.COOLDOWN, 10.0)


def test_own_appraisal_rows_come_before_included_ones(tavern: Scene) -> None:
    assert [row.where.split(":")[0] for row in tavern.appraisal] == ["tavern.yaml"] * 4 + ["people.yaml"] * 7
    assert tavern.appraisal[0].who == "small"
    assert tavern.appraisal[0].feels == {"fear": 0.7, "sadness": 0.3}
    assert tavern.appraisal[4].attitude == "disliked"
    assert tavern.appraisal[6].addressed is True


def test_world_events_and_areas(tavern: Scene) -> None:
    assert tavern.world == (Variable("brawl", 0.0, 0.0, 1.0), Variable("night", 0.0, 0.0, 1.0, boolean=True))
    assert tavern.events == ("glass_breaks", "theft_seen")
    assert [(area.name, area.low, area.high) for area in tavern.areas] == [
        ("cellar", (0.0, -8.0), (5.0, -2.0)),
        ("hall", (0.0, 0.0), (14.0, 9.0)),
    ]


def test_comments_and_the_folder_do_not_count_in_the_digest(tavern: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(bundled_scene().parent, folder)
    path = folder / "tavern.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text("# another comment\n\n" + text.replace("fear < 0.6", "fear  <  0.60"), encoding="utf-8")
    assert compiled_digest(load_scene(path)) == compiled_digest(tavern)
    path.write_text(text.replace("fear < 0.6", "fear < 0.61"), encoding="utf-8")
    assert compiled_digest(load_scene(path)) != compiled_digest(tavern)


def test_an_unknown_bundled_scene_is_one_clear_error() -> None:
    with pytest.raises(UsageError) as caught:
        bundled_scene("tavrn")
    assert caught.value.remedy == "did you mean `tavern`?"


def test_loading_a_scene_imports_neither_onnxruntime_nor_zmq() -> None:
    code = (
        "import sys; from emotion_runtime.scene import bundled_scene, load_scene; load_scene(bundled_scene());"
        "sys.exit(any(name in sys.modules for name in ('onnxruntime', 'zmq', 'tokenizers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
