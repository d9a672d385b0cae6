"""Owns turning a recording into a tape: replayed once, each frame as the stream would have carried it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emotion_runtime.monitor import Tape, Watch
from emotion_runtime.monitor.tape import Budget
from emotion_runtime.monitor.watch import SMALL_CAST
from emotion_runtime.outputs import TickResult
from emotion_runtime.record import Outcome, Replay
from protocol.views import stream_frame
from unity_bridge import translate

RECORDED = 1
"""The session number of frames made from a recording."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A recording as a tape. `digests`: after each tick, in order, to find where two runs part."""

    tape: Tape
    outcome: Outcome
    digests: tuple[bytes, ...]

    def parts_from(self, other: Loaded) -> int | None:
        """The first tick at which another run is in another state; None when one is the other's beginning."""
        both = zip(self.digests, other.digests, strict=False)
        return next((place for place, (mine, theirs) in enumerate(both, 1) if mine != theirs), None)


def load(path: Path, *, progress: Callable[[float], None] | None = None, budget: Budget | None = None) -> Loaded:
    """Replay a recording to its end. Raises what `Replay` raises."""
    tape = Tape(budget or Budget(thin=True))
    digests: list[bytes] = []
    with Replay(path) as replay:
        sim = replay.simulation
        if len(sim.characters) <= SMALL_CAST:
            sim.stream_faces()
        Watch(sim, tape)

        def each(result: TickResult) -> None:
            state = translate.tick(sim, RECORDED, result.digest, paused=False, sent=result.time)
            tape.add_frame(result.tick, stream_frame(state))
            digests.append(result.digest)
            if progress is not None and result.tick % 64 == 0:
                progress(replay.progress)

        outcome = replay.run(each=each)
    return Loaded(tape, outcome, tuple(digests))
