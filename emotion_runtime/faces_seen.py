"""Owns captured faces: each character's resting face, the mean of its latest frames, and what they are read as."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.hearing import Spoken, Understood
from emotion_runtime.perception.face_decoder import FaceDecoder, FaceReading
from emotion_runtime.perception.face_statistics import FACE_FRAMES_PER_SECOND, face_statistics
from emotion_runtime.perception.fusion import FACE, RELIABILITY, Estimate
from emotion_runtime.world import World

MEMORY_S: Final = 0.5
"""A frame so long ago counts half of one that is new: expressions last longer than frames."""
OLDEST_S: Final = 3.0
"""A face not seen for longer says nothing any more."""
MOST_FRAMES: Final = 40
"""Frames kept for a cross-modal network: eight seconds, as of a voice."""
_FRAME_US: Final = round(1e6 / FACE_FRAMES_PER_SECOND)
TOLD_EVERY_US: Final = 500_000
"""A face is read at most twice a second for those who watch, and told when its label changes."""

Row = NDArray[np.float64]
Frame = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame with its names resolved: `frame` (52,) as ARKIT."""

    character: int
    frame: tuple[float, ...]
    neutral: bool
    speaking: bool
    source: int


@dataclass(slots=True)
class _Face:
    neutral: Row | None = None
    mean: Row | None = None
    at_us: int = 0
    speaking: bool = False
    source: int = 0
    told_us: int = -TOLD_EVERY_US
    label: str = ""
    frames: deque[tuple[int, tuple[float, ...]]] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    """Latest frames and their times, FACE_FRAMES_PER_SECOND of them a second: what a cross-modal network sees."""


class FacesSeen:
    """Reads faces only when somebody asks. Arithmetic in a fixed order: the same frames give the same bits."""

    def __init__(self, world: World, *, keep: bool = False) -> None:
        """`keep`: frames are kept for `statistics`."""
        self._world = world
        self._keep = keep
        self._faces: dict[int, _Face] = {}
        self._decoder: FaceDecoder | None = None

    @property
    def any_seen(self) -> bool:
        """Whether a frame of anybody has come."""
        return bool(self._faces)

    def take(self, seen: Shown, now_us: int) -> None:
        """A frame came. Before a resting face was captured, frames are kept but say nothing."""
        face = self._faces.setdefault(seen.character, _Face())
        row = np.array(seen.frame)
        if seen.neutral:
            face.neutral, face.mean = row, None
            return
        if self._keep and (not face.frames or now_us - face.frames[-1][0] >= _FRAME_US):
            face.frames.append((now_us, seen.frame))
        gap = (now_us - face.at_us) * 1e-6
        new = 1.0 if face.mean is None or gap > OLDEST_S else max(gap, 1.0 / 120.0)
        share = new / (new + MEMORY_S) if new < 1.0 else 1.0
        face.mean = row if face.mean is None else face.mean + share * (row - face.mean)
        face.at_us, face.speaking, face.source = now_us, seen.speaking, seen.source

    def estimate(self, character: int, now_us: int) -> Estimate | None:
        """What the face says now; None when it says nothing."""
        face = self._faces.get(character)
        if face is None:
            return None
        reading = self._read(face, now_us)
        if reading is None or self._decoder is None:
            return None
        age = (now_us - face.at_us) * 1e-6
        known = self._decoder.known
        return Estimate(FACE, reading.probabilities, known, reading.confidence, age, RELIABILITY[FACE])

    def statistics(self, character: int, now_us: int, seconds: float) -> tuple[float, ...] | None:
        """`front_ends.face_statistics` of the frames in the last `seconds`, OLDEST_S at least; None without any."""
        face = self._faces.get(character)
        if face is None:
            return None
        since = now_us - round(max(seconds, OLDEST_S) * 1e6)
        frames = [frame for at, frame in face.frames if at >= since]
        return face_statistics(frames) if frames else None

    def news(self, now_us: int) -> list[Understood]:
        """Faces whose most probable label has changed, for those who watch; they move nobody by themselves."""
        told = []
        for character, face in sorted(self._faces.items()):
            if face.mean is None or face.at_us <= face.told_us or now_us - face.told_us < TOLD_EVERY_US:
                continue
            estimate = self.estimate(character, now_us)
            if estimate is None:
                continue
            face.told_us = now_us
            labels = self._world.labels
            label = labels[max(range(len(labels)), key=estimate.probabilities.__getitem__)]
            if label != face.label:
                face.label = label
                spoken = Spoken(character, NOBODY, "", 0, "", None, face.source)
                told.append(
                    Understood(
                        0,
                        spoken,
                        estimate.probabilities,
                        modality=FACE,
                        partial=True,
                        confidence=estimate.weight,
                        age=estimate.age,
                    )
                )
        return told

    def state(self) -> list[tuple[int, Frame | None, Frame | None, int, bool, int, int, str]]:
        """Plain values of each face, as `hold` takes them."""
        return [
            (
                character,
                None if face.neutral is None else tuple(face.neutral.tolist()),
                None if face.mean is None else tuple(face.mean.tolist()),
                face.at_us,
                face.speaking,
                face.source,
                face.told_us,
                face.label,
            )
            for character, face in self._faces.items()
        ]

    def hold(
        self,
        character: int,
        neutral: Frame | None,
        mean: Frame | None,
        at_us: int,
        speaking: bool,
        source: int,
        told_us: int,
        label: str,
    ) -> None:
        """A face as `state` gave it."""
        rest, seen = (None if row is None else np.array(row) for row in (neutral, mean))
        self._faces[character] = _Face(rest, seen, at_us, speaking, source, told_us, label)

    def carry(self, before: FacesSeen, subjects: NDArray[np.int64]) -> None:
        """Take over the faces of those who are still there; `subjects` are new rows of old ones, or NOBODY."""
        self._faces = {
            int(subjects[character]): face for character, face in before._faces.items() if subjects[character] != NOBODY
        }

    def _read(self, face: _Face, now_us: int) -> FaceReading | None:
        if face.neutral is None or face.mean is None or now_us - face.at_us > OLDEST_S * 1e6:
            return None
        if self._decoder is None:
            self._decoder = FaceDecoder(self._world.labels)
        return self._decoder.read(face.mean.tolist(), face.neutral.tolist(), speaking=face.speaking)
