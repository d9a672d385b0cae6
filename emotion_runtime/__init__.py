"""Owns the public surface of the runtime: `Simulation`, what goes into it, what comes out, and its errors.

Names are loaded when first used, so that the command line starts without loading numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotion_runtime.affect.mood import Mood
    from emotion_runtime.errors import EmotionRuntimeError, InputError, ModelError, SceneError, UsageError
    from emotion_runtime.explain import Reason, Why
    from emotion_runtime.inputs import (
        Capture,
        Event,
        Move,
        Positions,
        Push,
        Result,
        SetVariable,
        Sight,
        Speech,
        Utterance,
    )
    from emotion_runtime.outputs import Perceived, Start, Stop, TickResult
    from emotion_runtime.scene import bundled_scene, check_scene, load_scene
    from emotion_runtime.simulation import Columns, Simulation
    from emotion_runtime.views import CharacterView

__all__ = [
    "Capture",
    "CharacterView",
    "Columns",
    "EmotionRuntimeError",
    "Event",
    "InputError",
    "ModelError",
    "Mood",
    "Move",
    "Perceived",
    "Positions",
    "Push",
    "Reason",
    "Result",
    "SceneError",
    "SetVariable",
    "Sight",
    "Simulation",
    "Speech",
    "Start",
    "Stop",
    "TickResult",
    "UsageError",
    "Utterance",
    "Why",
    "bundled_scene",
    "check_scene",
    "load_scene",
]

_HOMES = {
    "affect.mood": ("Mood",),
    "errors": ("EmotionRuntimeError", "InputError", "ModelError", "SceneError", "UsageError"),
    "explain": ("Reason", "Why"),
    "inputs": (
        "Capture",
        "Event",
        "Move",
        "Positions",
        "Push",
        "Result",
        "SetVariable",
        "Sight",
        "Speech",
        "Utterance",
    ),
    "outputs": ("Perceived", "Start", "Stop", "TickResult"),
    "scene": ("bundled_scene", "check_scene", "load_scene"),
    "simulation": ("Columns", "Simulation"),
    "views": ("CharacterView",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
