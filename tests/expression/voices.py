"""Owns the synthetic voice the lip tests measure with: user-installed libespeak-ng, never part of the package."""

from __future__ import annotations

import os
from functools import cache

import pytest

from emotion_runtime.errors import MissingExtraError
from emotion_runtime.expression.speech.espeak import Espeak


@cache
def _espeak() -> Espeak | None:
    try:
        return Espeak()
    except MissingExtraError:
        return None


def true_voice() -> Espeak:
    """A voice with known times. Without it the test is skipped, or fails where EMOTION_RUNTIME_CI is set."""
    voice = _espeak()
    if voice is None:
        reason = "needs libespeak-ng (Debian: libespeak-ng1), which is not on this machine"
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return voice
