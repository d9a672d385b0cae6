"""Owns replaying: a recording runs again from its own scene, and the first tick that comes out differently is named."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal

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
    Ticked,
    Told,
    Understood,
)
from emotion_runtime.record.observed import observation
from emotion_runtime.record.reader import Fault, RecordReader
from emotion_runtime.record.scene_files import materialise
from emotion_runtime.record.state import Array, RowMarks, Value
from emotion_runtime.scene import compiled_digest, load_scene
from emotion_runtime.simulation import Simulation

REACH: Final = 20_000
"""Ticks that are replayed after the first difference to come to a whole recorded state."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first tick that came out differently, and what is known of it.

    `kind`: `state`: another digest; `input`: an input that was taken is refused; `answer`: other perceptions entered.
    `groups`: the differing parts of the state; `stage`: the first stage that writes one of them; `characters`: whose
    emotions or mood differ. `values`: differing numbers, at `values_tick`: the tick itself, or the next one whose
    whole state was recorded.
    """

    tick: int
    kind: Literal["state", "input", "answer"]
    recorded: str
    replayed: str
    groups: tuple[str, ...] = ()
    stage: str = ""
    characters: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    values_tick: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replay found: `ticks` came out as recorded, and `digest` is that of the last one.

    `fault`: where the file stops being one. `ended`: why the recording ended, '' where that was not read. `is_whole`:
    the file was read to its end, and all of it was sound.
    `dumps`: whole states as plain values, by name, when there is a difference.
    """

    ticks: int
    inputs: int
    answers: int
    seconds: float
    digest: str
    difference: Difference | None
    fault: Fault | None
    ended: str
    is_whole: bool
    warnings: tuple[str, ...]
    dumps: dict[str, dict[str, Any]]

    @property
    def equal(self) -> bool:
        """Whether every tick read came out as recorded."""
        return self.difference is None


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
        self.simulation = Simulation(
            scene,
            seed=header.seed,
            rate=header.rate,
            perception=self._answers.text,
            voice=self._answers.voice,
            voice_reliability=header.voice_reliability,
            joint=self._answers.joint,
            player=NominalPlayer() if header.player else None,
            kernels=kernels,
            threads=threads,
        )
        self.warnings = list(profile.differences(header))
        """What is different here, and may explain a difference in the ticks."""
        self._check_compiled(header)
        self._rows = RowMarks(self.simulation)
        self._counts = {"inputs": 0, "lines": 0, "answers": 0}
        self._brought: list[str] = []
        self._due: list[Answer] = []
        self._difference: Difference | None = None
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
        if until is None or until > 0:
            for record in self._reader:
                if self._columns and not isinstance(record, Column):
                    break
                match record:
                    case Told():
                        self._tell(record.tick, record.inputs, hear)
                    case Understood():
                        self._expect(record.tick, record.answers)
                    case Reloaded():
                        self._reload(record)
                    case Ticked():
                        self._tell(record.tick, record.inputs, hear)
                        result = self._tick(record)
                        if each is not None and self._difference is None:
                            each(result)
                        if self._is_done(until):
                            break
                    case Column() if self._difference is not None:
                        array = state.restored(self.simulation, record)
                        if array is not None:
                            self._columns[record.name] = array
                    case _:
                        pass
                if self._difference is not None and self._difference.kind != "state":
                    break
        return self._outcome()

    def _is_done(self, until: int | None) -> bool:
        """After a difference in the state the replay goes on to the next whole state, and not far."""
        found, tick = self._difference, self.simulation.tick
        if found is None:
            return until is not None and tick >= until
        return tick >= found.tick + REACH

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
                self._dumps["replayed"] = state.dump(self.simulation)

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

    def _outcome(self) -> Outcome:
        reader, difference = self._reader, self._difference
        if difference is not None and self._columns:
            tick = self.simulation.tick
            difference = replace(difference, values=state.compare(self.simulation, self._columns), values_tick=tick)
            self._dumps["replayed"] = state.dump(self.simulation)
            columns = {name: array.tolist() for name, array in self._columns.items()}
            self._dumps["recorded"] = {"tick": tick, "columns": columns}
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
