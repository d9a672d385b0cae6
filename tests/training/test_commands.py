"""Rules of `train`, `export`, `evaluate meld`, `bench perception` and `explain --men`: from corpora to tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.errors import UsageError
from tests.training import tiny


def run(*arguments: object) -> str:
    found = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def told(*arguments: object) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(run(*arguments, "--json").splitlines()[-1])
    return held


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    tiny.write_encoder(folder / "encoder")
    tiny.write_meld(folder / "meld", 60)
    tiny.write_goemotions(folder / "goemotions")
    corpora = ("--base", folder / "encoder", "--meld", folder / "meld", "--goemotions", folder / "goemotions")
    folder.joinpath("record.txt").write_text(
        json.dumps(told("train", "text", *corpora, "--seeds", "1,2", "-o", folder / "work", "--steps", 1)),
        encoding="utf-8",
    )
    return folder


def test_train_text_says_what_it_found_on_dev_and_writes_a_sealed_folder(place: Path) -> None:
    record = json.loads((place / "record.txt").read_text(encoding="utf-8"))
    assert set(record["dev_weighted_f1"]) == {"seed 1", "seed 2", "average"}
    assert (place / "work" / "model" / "manifest.json").is_file()
    assert record["bytes"] > 0
    assert json.loads((place / "work" / "record.json").read_text(encoding="utf-8"))["type"] == "train text"


def test_export_writes_one_seed_or_the_average(place: Path) -> None:
    corpora = ("--base", place / "encoder", "--meld", place / "meld")
    first = told("export", "text", place / "work", *corpora, "-o", place / "one", "--seed", 1)
    assert Path(first["folder"], "manifest.json").is_file()
    with pytest.raises(UsageError, match="seed 7"):
        run("export", "text", place / "work", *corpora, "-o", place / "none", "--seed", 7)


def test_evaluate_meld_compares_all_models_in_one_run(place: Path) -> None:
    told("train", "men", "--base", place / "encoder", "--meld", place / "meld", "-o", place / "men", "--epochs", 1)
    arguments: tuple[object, ...] = (
        "--meld",
        place / "meld",
        "--base",
        place / "encoder",
        "--cache",
        place / "cache",
        "--seeds",
        "1",
    )
    arguments += ("--model", place / "work" / "model", "--men", place / "men", "--ablation")
    arguments += ("--markdown", place / "tables.md", "--picture", place / "confusion.svg")
    names = [row["model"] for row in told("evaluate", "meld", *arguments)["models"]]
    assert names[:2] == ["model", "RoBERTa-MEN"]
    assert {"majority", "TF-IDF + LR", "bc-LSTM", "DialogueRNN", "early fusion", "late fusion", "proposed"} < set(names)
    assert {"without enhancement", "without reorganisation", "without either"} < set(names)
    assert "| proposed |" in (place / "tables.md").read_text(encoding="utf-8")
    assert (place / "confusion.svg").read_text(encoding="utf-8").startswith("<svg")


def test_explain_shows_the_words_the_network_looked_at(place: Path) -> None:
    if not (place / "men").exists():
        told("train", "men", "--base", place / "encoder", "--meld", place / "meld", "-o", place / "men", "--epochs", 1)
    found = told("explain", "damn the king", "--men", place / "men", "-o", place / "words.svg")
    assert [word["word"] for word in found["words"]] == ["[CLS]", "damn", "the", "king", "[SEP]"]
    assert sum(word["weight"] for word in found["words"]) == pytest.approx(1.0)
    assert "damn" in (place / "words.svg").read_text(encoding="utf-8")


def test_bench_perception_times_the_same_lines_in_both(place: Path) -> None:
    found = told(
        *("bench", "perception", "--csv", place / "meld" / "meld_test.csv", "--lines", 10),
        *("--reference", place / "encoder", "--model", place / "work" / "model"),
    )
    assert found["lines"] == 10
    assert [row["name"] for row in found["rows"]] == ["reference", "model"]
    assert found["rows"][0]["ratio"] == 1.0


def test_options_that_do_not_go_together_are_refused(place: Path) -> None:
    with pytest.raises(UsageError, match="--raw"):
        run("evaluate", "meld", "--meld", place / "meld", "--openface", place)
    with pytest.raises(UsageError, match="--seeds"):
        run("evaluate", "meld", "--meld", place / "meld", "--base", place / "encoder", "--seeds", "x")
