"""Owns the export of a replay as MCAP: inputs, answers, commands and states as JSON messages, for Foxglove."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from emotion_runtime.errors import MissingExtraError, UsageError
from emotion_runtime.outputs import Start, TickResult
from emotion_runtime.record.format import AnyInput, Stood
from emotion_runtime.record.profile import package_version
from emotion_runtime.record.replay import Replay

STATES_UP_TO: Final = 64
"""Larger casts are exported without their states: a message a character and tick would be most of the file."""


class McapExport:
    """One MCAP file, written while a replay runs: give `heard` and `ticked` to `Replay.run`.

    Times are simulated. Topics: `/inputs`, `/perceptions`, `/commands`, `/ticks`, and `/characters/NAME`.
    """

    def __init__(self, path: Path, replay: Replay) -> None:
        """Create the file. Raises MissingExtraError without the package `mcap`, UsageError when it cannot be made."""
        try:
            writer = importlib.import_module("mcap.writer")
        except ImportError:
            raise MissingExtraError(
                "missing_extra", "the export needs the package mcap", "pip install 'emotion-runtime[export]'"
            ) from None
        try:
            self._file = path.open("wb")
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError("export_unwritable", f"{path} cannot be written: {reason}", "name another file") from error
        self._path = path
        self._replay = replay
        self._simulation = replay.simulation
        self._names = self._simulation.characters if len(self._simulation.characters) <= STATES_UP_TO else ()
        self._writer: Any = writer.Writer(self._file)
        self._channels: dict[str, int] = {}
        self._sequence = 0
        self._writer.start(profile="", library=f"emotion-runtime {package_version()}")
        header = replay.header
        self._writer.add_metadata(
            "recording",
            {
                "scene": header.scene,
                "compiled": header.compiled,
                "seed": str(header.seed),
                "rate": str(header.rate),
                "version": header.version,
                "model": header.model,
            },
        )

    def heard(self, item: AnyInput) -> None:
        """An input, at the time before its tick."""
        told = msgspec.structs.asdict(item)
        if isinstance(item, Stood):
            told = {"source": item.source, "batch": item.batch, "rows": len(item.index) // 4}
        self._put("/inputs", self._simulation.time, {"kind": type(item).__name__.lower(), **told})

    def ticked(self, result: TickResult) -> None:
        """A tick: what was understood, what was commanded, and the state it left."""
        for perceived in result.perceptions:
            probabilities = dict(zip(perceived.labels, perceived.probabilities, strict=True))
            self._put(
                "/perceptions",
                result.time,
                {
                    "utterance": perceived.utterance,
                    "character": perceived.character,
                    "label": perceived.label,
                    "probabilities": probabilities,
                    "failed": perceived.failed,
                },
            )
        for command in result.commands:
            kind = "start" if isinstance(command, Start) else "stop"
            self._put("/commands", result.time, {"kind": kind, **msgspec.structs.asdict(command)})
        self._put("/ticks", result.time, {"tick": result.tick, "digest": result.digest.hex()})
        for name in self._names:
            view = self._simulation.character(name)
            state = {"emotion": view.emotion, "mood": view.mood._asdict(), "action": view.action}
            self._put(f"/characters/{name}", result.time, state)

    def close(self) -> None:
        """Finish the file. Raises UsageError when it cannot be written to its end."""
        if self._file.closed:
            return
        try:
            self._writer.finish()
        finally:
            self._file.close()

    def __enter__(self) -> McapExport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = error
        try:
            self.close()
        except OSError as unwritten:
            failed = failed or unwritten
        if isinstance(failed, OSError):
            reason = failed.strerror or str(failed)
            raise UsageError("export_unwritable", f"{self._path} cannot be written: {reason}") from failed

    def _put(self, topic: str, seconds: float, message: dict[str, Any]) -> None:
        channel = self._channels.get(topic)
        if channel is None:
            schema = self._writer.register_schema(topic.strip("/"), "jsonschema", b'{"type":"object"}')
            channel = self._channels[topic] = self._writer.register_channel(topic, "json", schema)
        self._sequence += 1
        when = round(seconds * 1e6) * 1000
        data = json.dumps(message, ensure_ascii=False).encode()
        self._writer.add_message(channel, when, data, when, self._sequence)
