"""Owns random play: hypothesis acts out what a scene declares (its events, speakers, places, variables), and no more.

Needs the package hypothesis. A run that fails is shrunk; its inputs are shown, and saved, as a scenario file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.scene.resolved import TRAITS, Scene
from emotion_runtime.testing.acting import Act, check_invariants, perform, variables
from emotion_runtime.testing.sim import Sim

LONGEST_GAP_S = 5.0
last_played: Sim | None = None
"""The last world that was played, for whoever reports a failure."""


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
    names = variables(scene)
    if names:
        choices.append(st.tuples(st.just("set"), st.sampled_from(names), level, st.none(), st.none()))
    gap = st.integers(0, 20).map(lambda quarter: quarter * LONGEST_GAP_S / 20)
    return st.builds(lambda gap, act: Act(gap, act[0], tuple(act[1:])), gap, st.one_of(choices))


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
