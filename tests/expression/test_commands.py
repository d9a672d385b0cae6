"""The commands about faces: what they write, what they print, and how they refuse."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from emotion_runtime.cli.expression import evaluate_app, face_sheet, study_app, transfer
from emotion_runtime.errors import UsageError
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.expression.transfer.takes import read_take
from tests.conftest import shared_file

app = typer.Typer()
app.command("face-sheet")(face_sheet)
app.command()(transfer)
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(study_app, name="study")


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.fixture
def take(tmp_path: Path) -> Path:
    rows = [[0.5 + 0.5 * math.sin(frame / 5.0 + shape) for shape in range(52)] for frame in range(50)]
    lines = [",".join(["seconds", *ARKIT])]
    lines += [",".join([str(frame / 50.0), *map(str, row)]) for frame, row in enumerate(rows)]
    (tmp_path / "take.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "take.csv"


def test_the_sheets_are_written(tmp_path: Path) -> None:
    run("face-sheet", "-o", tmp_path / "faces.svg")
    assert (tmp_path / "faces.svg").read_text(encoding="utf-8").count("<svg") == 1
    run("face-sheet", "-o", tmp_path / "said.svg", "--say", "Hello there", "--feeling", "joy=0.5", "--frames", "4")
    assert "Hello there" in (tmp_path / "said.svg").read_text(encoding="utf-8")
    with pytest.raises(UsageError):
        run("face-sheet", "-o", tmp_path / "x.svg", "--say", "Hello", "--feeling", "glee=1")
    with pytest.raises(UsageError):
        run("face-sheet", "-o", tmp_path / "none" / "x.svg")


def test_a_transfer_to_oneself_is_bitwise_the_same_and_reports_no_loss(take: Path, tmp_path: Path) -> None:
    (tmp_path / "self.yaml").write_text("version: 1\n", encoding="utf-8")
    found = json.loads(run("transfer", take, "--to", tmp_path / "self.yaml", "-o", tmp_path / "out.csv", "--json"))
    assert found["frames"] == 50
    assert found["lost_px"] == {}
    assert read_take(tmp_path / "out.csv").weights.tobytes() == read_take(take).weights.tobytes()


def test_what_a_target_cannot_show_is_printed(take: Path, tmp_path: Path) -> None:
    names = [name for name in ARKIT if name != "cheekPuff"]
    (tmp_path / "robot.yaml").write_text(f"version: 1\navailable: [{', '.join(names)}]\n", encoding="utf-8")
    printed = run("transfer", take, "--to", tmp_path / "robot.yaml", "-o", tmp_path / "out.csv")
    assert "cannot be shown: cheekPuff" in printed
    assert not np.any(read_take(tmp_path / "out.csv").weights[:, ARKIT.index("cheekPuff")])


def test_the_evaluation_prints_distances_beside_their_anchors(take: Path) -> None:
    printed = run("evaluate", "expression", "--shown", take, "--truth", take)
    for word in ("L-LD", "L-LVD", "F-LD", "F-LVD", "anchor: neutral face", "anchor: 100 ms late", "no registration"):
        assert word in printed
    with pytest.raises(UsageError):
        run("evaluate", "expression", "--shown", take)


def test_the_evaluation_says_how_our_basis_agrees_with_the_yardstick() -> None:
    found = json.loads(
        run("evaluate", "expression", "--json", "--yardstick", shared_file("data", "face", "ict68_arkit52.npz"))
    )
    assert found["closest_pair"]["px"] >= 2.5
    assert min(found["from_neutral"].values()) >= 2.0
    assert found["reader_silent"] >= 0.85
    assert found["reader_speaking"] >= 0.70
    assert len(found["agreement"]["cosine"]) == 51


def test_a_study_is_made_and_reported(tmp_path: Path) -> None:
    run("study", "make", tmp_path, "--clips", "2", "--seed", "9")
    key = json.loads((tmp_path / "key.json").read_text(encoding="utf-8"))
    rows = [
        {"clip": clip, "label": truth, "overall": 70, "most": truth, "most_score": 80, "least": "joy", "least_score": 5}
        for clip, truth in key["truth"].items()
    ]
    answers = {"study": key["study"], "person": 1, "answers": rows}
    (tmp_path / "answers-1.json").write_text(json.dumps(answers), encoding="utf-8")
    printed = run("study", "report", tmp_path / "key.json", tmp_path / "answers-1.json")
    assert "accuracy 100.00 %" in printed
    assert "mean 70.00" in printed
