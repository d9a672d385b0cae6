"""Owns a recording that is watched: a world for the bridge whose ticks come from a file that nobody can change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.inputs import Observation
from emotion_runtime.outputs import TickResult
from emotion_runtime.record.fronting import Fronting
from emotion_runtime.record.replay import Replay
from emotion_runtime.saving import Restored

_REMEDY: Final = "watch; or serve the scene and play"


class Playback(Fronting):
    """Fulfils `unity_bridge.world.World`: engines and viewers see what was, and what they tell is refused.

    One tick of the recording for each step, whatever its length: a bridge that ticks at `rate` shows it `speed` times
    as fast as it happened. Perceptions are for nobody: who said what they answer is not here.
    """

    def __init__(self, replay: Replay, speed: float = 1.0, until: int | None = None) -> None:
        """`until`: the last tick to be shown. Raises UsageError for a speed at which no bridge can tick."""
        self._replay = replay
        self._until = until
        self.simulation = replay.simulation
        self.ended = False
        """Whether there is no next tick: the recording ended, was cut, or comes out differently."""
        self._rate = replay.header.rate * speed
        if not 1.0 <= self._rate <= 1000.0:
            raise UsageError("bad_rate", f"{self._rate:g} ticks a second cannot be shown", "use another --speed")

    @property
    def rate(self) -> float:
        """Ticks a second of the clock on the wall."""
        return self._rate

    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        """Refused. Raises InputError."""
        raise InputError("not_allowed", "a recording is replayed here: what happened cannot be changed", _REMEDY)

    def step(self, dt: float | None = None, *, wait: bool = True) -> TickResult:
        """The next tick of the recording; the last one again, without its news, when there is none."""
        sim = self.simulation
        done = self._until is not None and sim.tick >= self._until
        result = None if done or self.ended else self._replay.advance()
        if result is None:
            self.ended = True
            return TickResult(sim.tick, sim.time, (), (), (), sim.digest)
        return replace(result, perceptions=tuple(replace(each, source=0) for each in result.perceptions))

    def reload(self, path: str | Path | None = None) -> NoReturn:
        """Refused. Raises UsageError."""
        raise UsageError("not_allowed", "a recording is replayed here: it goes on in its own scenes", _REMEDY)

    def save(self) -> bytes:
        """The whole state at this tick, for a game that goes on from here."""
        return self.simulation.save()

    def restore(self, data: bytes, *, sources: bool = True) -> Restored:
        """Refused. Raises UsageError."""
        raise UsageError("not_allowed", "a recording is replayed here: it goes on by itself", _REMEDY)

    def health(self) -> dict[str, Any]:
        """The simulation's figures, and `replay`: how far it is, and whether it ended."""
        replay = {"progress": round(self._replay.progress, 4), "ended": self.ended}
        return {**self.simulation.health(), "replay": replay}

    def close(self) -> None:
        """Nothing: the replay belongs to whoever opened it."""
