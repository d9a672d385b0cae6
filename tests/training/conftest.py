"""Owns what the tests of training share: torch, or a skip that says why it is not there."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

NEEDED = ("torch", "transformers", "onnx", "onnxruntime")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Without torch these files cannot even be imported; `test_without_torch.py` says so in their place."""
    if missing() and collection_path.name.startswith("test_") and collection_path.name != "test_without_torch.py":
        return True
    return None


def missing() -> list[str]:
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On one thread: the arithmetic is then the same on every run, and the other tests keep their core."""
    if not missing() and any("tests/training" in item.nodeid for item in items):
        import torch

        torch.set_num_threads(1)


def fail_in_ci(reason: str) -> None:
    if os.environ.get("EMOTION_RUNTIME_CI"):
        pytest.fail(reason)
    pytest.skip(reason)
