"""Owns the fine-tuned sentence classifier: an encoder, the mean over the line's own tokens, one linear layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.pairs import PairTokenizer
from emotion_runtime.training import require_training
from emotion_runtime.training.text.batches import TokenRow, collate, sorted_order


class MeanClassifier(nn.Module):
    """logits = W mean_{t in A} h_t + b, with h the encoder's last hidden states and A the line's own tokens.

    The earlier lines are read (they change h) but not averaged.
    """

    def __init__(self, encoder: Any, classes: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, classes)
        self.takes_types = getattr(encoder.config, "type_vocab_size", 0) > 1

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """(batch, length) ids, mask (1: a token) and segments (0: the line) -> (batch, classes) logits."""
        extra = {"token_type_ids": token_type_ids} if self.takes_types else {}
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **extra).last_hidden_state
        own = (attention_mask * (1 - token_type_ids)).unsqueeze(-1).to(hidden.dtype)
        logits: torch.Tensor = self.head(self.dropout((hidden * own).sum(1) / own.sum(1)))
        return logits


def load_encoder(source: str, *, layers: int = 0, attention: str = "sdpa") -> Any:
    """Any Hugging Face encoder, by folder or hub id; with `layers`, its first ones only. Raises ModelError."""
    require_training("transformers")
    from transformers import AutoModel  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    # It reports that the pooling layer is new, which is not used, and draws bars of its own.
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        encoder = AutoModel.from_pretrained(source, attn_implementation=attention)
    except (OSError, ValueError) as error:
        raise _missing(source, error) from error
    if layers:
        encoder.encoder.layer = encoder.encoder.layer[:layers]
        encoder.config.num_hidden_layers = layers
    if hasattr(encoder, "pooler"):
        encoder.pooler = None
    return encoder


def _missing(source: str, error: Exception) -> ModelError:
    return ModelError(
        "encoder_missing",
        f"{source}: is no encoder that can be loaded ({str(error).splitlines()[0][:200]})",
        "name a folder with config.json, model.safetensors and tokenizer.json, or a hub id",
    )


def load_pair_tokenizer(source: str, *, max_tokens: int, context_lines: int) -> PairTokenizer:
    """The tokenizer that belongs to an encoder, by folder or hub id. Raises ModelError."""
    path = Path(source) / "tokenizer.json"
    if path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        require_training("transformers")
        from transformers import AutoTokenizer  # noqa: PLC0415

        try:
            text = AutoTokenizer.from_pretrained(source).backend_tokenizer.to_str()
        except (OSError, ValueError) as error:
            raise _missing(source, error) from error
    return PairTokenizer(text, max_tokens=max_tokens, context_lines=context_lines, source=str(path))


def predict(
    network: nn.Module,
    rows: Sequence[TokenRow],
    pad: int,
    classes: int,
    batch_size: int = 64,
    *,
    bfloat16: bool = False,
    report: Callable[[int, int], None] = lambda done, all_: None,
) -> NDArray[np.float64]:
    """Logits (n, classes) of the rows, in their order; the network is left in evaluation mode."""
    network.eval()
    logits = np.zeros((len(rows), classes))
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        order = sorted_order(rows, batch_size)
        for done, places in enumerate(order, 1):
            batch = collate(rows, places, pad)
            logits[places] = network(batch.input_ids, batch.attention_mask, batch.token_type_ids).float().numpy()
            report(done, len(order))
    return logits


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row-wise log of the softmax, (n, k)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)
