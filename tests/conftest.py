"""Owns what all tests share: where the project's corpora are, and that their absence fails in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""The project's corpora lie beside the checkout; a user's machine has none."""


def shared_file(*parts: str) -> Path:
    """A file of the corpora. Without it the test is skipped, or fails where EMOTION_RUNTIME_CI is set."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        reason = f"needs ../shared/{'/'.join(parts)}, which is not on this machine"
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
