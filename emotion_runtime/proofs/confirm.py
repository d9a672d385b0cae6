"""Owns running a start in the real simulation: who still does what at the end, with nobody acting from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sin

from emotion_runtime.outputs import Start
from emotion_runtime.player import NominalPlayer
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.simulation import Simulation
from emotion_runtime.steering import push_to

RATE = 4.0
"""Ticks a second: affect is exact at any rate, and actions last seconds."""
CIRCLE = 1.0
"""Metres: everybody stands on a circle of this radius, in reach of each other."""
CALM_SECONDS = 60.0

Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its start (emotions by character), all (character, rule) that started in it, and those that did late."""

    start: Mapping[str, Mapping[str, float]]
    started: frozenset[Node]
    late: frozenset[Node]
    seconds: float


def run_on(scene: Scene, start: Mapping[str, Mapping[str, float]], seconds: float, late: float) -> Run:
    """Put everybody together, give them these emotions, and let time pass."""
    simulation = Simulation(scene, rate=RATE, player=NominalPlayer())
    _gather(simulation)
    for name, feelings in start.items():
        now = simulation[name].emotion
        for label, wanted in feelings.items():
            simulation.apply(push_to(name, label, now[label], wanted))
    started: set[Node] = set()
    ending: set[Node] = set()
    while simulation.time < seconds:
        for command in simulation.step().commands:
            if isinstance(command, Start):
                node = (command.character, command.rule)
                started.add(node)
                if simulation.time >= seconds - late:
                    ending.add(node)
        if simulation.time >= seconds - late:
            ending.update((each.character, each.rule) for each in simulation.running())
    simulation.close()
    return Run(start, frozenset(started), frozenset(ending), seconds)


def calm_rules(scene: Scene) -> frozenset[Node]:
    """What characters do of their own accord, from calm."""
    return run_on(scene, {}, CALM_SECONDS, CALM_SECONDS).started


def _gather(simulation: Simulation) -> None:
    people = simulation.scene.characters
    x, y, z = people[0].at
    for number, person in enumerate(people):
        angle = 2.0 * pi * number / len(people)
        simulation.move(person.id, x + CIRCLE * cos(angle), y, z + CIRCLE * sin(angle))
