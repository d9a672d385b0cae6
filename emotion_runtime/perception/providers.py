"""Owns the choice of where a network runs: what is wished, what ONNX Runtime has here, a notice if they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from emotion_runtime.errors import UsageError

Device = Literal["cpu", "cuda", "tensorrt", "auto"]
DEVICES: Final[tuple[Device, ...]] = get_args(Device)

CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"
TENSORRT: Final = "TensorrtExecutionProvider"
_ORDER: Final[dict[str, tuple[str, ...]]] = {
    "cpu": (CPU,),
    "cuda": (CUDA, CPU),
    "tensorrt": (TENSORRT, CUDA, CPU),
}
BUCKETS: Final = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Lengths that inputs are padded to on a GPU: a new shape costs it a search for kernels, or an engine."""
GPU_REMEDY: Final = (
    'pip uninstall onnxruntime, then pip install "emotion-runtime[gpu]", and the CUDA and cuDNN that it was built with'
)


@dataclass(frozen=True, slots=True)
class Placement:
    """`providers` in the order ONNX Runtime tries them. `notice`: why it is not what was wished, or ''."""

    wished: str
    providers: tuple[tuple[str, dict[str, Any]], ...]
    notice: str = ""

    @property
    def on_gpu(self) -> bool:
        """Whether the first choice is a GPU."""
        return self.providers[0][0] != CPU


def parse_device(name: str) -> Device:
    """The device of that name. Raises UsageError `unknown_device`."""
    for device in DEVICES:
        if name == device:
            return device
    raise UsageError("unknown_device", f"there is no device `{name}`", f"use {', '.join(DEVICES)}")


def place(device: Device, available: tuple[str, ...], *, fp16: bool = False, cache: str = "") -> Placement:
    """Where to run, of what ONNX Runtime offers. `fp16`: let TensorRT compute in half precision; `cache`: its engines.

    `auto` takes CUDA where it is there, without a word where it is not. TensorRT only when asked for: its engines take
    minutes to build. What was asked for by name and is not there gives one notice and the next best.
    """
    asked = device if device != "auto" else "cuda" if CUDA in available else "cpu"
    wanted = _ORDER[asked]
    usable = [name for name in wanted if name in available or name == CPU]
    notice = ""
    if usable[0] != wanted[0]:
        notice = f"{device}: this ONNX Runtime has no {wanted[0]}, so {usable[0]} runs the network; {GPU_REMEDY}"
    options: dict[str, dict[str, Any]] = {
        CUDA: {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"},
        TENSORRT: {
            "trt_fp16_enable": fp16,
            "trt_engine_cache_enable": bool(cache),
            **({"trt_engine_cache_path": cache} if cache else {}),
        },
    }
    return Placement(device, tuple((name, options.get(name, {})) for name in usable), notice)


def fallen_back(placement: Placement, running: list[str]) -> str:
    """A notice when a session runs on less than it was placed on: ONNX Runtime itself falls back without a word."""
    first = placement.providers[0][0]
    if first in running:
        return placement.notice
    return f"{placement.wished}: {first} could not be started (its libraries are missing?), so the CPU runs the network"


def bucket(length: int) -> int:
    """The padded length for so many tokens: the next of BUCKETS, or itself beyond them."""
    return next((size for size in BUCKETS if size >= length), length)
