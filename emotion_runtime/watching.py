"""Owns what a simulation tells whoever looks on: what entered it, and what each tick gave."""

from __future__ import annotations

from typing import Protocol

from emotion_runtime.inputs import Observation
from emotion_runtime.outputs import TickResult


class Watcher(Protocol):
    """Told of all that enters a simulation and all that comes out, in its thread; changes nothing."""

    def told(self, observation: Observation) -> None:
        """An observation was taken for the coming tick."""
        ...

    def ticked(self, result: TickResult) -> None:
        """A tick is done."""
        ...
