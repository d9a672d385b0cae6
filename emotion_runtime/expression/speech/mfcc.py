"""Owns mel-frequency cepstra of speech: 12 coefficients and loudness with their slopes, every 10 ms."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError

Floats = NDArray[np.float64]

HOP_MS: Final = 10.0
WINDOW_MS: Final = 25.0
BANDS: Final = 26
COEFFICIENTS: Final = 12
LOWEST_HZ: Final = 80.0
HIGHEST_HZ: Final = 7600.0
CONTEXT: Final = (-4, -2, 2, 4)
"""Frames before and after whose cepstra are looked at too."""
FEATURES: Final = (COEFFICIENTS + 1) * (1 + len(CONTEXT))


def features(samples: NDArray[np.int16] | NDArray[np.floating], rate: int) -> Floats:
    """(f, FEATURES) of mono samples, one row each 10 ms. Raises InputError `bad_audio`."""
    if samples.ndim != 1 or not 8000 <= rate <= 192_000:
        raise InputError("bad_audio", f"audio must be mono at 8 to 192 kHz, not {samples.ndim}-D at {rate} Hz")
    sound = samples.astype(np.float64)
    if not np.isfinite(sound).all():
        raise InputError("bad_audio", "audio samples must be finite")
    if samples.dtype == np.int16:
        sound /= 32768.0
    window, hop = round(rate * WINDOW_MS / 1000.0), round(rate * HOP_MS / 1000.0)
    count = len(sound) // hop
    if count == 0:
        return np.zeros((0, FEATURES))
    padded = np.concatenate([np.zeros(window // 2), sound, np.zeros(window)])
    emphasised = np.append(padded[:1], padded[1:] - 0.97 * padded[:-1])
    blocks = np.lib.stride_tricks.sliding_window_view(emphasised, window)[::hop][:count] * np.hanning(window)
    size = 1 << (window - 1).bit_length()
    power = np.abs(np.fft.rfft(blocks, size, axis=1)) ** 2
    mel = np.log(power @ _filters(rate, size).T + 1e-10)
    cepstra = mel @ _cosines().T
    loud = np.log((blocks * blocks).mean(axis=1, keepdims=True) + 1e-10)
    base = np.concatenate([cepstra, loud], axis=1)
    at = np.arange(len(base))
    around = [base[np.clip(at + step, 0, len(base) - 1)] for step in CONTEXT]
    return np.concatenate([base, *around], axis=1)


@cache
def _filters(rate: int, size: int) -> Floats:
    """(BANDS, size / 2 + 1) triangles, evenly spaced on the mel scale (O'Shaughnessy: 2595 log10(1 + f / 700))."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (LOWEST_HZ, min(HIGHEST_HZ, 0.48 * rate)))
    edges = 700.0 * (10.0 ** (np.linspace(low, high, BANDS + 2) / 2595.0) - 1.0)
    frequency = np.arange(size // 2 + 1) * rate / size
    rising = (frequency - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequency) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


@cache
def _cosines() -> Floats:
    band = np.arange(BANDS) + 0.5
    return np.asarray(np.cos(np.pi * np.arange(1, COEFFICIENTS + 1)[:, None] * band / BANDS) * np.sqrt(2.0 / BANDS))
