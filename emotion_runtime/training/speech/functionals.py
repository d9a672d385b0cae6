"""Owns the summary of a clip as ONNX: values per frame -> one vector of means, spreads, percentiles and rhythms."""

from __future__ import annotations

from typing import Final

import numpy as np

from emotion_runtime.training.speech.front_end import Frames
from emotion_runtime.training.speech.nodes import Graph

PERCENTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
RHYTHM_HZ: Final = (1.0, 2.0, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 13.0)
"""Frequencies at which loudness is asked how much it swings: syllables come at 3 to 6 a second."""
_FAR: Final = 1e30


def write_functionals(graph: Graph, frames: Frames) -> str:
    """One row (1, features) for the clip. Only speech frames count; pitch and voice quality only voiced ones."""
    speech, voiced = frames.speech, frames.voiced
    rows: list[str] = []
    for value, mask in (
        (frames.mel, speech),
        (frames.cepstra, speech),
        (frames.shape, speech),
        (frames.level, speech),
        (frames.strength, speech),
        (frames.pitch, voiced),
    ):
        rows += [*_moments(graph, value, mask), _percentiles(graph, value, mask)]
    rows += _moments(graph, frames.cepstra, voiced)
    rows += _moments(graph, frames.shape, voiced)
    for value, mask in (
        (frames.cepstra, speech),
        (frames.shape, speech),
        (frames.level, speech),
        (frames.pitch, voiced),
    ):
        change = _slope(graph, value)
        mean, spread = _moments(graph, change, mask)
        size, _ = _moments(graph, graph.op("Abs", change), mask)
        rows += [mean, spread, size, _percentiles(graph, change, mask, (0.05, 0.95))]
        bend = _slope(graph, change)
        rows += [_moments(graph, bend, mask)[1]]
    rows += [_roughness(graph, frames.pitch, voiced), _roughness(graph, frames.level, voiced)]
    rows += [_trend(graph, frames.pitch, voiced), _trend(graph, frames.level, speech)]
    rows += [_rhythm(graph, frames.level), _rhythm(graph, graph.mul(frames.pitch, voiced)), _timing(graph, frames)]
    return graph.join(*rows, axis=1)


def _moments(graph: Graph, value: str, mask: str) -> tuple[str, str]:
    """Mean and standard deviation (1, k) over the masked frames."""
    count = graph.add(graph.sum(mask, 0, keep=True), graph.const(1e-3))
    mean = graph.div(graph.sum(graph.mul(value, mask), 0, keep=True), count)
    off = graph.mul(graph.sub(value, mean), mask)
    variance = graph.div(graph.sum(graph.mul(off, off), 0, keep=True), count)
    return mean, graph.op("Sqrt", graph.add(variance, graph.const(1e-8)))


def _percentiles(graph: Graph, value: str, mask: str, which: tuple[float, ...] = PERCENTILES) -> str:
    """Percentiles (1, k x len(which)) over the masked frames, the nearest frame's value; 0 without any."""
    far = graph.mul(graph.sub(graph.const(1.0), mask), graph.const(_FAR))
    ordered, _ = graph.ops("TopK", 2, graph.add(value, far), graph.length(value), axis=0, largest=0)
    last = graph.op("Max", graph.sub(graph.op("ReduceSum", mask, keepdims=0), graph.const(1.0)), graph.const(0.0))
    places = graph.op("Round", graph.mul(last, graph.const(np.array(which))))
    rows = graph.op("Gather", ordered, graph.op("Cast", places, to=7), axis=0)
    there = graph.op("Less", rows, graph.const(_FAR / 2))
    return graph.reshape(graph.op("Where", there, rows, graph.const(0.0)), 1, -1)


def _slope(graph: Graph, value: str) -> str:
    """Change per frame by regression over two neighbours on each side, (T, k)."""
    edge = graph.op("Pad", value, graph.ints(2, 0, 2, 0), mode="edge")
    far = graph.sub(graph.cut(edge, 4, 1 << 40, 0), graph.cut(edge, 0, -4, 0))
    near = graph.sub(graph.cut(edge, 3, -1, 0), graph.cut(edge, 1, -3, 0))
    return graph.div(graph.add(graph.mul(far, graph.const(2.0)), near), graph.const(10.0))


def _roughness(graph: Graph, value: str, mask: str) -> str:
    """Mean |x[t-1] - 2 x[t] + x[t+1]| (1, 1) where all three are voiced: how unsteady pitch or loudness is."""
    before, here, after = graph.cut(value, 0, -2, 0), graph.cut(value, 1, -1, 0), graph.cut(value, 2, 1 << 40, 0)
    bend = graph.sub(graph.add(before, after), graph.add(here, here))
    all_three = graph.mul(
        graph.mul(graph.cut(mask, 0, -2, 0), graph.cut(mask, 1, -1, 0)), graph.cut(mask, 2, 1 << 40, 0)
    )
    return _moments(graph, graph.op("Abs", bend), all_three)[0]


def _trend(graph: Graph, value: str, mask: str) -> str:
    """Regression over time (1, 2): per clip and per second; falling sentences differ from rising ones."""
    time = graph.op("Unsqueeze", graph.float(graph.range(graph.length(value))), graph.ints(1))
    mean_time, spread_time = _moments(graph, time, mask)
    mean, _ = _moments(graph, value, mask)
    count = graph.add(graph.sum(mask, 0, keep=True), graph.const(1e-3))
    both = graph.mul(graph.mul(graph.sub(time, mean_time), graph.sub(value, mean)), mask)
    covariance = graph.div(graph.sum(both, 0, keep=True), count)
    spread = graph.add(spread_time, graph.const(1.0))
    per_clip = graph.div(covariance, spread)
    return graph.join(per_clip, graph.div(graph.mul(per_clip, graph.const(100.0)), spread), axis=1)


def _rhythm(graph: Graph, value: str) -> str:
    """How much a track swings at RHYTHM_HZ, log (1, 9)."""
    count = graph.length(value)
    time = graph.op("Unsqueeze", graph.float(graph.range(count)), graph.ints(1))
    mean = graph.op("ReduceMean", value, axes=[0], keepdims=1)
    phase = graph.mul(time, graph.const(2 * np.pi * np.array(RHYTHM_HZ)[None] / 100.0))
    off = graph.sub(value, mean)
    steps = graph.op("Sqrt", graph.float(count))
    real = graph.div(graph.sum(graph.mul(graph.op("Cos", phase), off), 0, keep=True), steps)
    imaginary = graph.div(graph.sum(graph.mul(graph.op("Sin", phase), off), 0, keep=True), steps)
    power = graph.add(graph.mul(real, real), graph.mul(imaginary, imaginary))
    return graph.op("Log", graph.add(power, graph.const(1e-3)))


def _timing(graph: Graph, frames: Frames) -> str:
    """Timing (1, 6): log speech frames, share of pauses, share voiced, voiced runs a second, their length, rises."""
    speech, voiced = graph.sum(frames.speech, 0, keep=True), graph.sum(frames.voiced, 0, keep=True)
    total = graph.reshape(graph.float(frames.count), 1, 1)
    step = graph.sub(graph.cut(frames.voiced, 1, 1 << 40, 0), graph.cut(frames.voiced, 0, -1, 0))
    begun = graph.add(graph.sum(graph.op("Relu", step), 0, keep=True), graph.const(1.0))
    rise = graph.float(graph.op("Greater", _slope(graph, frames.level), graph.const(0.0)))
    turn = graph.op("Relu", graph.sub(graph.cut(rise, 1, 1 << 40, 0), graph.cut(rise, 0, -1, 0)))
    turns = graph.sum(graph.mul(turn, graph.cut(frames.speech, 1, 1 << 40, 0)), 0, keep=True)
    some = graph.add(speech, graph.const(1.0))
    return graph.join(
        graph.op("Log", some),
        graph.sub(graph.const(1.0), graph.div(speech, total)),
        graph.div(voiced, some),
        graph.mul(graph.div(begun, some), graph.const(100.0)),
        graph.op("Log", graph.add(graph.div(voiced, begun), graph.const(1.0))),
        graph.mul(graph.div(turns, some), graph.const(100.0)),
        axis=1,
    )
