"""The designer's commands: check with its formats and watch, explain, init, schema, draw, test, play."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from emotion_runtime.cli.check import check, watching
from emotion_runtime.cli.dialogue_line import Command, read_line
from emotion_runtime.cli.draw import draw
from emotion_runtime.cli.explain import explain
from emotion_runtime.cli.init import init, schema
from emotion_runtime.cli.session import Session
from emotion_runtime.cli.test_scenes import test as run_tests
from emotion_runtime.errors import SceneError, UsageError
from emotion_runtime.proofs import Proving
from emotion_runtime.testing import Sim, run_file

LOOP = """\
scene: loop
language: 1
characters:
  anna: {at: [0, 0], can: [shout], tree: one_way}
  ben: {at: [1, 0], can: [shout_back], tree: other_way}
rules:
  shout: {bearer: ben, trigger: anger > 0.4, aim: {anger: +0.40}, lasts: 2 s}
  shout_back: {bearer: anna, trigger: anger > 0.4, aim: {anger: +0.40}, lasts: 2 s}
trees:
  one_way: {sequence: [shout]}
  other_way: {sequence: [shout_back]}
"""


def call(command: object, *arguments: str) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)  # type: ignore[type-var]
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    path = tmp_path / "loop.yaml"
    path.write_text(LOOP, encoding="utf-8")
    return path


def test_notes_do_not_fail_and_simulate_turns_them_into_warnings(loop: Path) -> None:
    done = call(check, str(loop))
    assert done.exit_code == 0
    assert "note[rules-feed-each-other]" in done.output
    done = call(check, str(loop), "--simulate", "--strict")
    assert done.exit_code == 1
    assert "warning[rules-feed-for-ever]" in done.output


def test_every_format_is_what_it_says(loop: Path) -> None:
    assert json.loads(call(check, str(loop), "--format", "json").output)["scenes"][0]["diagnostics"][0]["range"]
    assert json.loads(call(check, str(loop), "--format", "sarif").output)["version"] == "2.1.0"
    assert call(check, str(loop), "--format", "github").output.startswith("::notice file=")


def test_closed_counts_only_what_the_scene_declares(loop: Path) -> None:
    done = call(check, str(loop), "--closed")
    assert done.exit_code == 1
    assert "error[trigger-unreachable]" in done.output


def test_paper_shows_the_tuples() -> None:
    text = call(check, "tavern", "--paper").output
    assert "<guard, self, fear < 0.6, {}, idle>" in text
    assert "<campfire, all(person) within 4 m, lit and heat > 0.2, idle>" in text


def test_watch_shows_a_report_when_a_file_has_changed_and_only_then(loop: Path) -> None:
    shown: Iterator[str] = watching([loop], Proving(), False, rounds=4)
    assert "\nok, " in next(shown)
    loop.write_text(LOOP.replace("anger > 0.4", "angr > 0.4"), encoding="utf-8")
    assert "\nfaults, " in next(shown)
    loop.write_text(LOOP + "# mended\n", encoding="utf-8")
    assert "\nok, " in next(shown)
    assert next(shown, "nothing more") == "nothing more"


def test_watch_brings_the_names_for_the_editor_up_to_date(tmp_path: Path) -> None:
    call(init, str(tmp_path), "--name", "camp")
    scene = tmp_path / "camp.yaml"
    scene.write_text(scene.read_text(encoding="utf-8").replace("talk", "gossip"), encoding="utf-8")
    list(itertools.islice(watching([scene], Proving(), False, rounds=1), 1))
    assert "gossip" in (tmp_path / ".emotion" / "names.schema.json").read_text(encoding="utf-8")


def test_explain_tells_or_suggests() -> None:
    assert "always chosen first" in call(explain, "branch-shadowed").output
    assert "unknown-name: " in call(explain, "list").output
    done = call(explain, "branch-shaded")
    assert isinstance(done.exception, UsageError)
    assert "branch-shadowed" in done.exception.remedy


def test_a_new_project_is_clean_tested_and_never_overwritten(tmp_path: Path) -> None:
    done = call(init, str(tmp_path), "--name", "camp")
    assert done.exit_code == 0, done.output
    assert call(check, str(tmp_path / "camp.yaml"), "--strict").exit_code == 0
    assert call(run_tests, str(tmp_path)).exit_code == 0
    for settings in (".vscode/tasks.json", ".vscode/settings.json", ".vscode/emotion.code-snippets"):
        assert json.loads((tmp_path / settings).read_text(encoding="utf-8"))
    first = (tmp_path / "camp.yaml").read_text(encoding="utf-8")
    assert first.startswith("# yaml-language-server: $schema=./.emotion/scene-1.schema.json\n")
    assert isinstance(call(init, str(tmp_path), "--name", "camp").exception, UsageError)
    assert "kept " in call(init, str(tmp_path), "--name", "other").output
    assert isinstance(call(init, str(tmp_path), "--name", "My Camp").exception, UsageError)


def test_the_problem_matcher_reads_our_lines(loop: Path) -> None:
    import re

    from emotion_runtime.cli.starter import TASKS

    pattern = TASKS["tasks"][0]["problemMatcher"]["pattern"]
    line = call(check, str(loop)).output.splitlines()[0]
    found = re.match(pattern["regexp"], line)
    assert found is not None
    assert found[pattern["line"]] == "7"
    assert found[pattern["code"]] == "rules-feed-each-other"


def test_the_schema_is_printed() -> None:
    assert json.loads(call(schema).output)["$id"] == "scene-1.schema.json"
    assert "flee" in call(schema, "tavern").output


def test_pictures_are_drawn_to_files_or_to_the_terminal(tmp_path: Path, loop: Path) -> None:
    assert call(draw, "tavern", "tree", "watch").output.startswith("<svg ")
    assert call(draw, "tavern", "tree", "watch", "--format", "mermaid").output.startswith("flowchart TD")
    assert call(draw, "tavern", "map").output.startswith("<svg ")
    assert call(draw, "tavern", "influence", "--format", "mermaid").output.startswith("flowchart LR")
    call(draw, "tavern", "--out", str(tmp_path / "trees"))
    assert sorted(p.name for p in (tmp_path / "trees").iterdir()) == [
        "keep_shop.svg", "prowl.svg", "small_one.svg", "watch.svg",
    ]  # fmt: skip
    call(draw, str(loop), "influence", "--out", str(tmp_path / "one.svg"))
    assert (tmp_path / "one.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert isinstance(call(draw, "tavern", "tree", "wach").exception, UsageError)
    assert isinstance(call(draw, "tavern", "map", "--format", "mermaid").exception, UsageError)
    broken = tmp_path / "broken.yaml"
    broken.write_text("scene: x\n", encoding="utf-8")
    assert isinstance(call(draw, str(broken)).exception, SceneError)


def test_a_tree_is_drawn_with_what_scenarios_start(tmp_path: Path) -> None:
    call(init, str(tmp_path), "--name", "camp")
    text = call(
        draw, str(tmp_path / "camp.yaml"), "tree", "life", "--tests", str(tmp_path / "camp.scenario.yaml")
    ).output
    assert "<svg " in text
    assert "never started in tests" not in text


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("guard: Out, now!", Command("say", "guard", None, "Out, now!")),
        ("guard>child: Out! [anger: 0.9]", Command("say", "guard", "child", "Out!", heard={"anger": 0.9})),
        ("event theft_seen thief", Command("event", "theft_seen", "thief")),
        ("move guard 3 4.5", Command("move", "guard", place=[3.0, 4.5])),
        ("move guard child", Command("move", "guard", "child")),
        ("set world.night true", Command("set", "world.night", value=1.0)),
        ("", Command("run")),
        ("run 5 s", Command("run", text="5 s", rest=["5", "s"])),
    ],
)
def test_a_typed_line_is_read(line: str, command: Command) -> None:
    assert read_line(line) == command


def test_a_session_tells_what_happens_and_can_be_told_again(tmp_path: Path) -> None:
    session = Session(Sim("tavern"))
    text = "\n".join(session.answer("guard>child: Out! [anger: 0.9]"))
    assert "guard sounds: anger" in text
    assert "child starts flee (guard): fear 0." in text
    assert "guard said anger" in "\n".join(session.answer("why child fear"))
    assert session.answer("event theft_sen")[0].endswith("(did you mean `theft_seen`?)")
    assert session.answer("evnt flood")[0].startswith("? `evnt` is not understood (did you mean `event`?")
    assert session.answer("set world.night maybe")[0].startswith("? ")
    assert "steal" in "\n".join([*session.answer("set world.night true"), *session.answer("until thief does steal")])
    assert session.answer("until child.joy > 0.99")[0].startswith("? not so: ")
    assert any("for " in line for line in session.answer("doing"))
    assert any("save FILE" in line for line in session.answer("help"))
    path = tmp_path / "played.scenario.yaml"
    session.answer(f"save {path}")
    (outcome,) = run_file(path)
    assert outcome.failures == ()
    session.answer("quit")
    assert session.over


def test_paper_refuses_what_refines_a_trigger(tmp_path: Path) -> None:
    scene = tmp_path / "refined.yaml"
    scene.write_text(LOOP.replace("anger > 0.4", "anger > 0.4 and distance < 3 m", 1), encoding="utf-8")
    assert "paper-trigger" not in call(check, str(scene)).output
    done = call(check, str(scene), "--paper")
    assert done.exit_code == 1
    assert "error[paper-trigger]" in done.output
    assert "`distance` is neither" in done.output
