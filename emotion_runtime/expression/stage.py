"""Owns all that shows on the faces of a world at once: emotions, blinks, lips and performers, as ARKit or as VRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.crowd import Faces
from emotion_runtime.expression.shapes import VRM
from emotion_runtime.expression.speaking import Speaking
from emotion_runtime.expression.speech.coarticulation import LipStream
from emotion_runtime.expression.speech.track import VisemeTrack
from emotion_runtime.expression.transfer.performer import Performer
from emotion_runtime.expression.vrm import vrm_weights

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]


class FaceStage:
    """One step a tick, then columns for every subscriber; what nobody reads is not computed."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.speaking = Speaking(faces.n)
        self._performers: dict[int, Performer] = {}
        self._like: dict[int, int] = {}
        self._dt = 0.0
        self._shown: tuple[Floats32, Floats] | None = None

    def say(self, row: int, track: VisemeTrack | LipStream, *, jaw: float = 1.0, lip: float = 1.0) -> None:
        """A character speaks from now on: a whole track, or a stream that is still being filled."""
        if isinstance(track, LipStream):
            self.speaking.say_stream(row, track, self.faces.time, jaw=jaw, lip=lip)
        else:
            self.speaking.say(row, track, self.faces.time, jaw=jaw, lip=lip)

    def perform(self, row: int, performer: Performer | None, *, like: int | None = None) -> None:
        """A performer drives a character, or (None) no longer does. `like`: it shows the face of another character."""
        self._like.pop(row, None)
        if performer is None:
            self._performers.pop(row, None)
            return
        self._performers[row] = performer
        if like is not None:
            self._like[row] = like

    @property
    def performers(self) -> Mapping[int, tuple[Performer, int | None]]:
        """Who drives which row, and whose face it shows, if another character's."""
        return {row: (each, self._like.get(row)) for row, each in sorted(self._performers.items())}

    def step(self, dt: float, emotion: Floats, *, at: float | None = None) -> None:
        """Let `dt` seconds pass under these emotions (n, c). `at`: the time it then is, if not the sum."""
        self.faces.step(dt, emotion, at=at)
        self.speaking.forget(self.faces.time)
        self._dt = dt
        self._shown = None
        if self._performers:
            self._now()
            for row in [row for row, each in self._performers.items() if each.gone and row not in self._like]:
                del self._performers[row]

    def arkit(self) -> Floats32:
        """(n, 52) weights as they are now. The same array until the next step: do not write to it."""
        return self._now()[0]

    def vrm(self, available: Sequence[str] = VRM) -> Floats32:
        """(n, 20) VRM expressions as they are now, for models that have the expressions in `available`."""
        weights, visemes = self._now()
        labels, strengths = self.faces.strengths()
        keep = np.ones(self.faces.n)
        rows = self.speaking.rows
        if len(rows):
            talking = 1.0 - visemes[rows, 0]
            keep[rows] = 1.0 - talking * (1.0 - self.faces.mouth_share(rows))
        return vrm_weights(labels, strengths, weights, visemes, available=available, speaking_share=keep)

    def _now(self) -> tuple[Floats32, Floats]:
        if self._shown is None:
            weights = self.faces.weights()
            share = np.zeros(self.faces.n)
            rows = self.speaking.rows
            if len(rows):
                share[rows] = self.faces.mouth_share(rows)
            visemes = self.speaking.apply(weights, self.faces.time, share)
            if self._performers:
                self._drive(weights, visemes)
            self._shown = weights, visemes
        return self._shown

    def _drive(self, weights: Floats32, visemes: Floats) -> None:
        """Put the performers' faces onto those of their characters, in place."""
        for row, other in self._like.items():
            self._performers[row].show(weights[other].copy())
        for row, performer in sorted(self._performers.items()):
            gain = 1.0
            if row in self._like:
                labels, strengths = self.faces.strengths(np.array([self._like[row]]))
                gain = performer.gain_of(labels, strengths)
            weights[row] = performer.step(weights[row], self._dt, speaking=visemes[row, 0] < 1.0, emotion_gain=gain)
