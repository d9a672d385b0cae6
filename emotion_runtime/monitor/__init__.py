"""Owns the public surface of what the live page shows: a scene as it is drawn, and a tape of what happened in it."""

from __future__ import annotations

from emotion_runtime.monitor.stage import stage
from emotion_runtime.monitor.tape import Tape
from emotion_runtime.monitor.watch import Watch

__all__ = ["Tape", "Watch", "stage"]
