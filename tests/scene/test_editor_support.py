"""What editors and other machines get: JSON Schema, positions, SARIF, GitHub commands, and the long explanations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource

from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.scene.explanations import EXAMPLES, WHY, explain
from emotion_runtime.scene.formats import as_github, as_json, as_sarif
from emotion_runtime.scene.schema import NAMES_FILE, SCHEMA_FILE, names_schema, scene_schema
from emotion_runtime.scene.slugs import PROVED, SLUGS
from tests.scene.scenes import SOUND, changed, load

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
GOOD = sorted(
    [*bundled_scene().parent.glob("*.yaml"), *(p for p in TUTORIAL.glob("*.yaml") if "scenario" not in p.name)]
)


def faults(text: str, scene: Any = None) -> list[str]:
    files = {SCHEMA_FILE: scene_schema(), NAMES_FILE: names_schema(scene)}
    registry: Registry[Any] = Registry().with_resources(
        [(name, Resource.from_contents(contents)) for name, contents in files.items()]
    )
    validator = jsonschema.Draft7Validator(files[SCHEMA_FILE], registry=registry)
    return [error.message for error in validator.iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_every_example_fits_the_schema(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), load_scene(bundled_scene())) == []
    assert faults(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    aim: {joy: +0.1}", "    goal: {joy: +0.1}"),
        ("lasts: 2 s", "lasts: 2"),
        ("+0.02/s", "'+0.02'"),
        ("selector: [flee, wave]", "select: [flee, wave]"),
        ("selector: [flee, wave]", "selector: []"),
        ("{neuroticism: 0.5}", "{neurotic: 0.5}"),
        ("{neuroticism: 0.5}", "{neuroticism: 1.5}"),
        ("at: [2, 2], ", ""),
        ("language: 1\n", "language: 2\n"),
    ],
)
def test_what_the_schema_can_see_it_refuses(old: str, new: str) -> None:
    assert faults(changed(old, new))


def test_the_schema_is_a_schema_and_describes_every_field() -> None:
    schema = scene_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    for name, definition in schema["$defs"].items():
        for key, field in definition.get("properties", {}).items():
            assert "description" in field or "$ref" in field, f"{name}.{key}"


def test_names_of_the_scene_are_offered() -> None:
    names = names_schema(load_scene(bundled_scene()))["$defs"]
    assert "flee" in names["rule"]["enum"]
    assert "watch" in names["leaf"]["enum"]
    assert names["tag"]["enum"] == ["child", "guard", "merchant", "person", "small", "thief"]


def test_positions_for_editors_count_utf16_units(tmp_path: Path) -> None:
    text = changed("    trigger: joy > 0.3", "    trigger: joy > 0.3 and 𝓯ear > 1  # 𝓯")
    found = load(tmp_path, text)
    (fault,) = as_json(found.faults, found.report.sources)
    assert isinstance(fault, dict)
    before = text.splitlines()[fault["line"] - 1][: fault["col"] - 1]  # type: ignore[operator]
    assert fault["range"]["start"]["character"] == len(before.encode("utf-16-le")) // 2  # type: ignore[index,call-overload]


def test_github_gets_one_escaped_line_a_fault(tmp_path: Path) -> None:
    found = load(tmp_path, changed("fear > 0.6", "feer > 0.6"))
    (line,) = as_github(found.faults).splitlines()
    assert line.startswith("::error file=")
    assert ",title=unknown-name::" in line
    assert "%0Atry: did you mean `fear`?" in line


def test_sarif_names_its_rules_and_places(tmp_path: Path) -> None:
    found = load(tmp_path, changed("fear > 0.6", "feer > 0.6").replace("joy > 0.3", "joi > 0.3"))
    log: Any = json.loads(json.dumps(as_sarif(found.faults, "1.0")))
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["unknown-name"]
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["endColumn"] > region["startColumn"]


def test_every_slug_is_explained_with_a_wrong_and_a_right_example() -> None:
    assert set(EXAMPLES) == {*SLUGS, *PROVED}
    assert set(WHY) == set(PROVED)
    for slug in EXAMPLES:
        assert "  wrong: " in explain(slug)


def test_every_proved_slug_is_explained_in_the_docs() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")
    for slug, meaning in PROVED.items():
        assert f"| `{slug}` |" in docs, slug
        assert meaning in docs, slug
