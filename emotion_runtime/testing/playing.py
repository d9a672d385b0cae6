"""Owns random play: hypothesis acts out what a scene declares (its events, speakers, places, variables), and no more.

Needs the package hypothesis. A run that fails is shrunk; its inputs are shown, and saved, as a scenario file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emotion_runtime.outputs import Start
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.scene.resolved import TRAITS, Scene
from emotion_runtime.testing.errors import ExpectationError
from emotion_runtime.testing.sim import Sim

LONGEST_GAP_S = 5.0
last_played: Sim | None = None
"""The last world that was played, for whoever reports a failure."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens after so many seconds: a word and what goes with it."""

    gap: float
    word: str
    arguments: tuple[Any, ...]


def acts(scene: Scene) -> st.SearchStrategy[Act]:
    """Anything the scene declares: somebody says something, an event, a move within `roams`, a variable."""
    labels = st.sampled_from(scene.labels)
    people = st.sampled_from([person.id for person in scene.characters])
    level = st.integers(0, 10).map(lambda tenth: tenth / 10)
    choices = [
        st.tuples(st.just("say"), people, labels, level, st.one_of(st.none(), people)),
        st.tuples(st.just("move"), people, level, level, level),
    ]
    if scene.events:
        choices.append(
            st.tuples(st.just("event"), st.sampled_from(scene.events), level, st.one_of(st.none(), people), st.none())
        )
    names = [f"world.{each.name}" for each in scene.world]
    names += [f"{thing.id}.{each.name}" for thing in scene.objects for each in thing.variables]
    if names:
        choices.append(st.tuples(st.just("set"), st.sampled_from(names), level, st.none(), st.none()))
    gap = st.integers(0, 20).map(lambda quarter: quarter * LONGEST_GAP_S / 20)
    return st.builds(lambda gap, act: Act(gap, act[0], tuple(act[1:])), gap, st.one_of(choices))


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
    variables = scene.world if owner == "world" else next(t.variables for t in scene.objects if t.id == owner)
    variable = next(each for each in variables if each.name == rest)
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


def play(
    scene: str | Path, *, steps: int = 50, tick: str | float = "250 ms", checked: bool = True
) -> st.SearchStrategy[Sim]:
    """A world in which up to `steps` things have happened. `checked`: with the invariants looked at all along."""
    loaded = load_scene(find_scene(scene))

    def played(script: list[Act]) -> Sim:
        global last_played  # noqa: PLW0603 - the one thing a reporter outside can find
        sim = last_played = Sim(loaded, tick=tick)
        for act in script:
            perform(sim, act)
            end = sim.time + act.gap
            while sim.time < end:
                sim.step()
                if checked:
                    check_invariants(sim)
        return sim

    return st.lists(acts(loaded), max_size=steps).map(played)


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


def machine(scene: str | Path, *, tick: str | float = "250 ms") -> type[RuleBasedStateMachine]:
    """A hypothesis state machine of the scene, to which a test can add rules and invariants of its own."""
    loaded = load_scene(find_scene(scene))
    all_acts = acts(loaded)

    class Play(RuleBasedStateMachine):
        """One world; every rule is one act, then time passes."""

        @initialize()
        def begin(self) -> None:
            """A fresh world."""
            self.sim = Sim(loaded, tick=tick)

        @rule(act=all_acts)
        def act(self, act: Act) -> None:
            """Something happens."""
            perform(self.sim, act)
            self.sim.run(max(act.gap, self.sim.tick_s))

        @invariant()
        def sound(self) -> None:
            """The invariants of every scene hold."""
            if hasattr(self, "sim"):
                check_invariants(self.sim)

        def teardown(self) -> None:
            """Give the world back."""
            if hasattr(self, "sim"):
                self.sim.close()

    Play.__name__ = f"Play_{loaded.name}"
    return Play


def personalities() -> st.SearchStrategy[Mapping[str, float]]:
    """Personalities: all five traits, -1..1 in tenths."""
    return st.fixed_dictionaries({trait: st.integers(-10, 10).map(lambda tenth: tenth / 10) for trait in TRAITS})
