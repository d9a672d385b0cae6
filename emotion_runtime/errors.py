"""Owns the exception tree of the runtime.

EmotionRuntimeError
  x SceneError          a scene has faults: all of them are listed, each with file:line:col and a remedy
  x InputError          one observation is refused; the simulation is unchanged
  x MissingExtraError   an optional package is needed and not installed
  x ModelError          a model folder is unusable
  x UsageError          a command was asked for something impossible (port in use, file missing)
"""

from __future__ import annotations


class EmotionRuntimeError(Exception):
    """Base of all: `code` is stable, `message` says what is wrong and where, `remedy` what to do."""

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


class SceneError(EmotionRuntimeError):
    """A scene cannot be used. `report` is the full text of all diagnostics."""

    def __init__(self, message: str, report: str) -> None:
        super().__init__("broken_scene", message, "run `emotion-runtime check` on the file")
        self.report = report


class InputError(EmotionRuntimeError):
    """An observation was refused; `code` is one of the wire's error codes. Nothing was changed."""


class MissingExtraError(EmotionRuntimeError):
    """A package of an optional extra is not installed."""


class ModelError(EmotionRuntimeError):
    """A model file is missing, damaged or of another kind than its manifest says."""


class UsageError(EmotionRuntimeError):
    """A command cannot do what it was asked: shown as one line, exit code 2."""
