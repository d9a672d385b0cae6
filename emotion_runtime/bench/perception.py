"""Owns the latency of text models: the same real lines in turn through each, tokenising included, on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emotion_runtime.perception.onnx_text import OnnxTextModel
from emotion_runtime.perception.results import TextJob


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one model per line: median, 95th percentile, sum; `ratio` of its sum to the reference's."""

    name: str
    median: float
    high: float
    total: float
    ratio: float


def measure(
    models: Mapping[str, OnnxTextModel],
    jobs: Sequence[TextJob],
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> list[Latency]:
    """Each line goes through all models one after the other, so that all meet the same load.

    The first is the reference. None may remember answers (`cached_lines=0`). The order of the models turns.
    """
    names = list(models)
    spent = {name: np.zeros(len(jobs)) for name in names}
    for at, job in enumerate(jobs):
        for turn in range(len(names)):
            name = names[(at + turn) % len(names)]
            begin = time.perf_counter()
            models[name].classify(job.text, job.context)
            spent[name][at] = 1000.0 * (time.perf_counter() - begin)
        progress(at + 1, len(jobs))
    reference = spent[names[0]]
    return [
        Latency(
            name,
            float(np.median(values)),
            float(np.quantile(values, 0.95)),
            float(values.sum()),
            float(np.median(values) / np.median(reference)),
        )
        for name, values in spent.items()
    ]
