"""Owns the training loop of text networks: AdamW, warm-up and linear decay, checkpoints that resume bit for bit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from emotion_runtime.errors import UsageError
from emotion_runtime.training.text.batches import TokenRow, collate, epoch_order

CHECKPOINT_EVERY: Final = 50
"""Steps between checkpoints: under a minute of work is lost when a run is stopped."""

Report = Callable[[int, int, float], None]
"""Called after each step with the step, how many there are, and the mean loss since the last checkpoint."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """One stage of training. Rates are those at the top of the warm-up; `bfloat16` halves the time where supported.

    `most_steps` ends a stage early (0: never): one that only prepares another need not come to rest.
    """

    epochs: int = 2
    batch_size: int = 32
    encoder_rate: float = 1e-4
    head_rate: float = 5e-4
    weight_decay: float = 0.01
    warm_up: float = 0.06
    clip: float = 1.0
    seed: int = 1
    freeze_embeddings: bool = True
    bfloat16: bool = True
    most_steps: int = 0


def soft_targets(labels: NDArray[np.int64], classes: int, smoothing: float = 0.05) -> NDArray[np.float64]:
    """One-hot rows (n, k) with `smoothing` of their mass spread evenly over all classes (Szegedy et al. 2016)."""
    table = np.full((len(labels), classes), smoothing / classes)
    table[np.arange(len(labels)), labels] += 1.0 - smoothing
    return table


def weighted_loss(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """-sum_nk w_k t_nk log p_nk / sum_nk w_k t_nk: the weighted mean of the cross entropy with soft targets."""
    mass = targets * weights
    return -(mass * logits.log_softmax(-1)).sum() / mass.sum()


def fit(
    network: nn.Module,
    rows: Sequence[TokenRow],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
    options: FitOptions,
    *,
    pad: int,
    checkpoint: Path | None = None,
    report: Report = lambda step, steps, loss: None,
) -> None:
    """Trains `network` in place on `rows` with soft `targets` (n, k) and class `weights` (k,).

    With `checkpoint`, the state is kept there and a second call goes on where the first one stopped; the file is
    refused when it belongs to other options or rows (UsageError `checkpoint_mismatch`).
    """
    torch.manual_seed(options.seed)
    if options.freeze_embeddings:
        network.get_submodule("encoder").embeddings.requires_grad_(False)
    optimizer = _optimizer(network, options)
    orders = [epoch_order(rows, options.batch_size, options.seed, epoch) for epoch in range(options.epochs)]
    batches = [places for order in orders for places in order]
    steps = len(batches)
    last = min(steps, options.most_steps or steps)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps, options.warm_up))
    asked = zlib.crc32(np.ascontiguousarray(targets).tobytes())
    told = {**asdict(options), "rows": len(rows), "tokens": sum(len(row.ids) for row in rows), "targets": asked}
    done = _resume(checkpoint, network, optimizer, schedule, told) if checkpoint else 0
    mass, shares = torch.from_numpy(targets).float(), torch.from_numpy(weights).float()
    network.train()
    losses: list[float] = []
    for step in range(done, last):
        batch = collate(rows, batches[step], pad)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bfloat16):
            logits = network(batch.input_ids, batch.attention_mask, batch.token_type_ids)
        loss = weighted_loss(logits.float(), mass[batch.rows], shares)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), options.clip)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        report(step + 1, last, float(np.mean(losses[-CHECKPOINT_EVERY:])))
        if checkpoint and ((step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == last):
            _save(checkpoint, network, optimizer, schedule, told, step + 1)


def _optimizer(network: nn.Module, options: FitOptions) -> torch.optim.Optimizer:
    slow = [value for name, value in network.named_parameters() if value.requires_grad and name.startswith("encoder.")]
    fast = [v for name, v in network.named_parameters() if v.requires_grad and not name.startswith("encoder.")]
    groups = [{"params": slow, "lr": options.encoder_rate}, {"params": fast, "lr": options.head_rate}]
    return torch.optim.AdamW(groups, weight_decay=options.weight_decay, fused=True)


def _rate(step: int, steps: int, warm_up: float) -> float:
    """The share of the full rate: up to 1 over the warm-up, then down to 0 in a straight line."""
    return min(1.0, (step + 1) / max(1.0, warm_up * steps)) * max(0.0, 1.0 - step / steps)


def _save(path: Path, network: nn.Module, optimizer: Any, schedule: Any, told: dict[str, Any], step: int) -> None:
    state = {
        "told": told,
        "step": step,
        "network": {name: value for name, value in network.state_dict().items() if not _frozen(network, name)},
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "random": torch.get_rng_state(),
    }
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def _frozen(network: nn.Module, name: str) -> bool:
    parameters = dict(network.named_parameters())
    return name in parameters and not parameters[name].requires_grad


def _resume(path: Path, network: nn.Module, optimizer: Any, schedule: Any, told: dict[str, Any]) -> int:
    """Steps already done. Only tensors and plain values are read (`weights_only`): no pickled code can run."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["told"] != told:
        raise UsageError(
            "checkpoint_mismatch",
            f"{path}: belongs to a run with other options or rows",
            "delete it, or write into another folder",
        )
    network.load_state_dict(state["network"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(state["random"])
    return int(state["step"])
