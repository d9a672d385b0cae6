"""Owns the stream as a client sees it: the latest frame, checked, and an honest count of those not seen."""

from __future__ import annotations

from protocol.errors import ProtocolError
from protocol.messages import Roster, Tick
from protocol.views import TickView, parse_stream_frame


class Frames:
    """Takes frames in, keeps the newest. Frames from before the snapshot or of another session are passed over."""

    def __init__(self) -> None:
        self.latest: TickView | None = None
        self.received = 0
        """Frames with a new tick that were taken."""
        self.skipped = 0
        """Ticks between those taken. With CONFLATE that is what the reader was too slow or too late for."""
        self.passed_over = 0
        """Frames of another session or roster, or not newer than what is known."""
        self.malformed = 0
        self.heard = -1.0
        """Clock reading at the last good frame, new or not."""
        self._roster: Roster | None = None
        self._session = 0
        self._tick = 0

    def begin(self, session: int, roster: Roster, state: Tick) -> None:
        """Start from a snapshot: only later ticks count. Raises ProtocolError if its state does not fit its roster."""
        self.latest = TickView.of(state, roster)
        self._roster = roster
        self._session = session
        self._tick = state.tick

    def renew(self, roster: Roster) -> None:
        """The scene was reloaded: from now on ticks are read with this roster; earlier ones are passed over."""
        self._roster = roster

    def take(self, frame: bytes, now: float) -> TickView | None:
        """Take one stream frame; returns it if it is news."""
        try:
            return self.take_tick(parse_stream_frame(frame), now)
        except ProtocolError:
            self.malformed += 1
            return None

    def take_tick(self, tick: Tick, now: float) -> TickView | None:
        """Take one tick, of the stream or of the link; returns it if it is news. Raises ProtocolError."""
        if self._roster is None or tick.session != self._session:
            self.passed_over += 1
            return None
        self.heard = now
        known = self.latest
        if tick.tick < self._tick or (tick.tick == self._tick and known is not None and tick.paused == known.paused):
            self.passed_over += 1
            return None
        if tick.epoch != self._roster.epoch:
            self.passed_over += 1
            return None
        view = TickView.of(tick, self._roster)
        if tick.tick > self._tick:
            self.received += 1
            self.skipped += tick.tick - self._tick - 1
        self._tick = tick.tick
        self.latest = view
        return view
