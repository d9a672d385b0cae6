"""Baselines of speech: the same networks on other features, speakers left out; openSMILE only where it is installed."""

from __future__ import annotations

import importlib.util
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.errors import MissingExtraError, UsageError
from emotion_runtime.training.speech.corpus import LETTERS
from tests.training import joined


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three speakers with every label once, told apart by pitch in two groups."""
    folder = tmp_path_factory.mktemp("emodb")
    for speaker in (3, 8, 9):
        for at, letter in enumerate(LETTERS):
            with wave.open(str(folder / f"{speaker:02d}a0{at}{letter}a.wav"), "wb") as clip:
                clip.setparams((1, 2, joined.RATE, 0, "NONE", ""))
                clip.writeframes(joined.tone(at, 0.6, seed=speaker * 10 + at))
    return folder


def told(*arguments: object) -> dict[str, Any]:
    found = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    record: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return record


def test_features_are_compared_by_the_same_networks_on_speakers_never_heard(clips: Path, tmp_path: Path) -> None:
    record = told("evaluate", "emodb", clips, "--seeds", 2, "--networks", 1, "--cache", tmp_path)
    assert record["clips"] == 21
    rows = {row["model"]: row for row in record["models"]}
    assert rows["majority"]["uar_mean"] == pytest.approx(100.0 / 7.0, abs=0.1)
    assert set(rows) == {"majority", "ours, training set's scale", "ours, running per speaker"}
    assert all(len(row["uar"]) == 2 for row in rows.values())


def test_opensmile_is_asked_for_by_name_and_never_needed_otherwise(clips: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no baseline `praat`"):
        told("evaluate", "emodb", clips, "--baseline", "praat")
    command = ("evaluate", "emodb", clips, "--seeds", 1, "--networks", 1, "--baseline", "opensmile")
    if importlib.util.find_spec("opensmile") is None:
        with pytest.raises(MissingExtraError, match="for research only"):
            told(*command, "--cache", tmp_path)
        return
    names = [row["model"] for row in told(*command, "--cache", tmp_path)["models"]]
    assert "eGeMAPS (openSMILE), running per speaker" in names
    assert np.load(next(tmp_path.glob("egemaps-*.npy"))).shape == (1, 21, 88)
