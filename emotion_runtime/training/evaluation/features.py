"""Owns corpora with features for the compared models: utterance vectors of an encoder, kept in a cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.training.baselines.interface import Corpus, Floats
from emotion_runtime.training.text.batches import collate, sorted_order, tokenise
from emotion_runtime.training.text.classifier import load_encoder, load_pair_tokenizer
from emotion_runtime.training.text.corpus import Example, labels_of

BATCH: Final = 64
Progress = Callable[[int, int], None]


def text_corpus(examples: Sequence[Example], vectors: Floats) -> Corpus:
    """The corpus of a text with one vector (n, size) for each utterance."""
    return Corpus(
        texts=tuple(example.text for example in examples),
        labels=labels_of(examples),
        dialogues=tuple(example.dialogue for example in examples),
        speakers=tuple(example.speaker for example in examples),
        features={"text": vectors},
        there={"text": np.ones(len(examples), dtype=np.bool_)},
    )


class UtteranceVectors:
    """Mean-pooled last hidden states of an encoder for utterances on their own, without context."""

    def __init__(self, base: str, weights: Path | None = None, cache: Path | None = None) -> None:
        """`base`: encoder folder or hub id; `weights`: a stage of the text recipe to put in; `cache`: a folder."""
        self._base = base
        self._weights = weights
        self._cache = cache

    def __call__(self, examples: Sequence[Example], progress: Progress = lambda done, all_: None) -> Floats:
        """(n, hidden) vectors. What lies in the cache under the same texts, encoder and weights is read from there."""
        place = self._place(examples)
        if place is not None and place.exists():
            held: Floats = np.load(place, allow_pickle=False)
            return held
        vectors = self._encode(examples, progress)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            np.save(place, vectors, allow_pickle=False)
        return vectors

    def _encode(self, examples: Sequence[Example], progress: Progress) -> Floats:
        encoder = load_encoder(self._base)
        if self._weights is not None:
            held = torch.load(self._weights, weights_only=True)
            own = {name.removeprefix("encoder."): value for name, value in held.items() if name.startswith("encoder.")}
            encoder.load_state_dict(own)
        encoder.eval()
        tokenizer = load_pair_tokenizer(self._base, max_tokens=64, context_lines=0)
        rows = tokenise(examples, tokenizer)
        vectors = np.zeros((len(rows), encoder.config.hidden_size))
        done = 0
        with torch.inference_mode():
            for places in sorted_order(rows, BATCH):
                batch = collate(rows, places, 0)
                hidden = encoder(input_ids=batch.input_ids, attention_mask=batch.attention_mask).last_hidden_state
                mask = batch.attention_mask.unsqueeze(-1).to(hidden.dtype)
                vectors[places] = ((hidden * mask).sum(1) / mask.sum(1)).numpy()
                done += len(places)
                progress(done, len(rows))
        return vectors

    def _place(self, examples: Sequence[Example]) -> Path | None:
        if self._cache is None:
            return None
        seen = hashlib.sha256(self._base.encode("utf-8"))
        if self._weights is not None:
            seen.update(self._weights.read_bytes())
        for example in examples:
            seen.update(example.text.encode("utf-8") + b"\0")
        return self._cache / f"text-{seen.hexdigest()[:24]}.npy"


def stack_present(rows: Sequence[Floats | None], size: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Rows of features, some of them missing (None), as (n, size) with zeros and a mask of which are there."""
    table = np.zeros((len(rows), size))
    there = np.zeros(len(rows), dtype=np.bool_)
    for at, row in enumerate(rows):
        if row is not None and len(row) == size and np.isfinite(row).all():
            table[at], there[at] = row, True
    return table, there
