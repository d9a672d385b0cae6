"""Owns transfer to rigs with other controls: radial basis functions over key poses that both faces have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class KeyPoses:
    """w_target = sum_i lambda_i |w - w_i| + A w + b, exact at the K poses: `solve_key_poses` makes one."""

    poses: Floats
    weights: Floats
    linear: Floats

    def apply(self, source: NDArray[np.floating]) -> Floats:
        """(f, t) controls of the target from source weights (f, s); not limited, as rigs differ in their ranges."""
        distance = np.linalg.norm(source[:, None, :] - self.poses[None, :, :], axis=2)
        tail = np.concatenate([np.ones((len(source), 1)), source.astype(np.float64)], axis=1)
        return np.asarray(distance @ self.weights + tail @ self.linear)


def solve_key_poses(source: NDArray[np.floating], target: NDArray[np.floating]) -> KeyPoses:
    """From K poses on the source (K, s) and the same on the target (K, t): neutral, emotions, visemes, say.

    The kernel is the distance itself (biharmonic in 3-D): no radius to tune. The linear part takes what it can by least
    squares, the rest is interpolated. Raises UsageError `bad_poses` for equal or too few poses.
    """
    poses, shown = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if poses.ndim != 2 or shown.ndim != 2 or len(poses) != len(shown) or len(poses) < 2:
        raise UsageError("bad_poses", f"key poses of {poses.shape} and {shown.shape} do not go together")
    distance = np.linalg.norm(poses[:, None, :] - poses[None, :, :], axis=2)
    if (distance + np.eye(len(poses)) < 1e-6).any():
        raise UsageError("bad_poses", "two key poses of the source are the same")
    tail = np.concatenate([np.ones((len(poses), 1)), poses], axis=1)
    linear = np.linalg.lstsq(tail, shown, rcond=1e-6)[0]
    weights = np.linalg.solve(distance, shown - tail @ linear)
    return KeyPoses(poses, weights, linear)
