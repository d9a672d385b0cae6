"""Owns the world of a test: a scene on simulated time, with a fake engine, that can be told things and forked."""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError
from emotion_runtime.explain import Why
from emotion_runtime.inputs import Event, Move, Observation, SetVariable, Utterance
from emotion_runtime.outputs import TickResult
from emotion_runtime.perception import InlineService, TextService, load_text_model
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.diagnostics import did_you_mean
from emotion_runtime.scene.find import find_scene
from emotion_runtime.scene.resolved import TRAITS, Character, Scene
from emotion_runtime.simulation import Simulation
from emotion_runtime.steering import push_to
from emotion_runtime.testing.engine import FakeEngine
from emotion_runtime.testing.errors import ScenarioError
from emotion_runtime.testing.passing import Happened, Passing
from emotion_runtime.testing.people import Group, Person
from emotion_runtime.testing.quantities import metres, seconds
from emotion_runtime.testing.writing import scenario_text, summary

REMEMBERED = 4_000_000
"""Emotion values of the past that are kept, for the story of a failure."""

Heard = Mapping[str, float]


class Sim(Passing):
    """A scene under test. What is told takes effect with the next tick; only `run` and its kin let time pass.

    Give `heard` with every line, or `perception="bundled"` for the real model: without it no ONNX Runtime is needed.
    """

    def __init__(
        self,
        scene: str | Path | Scene,
        *,
        seed: int = 0,
        tick: str | float = "50 ms",
        perception: Literal["bundled"] | Path | TextService | None = None,
        leaps: bool = True,
    ) -> None:
        """`leaps` False takes every tick by itself; the results are the same."""
        self.leaps = leaps
        loaded = scene if isinstance(scene, Scene) else load_scene(find_scene(scene))
        self.engine = FakeEngine()
        self.seed = seed
        self.tick_s = seconds(tick)
        self.watchers: list[Callable[[Sim, TickResult], None]] = []
        self._perception = _service(perception)
        self._told: list[tuple[int, Observation]] = []
        self._engine_told: list[int] = []
        self.traits: dict[str, float] = {}
        """Traits that were changed, by full name (`thief.neuroticism`)."""
        self._start(loaded)

    def _start(self, scene: Scene) -> None:
        self.scene = scene
        self.simulation = Simulation(
            scene, seed=self.seed, rate=1.0 / self.tick_s, perception=self._perception, player=None
        )
        values = len(self.simulation.characters) * len(self.simulation.labels)
        self.past: deque[tuple[float, NDArray[np.float32]]] = deque(maxlen=max(100, REMEMBERED // max(1, values)))
        self.happened: list[Happened] = []
        self._pushed: dict[tuple[str, str], float] = {}
        self._wanted: dict[int, float] = {}

    # ------------------------------------------------------------------------------------------------- telling it
    def say(
        self, speaker: str, text: str = "", to: str | None = None, *, heard: Heard | None = None, conversation: str = ""
    ) -> None:
        """`speaker` says something. `heard` (label -> 0..1) stands in for the model."""
        self._tell(Utterance(speaker, text, len(self._told) + 1, to, conversation, heard))

    def hear(self, speaker: str, heard: Heard, to: str | None = None) -> None:
        """A voice sounds like this, whatever it says."""
        self.say(speaker, "", to, heard=heard)

    def event(
        self,
        name: str,
        *,
        cause: str | None = None,
        target: str | None = None,
        at: Sequence[float] | None = None,
        strength: float = 1.0,
    ) -> None:
        """An event the scene declares happens: everywhere, or at a place (x, z or x, y, z)."""
        if name not in self.scene.events:
            known = self.scene.events
            raise InputError("unknown_event", f"the scene declares no event `{name}`", did_you_mean(name, known))
        self._tell(Event(name, cause, target, None if at is None else _place(at), strength))

    def move(
        self, who: str, *, to: Sequence[float] | None = None, near: str | None = None, distance: str | float = "1 m"
    ) -> None:
        """Somebody or something stands at a place, or so far from another (towards where it was)."""
        if (to is None) == (near is None):
            raise ScenarioError("`move` needs either `to` or `near`", 'move("guard", near="child", distance="2 m")')
        self._tell(Move(who, _place(to) if to is not None else self._beside(who, str(near), metres(distance))))

    def _beside(self, who: str, near: str, distance: float) -> tuple[float, float, float]:
        here, there = self.position(who), self.position(near)
        away = [a - b for a, b in zip(here, there, strict=True)]
        size = math.sqrt(sum(each * each for each in away))
        if size == 0.0:
            away, size = [1.0, 0.0, 0.0], 1.0
        x, y, z = (b + each * distance / size for b, each in zip(there, away, strict=True))
        return x, y, z

    def set(self, name: str, value: float | bool, *, because: str | None = None) -> None:
        """Set an emotion (`guard.anger`, perhaps because of somebody) or a variable (`campfire.lit`, `world.night`)."""
        owner, _, rest = name.partition(".")
        if owner not in self.simulation.characters:
            self._tell(SetVariable(name, float(value)))
            return
        labels = [label for label in self.simulation.labels if label != "neutral"]
        if rest not in labels:
            raise ScenarioError(f"`{rest}` of {owner} cannot be set", f"one of: {', '.join(labels)}")
        now = self._pushed.get((owner, rest), self.simulation[owner].emotion[rest])
        self._tell(push_to(owner, rest, now, float(value), because))
        self._pushed[owner, rest] = float(value)
        self._wanted[len(self._told) - 1] = float(value)

    def personality(self, character: str, **traits: float) -> None:
        """Change a personality. Only before the first tick, and before anything is told: the world starts anew."""
        if self.simulation.tick or self._told:
            raise ScenarioError("a personality is fixed once the world has begun", "do it first thing in the test")
        for trait, value in traits.items():
            if trait not in TRAITS or not -1.0 <= value <= 1.0:
                raise ScenarioError(f"`{trait}={value}` is no trait in -1..1", f"one of: {', '.join(TRAITS)}")
        self.traits.update({f"{character}.{trait}": value for trait, value in traits.items()})
        people = [_changed(each, traits) if each.id == character else each for each in self.scene.characters]
        self.simulation.character(character)
        self.simulation.close()
        self._start(dataclasses.replace(self.scene, characters=tuple(people)))

    def _tell(self, observation: Observation) -> None:
        self.simulation.apply(observation)
        self._told.append((self.simulation.tick, observation))

    # ------------------------------------------------------------------------------------------------- reading it
    def __getitem__(self, name: str) -> Person:
        return Person(self, name)

    @property
    def everyone(self) -> Group:
        """All characters."""
        return Group(self, self.simulation.characters)

    @property
    def time(self) -> float:
        """Simulated seconds."""
        return self.simulation.time

    @property
    def digest(self) -> bytes:
        """16 bytes over the whole state."""
        return self.simulation.digest

    def position(self, subject: str) -> tuple[float, float, float]:
        """Where a character or an object stands, metres."""
        world = self.simulation.world
        if subject not in world.subject:
            raise ScenarioError(f"there is nobody and nothing called `{subject}`")
        x, y, z = world.position[world.subject[subject]].tolist()
        return x, y, z

    def why(self, character: str, emotion: str | None = None) -> Why:
        """The causes of an emotion, the strongest first."""
        return self.simulation[character].why(emotion)

    def commands(self, character: str) -> list[str]:
        """Everything a character was told to do so far: `start confront`, `stop confront`."""
        self.simulation.character(character)
        return [str(each) for each in self.happened if each.command.character == character]

    def told(self, since: int = 0) -> list[tuple[int, Observation]]:
        """What was told from that tick on, with the tick before which it was; the model's answers stand as `heard`."""
        first = bisect_left(self._told, since, key=lambda each: each[0])
        return self._told[first:]

    def wanted(self) -> dict[int, float]:
        """What emotions were set to, by their place among all that was told."""
        return dict(self._wanted)

    def as_scenario(self, name: str, *then: str) -> str:
        """All that was told so far as a scenario file, with these lines expected."""
        return scenario_text(self, name, then)

    def __repr__(self) -> str:
        return f"{summary(self)}\n{self.as_scenario('as it was played')}"

    # ------------------------------------------------------------------------------------------------- twins
    def fork(self) -> Sim:
        """A twin in the same state, whatever has been run: its state is saved here and restored there."""
        twin = Sim(self.scene, seed=self.seed, tick=self.tick_s, perception=self._perception, leaps=self.leaps)
        twin.simulation.restore(self.simulation.save())
        twin.traits = dict(self.traits)
        twin.engine = self.engine.copy()
        twin._told, twin._engine_told = list(self._told), list(self._engine_told)
        twin.past.extend(self.past)
        twin.happened = list(self.happened)
        twin._pushed, twin._wanted = dict(self._pushed), dict(self._wanted)
        return twin

    def relive(self, twin: Sim) -> None:
        """Tell a fresh world what this one was told, when it was told, and let as much time pass in it."""
        told = iter(sorted(self._told, key=lambda each: each[0]))
        engine = list(zip(self._engine_told, self.engine.log, strict=False))
        following = next(told, None)
        while True:
            while engine and engine[0][0] <= twin.simulation.tick:
                outcome, character, rule, after = engine.pop(0)[1]
                twin.engine._tell(outcome, character, rule, after)  # type: ignore[arg-type]
            while following is not None and following[0] <= twin.simulation.tick:
                twin._tell(following[1])
                following = next(told, None)
            if twin.simulation.tick >= self.simulation.tick:
                break
            twin.step()
        for outcome, character, rule, after in self.engine.log[len(twin.engine.log) :]:
            twin.engine._tell(outcome, character, rule, after)  # type: ignore[arg-type]

    def close(self) -> None:
        """Give back what the simulation holds. A second call does nothing."""
        self.simulation.close()

    def __enter__(self) -> Sim:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _place(at: Sequence[float]) -> tuple[float, float, float]:
    if len(at) == 2:
        return float(at[0]), 0.0, float(at[1])
    if len(at) == 3:
        return float(at[0]), float(at[1]), float(at[2])
    raise ScenarioError(f"a place is x, z or x, y, z, not {at!r}", "[1, 4]")


def _changed(character: Character, traits: Mapping[str, float]) -> Character:
    return dataclasses.replace(character, personality={**character.personality, **traits})


def _service(perception: Literal["bundled"] | Path | TextService | None) -> TextService | None:
    """A service that answers at once, so that runs repeat; loaded at the first line that needs it."""
    if isinstance(perception, str | Path):
        folder = perception if isinstance(perception, Path) else None
        return InlineService(partial(load_text_model, folder))
    return perception
