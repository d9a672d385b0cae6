"""Owns letting a simulation pass over time in which nothing happens: many ticks in one call, with the same results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from emotion_runtime.errors import InputError
from emotion_runtime.leaps.compiling import LOOP
from emotion_runtime.leaps.leaper import MOST_CHARACTERS, Leaper, Leapt, Results
from emotion_runtime.leaps.watches import Watch
from emotion_runtime.outputs import Start, Stop, TickResult
from emotion_runtime.player import NominalPlayer
from emotion_runtime.tick import LONGEST_TICK_S, Ticker
from emotion_runtime.watching import Watcher

if TYPE_CHECKING:
    from emotion_runtime.outputs import Columns

SHORT: Final = 1e-9
"""Seconds by which a result may come before its time."""
SLACK: Final = 2e-9
"""Seconds: a moment so near counts as reached, so that no comparison of two floats can miss it."""


class Leaping:
    """Leaps of a simulation."""

    rate: float
    _ticker: Ticker
    _player: NominalPlayer | None
    _watchers: tuple[Watcher, ...]
    _last: TickResult | None
    _faces: Any
    _leaper: Leaper | None = None

    @property
    def time(self) -> float:
        """Simulated seconds."""
        raise NotImplementedError

    def step(self, dt: float | None = None, *, wait: bool = True) -> TickResult:
        """One tick."""
        raise NotImplementedError

    def columns(self) -> Columns:
        """The state as it is published."""
        raise NotImplementedError

    def can_leap(self, ticks: int = 1) -> bool:
        """Whether more than one tick can be taken at once.

        Not where somebody watches every tick (`watch`, faces), not in a crowd (more than 64 characters) nor with trees
        that hold strangers; and not before the loop is loaded, which some thousand ticks of asking do in the
        background once `emotion-runtime warmup` has compiled it. `ticks` is how many were wished for.
        """
        ticker = self._ticker
        if self._watchers or self._faces is not None or ticker.world.n > MOST_CHARACTERS or ticker.behaving.strangers:
            return False
        return LOOP.ask(ticks) is not None

    def leap(
        self,
        most: int,
        dt: float | None = None,
        *,
        results: Results | None = None,
        watch: Watch | None = None,
        keep: bool = False,
    ) -> Leapt:
        """Up to `most` ticks of `dt` seconds (default: 1 / rate) in one call; the same bytes as so many times `step`.

        It ends after the first tick that gives commands or perceptions, or after which a formula of `watch` has its
        wanted truth; before the first into which a model's answer has to enter. `results`: what an engine will report
        on running actions, and when (within a nanosecond); each enters with the first tick that begins then. The
        result is the last tick's, without digest. `keep`: also the published emotions after each tick. Where
        `can_leap` is False this is one `step`, into which those results enter whose time has come.
        """
        if most > 1 and not self.can_leap(most):
            most = 1
        leaper = self._bound() if most > 1 or self._leaper is not None else None
        if leaper is None or most < 1:
            for action, (end, ok) in (results or {}).items():
                if end <= self.time + SHORT:
                    self._ticker.report(action, ok=ok)
            result = self.step(dt)
            emotion = self.columns().emotion[None] if keep else np.zeros((0, 0, 0), np.float32)
            return Leapt(1, result, emotion)
        length = 1.0 / self.rate if dt is None else dt
        if not 0.0 < length <= LONGEST_TICK_S:
            raise InputError("bad_value", f"a tick lasts more than 0 and at most {LONGEST_TICK_S:g} s, not {length!r}")
        player, slack = self._player, SHORT
        if player is not None:
            is_running = self._ticker.behaving.is_running
            results = {action: (end, True) for action, end in player.ends.items() if is_running(action)}
            slack = 0.0
        span_us = max(1, round(length * 1e6))
        leapt = leaper.leap(span_us, most, results=results or {}, slack=slack, watch=watch, keep=keep)
        if player is not None:
            player.due((self._ticker.now_us - span_us) * 1e-6)
            for command in leapt.result.commands:
                if isinstance(command, Start):
                    player.start(command, leapt.result.time)
                else:
                    player.stop(command)
        self._last = leapt.result
        return leapt

    @property
    def has_leapt(self) -> bool:
        """Whether the tables of a leap are there: then `leap` is the faster way to take a single tick, too."""
        return self._leaper is not None and self._leaper.ticker is self._ticker

    def times(self, ticks: int, dt: float) -> list[float]:
        """Simulated seconds after each of the last `ticks` ticks of `dt`."""
        span_us = max(1, round(dt * 1e6))
        first_us = self._ticker.now_us - (ticks - 1) * span_us
        return [each * 1e-6 for each in range(first_us, self._ticker.now_us + 1, span_us)]

    def ticks_to(self, moment: float, dt: float | None = None) -> int:
        """How many ticks it takes until simulated time is at `moment` (seconds) or past it; at least 1."""
        span_us = max(1, round((1.0 / self.rate if dt is None else dt) * 1e6))
        now_us = self._ticker.now_us
        if moment >= (now_us + (1 << 40) * span_us) * 1e-6:
            return 1 << 40
        ticks = max(1, int((moment * 1e6 - now_us) / span_us) - 1)
        while (now_us + ticks * span_us) * 1e-6 < moment - SLACK:
            ticks += 1
        return ticks

    def run(self, seconds: float) -> list[Start | Stop]:
        """Let so much time pass; returns all commands given meanwhile."""
        if not 0.0 <= seconds < float("inf"):
            raise InputError("bad_value", f"cannot run for {seconds!r} seconds")
        end = self.time + seconds
        commands: list[Start | Stop] = []
        while self.time < end - 1e-9:
            commands.extend(self.leap(self.ticks_to(end)).result.commands)
        return commands

    def _bound(self) -> Leaper | None:
        """The leaper of the present ticker; None where it must not leap (any more)."""
        if self._watchers or self._faces is not None or LOOP.loop is None:
            return None
        if self._leaper is None or self._leaper.ticker is not self._ticker:
            ticker = self._ticker
            if ticker.world.n > MOST_CHARACTERS or ticker.behaving.strangers:
                return None
            self._leaper = Leaper(ticker, LOOP.loop)
        return self._leaper
