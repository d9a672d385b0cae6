"""Owns filling a tape from a simulation while it runs: it reads between ticks, and changes nothing."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.inputs import Event, Observation, Push, SetVariable, Utterance
from emotion_runtime.monitor.moments import Moments
from emotion_runtime.monitor.stage import stage
from emotion_runtime.monitor.tape import Tape
from emotion_runtime.outputs import Start, TickResult
from emotion_runtime.simulation import Simulation

SMALL_CAST: Final = 64
"""Up to so many characters everybody's tree and reasons are kept; in a crowd those of the characters looked at."""
MOMENTS: Final = 10.0
"""Moments a simulated second; in a crowd half as many, in a very large one one."""
LARGE, VERY_LARGE = 64, 5000


class Watch:
    """A watcher (`Simulation.watch`) that writes to a tape. Make it before the first tick it is to see."""

    def __init__(self, sim: Simulation, tape: Tape) -> None:
        self._sim, self._tape = sim, tape
        self._epoch = -1
        self._begin()
        sim.watch(self)

    def told(self, observation: Observation) -> None:
        """What enters with the coming tick."""
        tick, now, tape = self._sim.tick + 1, self._sim.time, self._tape
        match observation:
            case Utterance(speaker=speaker, text=text, to=to):
                line = f"{speaker}{f' to {to}' if to else ''}: “{text}”" if text else f"{speaker} makes a sound"
                tape.log(tick, now, "said", line, who=speaker)
            case Event(name=name, cause=cause):
                tape.log(tick, now, "event", f"{name}{f' by {cause}' if cause else ''}", who=cause or "", what=name)
            case SetVariable(name=name, value=value):
                tape.log(tick, now, "set", f"{name} = {value:g}", who=name.partition(".")[0])
            case Push(character=who, label=label, amount=amount):
                tape.log(tick, now, "push", f"{label} of {who} pushed by {amount:+.2f}", who=who, what=label)
            case _:
                pass

    def ticked(self, result: TickResult) -> None:
        """A tick is done: note what it changed."""
        sim = self._sim
        if sim.epoch != self._epoch:
            self._begin()
        self._log(result)
        small = len(sim.characters) <= SMALL_CAST
        due = result.tick % self._every == 0 or result.tick == 1
        if due or small:
            self._trees(result.tick, everybody=small)
        if due:
            self._tape.add_moment(self._moments.take(range(len(sim.characters)) if small else self._looked_at()))

    def _begin(self) -> None:
        sim = self._sim
        self._epoch = sim.epoch
        self._moments = Moments(sim)
        self._status: NDArray[np.uint8] = np.zeros(0, np.uint8)
        n = len(sim.characters)
        rate = 1.0 if n > VERY_LARGE else MOMENTS / 2 if n > LARGE else MOMENTS
        self._every = max(1, round(sim.rate / rate))
        self._tape.begin(stage(sim))

    def _looked_at(self) -> list[int]:
        subject = self._sim.world.subject
        return sorted(subject[name] for name in self._tape.wanted if name in subject)

    def _trees(self, tick: int, *, everybody: bool) -> None:
        status = self._sim.behaving.executor.state().status
        if len(self._status) != len(status):
            self._status = np.zeros(len(status), np.uint8)
        changed = np.flatnonzero(status != self._status)
        if not len(changed):
            return
        if not everybody:
            start = self._sim.behaving.forest.node_start
            seen = np.zeros(len(status), np.bool_)
            for row in self._looked_at():
                seen[start[row] : start[row + 1]] = True
            changed = changed[seen[changed]]
        self._status[changed] = status[changed]
        self._tape.add_changes(tick, changed.tolist(), status[changed].tolist())

    def _log(self, result: TickResult) -> None:
        tape, tick, now = self._tape, result.tick, result.time
        for heard in result.perceptions:
            if heard.failed:
                tape.log(tick, now, "trouble", f"{heard.character} was not understood: {heard.failed}")
                continue
            share = max(heard.probabilities)
            text = f"{heard.character} heard as {heard.label} {share:.0%}"
            tape.log(tick, now, "heard", text, who=heard.character, what=heard.label)
        for command in result.commands:
            who, rule = command.character, command.rule
            if isinstance(command, Start):
                aims = ", ".join(each for each in command.bearers if each != who)
                text = f"{who} begins {rule}{f' → {aims}' if aims else ''}"
                tape.log(tick, now, "start", text, who=who, rule=rule, why=command.why)
            else:
                text = f"{who} ends {rule}: {command.reason.replace('_', ' ')}"
                tape.log(tick, now, "stop", text, who=who, rule=rule, why=command.reason)
