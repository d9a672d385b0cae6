"""Proves how files are read and included, and that a file that cannot be used is a diagnostic."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from emotion_runtime.errors import SceneError
from emotion_runtime.scene import check_scene, load_scene
from emotion_runtime.scene.files import LARGEST_FILE
from protocol.ids import MAX_CHARACTERS
from tests.scene.scenes import SOUND, changed, load

WITH_PEOPLE = SOUND.replace("areas:\n", "include: [people.yaml]\nareas:\n")


def test_a_missing_file_is_a_diagnostic_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(SOUND, encoding="utf-8")
    scene, (fault,) = check_scene(tmp_path / "mian.yaml")
    assert scene is None
    assert (fault.slug, fault.remedy) == ("file-missing", "did you mean `main.yaml`?")


def test_a_folder_is_not_a_scene(tmp_path: Path) -> None:
    assert [each.slug for each in check_scene(tmp_path)[1]] == ["file-missing"]


def test_a_file_name_that_cannot_be_is_a_diagnostic() -> None:
    assert [each.slug for each in check_scene("a\0b")[1]] == ["file-missing"]


def test_a_file_that_is_not_utf8_is_a_diagnostic_with_the_line(tmp_path: Path) -> None:
    found = load(tmp_path, b"scene: x\nlanguage: \xff\n")
    assert found.slugs == ["not-utf8"]
    assert "line 2" in found.faults[0].message


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf" + SOUND.encode()).slugs == []


def test_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, SOUND.replace("\n", "\r\n").encode()).slugs == []


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_a_diagnostic(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text).slugs == ["empty-file"]


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    assert load(tmp_path, b"#" * (LARGEST_FILE + 1)).slugs == ["too-large"]


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    assert load(tmp_path, "scene: " + "[" * 5000).slugs == ["too-large"]


def test_a_tree_that_explodes_when_inlined_is_refused(tmp_path: Path) -> None:
    doubled = "".join(f"  t{n}: {{sequence: [t{n + 1}, t{n + 1}]}}\n" for n in range(40))
    text = changed(
        "    selector: [flee, wave]\n", "    selector: [flee, wave, t0]\n" + doubled + "  t40: {sequence: [flee]}\n"
    )
    assert set(load(tmp_path, text).slugs) == {"too-large"}


def test_a_yaml_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    found = load(tmp_path, bomb)
    assert found.scene is None
    assert "no-anchors" in found.slugs
    assert load(tmp_path, "- " * 300_000).slugs == ["too-large"]
    assert load(tmp_path, "[" + "a, " * 300_000 + "]").slugs == ["too-large"]


def test_more_characters_than_the_wire_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = importlib.import_module("emotion_runtime.scene.build")
    assert build.MOST_CHARACTERS == MAX_CHARACTERS
    monkeypatch.setattr(build, "MOST_CHARACTERS", 1)
    found = load(tmp_path, SOUND)
    assert found.scene is None
    assert found.slugs == ["too-large"]
    assert "characters" in found.faults[0].message


def test_a_flood_of_faults_is_cut_short(tmp_path: Path) -> None:
    rules = "".join(f"  r{n}: {{bearer: self, trigger: jo{n} > 0.1, lasts: 1}}\n" for n in range(3000))
    found = load(tmp_path, changed("rules:\n  flee", "rules:\n" + rules + "  flee"))
    assert found.scene is None
    assert len(found.faults) == 1001
    assert found.faults[0].message == "there are more than 1000 faults; the others are not shown"


def test_a_flood_of_warnings_is_an_error(tmp_path: Path) -> None:
    names = ", ".join(f"e{n}" for n in range(1500))
    found = load(tmp_path, changed("events: [bang]", f"events: [bang, {names}]"))
    assert found.scene is None
    assert found.faults[0].level == "error"


def test_included_definitions_are_the_scenes_own(tmp_path: Path) -> None:
    found = load(tmp_path, WITH_PEOPLE, people="language: 1\nareas: {attic: {from: [0, 0], to: [1, 1]}}\n")
    assert found.scene is not None
    assert [area.name for area in found.scene.areas] == ["attic", "hall"]


def test_faults_of_an_included_file_carry_its_own_name(tmp_path: Path) -> None:
    found = load(tmp_path, WITH_PEOPLE, people="language: 1\nareas: {attic: {from: [0, 0]}}\n")
    (fault,) = found.faults
    assert (fault.file, fault.line, fault.col) == ((tmp_path / "people.yaml").as_posix(), 2, 16)


def test_a_name_in_two_files_shows_both_places(tmp_path: Path) -> None:
    found = load(tmp_path, WITH_PEOPLE, people="language: 1\nareas:\n  hall: {from: [0, 0], to: [1, 1]}\n")
    (fault,) = found.faults
    assert (fault.slug, Path(fault.file).name, fault.line, fault.col) == ("defined-twice", "people.yaml", 3, 3)
    assert [(Path(each.file).name, each.line, each.col) for each in fault.see] == [("main.yaml", 5, 3)]


def test_a_missing_include_is_one_fault_and_no_flood_of_unknown_names(tmp_path: Path) -> None:
    text = WITH_PEOPLE.replace("  person: {can: [flee]}\n", "  other: {can: [flee]}\n")
    assert load(tmp_path, text).places == [("file-missing", 3, 11)]


def test_a_broken_include_is_one_fault_and_no_flood_of_unknown_names(tmp_path: Path) -> None:
    text = WITH_PEOPLE.replace("  person: {can: [flee]}\n", "  other: {can: [flee]}\n")
    assert load(tmp_path, text, people="language: 1\narchetypes: {person: {\n").slugs == ["not-yaml"]


@pytest.mark.parametrize(
    "name", ["../people.yaml", "/etc/hosts", "..\\people.yaml", "C:/people.yaml", "a/../../b.yaml"]
)
def test_an_include_outside_the_project_is_refused_unread(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "people.yaml").write_text("language: 1\n", encoding="utf-8")
    assert load(folder, WITH_PEOPLE.replace("people.yaml", name)).slugs == ["include-outside"]


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "people.yaml").write_text("language: 1\n", encoding="utf-8")
    try:
        (folder / "people.yaml").symlink_to(tmp_path / "people.yaml")
    except OSError:
        pytest.skip("links cannot be made here")
    assert load(folder, WITH_PEOPLE).slugs == ["include-outside"]


def test_includes_in_a_circle_are_refused(tmp_path: Path) -> None:
    found = load(tmp_path, WITH_PEOPLE, people="language: 1\ninclude: [main.yaml]\n")
    assert found.places == [("include-cycle", 2, 11)]


def test_a_file_included_by_two_others_is_read_once(tmp_path: Path) -> None:
    text = WITH_PEOPLE.replace("[people.yaml]", "[people.yaml, more.yaml]")
    areas = "language: 1\nareas: {attic: {from: [0, 0], to: [1, 1]}}\n"
    found = load(tmp_path, text, people="language: 1\ninclude: [areas.yaml]\n",
                 more="language: 1\ninclude: [areas.yaml]\n", areas=areas)  # fmt: skip
    assert found.slugs == []


def test_a_scene_name_belongs_in_the_main_file_only(tmp_path: Path) -> None:
    assert load(tmp_path, WITH_PEOPLE, people="scene: other\nlanguage: 1\n").places == [("not-in-include", 1, 1)]


def test_loading_a_broken_scene_raises_all_faults_as_text(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(SOUND.replace("joy > 0.3", "joi > 0.3").replace("lasts: 2 s", "lasts: 2"), encoding="utf-8")
    with pytest.raises(SceneError) as caught:
        load_scene(path)
    assert caught.value.code == "broken_scene"
    assert caught.value.message == f"{path.as_posix()}:29:14: `joi` is not known in this trigger (and 1 more)"
    assert caught.value.report.count("error[") == 2


def test_a_warning_does_not_stop_a_scene(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(SOUND.replace("events: [bang]", "events: [bang, boom]"), encoding="utf-8")
    assert load_scene(path).events == ("bang", "boom")
