"""Owns the paper's RoBERTa-MEN (eqs 14-18): an encoder, a BiLSTM, attention of its last state over its words."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn


class LastStateAttention(nn.Module):
    """Heads of Q = w_Q H_D, K_t = w_K O_t, V_t = w_V O_t, a = softmax(Q K / sqrt d_k), z = sum_t a_t V_t (16, 17).

    The heads are joined and go through w_z (18). The projections have no offset: the paper states none.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{heads} heads do not divide a width of {width}")
        self.heads = heads
        self.query, self.key, self.value, self.join = (nn.Linear(width, width, bias=False) for _ in range(4))

    def forward(
        self, last: torch.Tensor, outputs: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """`last` (batch, width), `outputs` (batch, D, width), `mask` (batch, D) True for tokens.

        Gives the text vector (batch, width) and the weights (batch, heads, D), which sum to 1 over D.
        """
        batch, steps, width = outputs.shape
        each = width // self.heads
        query = self.query(last).view(batch, self.heads, 1, each)
        key = self.key(outputs).view(batch, steps, self.heads, each).transpose(1, 2)
        value = self.value(outputs).view(batch, steps, self.heads, each).transpose(1, 2)
        scores = (query @ key.transpose(2, 3)).squeeze(2) / math.sqrt(each)
        weights = scores.masked_fill(~mask.unsqueeze(1), torch.finfo(scores.dtype).min).softmax(dim=-1)
        joined = (weights.unsqueeze(2) @ value).reshape(batch, width)
        return self.join(joined), weights


class RobertaMen(nn.Module):
    """Encoder -> BiLSTM (O, H_D; eqs 14, 15) -> attention (16-18) -> linear -> classes."""

    def __init__(self, encoder: Any, classes: int, hidden: int = 128, heads: int = 8, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.takes_types = getattr(encoder.config, "type_vocab_size", 0) > 1
        self.lstm = nn.LSTM(encoder.config.hidden_size, hidden, batch_first=True, bidirectional=True)
        self.attention = LastStateAttention(2 * hidden, heads)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(2 * hidden, hidden)
        self.classifier = nn.Linear(hidden, classes)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """(batch, D) ids, mask (1: a token) and segments -> (batch, classes) logits."""
        return self.explain(input_ids, attention_mask, token_type_ids)[0]

    def explain(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (batch, classes) and the attention weights (batch, heads, D) behind them."""
        extra = {"token_type_ids": token_type_ids} if self.takes_types else {}
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **extra).last_hidden_state
        outputs, last = self.recur(hidden, attention_mask.sum(1))
        vector, weights = self.attention(last, outputs, attention_mask.bool())
        logits: torch.Tensor = self.classifier(self.dropout(torch.relu(self.linear(self.dropout(vector)))))
        return logits, weights

    def recur(self, hidden: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """O (batch, D, 2h) of (14) and H_D (batch, 2h) of (15), the last state of each way; no padding is read."""
        packed = nn.utils.rnn.pack_padded_sequence(hidden, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, (state, _) = self.lstm(packed)
        padded, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=hidden.shape[1])
        return padded, torch.cat((state[0], state[1]), dim=1)
