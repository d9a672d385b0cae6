"""Owns what all tests share: where the corpora are, that their absence fails in CI, no deadlines, checked kernels."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: nothing here is judged by the wall clock.
settings.register_profile("emotion-runtime", deadline=None)
settings.load_profile("emotion-runtime")

# Kernels do not look at the types of what they are given; in tests, and what they start, each call is looked at.
os.environ.setdefault("EMOTION_RUNTIME_CHECKED_KERNELS", "1")

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
