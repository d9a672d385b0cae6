"""Owns times and lengths in tests: text of the scene language (`500 ms`, `2 m`), or numbers of seconds or metres."""

from __future__ import annotations

from emotion_runtime.scene.quantities import QuantityError, duration, length
from emotion_runtime.testing.errors import ScenarioError


def seconds(value: str | float) -> float:
    """A time in seconds, 0 or more."""
    if isinstance(value, str):
        try:
            return duration(value, "a time", zero=True)
        except QuantityError as fault:
            raise ScenarioError(fault.message, fault.remedy) from None
    if not 0.0 <= value < 1e9:
        raise ScenarioError(f"a time is 0 s or more, not {value!r}")
    return float(value)


def metres(value: str | float) -> float:
    """A length in metres, 0 or more."""
    if isinstance(value, str):
        try:
            return length(value, "a length", zero=True)
        except QuantityError as fault:
            raise ScenarioError(fault.message, fault.remedy) from None
    return float(value)


def shown(value: float) -> str:
    """Seconds for people: `450 ms`, `2.5 s`, `5 min`."""
    if value < 1.0:
        return f"{round(value * 1000)} ms"
    if value >= 120.0 and value % 60.0 == 0.0:
        return f"{value / 60.0:g} min"
    return f"{round(value, 2):g} s"
