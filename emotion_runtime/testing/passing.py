"""Owns how time passes in a test's world: tick by tick, or in leaps where nothing happens; with the same results."""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.inputs import Observation, Utterance
from emotion_runtime.leaps.leaper import Leapt
from emotion_runtime.leaps.watches import Watch
from emotion_runtime.outputs import Start, Stop, TickResult
from emotion_runtime.simulation import Simulation
from emotion_runtime.testing.conditions import Condition
from emotion_runtime.testing.engine import FakeEngine
from emotion_runtime.testing.errors import ExpectationError
from emotion_runtime.testing.quantities import seconds, shown

if TYPE_CHECKING:
    from emotion_runtime.testing.sim import Sim


WORTH_IT: Final = 16
"""Ticks wished for at once from which on it is worth laying out the tables of leaps."""


@dataclasses.dataclass(frozen=True, slots=True)
class Happened:
    """A command given at a time (seconds)."""

    time: float
    command: Start | Stop

    def __str__(self) -> str:
        word = "start" if isinstance(self.command, Start) else "stop"
        return f"{word} {self.command.rule}"


class Passing:
    """The part of `Sim` that lets time pass."""

    simulation: Simulation
    engine: FakeEngine
    tick_s: float
    leaps: bool
    watchers: list[Callable[[Sim, TickResult], None]]
    past: deque[tuple[float, NDArray[np.float32]]]
    happened: list[Happened]
    _told: list[tuple[int, Observation]]
    _engine_told: list[int]
    _pushed: dict[tuple[str, str], float]

    @property
    def time(self) -> float:
        """Simulated seconds."""
        return self.simulation.time

    def step(self) -> TickResult:
        """One tick."""
        return self.ahead(most=1).result

    def ahead(self, until: float = math.inf, *, watch: Watch | None = None, most: int = 1 << 40) -> Leapt:
        """At least one tick, and more as long as nothing happens: up to the first at or past `until` (seconds).

        Ends after a tick that gives a command, or after which a formula of `watch` comes out as wanted; see
        `Simulation.leap`. One tick at a time where something looks at every one (`watchers`, a recorder).
        """
        self._note_engine()
        simulation = self.simulation
        # a recorder that stands for the simulation has to see every tick
        leaps = self.leaps and not self.watchers and isinstance(simulation, Simulation)
        wished = min(most, self._to(until)) if leaps and most > 1 else 1
        if leaps and (simulation.has_leapt or (wished > WORTH_IT and simulation.can_leap(wished))):
            leapt = simulation.leap(wished, self.tick_s, results=self.engine.results, watch=watch, keep=True)
            self.engine.due(simulation.times(2, self.tick_s)[0])
        else:
            for action, ok in self.engine.due(simulation.time):
                (simulation.succeed if ok else simulation.fail)(action)
            result = simulation.step(self.tick_s)
            leapt = Leapt(1, result, simulation.columns().emotion[None])
        result = leapt.result
        for command in result.commands:
            if isinstance(command, Start):
                self.engine.begin(command, result.time)
            else:
                self.engine.end(command)
            self.happened.append(Happened(result.time, command))
        self._pushed.clear()
        if leapt.ticks == 1:
            self.past.append((result.time, leapt.emotion[0]))
        else:
            self.past.extend(zip(simulation.times(leapt.ticks, self.tick_s), leapt.emotion, strict=True))
        if result.perceptions:
            self._keep_perceptions(result)
        for watcher in self.watchers:
            watcher(cast("Sim", self), result)
        return leapt

    def _to(self, until: float) -> int:
        return self.simulation.ticks_to(until, self.tick_s)

    def run(self, time: str | float) -> list[Start | Stop]:
        """Let so much time pass; returns the commands given meanwhile."""
        end = self.time + seconds(time) - self.tick_s * 1e-6
        commands: list[Start | Stop] = []
        while self.time < end:
            commands.extend(self.ahead(end).result.commands)
        return commands

    def quiet(self, time: str | float) -> None:
        """Let so much time pass with nobody acting from outside."""
        self.run(time)

    def run_until(self, condition: str, *, limit: str | float) -> float:
        """Let time pass until the condition holds (`guard does confront`, `child.fear > 0.6`); returns that time.

        Raises ExpectationError when it does not within `limit`.
        """
        __tracebackhide__ = True
        wanted = Condition(condition, cast("Sim", self), None)
        watch = Watch()
        wanted.watched(watch, True)
        end = self.time + seconds(limit)
        while not wanted.holds():
            if self.time >= end - self.tick_s * 1e-6:
                story = wanted.story(f"`{condition}` within {shown(seconds(limit))}")
                raise ExpectationError(story)
            self.ahead(end - self.tick_s * 1e-6, watch=watch)
        return self.time

    def _note_engine(self) -> None:
        """Remember before which tick the engine was told what."""
        self._engine_told += [self.simulation.tick] * (len(self.engine.log) - len(self._engine_told))

    def _keep_perceptions(self, result: TickResult) -> None:
        """What the model made of a line goes into the log as `heard`: a twin needs no model."""
        known = {each.utterance: each for each in result.perceptions if each.probabilities}
        if not known:
            return
        for index in range(len(self._told) - 1, -1, -1):
            tick, told = self._told[index]
            if tick < result.tick - 1:
                return
            if isinstance(told, Utterance) and told.heard is None and told.number in known:
                answer = known[told.number]
                heard = dict(zip(answer.labels, answer.probabilities, strict=True))
                self._told[index] = (tick, dataclasses.replace(told, heard=heard))
