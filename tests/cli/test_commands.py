"""The commands that end by themselves: exit codes, one clear line for a fault, and JSON on the last line."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BROKEN = """\
scene: broken
language: 1
characters:
  guard: {at: [0, 0], tree: watch, can: [patrol]}
rules:
  patrol: {bearer: self, trigger: feer < 0.6, aim: {}, lasts: 5}
trees:
  watch: {sequence: [patrol]}
"""


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emotion_runtime", *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    return path


def test_the_version_is_printed() -> None:
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("emotion-runtime 0.")


def test_the_bundled_tavern_checks_clean() -> None:
    done = run("check", "tavern", "--strict", "--json")
    assert done.returncode == 0, done.stdout
    assert last_line(done)["scenes"][0]["diagnostics"] == []


def test_check_lists_all_faults_with_their_places_and_fails(broken: Path) -> None:
    done = run("check", str(broken), "--json")
    assert done.returncode == 1
    (report,) = last_line(done)["scenes"]
    assert {(fault["slug"], fault["line"]) for fault in report["diagnostics"]} >= {
        ("unknown-name", 6),
        ("wrong-unit", 6),
    }
    text = run("check", str(broken)).stdout
    assert "did you mean `fear`?" in text
    assert "^^^^" in text


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_scene_that_is_not_there_is_one_line_and_exit_code_2(command: str) -> None:
    done = run(command, "nowhere.yaml")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nowhere.yaml" in done.stderr


def test_serving_a_broken_scene_says_what_is_wrong_and_ends_with_2(broken: Path) -> None:
    done = run("serve", str(broken), "--port", "0")
    assert done.returncode == 2
    assert "broken.yaml:6:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_one_line_and_exit_code_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "tavern", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def test_another_host_than_this_machine_is_refused() -> None:
    done = run("serve", "tavern", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert "not_loopback" in done.stderr
    assert "emotion-runtime keygen keys; emotion-runtime serve SCENE --host 0.0.0.0 --curve keys" in done.stderr


def test_keygen_makes_keys_that_serve_takes_and_shows_no_secret(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = last_line(run("keygen", str(folder), "--client", "studio", "--role", "viewer", "--json"))
    told = run("keygen", str(folder), "--client", "game")
    secret = (folder / "game.client").read_text(encoding="ascii").split()[-1]
    assert made["sidecar"] in told.stdout
    assert secret not in told.stdout + told.stderr
    assert run("keygen", str(folder), "--client", "game").returncode == 2
    done = run(
        "serve", "tavern", "--no-model", "--port", "0", "--curve", str(folder), "--token-file", str(tmp_path / "t")
    )
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_classify_takes_lines_from_arguments() -> None:
    answers = last_line(run("classify", "You idiot! Get out!", "That is wonderful!", "--json"))["answers"]
    assert [answer["label"] for answer in answers] == ["anger", "joy"]
    assert all(abs(sum(answer["probabilities"].values()) - 1.0) < 1e-4 for answer in answers)


def test_classify_takes_lines_from_standard_input() -> None:
    summary = last_line(run("classify", "--json", given="I am so sorry for your loss.\n\nYay!\n"))
    assert summary["lines"] == 2


def test_classify_scores_a_csv_against_its_emotions(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(
        "Utterance,Speaker,Dialogue_ID,Utterance_ID,Emotion\n"
        "You idiot! Get out!,A,0,0,anger\nThat is wonderful!,B,1,0,joy\nOkay.,A,2,0,neutral\n",
        encoding="utf-8",
    )
    summary = last_line(run("classify", "--csv", str(path), "--json"))
    assert summary["scored"] == 3
    assert summary["accuracy"] == 100.0


def test_a_broken_csv_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("Utterance,Speaker,Dialogue_ID,Utterance_ID\nHi,A,0,first\n", encoding="utf-8")
    done = run("classify", "--csv", str(path))
    assert done.returncode == 2
    assert "lines.csv:2" in done.stderr


@pytest.mark.parametrize("command", [["serve", "tavern", "--port", "0"], ["classify", "Hello"]])
def test_a_missing_extra_is_one_line_and_exit_code_2(command: list[str]) -> None:
    hidden = "import sys; sys.modules['onnxruntime'] = None; from emotion_runtime.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, *command], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "emotion-runtime[cpu]" in done.stderr
