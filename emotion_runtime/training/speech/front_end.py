"""Owns the front end as ONNX: 16 kHz PCM -> frames -> mel bands, pitch, voicing, energy, spectrum, all per 10 ms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from emotion_runtime.training.speech.nodes import Graph, cosines, triangles

RATE: Final = 16_000
HOP: Final = 160
WINDOW: Final = 400
SPECTRUM: Final = 512
BANDS: Final = 30
CEPSTRA: Final = 16
PITCH_WINDOW: Final = 800
PITCH_SPECTRUM: Final = 2048
LOW_HZ: Final = 60.0
HIGH_HZ: Final = 500.0
VOICED: Final = 0.45
"""Height of the normalised autocorrelation from which a frame counts as voiced (Boersma 1993 uses 0.45)."""
QUIET_DB: Final = 35.0
"""Frames so much below the loudest are pauses."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Values per frame: `speech` and `voiced` (T, 1) are 0 or 1, the others (T, k)."""

    mel: str
    cepstra: str
    level: str
    pitch: str
    strength: str
    shape: str
    speech: str
    voiced: str
    count: str


def write_front_end(graph: Graph, pcm: str) -> Frames:
    """`pcm`: float32 (samples,), -1..1. Shorter clips than a quarter of a second are padded with silence."""
    centred = graph.sub(pcm, graph.op("ReduceMean", pcm, axes=[0], keepdims=1))
    missing = graph.op("Max", graph.sub(graph.ints(RATE // 4), graph.length(centred)), graph.ints(0))
    pads = graph.join(graph.ints(0), graph.add(missing, graph.ints(PITCH_WINDOW)), axis=0)
    padded = graph.op("Pad", centred, pads, graph.const(0.0))
    room = graph.sub(graph.length(padded), graph.ints(PITCH_WINDOW))
    count = graph.div(room, graph.ints(HOP))
    starts = graph.op("Unsqueeze", graph.mul(graph.range(count), graph.ints(HOP)), graph.ints(1))
    wide = graph.op("Gather", padded, graph.add(starts, graph.const(np.arange(PITCH_WINDOW)[None], np.int64)), axis=0)
    margin = (PITCH_WINDOW - WINDOW) // 2
    narrow = graph.cut(wide, margin, margin + WINDOW, 1)

    power, magnitude = _spectrum(graph, narrow)
    mel_power = graph.op("MatMul", power, graph.const(triangles(BANDS, 60.0, 7800.0, SPECTRUM // 2 + 1, RATE)))
    mel = graph.op("Log", graph.add(mel_power, graph.const(1e-7)))
    cepstra = graph.op("MatMul", mel, graph.const(cosines(BANDS, CEPSTRA)))
    energy = graph.op("ReduceMean", graph.mul(narrow, narrow), axes=[1], keepdims=1)
    level = graph.mul(graph.op("Log", graph.add(energy, graph.const(1e-9))), graph.const(10 / np.log(10)))
    loudest = graph.op("ReduceMax", level, axes=[0], keepdims=1)
    speech = graph.float(graph.op("Greater", level, graph.sub(loudest, graph.const(QUIET_DB))))
    pitch, strength = _pitch(graph, wide)
    high = graph.float(graph.op("Greater", strength, graph.const(VOICED)))
    return Frames(
        mel, cepstra, level, pitch, strength, _shape(graph, power, magnitude), speech, graph.mul(high, speech), count
    )


def _spectrum(graph: Graph, frames: str) -> tuple[str, str]:
    """Power and magnitude (T, 257) of Hamming windows after pre-emphasis."""
    first = graph.cut(frames, 0, 1, 1)
    sharp = graph.sub(
        frames, graph.mul(graph.join(first, graph.cut(frames, 0, WINDOW - 1, 1), axis=1), graph.const(0.97))
    )
    shaped = graph.mul(sharp, graph.const(np.hamming(WINDOW)[None]))
    power = _power(graph, shaped, SPECTRUM)
    return power, graph.op("Sqrt", power)


def _power(graph: Graph, frames: str, size: int) -> str:
    """Power (T, size/2 + 1) of the zero-padded frames."""
    signal = graph.op("Unsqueeze", frames, graph.ints(2))
    spectrum = graph.op("DFT", signal, graph.const(size, np.int64), axis=1, onesided=1)
    return graph.sum(graph.mul(spectrum, spectrum), 2)


def _pitch(graph: Graph, wide: str) -> tuple[str, str]:
    """Pitch in octaves over 60 Hz and height of its peak, (T, 1) each: autocorrelation after Boersma (1993).

    The autocorrelation of the windowed frame is divided by that of the window. Higher pitches win ties: a small cost
    grows with the lag. A median over five frames takes out jumps of an octave.
    """
    window = np.hanning(PITCH_WINDOW)
    frames = graph.sub(wide, graph.op("ReduceMean", wide, axes=[1], keepdims=1))
    power = _power(graph, graph.mul(frames, graph.const(window[None])), PITCH_SPECTRUM)
    lags = np.arange(int(RATE / HIGH_HZ), int(RATE / LOW_HZ) + 1)
    bins = np.arange(PITCH_SPECTRUM // 2 + 1)
    weight = np.where((bins == 0) | (bins == PITCH_SPECTRUM // 2), 1.0, 2.0) / PITCH_SPECTRUM
    inverse = np.cos(2 * np.pi * bins[:, None] * lags / PITCH_SPECTRUM) * weight[:, None]
    own = np.correlate(window, window, "full")[PITCH_WINDOW - 1 :]
    inverse *= own[0] / own[lags]
    total = graph.op("MatMul", power, graph.const(weight[:, None]))
    relative = graph.div(graph.op("MatMul", power, graph.const(inverse)), graph.add(total, graph.const(1e-6)))
    cost = 0.04 * np.log2(lags / lags[0])
    best = graph.op("ArgMax", graph.sub(relative, graph.const(cost[None])), axis=1, keepdims=1)
    strength = graph.op("Clip", graph.op("GatherElements", relative, best, axis=1), graph.const(0.0), graph.const(1.0))
    octaves = graph.op("Gather", graph.const(np.log2(RATE / lags / LOW_HZ)), best, axis=0)
    return median_of_five(graph, octaves), strength


def median_of_five(graph: Graph, value: str) -> str:
    """The median over a frame and two neighbours on each side, (T, 1); the ends repeat."""
    edge = graph.op("Pad", value, graph.ints(2, 0, 2, 0), mode="edge")
    stacked = graph.join(*(graph.cut(edge, k, -4 + k if k < 4 else 1 << 40, 0) for k in range(5)), axis=1)
    values, _ = graph.ops("TopK", 2, stacked, graph.ints(3), axis=1)
    return graph.cut(values, 2, 3, 1)


def _shape(graph: Graph, power: str, magnitude: str) -> str:
    """What the spectrum looks like, (T, 8): centroid, spread, slope, roll-off, flux, alpha, Hammarberg, flatness."""
    bins = SPECTRUM // 2 + 1
    hertz = np.linspace(0, RATE / 2, bins)
    octave = np.log2(np.maximum(hertz, 50.0) / 50.0)
    total = graph.add(graph.sum(power, 1, keep=True), graph.const(1e-7))
    share = graph.div(power, total)
    centroid = graph.op("MatMul", share, graph.const(octave[:, None]))
    square = graph.op("MatMul", share, graph.const((octave**2)[:, None]))
    variance = graph.op("Max", graph.sub(square, graph.mul(centroid, centroid)), graph.const(0.0))
    spread = graph.op("Sqrt", variance)
    log_power = graph.op("Log", graph.add(power, graph.const(1e-7)))
    inside = (hertz > 60) & (hertz < 5000)
    line = np.where(inside, octave - octave[inside].mean(), 0.0)
    slope = graph.op("MatMul", log_power, graph.const((line / (line**2).sum())[:, None]))
    below = graph.op("CumSum", share, graph.const(1, np.int64))
    rolled = graph.sum(graph.float(graph.op("Less", below, graph.const(0.85))), 1, keep=True)
    rolloff = graph.op("Log", graph.add(rolled, graph.const(1.0)))
    size = graph.add(graph.sum(magnitude, 1, keep=True), graph.const(1e-5))
    unit = graph.div(magnitude, size)
    before = graph.join(graph.cut(unit, 0, 1, 0), graph.cut(unit, 0, -1, 0), axis=0)
    flux = graph.sum(graph.op("Abs", graph.sub(unit, before)), 1, keep=True)

    def band(low: float, high: float) -> str:
        chosen = ((hertz >= low) & (hertz < high)).astype(np.float32)
        return graph.op("Log", graph.add(graph.op("MatMul", power, graph.const(chosen[:, None])), graph.const(1e-6)))

    def peak(low: float, high: float) -> str:
        first, last = int(np.searchsorted(hertz, low)), int(np.searchsorted(hertz, high))
        return graph.max(graph.cut(log_power, first, last, 1), 1, keep=True)

    alpha = graph.sub(band(50, 1000), band(1000, 5000))
    hammarberg = graph.sub(peak(0, 2000), peak(2000, 5000))
    flatness = graph.sub(
        graph.op("ReduceMean", log_power, axes=[1], keepdims=1), graph.op("Log", graph.div(total, graph.const(bins)))
    )
    return graph.join(centroid, spread, slope, rolloff, flux, alpha, hammarberg, flatness, axis=1)
