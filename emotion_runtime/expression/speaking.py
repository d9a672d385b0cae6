"""Owns who is speaking now: running tracks of all characters, and their lips put onto the columns of faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError
from emotion_runtime.expression.compose import Mouths, compose
from emotion_runtime.expression.speech.coarticulation import REACH, LipStream, lip_stream
from emotion_runtime.expression.speech.track import VisemeTrack

Floats32 = NDArray[np.float32]


@dataclass(slots=True)
class _Utterance:
    stream: LipStream
    track: VisemeTrack | None
    start: float
    end: float
    mouths: Mouths
    last: tuple[NDArray[np.float64], float, float] | None = None


class Speaking:
    """The speech of n characters. Cost follows the number of those who speak, not of those who are there."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._running: dict[int, _Utterance] = {}

    def say(self, row: int, track: VisemeTrack, start: float, *, jaw: float = 1.0, lip: float = 1.0) -> None:
        """From `start` seconds on, character `row` speaks this track; what it said before is cut off.

        `jaw`, `lip` (0..2): how far jaw and lips move. Raises InputError `bad_value`.
        """
        self._begin(row, lip_stream(track), track, start, start + track.end / 1000.0, jaw, lip)

    def say_stream(self, row: int, stream: LipStream, start: float, *, jaw: float = 1.0, lip: float = 1.0) -> None:
        """The same for segments still arriving. A frame not yet known keeps the lips as they were."""
        self._begin(row, stream, None, start, float("inf"), jaw, lip)

    def stop(self, row: int) -> None:
        """The character falls silent at once."""
        self._running.pop(row, None)

    def forget(self, time: float) -> None:
        """Drop what was said to its end before `time` seconds."""
        for row in [row for row, each in self._running.items() if time > each.end + REACH / 1000.0]:
            del self._running[row]

    @property
    def rows(self) -> NDArray[np.intp]:
        """Characters with a running track, ascending."""
        return np.array(sorted(self._running), dtype=np.intp)

    def apply(self, face: Floats32, time: float, share: NDArray[np.floating]) -> NDArray[np.float64]:
        """Put the lips of `time` seconds onto the faces (n, 52), in place.

        `share` (n,): the part of its mouth each emotion keeps. Returns the viseme shares (n, 15), `sil` for the silent.
        """
        self.forget(time)
        visemes = np.zeros((self._n, 15))
        visemes[:, 0] = 1.0
        for row in self.rows.tolist():
            said = self._running[row]
            ms = (time - said.start) * 1000.0
            frame = said.stream.frame(ms) or said.last
            if frame is None:
                continue
            said.last = frame
            shares, closed, speaking = frame
            one = np.array([row])
            lips = said.mouths.lips(shares[None, :])
            whole = compose(face[one], lips, np.array([closed]), np.array([speaking]), share[one].astype(np.float64))
            face[row] = whole[0]
            visemes[row] = shares
        return visemes

    def running(self) -> list[tuple[int, float, VisemeTrack]]:
        """Row, start in seconds, and track of all who speak a whole track, by row."""
        return [(row, each.start, each.track) for row, each in sorted(self._running.items()) if each.track is not None]

    def _begin(
        self,
        row: int,
        stream: LipStream,
        track: VisemeTrack | None,
        start: float,
        end: float,
        jaw: float,
        lip: float,
    ) -> None:
        if not 0 <= row < self._n:
            raise InputError("unknown_character", f"there is no character {row}")
        if not (0.0 <= jaw <= 2.0 and 0.0 <= lip <= 2.0 and 0.0 <= start < float("inf")):
            raise InputError("bad_value", f"jaw {jaw!r} and lip {lip!r} must be in 0..2, start {start!r} not negative")
        self._running[row] = _Utterance(stream, track, start, end, Mouths(np.array([jaw]), np.array([lip])))
