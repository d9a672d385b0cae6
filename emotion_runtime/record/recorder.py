"""Owns recording: a simulation that can be talked to and stepped as any, with all that enters it written to a file."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from emotion_runtime.errors import EmotionRuntimeError, InputError, UsageError
from emotion_runtime.inputs import Observation, Utterance, Voice
from emotion_runtime.outputs import TickResult
from emotion_runtime.player import NominalPlayer
from emotion_runtime.record import observed, profile, state
from emotion_runtime.record.answers import Tickets, joint_header
from emotion_runtime.record.format import (
    FORMAT,
    FULL_BYTES,
    LARGEST_RECORD,
    LARGEST_SNAPSHOT,
    MOST_ITEMS,
    SNAPSHOT_PART,
    Answer,
    End,
    Header,
)
from emotion_runtime.record.fronting import Fronting
from emotion_runtime.record.scene_files import texts
from emotion_runtime.record.writer import RawFile, RecordWriter, create
from emotion_runtime.saving import Restored
from emotion_runtime.scene import compiled_digest
from emotion_runtime.simulation import Simulation

KEYFRAME_S: Final = 60.0
"""Simulated seconds between whole states in a recording."""


class Recorder(Fronting):
    """Stands for a simulation and records it. Fulfils `unity_bridge.world.World`, as the simulation does.

    From now on talk to and step the recorder only: what goes past it is not recorded. What is refused is not recorded
    either. When the file cannot be written, the recording ends there for good, whole; the simulation goes on, `health`
    says why under `recording`, and `tell` is called once with the reason.
    """

    def __init__(
        self,
        simulation: Simulation,
        path: str | Path,
        *,
        overwrite: bool = False,
        model: str = "",
        keyframe_seconds: float = KEYFRAME_S,
        clock: Callable[[], float] = time.monotonic,
        tell: Callable[[str], None] | None = None,
        open_file: Callable[[Path], RawFile] | None = None,
    ) -> None:
        """Begin a recording of a simulation that nothing was told yet. Raises UsageError.

        `model`: digest of the text model, for information. `clock`: monotonic seconds, for flushing only. `tell` gets
        one sentence if recording has to stop. `keyframe_seconds` 0: the whole state after every tick.
        """
        self.simulation = simulation
        self.path = Path(path)
        self._encoder = msgspec.msgpack.Encoder()
        header = self._encoder.encode(_header(simulation, model))
        if len(header) > LARGEST_RECORD:
            raise UsageError("record_too_large", f"the scene's text is longer than {LARGEST_RECORD >> 20} MiB")
        file = open_file(self.path) if open_file is not None else create(self.path, overwrite=overwrite)
        self._writer = RecordWriter(file, clock)
        self._tell = tell
        self._told = False
        self._tickets = Tickets()
        self._rows = state.RowMarks(simulation)
        self._inputs: list[msgspec.Raw] = []
        self._input_bytes = 0
        self._keyframe_seconds = keyframe_seconds
        self._keyframe_due = keyframe_seconds
        self._ticks = 0
        self._now_us = 0
        self._writer.add(header)
        self._writer.flush()
        self._look()

    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        """Queue an observation for the next tick. Raises InputError at once, with no effect, if it is refused."""
        if not self._writer.is_open:
            self.simulation.apply(observation, source=source, batch=batch)
            return
        item = observed.recorded(observation, source, batch)
        written = observed.encode(self._encoder, item)
        # what is applied is what will be read again, to the bit: a float32, or an array the caller still holds, is not
        self.simulation.apply(observed.lived(observation, item), source=source, batch=batch)
        if isinstance(observation, Utterance | Voice):
            self._tickets.take(observation)
        self._inputs.append(msgspec.Raw(written))
        self._input_bytes += len(written)
        if len(self._inputs) >= MOST_ITEMS or self._input_bytes >= FULL_BYTES:
            self._put_inputs()

    def step(self, dt: float | None = None, *, wait: bool = True) -> TickResult:
        """One tick of `dt` seconds (default: 1 / rate). `wait`: for all perceptions due, else take what is there."""
        try:
            result = self.simulation.step(dt, wait=wait)
        except InputError:
            raise
        except BaseException as error:
            self._end(f"tick {self._ticks + 1} failed: {type(error).__name__}")
            raise
        if self._writer.is_open:
            self._note(result, wait)
            self._look()
        return result

    def reload(self, path: str | Path | None = None) -> None:
        """Go on in another version of the scene, as `Simulation.reload` does; it is an input, and recorded."""
        simulation = self.simulation
        simulation.reload(path)
        if not self._writer.is_open:
            return
        if self._inputs:
            self._put_inputs()
        main, files = texts(simulation.scene)
        self._put(5, self._ticks + 1, main, files, compiled_digest(simulation.scene))
        self._tickets.reloaded(simulation.characters)
        self._rows = state.RowMarks(simulation)
        self._look()

    def save(self) -> bytes:
        """The whole state, as `Simulation.save` has it."""
        self.simulation._utterances = max(self.simulation._utterances, self._utterances)
        return self.simulation.save()

    def restore(self, data: bytes, *, sources: bool = True) -> Restored:
        """Refused while a recording runs: its ticks only go forward. Raises UsageError."""
        if self._writer.is_open:
            raise UsageError("record_restore", "a recording cannot go back to a saved state", "serve without --record")
        return self.simulation.restore(data, sources=sources)

    def close(self) -> None:
        """End the recording, then give back the simulation's threads. A second call does nothing."""
        self._end("closed")
        self.simulation.close()

    def health(self) -> dict[str, Any]:
        """The simulation's figures, and `recording`: state (recording, stopped or closed), ticks, bytes, trouble."""
        writer = self._writer
        status = "recording" if writer.is_open else "stopped" if writer.trouble else "closed"
        recording = {
            "state": status,
            "file": str(self.path),
            "ticks": self._ticks,
            "bytes": writer.size,
            "trouble": writer.trouble,
        }
        return {**self.simulation.health(), "recording": recording}

    def flush(self) -> None:
        """Hand everything recorded so far to the system now."""
        self._writer.flush()
        self._look()

    def _note(self, result: TickResult, wait: bool) -> None:
        if result.tick != self._ticks + 1:
            self._writer.stop(f"tick {result.tick} came after tick {self._ticks}: it was stepped past its recorder")
            return
        try:
            answers = self._tickets.settle(result.answers)
        except LookupError as error:
            self._writer.stop(str(error))
            return
        while len(answers) > MOST_ITEMS:
            self._put(1, result.tick, answers[:MOST_ITEMS])
            answers = answers[MOST_ITEMS:]
        sim = self.simulation
        # whole microseconds since the tick before: time is kept in these
        dt_us, self._now_us = round(result.time * 1e6) - self._now_us, round(result.time * 1e6)
        self._put(
            2, result.tick, dt_us, wait, self._inputs, answers, result.digest, state.marks(sim), self._rows.take()
        )
        self._clear_inputs()
        self._ticks = result.tick
        # a state keeps no sound: none is taken while a voice is being understood
        if result.time >= self._keyframe_due and not sim.half_heard:
            self._keyframe_due = result.time + self._keyframe_seconds
            self._put_state()

    def _put_state(self) -> None:
        """The whole state, in parts; nothing of one that is too large, or that holds what nobody can save."""
        try:
            whole = self.save()
        except EmotionRuntimeError:
            self._keyframe_due = math.inf
            return
        if len(whole) > LARGEST_SNAPSHOT:
            self._keyframe_due = math.inf
            return
        starts = range(0, len(whole), SNAPSHOT_PART)
        for part, start in enumerate(starts):
            self._put(6, self._ticks, part, len(starts) - 1 - part, whole[start : start + SNAPSHOT_PART])

    def _put_inputs(self) -> None:
        self._put(0, self._ticks + 1, self._inputs)
        self._clear_inputs()

    def _put(
        self, tag: int, *fields: int | bool | str | bytes | list[msgspec.Raw] | list[Answer] | dict[str, str]
    ) -> None:
        # the same bytes as a struct of `format` gives; inputs are encoded already
        self._writer.add(self._encoder.encode((tag, *fields)))

    def _clear_inputs(self) -> None:
        self._inputs = []
        self._input_bytes = 0

    def _end(self, why: str) -> None:
        """Write what was told last and the footer, and close the file."""
        if self._writer.is_open:
            if self._inputs:
                self._put_inputs()
            self._writer.add(self._encoder.encode(End(self._ticks, why)))
            self._writer.close()
            self._look()

    def _look(self) -> None:
        """Say once that recording had to stop, and keep nothing for it any longer."""
        trouble = self._writer.trouble
        if trouble and not self._told:
            self._told = True
            self._clear_inputs()
            self._tickets = Tickets()
            if self._tell is not None:
                self._tell(f"recording to {self.path} stopped after tick {self._ticks}: {trouble}")

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _header(simulation: Simulation, model: str) -> Header:
    if not simulation.untouched:
        raise UsageError(
            "record_not_fresh", "the simulation was told something before it was recorded", "record from the start"
        )
    player = simulation.player
    if type(player) not in (NominalPlayer, type(None)) or (player is not None and len(player)):
        raise UsageError("record_player", "only a simulation with a fresh nominal player, or none, can be recorded")
    if not -(2**63) <= simulation.seed < 2**63:
        raise UsageError("bad_seed", "a recorded seed has at most 64 bits", "use a smaller one")
    main, files = texts(simulation.scene)
    return Header(
        format=FORMAT,
        version=profile.package_version(),
        scene=simulation.scene.name,
        compiled=compiled_digest(simulation.scene),
        main=main,
        files=files,
        seed=simulation.seed,
        rate=simulation.rate,
        player=player is not None,
        model=model,
        profile=profile.here(),
        groups=tuple(simulation.state()),
        voice_reliability=simulation.voice_reliability,
        joint=joint_header(simulation.joint),
    )
