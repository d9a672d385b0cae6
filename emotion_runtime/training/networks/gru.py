"""Owns the gated recurrent unit exactly as the paper's equations 1 to 4 state it, which torch's own is not."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn


class PaperGru(nn.Module):
    """h_t = (1 - z_t) h_{t-1} + z_t tanh(W x_t + U (r_t h_{t-1}) + b), with z and r sigmoids (eqs 1-4).

    torch.nn.GRU resets after the product with U and swaps the roles of z and 1 - z; the weights are not the same.
    The three blocks of `input_weight` (3h, d), `state_weight` (3h, h) and `bias` (3h,) are z, r and the candidate.
    Exported to ONNX it is one GRU operator.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.input_weight = nn.Parameter(torch.empty(3 * hidden, inputs))
        self.state_weight = nn.Parameter(torch.empty(3 * hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(3 * hidden))
        nn.init.xavier_uniform_(self.input_weight)
        for block in self.state_weight.data.split(hidden):
            nn.init.orthogonal_(block)

    def forward(self, sequence: torch.Tensor) -> torch.Tensor:
        """(batch, T, inputs) -> the states of all steps, (batch, T, hidden); the state before the first is 0."""
        if torch.onnx.is_in_onnx_export():
            exported: torch.Tensor = _OnnxGru.apply(sequence, self.input_weight, self.state_weight, self.bias)
            return exported
        return _run(sequence, self.input_weight, self.state_weight, self.bias)


def _run(x: torch.Tensor, w: torch.Tensor, u: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    hidden = u.shape[1]
    driven = x @ w.T + b
    gates, candidate = u[: 2 * hidden], u[2 * hidden :]
    state = x.new_zeros(x.shape[0], hidden)
    states = []
    for step in range(x.shape[1]):
        now = driven[:, step]
        z, r = torch.sigmoid(now[:, : 2 * hidden] + state @ gates.T).chunk(2, dim=1)
        proposed = torch.tanh(now[:, 2 * hidden :] + (r * state) @ candidate.T)
        state = (1.0 - z) * state + z * proposed
        states.append(state)
    return torch.stack(states, dim=1)


class _OnnxGru(torch.autograd.Function):
    """The same function as one ONNX operator: with linear_before_reset=0 and z negated they agree."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, w: torch.Tensor, u: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return _run(x, w, u, b)

    @staticmethod
    def symbolic(g: Any, x: Any, w: Any, u: Any, b: Any) -> Any:
        hidden = u.type().sizes()[1]
        sign = torch.ones(3 * hidden, 1)
        sign[:hidden] = -1.0
        flip = g.op("Constant", value_t=sign)
        first = g.op("Constant", value_t=torch.tensor([0]))

        def lead(value: Any) -> Any:
            return g.op("Unsqueeze", value, first)

        flat = g.op("Constant", value_t=sign[:, 0])
        zeros = g.op("Constant", value_t=torch.zeros(3 * hidden))
        biases = g.op("Concat", g.op("Mul", b, flat), zeros, axis_i=0)
        outputs, _ = g.op(
            "GRU",
            g.op("Transpose", x, perm_i=[1, 0, 2]),
            lead(g.op("Mul", w, flip)),
            lead(g.op("Mul", u, flip)),
            lead(biases),
            hidden_size_i=hidden,
            linear_before_reset_i=0,
            outputs=2,
        )
        steps = g.op("Squeeze", outputs, g.op("Constant", value_t=torch.tensor([1])))
        return g.op("Transpose", steps, perm_i=[1, 0, 2])


def uniform_(layer: nn.Linear) -> nn.Linear:
    """The layer with weights drawn evenly from +-1/sqrt(inputs) and no offset."""
    bound = 1.0 / math.sqrt(layer.in_features)
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.zeros_(layer.bias)
    return layer
