"""Owns the finished speech model as one ONNX graph: front end, running comparison, networks, probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.training.speech.front_end import write_front_end
from emotion_runtime.training.speech.functionals import write_functionals
from emotion_runtime.training.speech.network import Network
from emotion_runtime.training.speech.nodes import Graph
from emotion_runtime.training.speech.running import LIMIT, write_running

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trained:
    """All that is learnt: mean and spread of the features, networks whose logits are averaged, one temperature."""

    mean: Floats
    spread: Floats
    networks: list[Network]
    temperature: float


def write_model(trained: Trained, path: Path) -> int:
    """Writes the graph that `OnnxVoiceModel` reads to `path`; returns the number of features."""
    graph = Graph()
    size = len(trained.mean)
    row = write_functionals(graph, write_front_end(graph, "pcm"))
    scaled = graph.mul(graph.sub(row, graph.const(trained.mean[None])), graph.const(1.0 / trained.spread[None]))
    cut = graph.op("Clip", scaled, graph.const(-LIMIT), graph.const(LIMIT))
    compared, count, total, squares = write_running(graph, cut, "count", "total", "squares")
    first = np.concatenate([each.first for each in trained.networks], axis=1)
    first_bias = np.concatenate([each.first_bias for each in trained.networks])
    scale = 1.0 / (len(trained.networks) * trained.temperature)
    second = np.concatenate([each.second for each in trained.networks], axis=0) * scale
    second_bias = np.sum([each.second_bias for each in trained.networks], axis=0) * scale
    hidden = graph.op("Relu", graph.add(graph.op("MatMul", compared, graph.const(first)), graph.const(first_bias)))
    logits = graph.add(graph.op("MatMul", hidden, graph.const(second)), graph.const(second_bias))
    graph.name(graph.op("Softmax", logits, axis=1), "probabilities")
    for value, name in ((count, "next_count"), (total, "next_total"), (squares, "next_squares")):
        graph.name(value, name)
    model = graph.model(
        {"pcm": ["samples"], "count": [1], "total": [size], "squares": [size]},
        {"probabilities": [1, len(second_bias)], "next_count": [1], "next_total": [size], "next_squares": [size]},
    )
    path.write_bytes(model.SerializeToString())
    return size
