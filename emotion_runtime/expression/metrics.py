"""Owns the landmark distances of the paper's section 3.2, with the anchors without which they say little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.landmarks import LIPS, PIXELS, Basis

Floats = NDArray[np.float64]

VIDEO_RATE: Final = 25.0
"""LVD is told per frame of a 25 fps video, whatever the frame rate of the track, so that rates can be compared."""
ANCHOR_LATENESS: Final = 0.1
"""Seconds of the anchor 'the truth, late'."""

Registration = Literal["none", "centre", "similarity"]


@dataclass(frozen=True, slots=True)
class Distances:
    """L-LD, L-LVD, F-LD, F-LVD in px at 64 px between the eyes; LVD per frame at 25 fps. `percent`: of IOD."""

    lip: float
    lip_velocity: float
    face: float
    face_velocity: float

    def percent(self) -> tuple[float, float, float, float]:
        """The four in % of the distance between the eyes."""
        factor = 100.0 / PIXELS
        return (self.lip * factor, self.lip_velocity * factor, self.face * factor, self.face_velocity * factor)


def landmark_distances(shown: Floats, truth: Floats, rate: float, *, registration: Registration = "none") -> Distances:
    """Distances between two landmark tracks (frames, 68, d) in IOD units, at `rate` frames a second.

    LD: mean over frames and points of the Euclidean distance. LVD: the same of differences between neighbouring
    frames, x rate / 25. L: the 20 points of the lips; F: all 68. Registration is done frame by frame, before LD and
    LVD: `none` for faces of one rig without head movement, `centre` takes each frame's mean of the 68 points away,
    `similarity` also turns and scales `shown` onto `truth` (Procrustes). Raises UsageError on unequal shapes.
    """
    if shown.shape != truth.shape or shown.ndim != 3 or shown.shape[1] != 68 or len(shown) < 2:
        raise UsageError("bad_track", f"tracks of {shown.shape} and {truth.shape} cannot be compared")
    if registration == "centre":
        shown, truth = shown - shown.mean(1, keepdims=True), truth - truth.mean(1, keepdims=True)
    elif registration == "similarity":
        shown = np.stack([_aligned(one, other) for one, other in zip(shown, truth, strict=True)])
    off = np.linalg.norm(shown - truth, axis=2) * PIXELS
    velocity = np.linalg.norm(np.diff(shown, axis=0) - np.diff(truth, axis=0), axis=2) * (PIXELS * rate / VIDEO_RATE)
    return Distances(
        float(off[:, LIPS].mean()), float(velocity[:, LIPS].mean()), float(off.mean()), float(velocity.mean())
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a track scores, beside the anchors. `lag`: seconds it comes late; `gain`: how large its movement is."""

    measured: Distances
    anchors: Mapping[str, Distances]
    lag: float
    gain: float


def compare(
    shown: NDArray[np.floating], truth: NDArray[np.floating], rate: float, basis: Basis, *, longest_lag: float = 0.3
) -> Comparison:
    """Two tracks of weights (frames, 52) on one face. Anchors: the neutral face, and the truth 100 ms late."""
    shown_points, true_points = basis.landmarks(shown), basis.landmarks(truth)
    still = np.broadcast_to(basis.neutral, true_points.shape)
    anchors = {
        "neutral face": landmark_distances(np.array(still), true_points, rate),
        "100 ms late": landmark_distances(late(true_points, ANCHOR_LATENESS, rate), true_points, rate),
    }
    return Comparison(
        landmark_distances(shown_points, true_points, rate),
        anchors,
        _best_lag(shown_points, true_points, rate, longest_lag),
        _gain(shown_points - basis.neutral, true_points - basis.neutral),
    )


def late(points: Floats, seconds: float, rate: float) -> Floats:
    """A track that comes this much later: between frames interpolated, its beginning held."""
    at = np.maximum(np.arange(len(points)) - seconds * rate, 0.0)
    low = np.floor(at).astype(int)
    part = (at - low)[:, None, None]
    high = np.minimum(low + 1, len(points) - 1)
    return np.asarray(points[low] * (1.0 - part) + points[high] * part)


def _best_lag(shown: Floats, truth: Floats, rate: float, longest: float) -> float:
    most = min(round(longest * rate), len(shown) - 2)
    scores = []
    for lag in range(-most, most + 1):
        a = shown[max(lag, 0) : len(shown) + min(lag, 0), LIPS]
        b = truth[max(-lag, 0) : len(truth) + min(-lag, 0), LIPS]
        scores.append((float(np.linalg.norm(a - b, axis=2).mean()), abs(lag), lag))
    return min(scores)[2] / rate


def _gain(shown: Floats, truth: Floats) -> float:
    power = float((truth * truth).sum())
    return float((shown * truth).sum()) / power if power > 0.0 else 1.0


def _aligned(points: Floats, onto: Floats) -> Floats:
    """`points` moved, turned and scaled onto `onto` (Procrustes, no reflection)."""
    a, b = points - points.mean(0), onto - onto.mean(0)
    u, spread, vt = np.linalg.svd(a.T @ b)
    signs = np.ones(len(spread))
    signs[-1] = np.sign(np.linalg.det(u @ vt))
    scale = (spread * signs).sum() / (a * a).sum()
    return np.asarray(scale * a @ (u * signs) @ vt + onto.mean(0))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two bases are: per shape cosine of the displacement fields, and ratio of their lengths."""

    cosine: Mapping[str, float]
    ratio: Mapping[str, float]

    @property
    def median_cosine(self) -> float:
        """Over the shapes that move landmarks in both."""
        return float(np.median(list(self.cosine.values())))

    @property
    def median_ratio(self) -> float:
        """Over the same shapes; above 1: the first basis moves more."""
        return float(np.median(list(self.ratio.values())))


def agreement(basis: Basis, yardstick: Basis, shapes: tuple[str, ...]) -> Agreement:
    """Compare two bases frontally, shape by shape. `shapes` are the names of the rows."""
    cosine, ratio = {}, {}
    for row, shape in enumerate(shapes):
        a, b = basis.moves[row, :, :2].ravel(), yardstick.moves[row, :, :2].ravel()
        lengths = float(np.linalg.norm(a)), float(np.linalg.norm(b))
        if min(lengths) > 1e-6:
            cosine[shape] = float(a @ b) / (lengths[0] * lengths[1])
            ratio[shape] = lengths[0] / lengths[1]
    return Agreement(cosine, ratio)
