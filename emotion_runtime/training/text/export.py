"""Owns the way from a trained text network to a model folder: ONNX, int8, tokenizer, labels, n-grams, manifest."""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import nn

from emotion_runtime.perception.manifest import LABELS, MODEL, TOKENIZER, Manifest, seal_model_folder
from emotion_runtime.training import require_training
from emotion_runtime.training.text.corpus import LABELS as LABEL_NAMES

OPSET: Final = 17
INPUT_NAMES: Final = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True, slots=True)
class ExportNames:
    """What the manifest says about where a model comes from."""

    name: str
    base: str = ""
    license: str = ""


def export_onnx(network: nn.Module, path: Path) -> None:
    """Writes a text network (ids, mask, segments -> logits) as ONNX in fp32, batch and length free."""
    require_training("onnx")
    network.eval()
    ids = torch.ones((2, 8), dtype=torch.int64)
    types = torch.cat((torch.zeros((2, 5)), torch.ones((2, 3))), dim=1).long()
    axes = {name: {0: "batch", 1: "length"} for name in INPUT_NAMES}
    with warnings.catch_warnings():
        # The tracer warns about every shape it reads, and about being the old exporter.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (ids, torch.ones_like(ids), types),
            str(path),
            input_names=list(INPUT_NAMES),
            output_names=["logits"],
            dynamic_axes={**axes, "logits": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(source: Path, target: Path) -> None:
    """Dynamic int8, per channel. Weights use 7 bits (`reduce_range`): AVX2 without VNNI saturates on 8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    quieted = logging.getLogger()
    level = quieted.level
    quieted.setLevel(logging.ERROR)
    try:
        quantize_dynamic(source, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    finally:
        quieted.setLevel(level)


def export_text(
    network: nn.Module,
    tokenizer: str,
    folder: Path,
    names: ExportNames,
    *,
    max_tokens: int,
    context_lines: int,
    int8: bool = True,
) -> Manifest:
    """Writes a sealed model folder. `network` must carry eager attention: the fused one does not trace."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as held:
        plain = Path(held) / MODEL
        export_onnx(network, plain)
        if int8:
            quantise(plain, folder / MODEL)
        else:
            (folder / MODEL).write_bytes(plain.read_bytes())
    (folder / TOKENIZER).write_text(tokenizer, encoding="utf-8")
    (folder / LABELS).write_text(json.dumps(list(LABEL_NAMES)), encoding="utf-8")
    return seal_model_folder(
        folder,
        name=names.name,
        max_tokens=max_tokens,
        context_lines=context_lines,
        base=names.base,
        license=names.license,
    )
