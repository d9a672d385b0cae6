"""Owns how a test of a scene fails: as an AssertionError with a story, or as an error in the test itself."""

from __future__ import annotations

from emotion_runtime.errors import EmotionRuntimeError


class ExpectationError(AssertionError):
    """Something expected did not happen. The text says what was wanted, what was seen, and why."""


class ScenarioError(EmotionRuntimeError):
    """A test asks for something that does not exist in its scene, or cannot be read."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__("bad_test", message, remedy)
