"""Rules of the optional extra: the runtime never loads torch, and without it training says what to install."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from emotion_runtime.errors import MissingExtraError
from emotion_runtime.training import require_training
from tests.training.conftest import fail_in_ci, missing


def test_the_tests_of_training_were_collected() -> None:
    if missing():
        fail_in_ci(f"the tests of training need {', '.join(missing())}: pip install -e '.[train]'")


def test_training_without_its_packages_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        require_training("transformers")
    assert caught.value.code == "missing_extra"
    assert "emotion-runtime[train]" in caught.value.remedy


def test_the_runtime_never_loads_torch() -> None:
    program = (
        "import sys; import emotion_runtime.cli, emotion_runtime.perception.bundled as b; b.load_text_model();"
        "print([n for n in ('torch', 'transformers', 'emotion_runtime.training') if n in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
