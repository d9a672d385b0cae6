"""Owns what a replay found: how far it came out as recorded, the first difference, and both states at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from emotion_runtime.record.reader import Fault
from emotion_runtime.record.state import Value


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

    `begun`: the tick after which it began, 0 but for a replay that went to a later one. `fault`: where the file stops
    being one. `ended`: why the recording ended, '' where that was not read. `is_whole`: the file was read to its end,
    and all of it was sound. `dumps`: whole states as plain values, by name, when there is a difference.
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
    begun: int = 0

    @property
    def equal(self) -> bool:
        """Whether every tick read came out as recorded."""
        return self.difference is None
