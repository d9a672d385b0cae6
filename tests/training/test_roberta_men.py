"""Rules of RoBERTa-MEN: equations 14 to 18, padding, and the attention weights that it shows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import RobertaConfig, RobertaModel

from emotion_runtime.training.networks.roberta_men import LastStateAttention, RobertaMen
from tests.training import statements as paper


def array(tensor: torch.Tensor) -> paper.Floats:
    return np.asarray(tensor.detach().numpy(), dtype=np.float64)


def network() -> RobertaMen:
    torch.manual_seed(5)
    config = RobertaConfig(
        vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    return RobertaMen(RobertaModel(config, add_pooling_layer=False), 7, hidden=6, heads=3).double().eval()


def batch(*lengths: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    ids = torch.ones(len(lengths), max(lengths), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for at, length in enumerate(lengths):
        ids[at, :length] = torch.arange(2, 2 + length)
        mask[at, :length] = 1
    return ids, mask, torch.zeros_like(ids)


def test_the_bilstm_is_equations_14_and_15() -> None:
    net = network()
    hidden = torch.randn(1, 5, 16, dtype=torch.float64)
    outputs, last = net.recur(hidden, torch.tensor([5]))
    named = {name: array(value) for name, value in net.lstm.named_parameters()}

    def direction(x: paper.Floats, end: str) -> paper.Floats:
        bias = named[f"bias_ih_l0{end}"] + named[f"bias_hh_l0{end}"]
        return paper.lstm(x, named[f"weight_ih_l0{end}"], named[f"weight_hh_l0{end}"], bias)

    forward = direction(array(hidden[0]), "")
    backward = direction(array(hidden[0])[::-1], "_reverse")[::-1]
    np.testing.assert_allclose(array(outputs[0]), np.concatenate((forward, backward), axis=1), atol=1e-12)
    np.testing.assert_allclose(array(last[0]), np.concatenate((forward[-1], backward[0])), atol=1e-12)


def test_the_attention_is_equations_16_to_18() -> None:
    torch.manual_seed(2)
    layer = LastStateAttention(12, 3).double()
    last, outputs = torch.randn(1, 12, dtype=torch.float64), torch.randn(1, 5, 12, dtype=torch.float64)
    vector, weights = layer(last, outputs, torch.ones(1, 5, dtype=torch.bool))
    parts = []
    for head in range(3):
        own = slice(4 * head, 4 * head + 4)
        z, a = paper.attention_head(
            array(last[0]),
            array(outputs[0]),
            array(layer.query.weight)[own],
            array(layer.key.weight)[own],
            array(layer.value.weight)[own],
        )
        np.testing.assert_allclose(array(weights[0, head]), a, atol=1e-12)
        parts.append(z)
    np.testing.assert_allclose(array(vector[0]), array(layer.join.weight) @ np.concatenate(parts), atol=1e-12)


def test_a_line_gets_the_same_answer_alone_and_padded_beside_a_longer_one() -> None:
    net = network()
    together, weights = net.explain(*batch(3, 8))
    alone, own = net.explain(*batch(3))
    np.testing.assert_allclose(array(together[0]), array(alone[0]), atol=1e-10)
    np.testing.assert_allclose(array(weights[0, :, :3]), array(own[0]), atol=1e-10)


def test_the_weights_of_each_head_sum_to_one_and_padding_has_none() -> None:
    _, weights = network().explain(*batch(3, 8))
    np.testing.assert_allclose(array(weights.sum(-1)), 1.0)
    assert weights[0, :, 3:].abs().max() == 0


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(ValueError, match="5 heads"):
        LastStateAttention(12, 5)
