"""Owns one life of a sweep: everything that varies is drawn from its seed, and what came of it is a plain record."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.leaps.watches import Watch
from emotion_runtime.outputs import Start
from emotion_runtime.record.scene_files import materialise
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.resolved import TRAITS, Scene
from emotion_runtime.sweep.plan import Plan
from emotion_runtime.testing.acting import Act, check_invariants, perform, variables
from emotion_runtime.testing.conditions import Condition
from emotion_runtime.testing.sim import Sim

SAY, MOVE, EVENT, SET = 4, 3, 2, 1
"""How often each kind of act is drawn, in tenths, where the scene has all of them."""
NEVER: Final = -1.0


@dataclass(frozen=True, slots=True)
class Life:
    """What came of one seed.

    `started`: (character, rule, times, seconds of the first) of every rule that started. `peak`: largest strength of
    every emotion, by character then label. `held`: seconds at which each outcome first held, or -1. `fault`: what
    broke, or nothing.
    """

    seed: int
    started: tuple[tuple[str, str, int, float], ...]
    peak: tuple[tuple[float, ...], ...]
    held: tuple[float, ...]
    digest: str
    fault: str = ""


def live(plan: Plan, seed: int, keep: list[Sim] | None = None, scene: Scene | None = None) -> Life:
    """Live through one seed. The same plan and seed give the same life wherever it is lived.

    `keep` gets the world, still open, for whoever wants to look at it afterwards. `scene`: the plan's, loaded already.
    """
    scene = scene or _scene(plan.main, plan.files)
    # Python promises that random() of a seeded generator stays as it is
    draw = random.Random(seed)
    sim = Sim(scene, seed=seed, tick=plan.tick)
    for person in scene.characters if plan.spread else ():
        sim.personality(person.id, **{trait: _around(person.personality[trait], plan, draw) for trait in TRAITS})
    if keep is not None:
        keep.append(sim)
    conditions = [Condition(outcome, sim, None) for outcome in plan.outcomes]
    held = [NEVER] * len(conditions)
    peak = np.zeros((len(scene.characters), len(scene.labels)), np.float32)
    fault = ""
    following = _gap(plan, draw)
    try:
        watch = _watch(conditions, held)
        while (left := plan.ticks - sim.simulation.tick) > 0:
            while following <= sim.time:
                perform(sim, _act(scene, draw))
                following += _gap(plan, draw)
            leapt = sim.ahead(following, watch=watch, most=left)
            np.maximum(peak, leapt.emotion.max(axis=0), out=peak)
            for index, condition in enumerate(conditions):
                if held[index] == NEVER and condition.holds():
                    held[index] = round(sim.time, 6)
                    watch = _watch(conditions, held)
        check_invariants(sim)
    except EmotionRuntimeError as error:
        fault = f"{error.code}: {error.message}"[:500]
    except AssertionError as error:
        fault = f"invariant: {error}"[:500]
    life = Life(seed, _started(sim), _rows(peak), tuple(held), sim.digest.hex(), fault)
    if keep is None:
        sim.close()
    return life


def _watch(conditions: list[Condition], held: list[float]) -> Watch:
    """What ends a leap: an outcome that has not been seen yet."""
    watch = Watch()
    for condition, since in zip(conditions, held, strict=True):
        if since == NEVER:
            condition.watched(watch, True)
    return watch


def live_all(plan: Plan, seeds: tuple[int, ...]) -> list[Life]:
    """Live through several seeds, one after the other: the one piece of work, wherever it is done."""
    return [live(plan, seed) for seed in seeds]


@lru_cache(maxsize=4)
def _scene(main: str, files: tuple[tuple[str, str], ...]) -> Scene:
    with tempfile.TemporaryDirectory(prefix="emotion-runtime-") as folder:
        return load_scene(materialise(_Text(main, dict(files)), Path(folder)))


@dataclass(frozen=True, slots=True)
class _Text:
    main: str
    files: dict[str, str]


def _around(value: float, plan: Plan, draw: random.Random) -> float:
    return max(-1.0, min(1.0, round(value + plan.spread * (2.0 * draw.random() - 1.0), 3)))


def _gap(plan: Plan, draw: random.Random) -> float:
    """Seconds until the next act: from none to twice the mean, so that they neither drum nor cluster for long."""
    return 2.0 * draw.random() * 60.0 / plan.acts if plan.acts else float("inf")


def _act(scene: Scene, draw: random.Random) -> Act:
    people = [person.id for person in scene.characters]
    names = variables(scene)
    kinds = ["say"] * SAY + ["move"] * MOVE + ["event"] * EVENT * bool(scene.events) + ["set"] * SET * bool(names)
    word = _pick(kinds, draw)
    level, x, z = round(draw.random(), 2), round(draw.random(), 2), round(draw.random(), 2)
    who: str = _pick(people, draw)
    other = _pick([None, *people], draw)
    arguments: tuple[Any, ...]
    match word:
        case "say":
            arguments = (who, _pick(scene.labels, draw), level, other)
        case "event":
            arguments = (_pick(scene.events, draw), level, other, None)
        case "set":
            arguments = (_pick(names, draw), level, None, None)
        case _:
            arguments = (who, level, x, z)
    return Act(0.0, word, arguments)


def _pick(choices: Any, draw: random.Random) -> Any:
    return choices[min(len(choices) - 1, int(draw.random() * len(choices)))]


def _started(sim: Sim) -> tuple[tuple[str, str, int, float], ...]:
    first: dict[tuple[str, str], float] = {}
    times: dict[tuple[str, str], int] = {}
    for each in sim.happened:
        if isinstance(each.command, Start):
            key = (each.command.character, each.command.rule)
            first.setdefault(key, round(each.time, 6))
            times[key] = times.get(key, 0) + 1
    return tuple((who, rule, times[who, rule], first[who, rule]) for who, rule in sorted(times))


def _rows(peak: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(value), 6) for value in row) for row in peak)
