"""Rules of the multimodal sequence network: equations 1 to 13, masks, missing modalities, and its ONNX form."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime.training.networks.enhancement import close_gaps, correlation, enhance, reorganise
from emotion_runtime.training.networks.export import export_multimodal
from emotion_runtime.training.networks.gru import PaperGru
from emotion_runtime.training.networks.multimodal import MODALITIES, MultimodalNetwork, MultimodalOptions
from tests.training import statements as paper

SIZES = {"text": 6, "visual": 4, "acoustic": 5}
STEPS = 4


def network(**options: object) -> MultimodalNetwork:
    torch.manual_seed(3)
    made = MultimodalNetwork(MultimodalOptions(SIZES, hidden=5, width=3, fused=4, **options))  # type: ignore[arg-type]
    return made.double().eval()


def row(seed: int = 0, steps: int = STEPS) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    random = np.random.default_rng(seed)
    sequences = {name: torch.from_numpy(random.normal(size=(1, steps, size))) for name, size in SIZES.items()}
    return sequences, {name: torch.ones(1, steps, dtype=torch.bool) for name in SIZES}


def array(tensor: torch.Tensor) -> paper.Floats:
    return np.asarray(tensor.detach().numpy(), dtype=np.float64)


def weights(gru: PaperGru) -> tuple[paper.Floats, paper.Floats, paper.Floats]:
    return array(gru.input_weight), array(gru.state_weight), array(gru.bias)


def test_the_gru_is_equations_1_to_4() -> None:
    torch.manual_seed(1)
    gru = PaperGru(6, 5).double()
    gru.bias.data.normal_()
    x = torch.randn(2, 7, 6, dtype=torch.float64)
    for one, states in zip(x, gru(x), strict=True):
        np.testing.assert_allclose(array(states), paper.gru(array(one), *weights(gru)), atol=1e-12)


def test_the_unimodal_module_is_equations_5_to_9() -> None:
    net = network()
    sequences, masks = row()
    for name in MODALITIES:
        h = paper.gru(array(sequences[name][0]), *weights(net.recurrent[name]))
        layer = net.project[name]
        u = h @ array(layer.weight).T + array(layer.bias)
        s = paper.correlation(paper.matching(u)) @ u
        np.testing.assert_allclose(array(net.unimodal(name, sequences[name], masks[name])[0]), s, atol=1e-12)


def test_the_rows_of_the_correlation_matrix_are_equation_8_and_sum_to_one() -> None:
    u = torch.randn(1, 5, 3, dtype=torch.float64)
    found = array(correlation(u, torch.ones(1, 5, dtype=torch.bool))[0])
    np.testing.assert_allclose(found, paper.correlation(paper.matching(array(u[0]))), atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_reorganisation_lines_up_text_visual_acoustic_at_each_step() -> None:
    parts = [torch.randn(1, STEPS, 3, dtype=torch.float64) for _ in MODALITIES]
    joined, mask = reorganise(parts, [torch.ones(1, STEPS, dtype=torch.bool)] * 3)
    np.testing.assert_array_equal(array(joined[0]), paper.reorganised(*(array(part[0]) for part in parts)))
    assert mask.shape == (1, 3 * STEPS)


def test_the_whole_network_is_equations_5_to_13_and_a_linear_layer() -> None:
    net = network()
    sequences, masks = row()
    enhanced = [array(net.unimodal(name, sequences[name], masks[name])[0]) for name in MODALITIES]
    f = paper.reorganised(*enhanced)
    s_f = paper.correlation(paper.matching(f)) @ f
    h = paper.gru(s_f, *weights(net.fusion))[-1]
    logits = array(net.classifier.weight) @ h + array(net.classifier.bias)
    np.testing.assert_allclose(array(net(sequences, masks)[0]), logits, atol=1e-12)


def test_padding_changes_nothing() -> None:
    net = network()
    sequences, masks = row()
    longer = {name: torch.cat((value, torch.full((1, 3, value.shape[2]), 9.0)), 1) for name, value in sequences.items()}
    padded = {name: torch.cat((mask, torch.zeros(1, 3, dtype=torch.bool)), 1) for name, mask in masks.items()}
    np.testing.assert_allclose(array(net(longer, padded)), array(net(sequences, masks)), atol=1e-12)


@pytest.mark.parametrize("there", [names for k in (1, 2) for names in combinations(MODALITIES, k)])
def test_what_a_missing_modality_would_have_said_does_not_matter(there: tuple[str, ...]) -> None:
    net = network()
    sequences, masks = row()
    held = {name: mask if name in there else torch.zeros_like(mask) for name, mask in masks.items()}
    other = {name: value if name in there else value + 7.0 for name, value in sequences.items()}
    found = net(sequences, held)
    assert torch.isfinite(found).all()
    np.testing.assert_array_equal(array(found), array(net(other, held)))
    assert not torch.allclose(found, net(sequences, masks))


def test_with_nothing_there_the_answer_is_the_bias_and_the_slope_is_finite() -> None:
    net = network()
    sequences, masks = row()
    nothing = {name: torch.zeros_like(mask) for name, mask in masks.items()}
    logits = net(sequences, nothing)
    np.testing.assert_array_equal(array(logits[0]), array(net.classifier.bias))
    logits.sum().backward()
    assert all(torch.isfinite(value.grad).all() for value in net.parameters() if value.grad is not None)


def test_a_network_for_fewer_modalities_is_the_one_that_never_had_the_others() -> None:
    torch.manual_seed(0)
    net = MultimodalNetwork(MultimodalOptions({"acoustic": 5}, hidden=5, width=3, fused=4)).double().eval()
    sequences, masks = row()
    found = net({"acoustic": sequences["acoustic"]}, {"acoustic": masks["acoustic"]})
    s = array(net.unimodal("acoustic", sequences["acoustic"], masks["acoustic"])[0])
    s_f = paper.correlation(paper.matching(s)) @ s
    expected = array(net.classifier.weight) @ paper.gru(s_f, *weights(net.fusion))[-1] + array(net.classifier.bias)
    np.testing.assert_allclose(array(found[0]), expected, atol=1e-12)


@pytest.mark.parametrize("left_out", [{"enhancement": False}, {"reorganisation": False}])
def test_an_ablation_changes_the_answer(left_out: dict[str, bool]) -> None:
    sequences, masks = row()
    assert not torch.allclose(network(**left_out)(sequences, masks), network()(sequences, masks))


def test_without_reorganisation_the_modalities_of_a_step_stand_side_by_side() -> None:
    net = network(reorganisation=False, enhancement=False)
    sequences, masks = row()
    joined = np.concatenate([array(net.unimodal(name, sequences[name], masks[name])[0]) for name in MODALITIES], 1)
    h = paper.gru(joined, *weights(net.fusion))[-1]
    np.testing.assert_allclose(array(net.represent(sequences, masks)[0]), h, atol=1e-12)


def test_an_unknown_modality_is_refused() -> None:
    with pytest.raises(ValueError, match="smell"):
        MultimodalNetwork(MultimodalOptions({"smell": 3}))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.booleans(), min_size=1, max_size=9))
def test_closing_gaps_keeps_the_order_of_what_is_there(here: list[bool]) -> None:
    sequence = torch.arange(1.0, len(here) + 1).view(1, -1, 1)
    moved, count = close_gaps(sequence, torch.tensor([here]))
    expected = [at + 1.0 for at, there in enumerate(here) if there]
    assert int(count) == len(expected)
    assert moved[0, : len(expected), 0].tolist() == expected


def test_enhancement_of_absent_steps_is_nothing() -> None:
    mask = torch.tensor([[True, False, True]])
    found = enhance(torch.randn(1, 3, 2), mask)
    assert found[0, 1].abs().sum() == 0
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("reorganisation", [True, False])
def test_the_exported_network_answers_as_the_trained_one_at_any_length(tmp_path: Path, reorganisation: bool) -> None:
    net = network(reorganisation=reorganisation).float()
    path = tmp_path / "multimodal.onnx"
    export_multimodal(net, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for seed, steps in enumerate((1, 3, 9)):
        sequences, masks = row(seed, steps)
        masks["visual"][0, steps // 2 :] = False
        single = {name: value.float() for name, value in sequences.items()}
        fed = {name: single[name].numpy() for name in net.names}
        fed |= {f"{name}_mask": masks[name].numpy() for name in net.names}
        np.testing.assert_allclose(session.run(None, fed)[0], net(single, masks).detach().numpy(), atol=1e-5)
