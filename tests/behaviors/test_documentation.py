"""The examples of docs/behaviors.md are scenes without faults, one for each form, and they play."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from behaviors.forest import Forest
from behaviors.reference import ReferenceExecutor
from behaviors.trees import Choose, Filter, Modify, Parallel, Repeat, Selector, Sequence
from emotion_runtime.scene import check_scene, load_scene

PAGE = Path(__file__).parents[2] / "docs" / "behaviors.md"
FORMS = {
    "sequence": Sequence,
    "selector": Selector,
    "choose": Choose,
    "filter": Filter,
    "parallel": Parallel,
    "repeat": Repeat,
    "modify": Modify,
}
EXAMPLES = dict(re.findall(r"^### (\w+)\n.*?```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.M | re.S))


def test_every_form_has_an_example() -> None:
    assert set(EXAMPLES) == set(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_an_example_is_a_scene_without_faults_and_plays(form: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLES[form], encoding="utf-8")
    _, found = check_scene(path)
    assert [each for each in found if each.level == "error"] == []
    scene = load_scene(path)
    (tree,) = scene.trees.values()
    assert isinstance(tree.root, FORMS[form])
    forest = Forest([tree], scene.rules, scene.pad)
    slots, rows = len(forest.slots), len(forest.conditions)
    yes = np.ones(slots, np.bool_)
    outcomes = ReferenceExecutor(forest).tick(0, yes, yes, np.zeros(slots, np.uint8), np.ones(rows, np.bool_))
    assert outcomes.running.any()
