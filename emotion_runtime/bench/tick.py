"""Owns the tick benchmark: a whole tick of a crowd, from positions to a frame in another process, stage by stage."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from emotion_runtime.bench.crowd import Wandering, crowd
from emotion_runtime.bench.subscriber import END
from emotion_runtime.inputs import Positions
from emotion_runtime.kernels.choice import Wanted
from emotion_runtime.player import NominalPlayer
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.simulation import Simulation
from protocol import codec, messages
from unity_bridge import translate
from unity_bridge.config import BridgeConfig
from unity_bridge.sockets import Sockets
from unity_bridge.streaming import Stream

RATE: Final = 60.0
CHECKED_TICKS: Final = 12
CHECKED_UP_TO: Final = 10_000
WARM_TICKS: Final = 90
"""Ticks before measuring: everybody has begun something by then."""
ACTION_S: Final = 8.0
SUBSCRIBED_WITHIN_MS: Final = 10_000

Digests = list[bytes]


@dataclass(slots=True)
class Measured:
    """One run. `stages` maps a stage to its milliseconds, one number a tick; `whole` likewise."""

    characters: int
    objects: int
    kernels: str
    threads: int
    paced: bool
    whole: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=dict)
    commands: int = 0
    late: int = 0
    frame_bytes: int = 0
    received: dict[str, Any] = field(default_factory=dict)

    def add(self, stage: str, seconds: float) -> None:
        """One tick's time of one stage."""
        self.stages.setdefault(stage, []).append(seconds * 1e3)

    def summary(self) -> dict[str, Any]:
        """Plain values: medians, best and 95th percentiles in milliseconds."""
        ticks = len(self.whole)
        return {
            "characters": self.characters,
            "objects": self.objects,
            "kernels": self.kernels,
            "threads": self.threads,
            "paced": self.paced,
            "ticks": ticks,
            "tick_ms": _spread(self.whole),
            "microseconds_each": round(_spread(self.whole)["p50"] * 1e3 / self.characters, 4),
            "late": self.late,
            "commands_a_tick": round(self.commands / max(1, ticks), 1),
            "frame_bytes": self.frame_bytes,
            "received": self.received,
            "stages_ms": {stage: _spread(times) for stage, times in self.stages.items()},
        }


def _spread(times: list[float]) -> dict[str, float]:
    if not times:
        return {"p50": 0.0, "best": 0.0, "p95": 0.0}
    ordered = sorted(times)
    return {
        "p50": round(ordered[len(ordered) // 2], 4),
        "best": round(ordered[0], 4),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 4),
    }


def check_equal_work(characters: int, forms: tuple[Wanted, ...] = ("numpy", "numba")) -> Digests:
    """Step the same crowd in each form; returns the digests of all ticks. Raises AssertionError when they differ."""
    scene = crowd(min(characters, CHECKED_UP_TO))
    seen: list[Digests] = []
    for form in forms:
        with Simulation(scene, rate=RATE, kernels=form, player=NominalPlayer()) as simulation:
            walking = Wandering(scene)
            digests = []
            for _ in range(CHECKED_TICKS):
                simulation.apply(Positions(walking.index, walking.walk(1 / RATE)))
                digests.append(simulation.step().digest)
            seen.append(digests)
    if any(digests != seen[0] for digests in seen):
        raise AssertionError(f"the forms {', '.join(forms)} do not give the same bytes")
    return seen[0]


class Stage:
    """A simulation with its stream and a subscriber in another process."""

    def __init__(self, scene: Scene, kernels: Wanted, threads: int | None) -> None:
        self.simulation = Simulation(scene, rate=RATE, kernels=kernels, threads=threads)
        self.walking = Wandering(scene)
        self._chance = np.random.default_rng(1)
        self._sockets = Sockets(BridgeConfig(port=0))
        self._stream = Stream(self._sockets.stream)
        address = self._sockets.endpoints()[0]
        command = [sys.executable, "-m", "emotion_runtime.bench.subscriber", address]
        self._viewer = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own module
        if not self._sockets.stream.poll(SUBSCRIBED_WITHIN_MS):
            raise TimeoutError("the subscriber did not come")
        self._sockets.stream.recv()

    def tick(self, measured: Measured | None, clock: Callable[[], float] = time.perf_counter) -> float:
        """One whole tick; returns its seconds. What the game would do (walking) is not counted."""
        simulation, xyz = self.simulation, self.walking.walk(1 / RATE)
        ended_actions = self._ended()
        began = clock()
        simulation.apply(Positions(self.walking.index, xyz))
        for action in ended_actions:
            simulation.succeed(action)
        told = clock()
        result = simulation.step(wait=False)
        stepped = clock()
        frame = self._stream.frame(simulation, 1, result.digest, paused=False, sent=time.monotonic())
        encoded = clock()
        if result.commands:
            commands = tuple(translate.command(command) for command in result.commands)
            codec.encode(messages.Command(seq=1, tick=result.tick, commands=commands))
        ordered = clock()
        self._stream.send(frame)
        ended = clock()
        if measured is not None:
            measured.add("positions", told - began)
            for stage, seconds in result.stage_seconds.items():
                measured.add(stage, seconds)
            measured.add("play", stepped - told - sum(result.stage_seconds.values()))
            measured.add("encode_state", encoded - stepped)
            measured.add("encode_commands", ordered - encoded)
            measured.add("send", ended - ordered)
            measured.commands += len(result.commands)
            measured.frame_bytes = len(frame)
            measured.whole.append((ended - began) * 1e3)
        return ended - began

    def _ended(self) -> list[int]:
        """Actions that the engine has played to their end: a few, by chance, so that each lasts ACTION_S on average."""
        numbers = self.simulation._ticker.behaving.numbers()
        count = min(len(numbers), round(len(numbers) / (ACTION_S * RATE)))
        chosen: list[int] = numbers[np.unique(self._chance.integers(0, max(1, len(numbers)), count))].tolist()
        return chosen

    def close(self) -> dict[str, Any]:
        """End both; returns what the subscriber says it got."""
        self._sockets.stream.send(END)
        out, _ = self._viewer.communicate(timeout=30)
        self._sockets.close()
        self.simulation.close()
        told: dict[str, Any] = json.loads(out)
        return told


def measure(
    characters: int, objects: int, seconds: float, *, paced: bool, kernels: Wanted, threads: int | None = None
) -> Measured:
    """Run one crowd for some seconds of wall time, at 60 Hz or as fast as it goes.

    Raises AssertionError when the subscriber did not get the frames.
    """
    scene = crowd(characters, objects)
    stage = Stage(scene, kernels, threads)
    measured = Measured(characters, len(scene.objects), kernels, threads or 0, paced)
    gc.collect()
    gc.freeze()
    try:
        for _ in range(WARM_TICKS):
            stage.tick(None)
        measured.threads = stage.simulation._ticker.kernels.threads
        end = time.perf_counter() + seconds
        due = time.perf_counter()
        while time.perf_counter() < end:
            stage.tick(measured)
            due += 1 / RATE
            left = due - time.perf_counter()
            if not paced:
                time.sleep(0.0)
            elif left > 0:
                time.sleep(left)
            else:
                measured.late += 1
                due = time.perf_counter()
    finally:
        gc.unfreeze()
        measured.received = stage.close()
    ticks = stage.simulation.tick
    got = measured.received
    assert got["last"] >= ticks - 1, f"the subscriber saw tick {got['last']} of {ticks}"
    assert not paced or got["frames"] >= 0.9 * len(measured.whole), f"the subscriber got {got['frames']} frames"
    return measured


def table(summary: dict[str, Any]) -> str:
    """The stages of one run for people."""
    whole = summary["tick_ms"]
    pace = "at 60 Hz" if summary["paced"] else "tight loop"
    lines = [
        f"{summary['characters']:,} characters, {summary['objects']:,} objects, {summary['kernels']}, "
        f"{summary['threads']} thread(s), {pace}: {summary['ticks']} ticks, {summary['late']} late",
        f"{'stage':<16}{'p50 ms':>9}{'best':>9}{'p95':>9}",
    ]
    for stage, spread in {**summary["stages_ms"], "whole tick": whole}.items():
        lines.append(f"{stage:<16}{spread['p50']:>9.3f}{spread['best']:>9.3f}{spread['p95']:>9.3f}")
    got = summary["received"]
    lines.append(
        f"{summary['microseconds_each']} us a character; {summary['commands_a_tick']} commands a tick; subscriber: "
        f"{got['frames']} frames of {summary['frame_bytes']:,} bytes, {got['age_ms']} ms old"
    )
    return "\n".join(lines)
