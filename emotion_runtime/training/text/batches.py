"""Owns rows of token ids in padded batches of like length, in an order that follows from a seed and an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.perception.pairs import PairTokenizer
from emotion_runtime.training.text.corpus import Example

CHUNK: Final = 50
"""Batches sorted by length among themselves: enough to save the padding, few enough to stay random."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """Input ids, and how many of them are segment A."""

    ids: tuple[int, ...]
    first: int


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """(batch, length) int64 tensors; `rows` are the places of the batch's rows in the corpus."""

    rows: NDArray[np.int64]
    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor


def tokenise(examples: Sequence[Example], tokenizer: PairTokenizer) -> list[TokenRow]:
    """The rows as a running model would see them."""
    return [TokenRow(*tokenizer.pair(example.text, example.context)) for example in examples]


def collate(rows: Sequence[TokenRow], places: NDArray[np.int64], pad: int) -> TokenBatch:
    """The rows at `places`, padded to the longest of them with `pad`."""
    length = max(len(rows[place].ids) for place in places)
    ids = np.full((len(places), length), pad, dtype=np.int64)
    mask = np.zeros((len(places), length), dtype=np.int64)
    types = np.zeros((len(places), length), dtype=np.int64)
    for at, place in enumerate(places):
        row = rows[place]
        ids[at, : len(row.ids)] = row.ids
        mask[at, : len(row.ids)] = 1
        types[at, row.first : len(row.ids)] = 1
    return TokenBatch(places, torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(types))


def epoch_order(rows: Sequence[TokenRow], batch_size: int, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """The places of each batch of one epoch: every row once, rows of like length together, batches shuffled."""
    random = np.random.default_rng((seed, epoch))
    order = random.permutation(len(rows))
    lengths = np.array([len(row.ids) for row in rows])
    batches = []
    for start in range(0, len(order), batch_size * CHUNK):
        chunk = order[start : start + batch_size * CHUNK]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[at : at + batch_size] for at in range(0, len(chunk), batch_size)]
    return [batches[at] for at in random.permutation(len(batches))]


def sorted_order(rows: Sequence[TokenRow], batch_size: int) -> list[NDArray[np.int64]]:
    """The places of each batch by length: for answers, where the order of batches does not matter."""
    order = np.argsort([len(row.ids) for row in rows], kind="stable")
    return [order[at : at + batch_size] for at in range(0, len(order), batch_size)]
