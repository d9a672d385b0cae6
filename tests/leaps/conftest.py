"""The loop of many ticks, compiled once; without numba these tests are skipped, and fail in CI."""

from __future__ import annotations

import os

import pytest

from emotion_runtime.leaps.compiling import LOOP, Loop


@pytest.fixture(scope="session", autouse=True)
def loop() -> Loop:
    if LOOP.state == "not_installed" and not os.environ.get("EMOTION_RUNTIME_CI"):
        pytest.skip("leaps need numba: pip install 'emotion-runtime[fast]'")
    return LOOP.wait()
