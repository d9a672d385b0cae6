"""Owns what tests of saved states play: simulations, a listener without memory, and a walk through all they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from emotion_runtime.errors import InputError
from emotion_runtime.perception import PerceptionHealth, TextJob, TextResult
from emotion_runtime.player import NominalPlayer
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.simulation import Simulation
from tests.record.plays import TAVERN, Turn


class PlainListener:
    """Answers that depend on the line only, and arrive, in the order asked, when the play says so."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels
        self.arriving = 0
        self._under_way: list[TextJob] = []

    def submit(self, job: TextJob) -> bool:
        if self._drawn(job)[0] % 7 == 0:
            return False
        self._under_way.append(job)
        return True

    def collect(self) -> list[TextResult]:
        count = self.arriving % (len(self._under_way) + 1)
        ready, self._under_way = self._under_way[:count], self._under_way[count:]
        return [self._answer(job) for job in ready]

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        ready, self._under_way = self._under_way, []
        return [self._answer(job) for job in ready]

    def cancel(self, ticket: int) -> None:
        pass

    def health(self) -> PerceptionHealth:
        return PerceptionHealth("ready", 0, 0, 0, 0, 0, 0.0, "", self.labels)

    def close(self) -> None:
        pass

    def _drawn(self, job: TextJob) -> bytes:
        return hashlib.sha256(repr((job.text, job.context)).encode()).digest()

    def _answer(self, job: TextJob) -> TextResult:
        drawn = self._drawn(job)
        if drawn[1] < 40:
            return TextResult(job.ticket, (), 0.25, "perception_failed")
        weights = [value + 1 for value in drawn[2 : 2 + len(self.labels)]]
        return TextResult(job.ticket, tuple(weight / sum(weights) for weight in weights), drawn[9] / 1000)


def tavern(*, player: bool = True, scene: Scene = TAVERN) -> tuple[Simulation, PlainListener]:
    """A simulation and who listens in it."""
    listener = PlainListener(scene.labels)
    return Simulation(scene, perception=listener, player=NominalPlayer() if player else None), listener


def tell(simulation: Simulation, turn: Turn) -> None:
    """What a turn brings; what is refused is refused."""
    for observation, source in turn.told:
        try:
            simulation.apply(observation, source=source)
        except InputError:
            continue


def held(value: Any, path: str = "", seen: frozenset[int] = frozenset()) -> Iterator[tuple[str, Any]]:
    """Everything an object is made of, as (path, bytes or plain value); what is shared by all runs is left out."""
    if id(value) in seen or isinstance(value, type) or path.count(".") > 9:
        return
    seen |= {id(value)}
    if isinstance(value, np.ndarray):
        yield path, (value.dtype.str, value.shape, value.tobytes())
    elif isinstance(value, str | bytes | bytearray | int | float | bool | None):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from held(each, f"{path}[{key!r}]", seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for number, each in enumerate(value if isinstance(value, list | tuple) else sorted(value, key=repr)):
            yield from held(each, f"{path}[{number}]", seen)
    elif type(value).__module__.split(".")[0] in ("emotion_runtime", "behaviors", "py_trees"):
        names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        for name in sorted({*names, *getattr(value, "__dict__", ())}):
            if hasattr(value, name):
                yield from held(getattr(value, name), f"{path}.{name}", seen)
