"""Owns what a sweep is: the scene's text, how long and how wildly each life is lived, and what is looked for in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emotion_runtime.errors import UsageError
from emotion_runtime.record.scene_files import texts
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.testing.conditions import Condition
from emotion_runtime.testing.sim import Sim

LONGEST_S: Final = 24 * 3600.0
MOST_OUTCOMES: Final = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a worker needs, as plain values: it may run on another machine, which has no file of the scene.

    `main`, `files`: the scene's text. `seconds`, `tick`: simulated. `acts`: things that happen from outside, on average
    a minute. `spread`: traits vary by up to so much around the scene's, 0..2. `outcomes`: conditions looked at
    after each tick.
    """

    main: str
    files: tuple[tuple[str, str], ...]
    seconds: float = 60.0
    tick: float = 0.25
    acts: float = 6.0
    spread: float = 0.5
    outcomes: tuple[str, ...] = ()

    @property
    def ticks(self) -> int:
        """Ticks of one life."""
        return max(1, round(self.seconds / self.tick))


def plan_of(
    scene: str | Path,
    *,
    seconds: float = 60.0,
    tick: float = 0.25,
    acts: float = 6.0,
    spread: float = 0.5,
    outcomes: Sequence[str] = (),
) -> Plan:
    """A plan for a scene file or a bundled scene.

    Raises SceneError for its faults, UsageError for values out of range, ScenarioError for an outcome nobody can read.
    """
    for name, value, low, high in (
        ("time", seconds, tick, LONGEST_S),
        ("tick", tick, 0.001, 10.0),
        ("acts a minute", acts, 0.0, 600.0),
        ("spread of traits", spread, 0.0, 2.0),
        ("number of outcomes", len(outcomes), 0, MOST_OUTCOMES),
    ):
        if not low <= value <= high:
            raise UsageError("bad_sweep", f"a {name} of {value:g} cannot be swept", f"use {low:g} to {high:g}")
    loaded = load_scene(find_scene(scene))
    main, files = texts(loaded)
    with Sim(loaded, tick=tick) as sim:
        for outcome in outcomes:
            Condition(outcome, sim, None)
    return Plan(main, tuple(sorted(files.items())), seconds, tick, acts, spread, tuple(outcomes))
