"""Owns coming back: the newest sound state in a journal folder, with every closed group after it done again."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.journal.format import AnyRecord, JournalError, JournalHeader, Returned, Segment, Told, segments
from emotion_runtime.player import NominalPlayer
from emotion_runtime.record.answers import Answering
from emotion_runtime.record.format import Reloaded, Ticked
from emotion_runtime.record.observed import observation
from emotion_runtime.record.scene_files import materialise
from emotion_runtime.saving import SaveError
from emotion_runtime.scene import compiled_digest, load_scene
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a journal gave back: `save` after `ticks` more ticks than its segment began with.

    `bridge`: the bridge's state at the beginning of the segment, and its changes since. `exact`: nothing that was
    ever committed can be missing; else engines must not go on with what they believe. `remarks`: what was found, one
    sentence each. `number`: of the next segment.
    """

    save: bytes
    bridge: tuple[bytes, ...]
    exact: bool
    tick: int
    ticks: int
    inputs: int
    remarks: tuple[str, ...]
    number: int


def recover(folder: Path, scene: Scene, *, each: Callable[[int], None] = lambda _: None) -> Recovered | None:
    """The last good state of a folder, or None for one without a journal. `each` gets every tick done again.

    Raises JournalError: for a journal of another scene, of a later version, or one of which nothing can be read.
    """
    found = segments(folder)
    for fresh in folder.glob("*.new"):
        # a segment that was not whole yet: what came before it counts
        with contextlib.suppress(OSError):
            fresh.unlink()
    remarks: list[str] = []
    for _number, path in found:
        try:
            segment = Segment(path)
        except (ValueError, OSError) as error:
            remarks.append(f"{path} cannot be used: {error}")
            continue
        try:
            return _Recovery(segment, scene, remarks, found[0][0] + 1).run(each)
        except SaveError as error:
            remarks.append(f"{path} cannot be used: {error.message}")
        finally:
            segment.close()
    if found:
        raise JournalError(
            "journal_unreadable", f"nothing in {folder} can be read: {'; '.join(remarks)}"[:2000], "name another folder"
        )
    return None


class _Recovery:
    def __init__(self, segment: Segment, scene: Scene, remarks: list[str], number: int) -> None:
        header = segment.header
        if header.scene != scene.name:
            raise JournalError(
                "journal_foreign",
                f"{segment.path} is the journal of the scene `{header.scene}`, not of `{scene.name}`",
                "serve that scene, or name another folder",
            )
        self._segment = segment
        self._remarks = [*remarks]
        self._exact = not remarks
        self._number = number
        self._scene = scene
        self._counts = [0, 0]

    def run(self, each: Callable[[int], None]) -> Recovered:
        segment = self._segment
        recorded = self._recorded(segment.header)
        header = segment.header
        answers = Answering(recorded.labels, header.joint)
        bridge = [segment.began.bridge]
        with Simulation(
            recorded,
            rate=header.rate,
            perception=answers.text,
            voice=answers.voice,
            voice_reliability=header.voice_reliability,
            joint=answers.joint,
            player=NominalPlayer() if header.player else None,
        ) as sim:
            if not sim.restore(segment.began.save).exact:
                self._remark(f"{segment.path}: its state belongs to another scene than its text")
            for group, closed in segment.groups():
                for record in group:
                    self._do(record, sim, answers)
                each(sim.tick)
                bridge.append(closed.bridge)
            if segment.kind == "damaged":
                self._remark(f"{segment.path}: {segment.fault}; what came after it is lost")
            elif segment.kind == "torn":
                self._remarks.append(f"{segment.path}: {segment.fault}; nobody had been told of it")
            save, tick = sim.save(), sim.tick
        ticks, inputs = self._counts
        return Recovered(save, tuple(bridge), self._exact, tick, ticks, inputs, tuple(self._remarks), self._number)

    def _recorded(self, header: JournalHeader) -> Scene:
        """The scene as it was journalled: the present one if that means the same."""
        if compiled_digest(self._scene) == header.compiled:
            return self._scene
        with tempfile.TemporaryDirectory(prefix="emotion-runtime-") as folder:
            try:
                return load_scene(materialise(header, Path(folder)))
            except EmotionRuntimeError as error:
                what = f"the journalled scene is not taken any more: {error.message}"
                raise JournalError("journal_unreadable", what, "name another folder") from error

    def _do(self, record: AnyRecord, sim: Simulation, answers: Answering) -> None:
        match record:
            case Told():
                self._tell(record, sim)
            case Ticked():
                answers.release(record.answers)
                result = sim.step(record.dt_us / 1e6, wait=record.wait)
                self._counts[0] += 1
                if result.digest != record.digest:
                    self._remark(f"tick {result.tick} came out differently from when it was journalled")
            case Reloaded():
                with tempfile.TemporaryDirectory(prefix="emotion-runtime-") as folder:
                    sim.reload(materialise(record, Path(folder)))
                answers.relabel(sim.labels)
            case Returned():
                sim.restore(record.save, sources=record.sources)
            case _:
                pass

    def _tell(self, told: Told, sim: Simulation) -> None:
        for item in told.inputs:
            self._counts[1] += 1
            try:
                sim.apply(observation(item), source=item.source, batch=item.batch)
            except EmotionRuntimeError as error:
                self._remark(f"an observation that was taken is refused now: {error.message}")

    def _remark(self, what: str) -> None:
        """Something is not as it was: engines begin anew."""
        self._exact = False
        if len(self._remarks) < 20:
            self._remarks.append(what)
