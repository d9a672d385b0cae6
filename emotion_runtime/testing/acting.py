"""Owns what may happen to a scene from outside: lines, events, moves, variables; and the rules that always hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from emotion_runtime.outputs import Start
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.testing.errors import ExpectationError
from emotion_runtime.testing.sim import Sim

Word = Literal["say", "event", "set", "move"]
WORDS: Final[tuple[Word, ...]] = ("say", "event", "set", "move")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens after so many seconds: a word and what goes with it."""

    gap: float
    word: str
    arguments: tuple[Any, ...]


def variables(scene: Scene) -> list[str]:
    """The full names of every variable of the world and of objects."""
    names = [f"world.{each.name}" for each in scene.world]
    return names + [f"{thing.id}.{each.name}" for thing in scene.objects for each in thing.variables]


def perform(sim: Sim, act: Act) -> None:
    """Do one act, now."""
    first, second, third, fourth = act.arguments
    match act.word:
        case "say":
            sim.say(first, to=fourth if fourth != first else None, heard={second: third})
        case "event":
            sim.event(first, strength=second, cause=third)
        case "set":
            sim.set(first, _in_range(sim.scene, first, second))
        case _:
            sim.move(first, to=_somewhere(sim.scene, first, second, third, fourth))


def _in_range(scene: Scene, name: str, share: float) -> float:
    owner, _, rest = name.partition(".")
    known = scene.world if owner == "world" else next(t.variables for t in scene.objects if t.id == owner)
    variable = next(each for each in known if each.name == rest)
    if variable.boolean:
        return float(share >= 0.5)
    return variable.low + share * (variable.high - variable.low)


def _somewhere(scene: Scene, who: str, which: float, x: float, z: float) -> list[float]:
    person = next(each for each in scene.characters if each.id == who)
    areas = [area for area in scene.areas if not person.roams or area.name in person.roams]
    if not areas:
        return [person.at[0] + 10.0 * (x - 0.5), person.at[2] + 10.0 * (z - 0.5)]
    area = areas[min(len(areas) - 1, int(which * len(areas)))]
    return [low + share * (high - low) for low, high, share in zip(area.low, area.high, (x, z), strict=True)]


def check_invariants(sim: Sim) -> None:
    """Emotions strictly inside 0..1, moods in -1..1, and every action with one start and at most one end."""
    columns = sim.simulation.columns()
    if not ((columns.emotion > 0.0) & (columns.emotion < 1.0)).all():
        raise ExpectationError(f"an emotion left 0..1 at {sim.time:g} s: {columns.emotion}")
    if not np.isfinite(columns.mood).all() or np.abs(columns.mood).max(initial=0.0) > 1.0:
        raise ExpectationError(f"a mood left -1..1 at {sim.time:g} s: {columns.mood}")
    open_actions: set[int] = set()
    for each in sim.happened:
        number = each.command.action
        if isinstance(each.command, Start) and number in open_actions:
            raise ExpectationError(f"action {number} started twice")
        if not isinstance(each.command, Start) and number not in open_actions:
            raise ExpectationError(f"action {number} ended without a start")
        open_actions ^= {number}
    running = {each.action for each in sim.simulation.running()}
    if running != open_actions:
        raise ExpectationError(f"running {sorted(running)}, but told to be running {sorted(open_actions)}")
