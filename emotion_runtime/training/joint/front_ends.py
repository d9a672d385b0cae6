"""Owns writing the front ends of a cross-modal network as ONNX, and reading clips and lines through them."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from emotion_runtime.perception.front_ends import SoundFrontEnd, TextFrontEnd
from emotion_runtime.perception.manifest import SOUND_FRONT_END, TEXT_FRONT_END, TOKENIZER
from emotion_runtime.training.baselines.interface import Floats
from emotion_runtime.training.evaluation.clips import read_sound
from emotion_runtime.training.speech.front_end import write_front_end
from emotion_runtime.training.speech.functionals import write_functionals
from emotion_runtime.training.speech.nodes import Graph
from emotion_runtime.training.text.classifier import load_encoder
from emotion_runtime.training.text.export import OPSET, quantise

MAX_TOKENS: Final = 64
MAX_SECONDS: Final = 8.0
Progress = Callable[[int, int], None]


class _Mean(nn.Module):
    """An encoder's last hidden states, averaged over the tokens of a line: one row a line."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(batch, length) ids and mask -> (batch, hidden)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean: torch.Tensor = (hidden * mask).sum(1) / mask.sum(1)
        return mean


def write_text_front_end(base: str, folder: Path, *, weights: Path | None = None, int8: bool = True) -> None:
    """Writes text.onnx and tokenizer.json of the encoder `base` (folder or hub id) into `folder`.

    `weights`: a stage of the text recipe whose encoder is taken instead. `int8`: a quarter of the size.
    """
    encoder = load_encoder(base, attention="eager")
    if weights is not None:
        held = torch.load(weights, weights_only=True)
        own = {name.removeprefix("encoder."): value for name, value in held.items() if name.startswith("encoder.")}
        encoder.load_state_dict(own)
    ids = torch.ones((2, 8), dtype=torch.int64)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="emotion-runtime-") as work:
        whole = Path(work) / "whole.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer warns about every shape it reads
            torch.onnx.export(
                _Mean(encoder).eval(),
                (ids, torch.ones_like(ids)),
                str(whole),
                input_names=["input_ids", "attention_mask"],
                output_names=["vector"],
                dynamic_axes={
                    **{name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask")},
                    "vector": {0: "batch"},
                },
                opset_version=OPSET,
                dynamo=False,
            )
        if int8:
            quantise(whole, folder / TEXT_FRONT_END)
        else:
            shutil.copyfile(whole, folder / TEXT_FRONT_END)
    source = Path(base) / TOKENIZER
    if source.is_file():
        shutil.copyfile(source, folder / TOKENIZER)
        return
    from transformers import AutoTokenizer  # noqa: PLC0415

    AutoTokenizer.from_pretrained(base).backend_tokenizer.save(str(folder / TOKENIZER))


def write_sound_front_end(folder: Path) -> None:
    """Writes acoustic.onnx: the speech model's log-mel, pitch, loudness and their functionals, 633 numbers."""
    graph = Graph()
    row = write_functionals(graph, write_front_end(graph, "pcm"))
    model = graph.model({"pcm": ["samples"]}, {graph.name(row, "features"): [1, None]})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SOUND_FRONT_END).write_bytes(model.SerializeToString())


class LineReader:
    """Lines through the text front end of `folder`, kept in `cache` under the front end's own bytes."""

    def __init__(self, folder: Path, cache: Path) -> None:
        tokenizer = (folder / TOKENIZER).read_text(encoding="utf-8")
        self._front = TextFrontEnd(folder / TEXT_FRONT_END, tokenizer, max_tokens=MAX_TOKENS)
        self._mark = (folder / TEXT_FRONT_END).read_bytes() + tokenizer.encode("utf-8")
        self._cache = cache

    def __call__(self, texts: Sequence[str], progress: Progress = lambda done, all_: None) -> Floats:
        """(n, size), one line a run as at run time."""
        key = hashlib.sha256(self._mark + "\0".join(texts).encode("utf-8")).hexdigest()[:24]
        place = self._cache / f"lines-{key}.npy"
        if place.exists():
            held: Floats = np.load(place, allow_pickle=False)
            return held
        rows = np.zeros((len(texts), self._front.size))
        for at, text in enumerate(texts):
            rows[at] = self._front(text)
            progress(at + 1, len(texts))
        self._cache.mkdir(parents=True, exist_ok=True)
        np.save(place, rows, allow_pickle=False)
        return rows


class SoundReader:
    """A clip's sound through the sound front end of `folder`: a `ClipReader`."""

    def __init__(self, folder: Path) -> None:
        path = folder / SOUND_FRONT_END
        self._front = SoundFrontEnd(path, max_seconds=MAX_SECONDS)
        self.size = self._front.size
        self.name = f"sound-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"

    def __call__(self, clip: Path) -> Floats | None:
        """(size,), or None for a clip without sound."""
        sound = read_sound(clip)
        return None if sound is None else self._front(sound).astype(np.float64)
