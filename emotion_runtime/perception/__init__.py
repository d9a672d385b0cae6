"""Owns the curated surface of perception: lines in, probabilities of emotions out.

Importing this loads neither ONNX Runtime nor the tokenizer: `load_text_model` does, in the thread that calls it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotion_runtime.perception.conversation import Conversations
from emotion_runtime.perception.ledger import PerceptionHealth
from emotion_runtime.perception.on_demand import OnDemand
from emotion_runtime.perception.providers import Device
from emotion_runtime.perception.results import CACHED_LINES, Line, TextJob, TextModel, TextResult, VoiceJob, VoiceModel
from emotion_runtime.perception.service import InlineService, PerceptionService, TextService, VoiceService

if TYPE_CHECKING:
    from emotion_runtime.perception.onnx_text import OnnxTextModel
    from emotion_runtime.perception.onnx_voice import OnnxVoiceModel

__all__ = [
    "Conversations",
    "InlineService",
    "Line",
    "OnDemand",
    "PerceptionHealth",
    "PerceptionService",
    "TextJob",
    "TextModel",
    "TextResult",
    "TextService",
    "VoiceJob",
    "VoiceModel",
    "VoiceService",
    "load_text_model",
    "load_voice_model",
]


def load_text_model(
    folder: Path | None = None, *, cached_lines: int = CACHED_LINES, device: Device = "cpu", fp16: bool = False
) -> OnnxTextModel:
    """Verifies and loads the text model in `folder` (None: the bundled one). Raises ModelError or MissingExtraError.

    `device`: where it runs; what is not here falls back with a notice in `health().trouble`.
    """
    from emotion_runtime.perception.bundled import load_text_model as load  # noqa: PLC0415

    return load(folder, cached_lines=cached_lines, device=device, fp16=fp16)


def load_voice_model(folder: Path | None = None, *, sounds: Path | None = None) -> OnnxVoiceModel:
    """Verifies and loads the voice model in `folder` (None: the bundled one). Raises ModelError or MissingExtraError.

    `sounds`: the folder in which voice observations may name files.
    """
    from emotion_runtime.perception.bundled import load_voice_model as load  # noqa: PLC0415

    return load(folder, sounds=sounds)
