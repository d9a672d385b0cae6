"""Owns the benchmark of headless runs: how many times real time ten characters live, in leaps and tick by tick."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from emotion_runtime.errors import UsageError
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.testing.acting import variables
from emotion_runtime.testing.sim import Sim

STORIES: Final = ("quiet", "busy")
PAUSE_S: Final = 5.0
"""Something happens so often in the busy story."""
CHECKED_S: Final = 40.0
ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Headless:
    """One story at one tick length. `leaps`, `steps`: simulated seconds for a second of wall time, the best round's.

    `leaps_cpu`, `steps_cpu`: the same for a second of processor time, which other programs disturb less.
    """

    story: str
    tick: float
    characters: int
    simulated: float
    commands: int
    leaps: float
    steps: float
    leaps_cpu: float
    steps_cpu: float


def cast_of(scene: str, characters: int) -> Scene:
    """A scene with so many people: its own, and copies of them standing a metre or so aside."""
    loaded = load_scene(find_scene(scene))
    people = list(loaded.characters)
    if not people or characters < len(people):
        raise UsageError("bad_value", f"{scene} has {len(people)} characters", "measure with as many or more")
    for number in range(characters - len(people)):
        one, round_ = people[number % len(loaded.characters)], 1 + number // len(loaded.characters)
        at = (one.at[0] + 1.5 * round_, one.at[1], one.at[2] + round_)
        people.append(dataclasses.replace(one, id=f"{one.id}_{round_ + 1}", at=at))
    return dataclasses.replace(loaded, characters=tuple(people))


def live(sim: Sim, story: str, seconds: float, at_pause: Callable[[], None] = lambda: None) -> None:
    """Let a story happen: `quiet`, nobody acts from outside; `busy`, every few seconds somebody is heard, and more."""
    names, labels = sim.simulation.characters, [each for each in sim.simulation.labels if each != "neutral"]
    events, values = sim.scene.events, variables(sim.scene)
    for turn in range(round(seconds / PAUSE_S)):
        if story == "busy":
            who, other = names[turn % len(names)], names[(3 * turn + 1) % len(names)]
            sim.say(who, "", to=other if other != who else None, heard={labels[turn % len(labels)]: 0.8})
            if events and turn % 3 == 1:
                sim.event(events[turn % len(events)])
            if values and turn % 4 == 2:
                name = values[turn % len(values)]
                sim.set(name, float(sim.simulation.variables()[name] == 0.0))
            if turn % 5 == 2 and other != who:
                sim.move(who, near=other, distance=2.0)
        sim.run(PAUSE_S)
        at_pause()


def check_equal_work(scene: Scene, story: str, tick: float) -> int:
    """Live a story both ways; returns how many commands it gave. Raises AssertionError when anything differs."""
    seen: list[list[Any]] = []
    for leaps in (True, False):
        with Sim(scene, tick=tick, leaps=leaps) as sim:
            digests: list[bytes] = []
            live(sim, story, CHECKED_S, lambda sim=sim, digests=digests: digests.append(sim.digest))  # type: ignore[misc]
            assert sim.simulation.has_leapt is leaps
            past = [(at, emotion.tobytes()) for at, emotion in sim.past]
            seen.append([digests, [(each.time, each.command) for each in sim.happened], past])
    for what, leapt, stepped in zip(("digests", "commands", "emotions"), *seen, strict=True):
        if leapt != stepped:
            raise AssertionError(f"leaps and single ticks do not give the same {what} in the {story} story")
    return len(seen[0][1])


def measure(scene: Scene, story: str, tick: float, seconds: float) -> Headless:
    """The best of some rounds of each way, taken in turn. The loop must be there (`LOOP.wait`)."""
    best, best_cpu = {True: 0.0, False: 0.0}, {True: 0.0, False: 0.0}
    commands = 0
    for _ in range(ROUNDS):
        for leaps in (True, False):
            # single ticks are so much slower that a part of the story must do
            length = seconds if leaps else min(seconds, CHECKED_S)
            with Sim(scene, tick=tick, leaps=leaps) as sim:
                sim.run(PAUSE_S)  # tables are laid out, and everybody has begun something
                began, began_cpu = time.perf_counter(), time.thread_time()
                live(sim, story, length)
                best_cpu[leaps] = max(best_cpu[leaps], length / (time.thread_time() - began_cpu))
                best[leaps] = max(best[leaps], length / (time.perf_counter() - began))
                commands = len(sim.happened) if leaps else commands
    ratios = [round(each, 1) for each in (best[True], best[False], best_cpu[True], best_cpu[False])]
    return Headless(story, tick, len(scene.characters), seconds, commands, *ratios)
