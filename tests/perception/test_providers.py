"""Rules of devices: what is wished is taken where it is, falls back with one notice where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.bundled import bundled_model_folder, load_text_model
from emotion_runtime.perception.providers import BUCKETS, CPU, CUDA, TENSORRT, Device, bucket, parse_device, place
from emotion_runtime.perception.text_network import TextNetwork

ALL = (TENSORRT, CUDA, CPU)


@pytest.mark.parametrize(
    ("device", "available", "first", "noticed"),
    [
        ("cpu", ALL, CPU, False),
        ("cuda", ALL, CUDA, False),
        ("tensorrt", ALL, TENSORRT, False),
        ("auto", ALL, CUDA, False),
        ("auto", (CPU,), CPU, False),
        ("cuda", (CPU,), CPU, True),
        ("tensorrt", (CUDA, CPU), CUDA, True),
        ("tensorrt", (CPU,), CPU, True),
    ],
)
def test_a_device_is_taken_where_it_is_and_else_the_next_best(
    device: Device, available: tuple[str, ...], first: str, noticed: bool
) -> None:
    placement = place(device, available)
    assert placement.providers[0][0] == first
    assert placement.providers[-1][0] == CPU
    assert bool(placement.notice) == noticed
    assert placement.on_gpu == (first != CPU)


def test_half_precision_and_a_cache_of_engines_are_told_to_tensorrt() -> None:
    options = dict(place("tensorrt", ALL, fp16=True, cache="engines").providers)[TENSORRT]
    assert options["trt_fp16_enable"] is True
    assert options["trt_engine_cache_path"] == "engines"


def test_an_unknown_device_is_refused_with_the_list() -> None:
    with pytest.raises(UsageError) as caught:
        parse_device("tpu")
    assert "tensorrt" in caught.value.remedy


def test_lengths_go_up_to_the_next_bucket() -> None:
    assert [bucket(length) for length in (1, 8, 9, 40, 512, 700)] == [8, 8, 16, 48, 512, 700]
    assert list(BUCKETS) == sorted(BUCKETS)


def test_without_a_gpu_cuda_answers_all_the_same_and_says_why_it_is_slow() -> None:
    if load_text_model(device="auto").notice == "" and not load_text_model(device="cuda").notice:
        pytest.skip("there is a GPU here")
    asked = load_text_model(device="cuda")
    assert "cuda" in asked.notice
    assert asked.classify("You thief!") == load_text_model().classify("You thief!")


def test_bound_inputs_in_fixed_shapes_give_the_plain_answer_nearly() -> None:
    """The way a GPU is fed, run on the CPU: padding moves the scales of a quantised network, but only a little."""
    path = bundled_model_folder() / "model.onnx"
    plain, bound = TextNetwork(path, 40), TextNetwork(path, 40, bound=True)
    rows = [((101, 2017, 12383, 999, 102), 5), ((101, 2748, 102), 3), ((101, *range(2000, 2020), 102), 22)]
    answers = bound.logits(rows)
    assert answers.shape[0] == 3
    for row, answer in zip(rows, answers, strict=True):
        assert np.abs(plain.logits([row])[0] - answer).max() < 1.0


def test_each_shape_has_its_buffers_once_and_all_are_warm_before_the_first_line() -> None:
    path = bundled_model_folder() / "model.onnx"
    network = TextNetwork(path, 20, bound=True, most_rows=3)
    assert network.shapes == tuple((count, length) for length in (8, 16, 20) for count in (1, 2, 4))
    row = ((101, 2748, 102), 3)
    first = network.logits([row]).copy()
    network.logits([((101, *range(2000, 2005), 102), 7)])
    np.testing.assert_array_equal(network.logits([row]), first)  # a buffer keeps nothing of the run before
    assert len(network.shapes) == 9
