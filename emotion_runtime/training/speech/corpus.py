"""Owns EMO-DB as arrays: its clips at 16 kHz, emotion and speaker from the file names, and altered copies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.onnx_session import open_session
from emotion_runtime.perception.pcm import RATE, Samples, read_wav, resample
from emotion_runtime.training.speech.front_end import write_front_end
from emotion_runtime.training.speech.functionals import write_functionals
from emotion_runtime.training.speech.nodes import Graph

LETTERS: Final = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "joy",
    "N": "neutral",
    "T": "sadness",
}
"""Sixth character of a file's name (German: Wut, Langeweile, Ekel, Angst, Freude, neutral, Trauer) -> label."""
LABELS: Final = tuple(LETTERS.values())
VARIANTS: Final = ("as recorded", "slower", "faster", "noisy", "filtered")
"""The clips and their altered copies, which count as other speakers: nine actors are few."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """`features` (variants, clips, features); `truth` (clips,) into LABELS; `speaker` (clips,) numbers; `files`."""

    features: NDArray[np.float32]
    truth: NDArray[np.int64]
    speaker: NDArray[np.int64]
    files: tuple[Path, ...]


def read_emodb(folder: Path, cache: Path, tick: Callable[[], None] = lambda: None) -> Corpus:
    """The summaries of all clips and of their altered copies; `tick` is called after each clip.

    They are kept in `cache` under the digest of the front end, so that a second call is quick. Raises UsageError
    `corpus_missing`.
    """
    files = tuple(sorted(path for path in folder.glob("*.wav") if path.stem[5:6] in LETTERS and len(path.stem) >= 6))
    if not files:
        raise UsageError("corpus_missing", f"{folder}: holds no clip of EMO-DB", "name the folder with 03a01Fa.wav")
    network = front_end_model()
    digest = hashlib.sha256(network + "\n".join(path.name for path in files).encode()).hexdigest()[:16]
    kept = cache / f"emodb-{digest}.npy"
    if kept.exists():
        features = np.load(kept, allow_pickle=False)
    else:
        cache.mkdir(parents=True, exist_ok=True)
        model = cache / f"front-end-{digest}.onnx"
        model.write_bytes(network)
        features = _summaries(open_session(model), files, tick)
        np.save(kept, features, allow_pickle=False)
    truth = np.array([LABELS.index(LETTERS[path.stem[5]]) for path in files])
    return Corpus(features, truth, np.array([int(path.stem[:2]) for path in files]), files)


def front_end_model() -> bytes:
    """The network from `pcm` to `features` (1, features)."""
    graph = Graph()
    graph.name(write_functionals(graph, write_front_end(graph, "pcm")), "features")
    return bytes(graph.model({"pcm": ["samples"]}, {"features": [1, "features"]}).SerializeToString())


def altered(clip: Samples, variant: str, chance: np.random.Generator) -> Samples:
    """A copy of a clip: ten per cent slower or faster (pitch too), in noise 15 to 30 dB below it, or filtered."""
    match variant:
        case "slower":
            return resample(clip, 9 * RATE // 10, RATE)
        case "faster":
            return resample(clip, 11 * RATE // 10, RATE)
        case "noisy":
            noise = chance.standard_normal(len(clip)) * np.sqrt(np.mean(clip**2) / 10 ** chance.uniform(1.5, 3.0))
            return np.asarray(clip + noise, np.float32)
        case "filtered":
            return np.asarray(np.convolve(clip, (1.0, chance.uniform(-0.4, 0.4)))[: len(clip)], np.float32)
    return clip


def _summaries(session: Any, files: tuple[Path, ...], tick: Callable[[], None]) -> NDArray[np.float32]:
    chance = np.random.default_rng(5)
    rows: list[list[NDArray[np.float32]]] = [[] for _ in VARIANTS]
    for path in files:
        clip = read_wav(path)
        for variant, row in zip(VARIANTS, rows, strict=True):
            row.append(session.run(["features"], {"pcm": altered(clip, variant, chance)})[0][0])
        tick()
    return np.array(rows, np.float32)
