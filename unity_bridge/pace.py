"""Owns when the next tick is due: absolute deadlines without drift, and what happens to deadlines that were missed."""

from __future__ import annotations


class Pace:
    """Deadlines `1 / rate` seconds apart. Missed ones are skipped and counted, never caught up in a burst.

    A burst after a stall would send a game seconds of ticks at once; so simulated time falls behind instead.
    """

    def __init__(self, rate: float, now: float) -> None:
        self.period = 1.0 / rate
        self.missed = 0
        self._start = now
        self._count = 1

    def restart(self, now: float) -> None:
        """Begin anew after a pause: nothing was missed."""
        self._start = now
        self._count = 1

    @property
    def deadline(self) -> float:
        """Clock reading at which the next tick is due."""
        return self._start + self._count * self.period

    def due(self, now: float) -> bool:
        """Say whether a tick is to be done now; True takes the deadline and every one already past."""
        if now < self.deadline:
            return False
        taken = self._count
        self._count += 1 + int((now - self.deadline) / self.period)
        while self.deadline <= now:
            # The division may round down where the deadline, computed afresh, is just past.
            self._count += 1
        self.missed += self._count - taken - 1
        return True
