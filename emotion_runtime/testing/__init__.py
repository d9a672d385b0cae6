"""Owns the public surface for tests of scenes: a world on simulated time, and what is expected of it.

    sim = Sim("scenes/tavern.yaml", seed=7)
    sim.say("guard", "Out!", to="child", heard={"anger": 0.9})
    expect(sim["child"]).to_feel("fear", above=0.6, within="500 ms")

`expect` with `within` lets simulated time pass; without it, time stands still. Nothing ever sleeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emotion_runtime.testing.errors import ExpectationError, ScenarioError
from emotion_runtime.testing.expectations import expect
from emotion_runtime.testing.people import Group, Person
from emotion_runtime.testing.scenarios import Outcome, run_file
from emotion_runtime.testing.sim import Sim

if TYPE_CHECKING:
    from emotion_runtime.testing.playing import personalities, play

__all__ = [
    "ExpectationError",
    "Group",
    "Outcome",
    "Person",
    "ScenarioError",
    "Sim",
    "expect",
    "personalities",
    "play",
    "run_file",
]


def __getattr__(name: str) -> Any:
    """`play` and `personalities` need hypothesis, so they are loaded when first used."""
    if name in ("play", "personalities"):
        from emotion_runtime.testing import playing  # noqa: PLC0415 - an optional package

        return getattr(playing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
