"""Owns a voice's profile: visemes heard from the sound of one speaker, learned from a few recorded lines of theirs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.expression.recipe import read_yaml
from emotion_runtime.expression.speech.mfcc import FEATURES, HOP_MS, features
from emotion_runtime.expression.speech.track import Segment, VisemeTrack
from emotion_runtime.expression.visemes import VISEMES

Floats = NDArray[np.float64]

SHRINK: Final = 0.1
"""Part of the shared covariance replaced by its diagonal: few lines are recorded."""
STAY: Final = 3.0
"""What a change of viseme costs, in log likelihood: keeps single frames from flickering."""
LEAST_FRAMES: Final = 5
"""A viseme heard for fewer frames than this is not learned."""
FORMAT: Final = 1


@dataclass(frozen=True, eq=False)
class VoiceProfile:
    """Linear discriminant over cepstra: score of viseme v = features @ weights[v] + bias[v]."""

    weights: Floats
    bias: Floats

    def save(self, path: str | Path) -> None:
        """Write an .npz file, or with that ending .json: a scene names such a one, so that recordings can hold it."""
        if Path(path).suffix == ".json":
            data = {"format": FORMAT, "weights": self.weights.tolist(), "bias": self.bias.tolist()}
            Path(path).write_text(json.dumps(data, indent=0) + "\n", encoding="utf-8")
            return
        np.savez(Path(path), format=np.array(FORMAT), weights=self.weights, bias=self.bias)


def learn_voice(lines: Sequence[tuple[NDArray[np.int16], int, VisemeTrack]]) -> VoiceProfile:
    """A profile from recorded lines: samples, rate, and what is said when (15 lines do; 3 are usable).

    Linear discriminant analysis: one mean a viseme, one covariance for all. Raises InputError `bad_audio`.
    """
    rows, labels = [], []
    for samples, rate, track in lines:
        seen = features(samples, rate)
        rows.append(seen)
        labels.append(_labels(track, len(seen)))
    if not rows or sum(map(len, rows)) < 100:
        raise InputError("bad_audio", "a profile needs at least a second of recorded speech")
    x, y = np.concatenate(rows), np.concatenate(labels)
    known = [v for v in range(len(VISEMES)) if int((y == v).sum()) >= LEAST_FRAMES]
    means = {v: x[y == v].mean(axis=0) for v in known}
    centred = np.concatenate([x[y == v] - means[v] for v in known])
    covariance = centred.T @ centred / len(centred)
    covariance = (1.0 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance)) + 1e-6 * np.eye(len(covariance))
    weights = np.zeros((len(VISEMES), x.shape[1]))
    bias = np.full(len(VISEMES), -1e6)
    for v in known:
        weights[v] = np.linalg.solve(covariance, means[v])
        bias[v] = -0.5 * weights[v] @ means[v] + np.log((y == v).mean())
    return VoiceProfile(weights, bias)


def read_voice(path: str | Path) -> VoiceProfile:
    """A saved profile. Raises UsageError `bad_profile` or `no_such_file`."""
    if Path(path).suffix == ".json":
        return profile_of(read_yaml(path))
    try:
        with np.load(Path(path), allow_pickle=False) as file:
            weights, bias, form = file["weights"], file["bias"], int(file["format"])
    except OSError as error:
        raise UsageError("no_such_file", f"{path} cannot be read: {error}") from None
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError("bad_profile", f"{path} is no voice profile: {error}") from None
    return _checked(form, weights, bias, str(path))


def profile_of(data: Any) -> VoiceProfile:
    """A profile from plain values, as in a .json file. Raises UsageError `bad_profile`."""
    try:
        form, weights, bias = int(data["format"]), np.array(data["weights"], float), np.array(data["bias"], float)
    except (KeyError, TypeError, ValueError):
        raise UsageError("bad_profile", "a voice profile needs `format`, `weights` and `bias`") from None
    return _checked(form, weights, bias, "this")


def _checked(form: int, weights: NDArray[Any], bias: NDArray[Any], what: str) -> VoiceProfile:
    shapes = (len(VISEMES), FEATURES), (len(VISEMES),)
    if form != FORMAT or (weights.shape, bias.shape) != shapes or not np.isfinite(weights).all():
        raise UsageError("bad_profile", f"{what} is a voice profile of another form", "record it again")
    return VoiceProfile(weights.astype(np.float64), bias.astype(np.float64))


def track_of_voice(samples: NDArray[np.int16], rate: int, profile: VoiceProfile) -> VisemeTrack:
    """The lips of a recording in a voice that has a profile: the likeliest sequence of visemes (Viterbi)."""
    scores = features(samples, rate) @ profile.weights.T + profile.bias
    path = _likeliest(scores)
    segments: list[Segment] = []
    start = 0
    for at in range(1, len(path) + 1):
        if at < len(path) and path[at] == path[start]:
            continue
        if VISEMES[path[start]] != "sil":
            segments.append(Segment(start * HOP_MS, at * HOP_MS, VISEMES[path[start]]))
        start = at
    return VisemeTrack(segments, "profile")


def _labels(track: VisemeTrack, frames: int) -> NDArray[np.intp]:
    labels = np.zeros(frames, dtype=np.intp)
    middle = (np.arange(frames) + 0.5) * HOP_MS
    for segment in track:
        labels[(middle >= segment.start) & (middle < segment.end)] = VISEMES.index(segment.viseme)
    return labels


def _likeliest(scores: Floats) -> list[int]:
    if not len(scores):
        return []
    best = scores[0].copy()
    came = np.zeros(scores.shape, dtype=np.intp)
    every = np.arange(scores.shape[1])
    for frame in range(1, len(scores)):
        leader = int(best.argmax())
        change = best[leader] - STAY > best
        came[frame] = np.where(change, leader, every)
        best = np.maximum(best, best[leader] - STAY) + scores[frame]
    path = [int(best.argmax())]
    for frame in range(len(scores) - 1, 0, -1):
        path.append(int(came[frame, path[-1]]))
    return path[::-1]
