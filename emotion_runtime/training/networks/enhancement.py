"""Owns the paper's information enhancement (eqs 7-9, 10-12) and data reorganisation, with masks for what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import torch

_NEVER = -1e30
"""Added to a masked score: exp of it is 0, and unlike infinity it leaves no NaN in a row that has no score at all."""


def correlation(sequence: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """M(i, j) = exp E(i, j) / sum_t exp E(i, t) with E = U U^T (eqs 7, 8; 10, 11).

    `sequence` U is (batch, T, d), `mask` (batch, T) True where there is something. Absent steps get weight 0 from
    everybody; the row of an absent step is 0. The paper prints U^T U in (7), but gives E the form T x T.
    """
    here = mask.to(sequence.dtype)
    scores = sequence @ sequence.transpose(1, 2) + (1.0 - here)[:, None, :] * _NEVER
    return scores.softmax(dim=-1) * here[:, :, None] * here[:, None, :]


def enhance(sequence: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """S = M U (eqs 9, 12), (batch, T, d); steps that are absent stay 0."""
    return correlation(sequence, mask) @ sequence


def reorganise(modalities: Sequence[torch.Tensor], masks: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """F = [S_l^t; S_v^t; S_a^t : t <= T]: k sequences (batch, T, d) as one (batch, kT, d), step by step, order kept."""
    batch, steps, width = modalities[0].shape
    order = torch.stack(list(modalities), dim=2).reshape(batch, steps * len(modalities), width)
    return order, torch.stack(list(masks), dim=2).reshape(batch, steps * len(masks))


def close_gaps(sequence: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The steps that are there moved to the front in their order, (batch, T, d), and how many they are, (batch,).

    So a recurrent network never takes a step for what is missing, and its last state is that of the last thing seen.
    """
    steps = sequence.shape[1]
    places = torch.arange(steps, device=sequence.device).unsqueeze(0) + (~mask).long() * steps
    order = places.argsort(dim=1)
    moved = sequence.gather(1, order.unsqueeze(-1).expand(-1, -1, sequence.shape[2]))
    return moved, mask.long().sum(1)
