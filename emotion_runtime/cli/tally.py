"""Owns the demo's bookkeeping: what was sent and received, and whether it all adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """Counted at the engine's end of the wire; `sidecar` is the sidecar's own `status` at the end."""

    seconds: float = 0.0
    first_tick: int = 0
    last_tick: int = 0
    frames_received: int = 0
    utterances_sent: int = 0
    perceptions_received: int = 0
    perceptions_failed: int = 0
    events_sent: int = 0
    commands_started: int = 0
    commands_finished: int = 0
    commands_aborted: int = 0
    commands_running: int = 0
    notices: list[str] = field(default_factory=list)
    sidecar: Mapping[str, Any] = field(default_factory=dict)
    interrupted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    """More figures for the summary: the score of a dialogue."""

    @property
    def ticks(self) -> int:
        """Ticks from the first frame seen to the last."""
        return self.last_tick - self.first_tick + 1 if self.frames_received else 0

    @property
    def frames_dropped(self) -> int:
        """Ticks between the first and the last frame seen of which no frame came."""
        return self.ticks - self.frames_received

    def stopped(self, reason: str) -> None:
        """An action ended: finished when the engine had played it to its end, well or badly, else aborted."""
        if reason in ("success", "engine_failure"):
            self.commands_finished += 1
        else:
            self.commands_aborted += 1

    def faults(self) -> list[str]:
        """What does not add up, in words; empty when all is well."""
        found = []
        if self.frames_received == 0:
            found.append("no frame was received")
        if self.perceptions_received != self.utterances_sent:
            found.append(f"{self.utterances_sent} utterances sent, {self.perceptions_received} perceptions received")
        if self.perceptions_failed:
            found.append(f"{self.perceptions_failed} perceptions failed")
        ended = self.commands_finished + self.commands_aborted
        if self.commands_started != ended + self.commands_running:
            found.append(f"{self.commands_started} commands started, {ended} ended, {self.commands_running} running")
        if self.frames_dropped < 0:
            found.append(f"more frames received ({self.frames_received}) than there were ticks ({self.ticks})")
        found.extend(f"notice: {notice}" for notice in self.notices)
        if not self.sidecar:
            found.append("the sidecar did not give its status at the end")
        return found

    def summary(self) -> dict[str, Any]:
        """The figures by the names they have in the text."""
        tick = self.sidecar.get("tick_ms", {})
        return {
            "type": "summary",
            "seconds": round(self.seconds, 3),
            "ticks": self.ticks,
            "frames_received": self.frames_received,
            "frames_dropped": self.frames_dropped,
            "utterances_sent": self.utterances_sent,
            "perceptions_received": self.perceptions_received,
            "events_sent": self.events_sent,
            "commands_started": self.commands_started,
            "commands_finished": self.commands_finished,
            "commands_aborted": self.commands_aborted,
            "commands_running": self.commands_running,
            "tick_p50_ms": tick.get("p50"),
            "tick_p99_ms": tick.get("p99"),
            **self.extra,
            "interrupted": self.interrupted,
            "faults": self.faults(),
        }
