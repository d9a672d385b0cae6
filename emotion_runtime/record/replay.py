"""Owns replaying: a recording runs again from its own scene, and the first tick that comes out differently is named."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from emotion_runtime.errors import EmotionRuntimeError, InputError, SceneError
from emotion_runtime.inputs import Utterance, Voice
from emotion_runtime.kernels.choice import Wanted
from emotion_runtime.outputs import TickResult
from emotion_runtime.player import NominalPlayer
from emotion_runtime.record import profile, state
from emotion_runtime.record.answers import Answering
from emotion_runtime.record.format import (
    Answer,
    AnyInput,
    Column,
    Header,
    RecordingError,
    Reloaded,
    Snapshot,
    Ticked,
    Told,
    Understood,
)
from emotion_runtime.record.observed import observation
from emotion_runtime.record.outcome import Difference, Outcome
from emotion_runtime.record.reader import RecordReader
from emotion_runtime.record.scene_files import materialise
from emotion_runtime.record.seeking import Parts, go_to
from emotion_runtime.record.state import Array, RowMarks
from emotion_runtime.saving import SaveError
from emotion_runtime.scene import compiled_digest, load_scene
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.simulation import Simulation

REACH: Final = 20_000
"""Ticks that are replayed after the first difference to come to a whole recorded state."""


class Replay:
    """One recording, run once. `simulation` may be looked at between ticks, in `each` or after `run`."""

    def __init__(self, path: str | Path, *, kernels: Wanted = "auto", threads: int | None = None) -> None:
        """Read the header and build the simulation. Raises RecordingError, UsageError or SceneError."""
        self._reader = RecordReader(Path(path))
        try:
            self._build(kernels, threads)
        except BaseException:
            self._reader.close()
            raise

    def _build(self, kernels: Wanted, threads: int | None) -> None:
        header = self.header
        self._records = iter(self._reader)
        self._kernels, self._threads = kernels, threads
        with tempfile.TemporaryDirectory(prefix="emotion-runtime-") as folder:
            try:
                scene = load_scene(materialise(header, Path(folder)))
            except SceneError as error:
                # the package reads this scene differently from the one that recorded it
                hints = "; ".join(profile.differences(header))
                fault = error.message.replace(Path(folder).as_posix() + "/", "")
                message = f"the recorded scene is not taken any more: {fault}"
                raise RecordingError("bad_recording", message, hints) from error
        self._answers = Answering(scene.labels, header.joint)
        self.simulation = self._simulation(scene, self._answers)
        self.warnings = list(profile.differences(header))
        """What is different here, and may explain a difference in the ticks."""
        self._check_compiled(header)
        self._rows = RowMarks(self.simulation)
        self._counts = {"inputs": 0, "lines": 0, "answers": 0}
        self._brought: list[str] = []
        self._due: list[Answer] = []
        self._difference: Difference | None = None
        self._ended = False
        self._begun = 0
        self._columns: dict[str, Array] = {}
        self._dumps: dict[str, dict[str, Any]] = {}
        self._same = 0, b""

    @property
    def header(self) -> Header:
        """The first record."""
        return self._reader.header

    @property
    def progress(self) -> float:
        """Share of the file that was read, 0..1."""
        return self._reader.offset / max(1, self._reader.size)

    def run(
        self,
        until: int | None = None,
        *,
        each: Callable[[TickResult], None] | None = None,
        hear: Callable[[AnyInput], None] | None = None,
    ) -> Outcome:
        """Replay to the end, the first difference, or the end of tick `until`. To be called once.

        `hear` gets each input before its tick, `each` the result of each tick that came out as recorded.
        """
        while (until is None or self.simulation.tick < until) and (result := self.advance(hear)) is not None:
            if each is not None:
                each(result)
        return self.outcome()

    def go_to(self, tick: int) -> int:
        """Go to the latest whole state up to `tick`, without doing the ticks before it; returns its tick, or 0.

        To be called before anything else. Raises RecordingError for a state that is not that of its tick.
        """
        found = go_to(self._reader, tick)
        if found is None:
            return 0
        if found.scene is not None:
            self._reload(found.scene)
        if self._difference is not None or not self._take(self.simulation, found.save, found.digest):
            raise RecordingError(
                "bad_recording",
                f"the state after tick {found.tick} is not the one that its digest tells of",
                "replay from the beginning",
            )
        self._rows = RowMarks(self.simulation)
        self._counts["lines"] = self.simulation.health()["utterances_waiting"]
        self._begun, self._same = found.tick, (found.tick, found.digest)
        return found.tick

    def advance(self, hear: Callable[[AnyInput], None] | None = None) -> TickResult | None:
        """Do the next tick; None at the end of the recording, and for a tick that comes out differently."""
        while not self._ended:
            record = next(self._records, None)
            match record:
                case None:
                    self._ended = True
                case Told():
                    self._tell(record.tick, record.inputs, hear)
                case Understood():
                    self._expect(record.tick, record.answers)
                case Reloaded():
                    self._reload(record)
                case Ticked():
                    self._tell(record.tick, record.inputs, hear)
                    result = self._tick(record)
                    if self._difference is None:
                        return result
                case _:
                    pass
            if self._difference is not None:
                self._ended = True
                if self._difference.kind == "state":
                    self._go_on_to_a_whole_state(self._difference.tick)
        return None

    def _go_on_to_a_whole_state(self, tick: int) -> None:
        """After a difference the replay goes on to the next whole state, and not far."""
        parts = Parts()
        for record in self._records:
            if self._columns and not isinstance(record, Column):
                return
            match record:
                case Told():
                    self._tell(record.tick, record.inputs, None)
                case Understood():
                    self._expect(record.tick, record.answers)
                case Reloaded():
                    self._reload(record)
                case Ticked() if record.tick > tick + REACH:
                    return
                case Ticked():
                    self._tell(record.tick, record.inputs, None)
                    self._tick(record)
                case Column():
                    array = state.restored(self.simulation, record)
                    if array is not None:
                        self._columns[record.name] = array
                case Snapshot():
                    whole = parts.add(record)
                    if whole is not None:
                        self._compare_with(whole)
                        return
                case _:
                    pass

    def _compare_with(self, whole: bytes) -> None:
        """Bring a recorded state to life beside the replayed one."""
        scene = self.simulation.scene
        with self._simulation(scene, Answering(scene.labels, self.header.joint)) as other:
            if self._take(other, whole, None):
                self._columns = {name: array.copy() for name, array in state.columns(other)}
                self._dumps[f"tick-{other.tick}-recorded"] = state.dump(other)

    def _take(self, simulation: Simulation, whole: bytes, digest: bytes | None) -> bool:
        """Restore a recorded state; whether it is one of this scene, and has the digest."""
        try:
            restored = simulation.restore(whole)
        except SaveError as error:
            self.warnings.append(f"a recorded state cannot be read: {error.message}")
            return False
        return restored.exact and digest in (None, simulation.digest)

    def _simulation(self, scene: Scene, answers: Answering) -> Simulation:
        header = self.header
        return Simulation(
            scene,
            seed=header.seed,
            rate=header.rate,
            perception=answers.text,
            voice=answers.voice,
            voice_reliability=header.voice_reliability,
            joint=answers.joint,
            player=NominalPlayer() if header.player else None,
            kernels=self._kernels,
            threads=self._threads,
        )

    def _tell(self, tick: int, inputs: Sequence[AnyInput], hear: Callable[[AnyInput], None] | None) -> None:
        for item in inputs:
            self._counts["inputs"] += 1
            if hear is not None and self._difference is None:
                hear(item)
            try:
                told = observation(item)
                self.simulation.apply(told, source=item.source, batch=item.batch)
            except InputError as error:
                name = type(item).__name__.lower()
                self._differs(Difference(tick, "input", f"{name}: taken", f"{name}: {error.message} [{error.code}]"))
            else:
                if isinstance(told, Utterance | Voice):
                    self._counts["lines"] += 1
                    if isinstance(told, Utterance) and told.heard is not None:
                        self._brought.append(told.speaker)

    def _check_compiled(self, recorded: Header | Reloaded) -> None:
        compiled = compiled_digest(self.simulation.scene)
        if compiled != recorded.compiled:
            self.warnings.append(
                f"the recorded scene compiles to {compiled} here; where it was recorded, to {recorded.compiled}"
            )

    def _reload(self, record: Reloaded) -> None:
        with tempfile.TemporaryDirectory(prefix="emotion-runtime-") as folder:
            try:
                self.simulation.reload(materialise(record, Path(folder)))
            except EmotionRuntimeError as error:
                self._differs(Difference(record.tick, "input", "reload: taken", f"reload: {error.message}"))
                return
        self._check_compiled(record)
        self._answers.relabel(self.simulation.labels)
        self._rows = RowMarks(self.simulation)
        self._brought = [speaker for speaker in self._brought if speaker in self.simulation.characters]

    def _expect(self, tick: int, answers: Sequence[Answer]) -> None:
        """These enter with the coming tick. There are never more answers than lines, whatever a file says.

        With a cross-modal network there may be two for each.
        """
        self._due.extend(answers)
        self._counts["answers"] += len(answers)
        if self._counts["answers"] > self._counts["lines"] * (1 if self.header.joint is None else 2):
            lines = f"{self._counts['lines']} lines were said"
            self._differs(Difference(tick, "answer", f"{self._counts['answers']} answers until now", lines))

    def _tick(self, record: Ticked) -> TickResult:
        """Do one tick and compare it."""
        self._expect(record.tick, record.answers)
        expected = len(self._due) + len(self._brought)
        try:
            self._answers.release(self._due)
        except InputError as error:
            self._differs(Difference(record.tick, "answer", "entered", error.message))
        self._due, self._brought = [], []
        result = self.simulation.step(record.dt_us / 1e6, wait=record.wait)
        if result.digest != record.digest:
            self._differs(self._what(record, result))
        elif len(result.answers) != expected:
            entered = f"{len(result.answers)} perceptions entered"
            self._differs(Difference(record.tick, "answer", f"{expected} perceptions entered", entered))
        if self._difference is None:
            self._same = result.tick, result.digest
        return result

    def _differs(self, difference: Difference) -> None:
        """Keep the first difference, and the state that it left."""
        if self._difference is None:
            self._difference = difference
            if difference.kind == "state":
                self._dump()

    def _dump(self) -> None:
        self._dumps[f"tick-{self.simulation.tick}-replayed"] = state.dump(self.simulation)

    def _what(self, record: Ticked, result: TickResult) -> Difference:
        """What the marks of a tick tell of a difference."""
        names, mine = self.header.groups, tuple(self.simulation.state())
        wrong = state.differing(record.marks, state.marks(self.simulation)) if names == mine else []
        groups = tuple(names[number] for number in wrong if number < len(names))
        stages = (stage for group, stage in state.STAGES.items() if group in groups)
        return Difference(
            tick=record.tick,
            kind="state",
            recorded=record.digest.hex(),
            replayed=result.digest.hex(),
            groups=groups,
            stage=next(stages, ""),
            characters=self._rows.names(record.rows, self._rows.take()),
        )

    def outcome(self) -> Outcome:
        """What was found until now."""
        reader, difference = self._reader, self._difference
        if difference is not None and self._columns:
            tick = self.simulation.tick
            difference = replace(difference, values=state.compare(self.simulation, self._columns), values_tick=tick)
            self._dump()
            columns = {name: array.tolist() for name, array in self._columns.items()}
            self._dumps.setdefault(f"tick-{tick}-recorded", {"tick": tick, "columns": columns})
        tick, digest = self._same
        return Outcome(
            ticks=tick,
            inputs=self._counts["inputs"],
            answers=self._counts["answers"],
            seconds=self.simulation.time,
            digest=digest.hex(),
            difference=difference,
            fault=reader.fault,
            ended=reader.end.why if reader.end is not None else "",
            is_whole=reader.is_done,
            warnings=tuple(self.warnings),
            dumps=self._dumps,
            begun=self._begun,
        )

    def close(self) -> None:
        """Close the file and give back the simulation's threads."""
        self._reader.close()
        self.simulation.close()

    def __enter__(self) -> Replay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
