"""Owns the shortening of a WordPiece vocabulary: tokens that English text cannot produce cost size and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.errors import ModelError

_UNUSED: Final = re.compile(r"\[unused\d+\]")


def pruned_tokenizer(tokenizer: str) -> tuple[str, NDArray[np.int64]]:
    """The text of a tokenizer.json without unused and non-ASCII tokens, and the old id of each new id.

    Order is kept. Words in other scripts become [UNK]; the pieces of English words stay as they are. Raises ModelError
    `broken_tokenizer` for anything but a WordPiece tokenizer.
    """
    held: dict[str, Any] = json.loads(tokenizer)
    model = held.get("model", {})
    if model.get("type") != "WordPiece":
        raise ModelError("broken_tokenizer", "only a WordPiece vocabulary can be shortened", "export without --prune")
    vocabulary: dict[str, int] = model["vocab"]
    ordered = sorted(vocabulary.items(), key=lambda item: item[1])
    kept = [(word, old) for word, old in ordered if word.isascii() and not _UNUSED.fullmatch(word)]
    new_of = {old: new for new, (_, old) in enumerate(kept)}
    model["vocab"] = {word: new_of[old] for word, old in kept}
    for token in held.get("added_tokens", []):
        token["id"] = new_of[token["id"]]
    special = (held.get("post_processor") or {}).get("special_tokens", {})
    for token in special.values():
        token["ids"] = [new_of[old] for old in token["ids"]]
    processor = held.get("post_processor") or {}
    for name in ("sep", "cls"):
        if name in processor:
            processor[name] = [processor[name][0], new_of[processor[name][1]]]
    padding = held.get("padding")
    if padding:
        padding["pad_id"] = new_of[padding["pad_id"]]
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return text, np.array([old for _, old in kept], dtype=np.int64)


def prune_embeddings(encoder: Any, old_ids: NDArray[np.int64]) -> None:
    """Keeps the rows `old_ids` of the encoder's word embeddings, in place: new id i is old id old_ids[i]."""
    embeddings = encoder.embeddings.word_embeddings
    embeddings.weight = torch.nn.Parameter(embeddings.weight.detach()[torch.from_numpy(old_ids)].clone())
    embeddings.num_embeddings = len(old_ids)
    encoder.config.vocab_size = len(old_ids)
