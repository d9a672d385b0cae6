"""Owns the curated surface of perception: lines in, probabilities of emotions out.

Importing this loads neither ONNX Runtime nor the tokenizer: `load_text_model` does, in the thread that calls it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotion_runtime.perception.conversation import Conversations
from emotion_runtime.perception.ledger import PerceptionHealth
from emotion_runtime.perception.results import CACHED_LINES, Line, TextJob, TextModel, TextResult
from emotion_runtime.perception.service import InlineService, PerceptionService, TextService

if TYPE_CHECKING:
    from emotion_runtime.perception.onnx_text import OnnxTextModel

__all__ = [
    "Conversations",
    "InlineService",
    "Line",
    "PerceptionHealth",
    "PerceptionService",
    "TextJob",
    "TextModel",
    "TextResult",
    "TextService",
    "load_text_model",
]


def load_text_model(folder: Path | None = None, *, cached_lines: int = CACHED_LINES) -> OnnxTextModel:
    """Verifies and loads the text model in `folder` (None: the bundled one). Raises ModelError or MissingExtraError."""
    from emotion_runtime.perception.bundled import load_text_model as load  # noqa: PLC0415

    return load(folder, cached_lines=cached_lines)
