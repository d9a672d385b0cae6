"""Owns the ONNX form of the multimodal network: a sequence and a mask per modality in, logits out, length free."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch

from emotion_runtime.training import require_training
from emotion_runtime.training.baselines.interface import Standardiser
from emotion_runtime.training.networks.multimodal import ExportedMultimodal, MultimodalNetwork

OPSET: Final = 17


def export_multimodal(
    network: MultimodalNetwork, path: Path, *, scales: Mapping[str, Standardiser] | None = None
) -> None:
    """Writes `network` with the inputs NAME (batch, T, size) and NAME_mask (batch, T) bool, the output `logits`.

    With `scales`, the file standardises its inputs itself. A modality that is missing is a mask of False. Shapes are
    free in batch and T, the same T for all modalities.
    """
    require_training("onnx")
    network.eval()
    kind = network.classifier.weight.dtype
    sequences = [torch.zeros(2, 3, network.options.features[name], dtype=kind) for name in network.names]
    masks = [torch.ones(2, 3, dtype=torch.bool) for _ in network.names]
    names = [*network.names, *(f"{name}_mask" for name in network.names)]
    with warnings.catch_warnings():
        # The tracer warns about every shape it reads, and about being the old exporter.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            ExportedMultimodal(network, scales).eval(),
            (*sequences, *masks),
            str(path),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={**{name: {0: "batch", 1: "time"} for name in names}, "logits": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
