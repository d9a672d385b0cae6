"""Owns what the tests of perception share: the bundled model, the MELD files, a small folder to damage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emotion_runtime.perception.bundled import bundled_model_folder, load_text_model
from emotion_runtime.perception.manifest import LABELS, MODEL, TOKENIZER, seal_model_folder
from emotion_runtime.perception.onnx_text import OnnxTextModel
from tests.perception.tiny_onnx import tiny_classifier

MELD = Path(__file__).parents[3] / "shared" / "data" / "meld"


@pytest.fixture(scope="session")
def model() -> OnnxTextModel:
    return load_text_model()


@pytest.fixture(scope="session")
def meld_test() -> Path:
    path = MELD / "meld_test.csv"
    if not path.exists():
        reason = f"needs the MELD text at {path}"
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound model folder: the bundled tokenizer and a network of three labels that fits in a few hundred bytes."""
    path = tmp_path / "modèle 模型"
    path.mkdir()
    (path / MODEL).write_bytes(tiny_classifier(3))
    (path / TOKENIZER).write_bytes((bundled_model_folder() / TOKENIZER).read_bytes())
    (path / LABELS).write_bytes(b'["calm","angry","afraid"]')
    seal_model_folder(path, name="tiny", max_tokens=16, context_lines=2)
    return path
