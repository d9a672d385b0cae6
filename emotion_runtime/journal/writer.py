"""Owns journalling: a simulation that can be told and stepped as any, with all of it on disk before it counts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from emotion_runtime.inputs import Observation
from emotion_runtime.journal.disk import Disk
from emotion_runtime.journal.format import FORMAT, MAGIC, Began, Committed, JournalHeader, Returned, Told
from emotion_runtime.outputs import TickResult
from emotion_runtime.record import observed, profile
from emotion_runtime.record.answers import joint_header, pack
from emotion_runtime.record.format import Answer, Reloaded, Ticked, frame
from emotion_runtime.record.fronting import Fronting
from emotion_runtime.record.scene_files import texts
from emotion_runtime.saving import Restored
from emotion_runtime.scene import compiled_digest
from emotion_runtime.simulation import Simulation

SEGMENT_S: Final = 60.0
SEGMENT_BYTES: Final = 32 * 1024 * 1024
"""A segment ends after so long, or when it is so large (and has twice the size of its state): then a new one begins
with the whole state, so that a restart never has to replay much."""

LATE_SEGMENTS: Final = 2
"""While somebody's voice is open a new segment is put off, up to so many times the size and the time."""


class Storage(Protocol):
    """What a journal needs of a disk; see `Disk`."""

    size: int
    synced: int

    def begin(self, data: bytes) -> None:
        """Start a segment."""
        ...

    def write(self, data: bytes) -> None:
        """Hand over a group."""
        ...

    def close(self) -> None:
        """Sync and close."""
        ...


class Journal(Fronting):
    """Stands for a simulation. Fulfils `unity_bridge.world.World`.

    Nothing counts until `commit`: whoever owns the sockets commits before anything leaves. When the disk refuses,
    journalling ends for good, `trouble` says why, and the simulation goes on.
    """

    def __init__(
        self,
        simulation: Simulation,
        folder: Path,
        *,
        number: int = 1,
        clock: Callable[[], float] = time.monotonic,
        tell: Callable[[str], None] = lambda _: None,
        disk: Storage | None = None,
    ) -> None:
        """`number`: of the first segment, higher than any in the folder. Call `begin` before anything else."""
        self.simulation = simulation
        self.folder = folder
        self.trouble = ""
        self._disk: Storage = disk if disk is not None else Disk(folder, number)
        self._clock = clock
        self._tell = tell
        self._encoder = msgspec.msgpack.Encoder()
        self._group: list[bytes] = []
        self._inputs: list[msgspec.Raw] = []
        self._began = clock()
        self._least = 0
        self._groups = 0

    # ------------------------------------------------------------------------------------------------ being World
    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        """Queue an observation for the next tick. Raises InputError at once, with no effect, if it is refused."""
        item = observed.recorded(observation, source, batch)
        written = observed.encode(self._encoder, item)
        # what is applied is what will be read again, to the bit
        self.simulation.apply(observed.lived(observation, item), source=source, batch=batch)
        if not self.trouble:
            self._inputs.append(msgspec.Raw(written))

    def step(self, dt: float | None = None, *, wait: bool = True) -> TickResult:
        """One tick; it counts after the next `commit`."""
        before = round(self.simulation.time * 1e6)
        result = self.simulation.step(dt, wait=wait)
        if not self.trouble:
            # what each model said, not what became of it: text, voice and face meet again when this is read
            answers = [
                Answer(each.ticket, pack(each.probabilities), each.seconds, each.failed) for each in result.answers
            ]
            self._close_inputs()
            span = round(result.time * 1e6) - before
            self._put(Ticked(result.tick, span, wait, [], answers, result.digest, b"", b""))
        return result

    def reload(self, path: str | Path | None = None) -> None:
        """Go on in another version of the scene, as `Simulation.reload` does."""
        self.simulation.reload(path)
        if not self.trouble:
            self._close_inputs()
            main, files = texts(self.simulation.scene)
            self._put(Reloaded(self.simulation.tick + 1, main, files, compiled_digest(self.simulation.scene)))

    def save(self) -> bytes:
        """The whole state, as `Simulation.save` has it."""
        self.simulation._utterances = max(self.simulation._utterances, self._utterances)
        return self.simulation.save()

    def restore(self, data: bytes, *, sources: bool = True) -> Restored:
        """Go on from a saved state, as `Simulation.restore` does."""
        restored = self.simulation.restore(data, sources=sources)
        if not self.trouble:
            self._inputs.clear()
            self._put(Returned(data, sources))
        return restored

    def health(self) -> dict[str, Any]:
        """The simulation's figures, and `journal`: state, folder, groups, bytes of the segment, syncs, trouble."""
        journal = {
            "state": "stopped" if self.trouble else "writing",
            "folder": str(self.folder),
            "groups": self._groups,
            "bytes": self._disk.size,
            "synced": self._disk.synced,
            "trouble": self.trouble,
        }
        return {**self.simulation.health(), "journal": journal}

    def close(self) -> None:
        """Write what is left, close the segment and the simulation. A second call does nothing."""
        self.commit(b"")
        self._disk.close()
        self.simulation.close()

    # -------------------------------------------------------------------------------------------------- the journal
    def commit(self, bridge: bytes) -> None:
        """Hand everything since the last time to the system, with what changed in the bridge (empty: nothing did)."""
        if self.trouble or not (bridge or self._group or self._inputs):
            return
        self._close_inputs()
        self._put(Committed(self.simulation.tick, bridge))
        data = b"".join(self._group)
        self._group.clear()
        try:
            self._disk.write(data)
        except OSError as error:
            self._stop(error)
        else:
            self._groups += 1

    @property
    def is_due(self) -> bool:
        """Whether it is time for a new segment."""
        if self.trouble:
            return False
        most, age = max(SEGMENT_BYTES, 2 * self._least), self._clock() - self._began
        if self._disk.size < most and age < SEGMENT_S:
            return False
        late = self._disk.size >= LATE_SEGMENTS * most or age >= LATE_SEGMENTS * SEGMENT_S
        return late or not self.simulation.half_heard  # a state keeps no sound, so better none is taken now

    def begin(self, bridge: bytes) -> None:
        """Start a segment with the whole state and that of the bridge. What was not committed is in it."""
        main, files = texts(self.simulation.scene)
        header = JournalHeader(
            format=FORMAT,
            version=profile.package_version(),
            scene=self.simulation.scene.name,
            compiled=compiled_digest(self.simulation.scene),
            main=main,
            files=files,
            rate=self.simulation.rate,
            player=self.simulation.player is not None,
            voice_reliability=self.simulation.voice_reliability,
            joint=joint_header(self.simulation.joint),
        )
        encode = self._encoder.encode
        data = MAGIC + frame(encode(header)) + frame(encode(Began(self.save(), bridge)))
        self._group.clear()
        self._inputs.clear()
        try:
            self._disk.begin(data)
        except OSError as error:
            self._stop(error)
        self._began, self._least = self._clock(), len(data)

    def _close_inputs(self) -> None:
        if self._inputs:
            # the same bytes as the struct gives; the inputs are encoded already
            self._group.append(frame(self._encoder.encode((0, self._inputs))))
            self._inputs = []

    def _put(self, record: Told | Ticked | Reloaded | Returned | Committed) -> None:
        self._group.append(frame(self._encoder.encode(record)))

    def _stop(self, error: OSError) -> None:
        reason = os.strerror(error.errno) if error.errno else str(error)
        self.trouble = f"writing failed: {reason}"
        self._group.clear()
        self._inputs.clear()
        self._tell(
            f"the journal in {self.folder} ended at tick {self.simulation.tick}: {self.trouble}. The sidecar goes on "
            "without one; what happens from now on is lost if it is killed"
        )
