"""Owns the way to the models that ship inside the package, and the loading of any other."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.model_folder import open_model_folder
from emotion_runtime.perception.onnx_text import OnnxTextModel
from emotion_runtime.perception.onnx_voice import OnnxVoiceModel
from emotion_runtime.perception.providers import Device
from emotion_runtime.perception.results import CACHED_LINES
from emotion_runtime.perception.voice_folder import open_voice_folder


def bundled_model_folder(kind: str = "text") -> Path:
    """The folder of a model (`text`, `speech`) in the package. Raises ModelError when the package was not unpacked."""
    folder = resources.files("emotion_runtime") / "models" / kind
    if not isinstance(folder, Path):
        raise ModelError(
            "model_file_missing", f"{folder}: the package is inside an archive", "install emotion-runtime with pip"
        )
    return folder


def load_text_model(
    folder: Path | None = None, *, cached_lines: int = CACHED_LINES, device: Device = "cpu", fp16: bool = False
) -> OnnxTextModel:
    """Verifies and loads the model in `folder` (None: the bundled one). Raises ModelError or MissingExtraError."""
    return OnnxTextModel(
        open_model_folder(folder or bundled_model_folder()), cached_lines=cached_lines, device=device, fp16=fp16
    )


def load_voice_model(folder: Path | None = None, *, sounds: Path | None = None) -> OnnxVoiceModel:
    """Verifies and loads the model in `folder` (None: the bundled one). Raises ModelError or MissingExtraError."""
    return OnnxVoiceModel(open_voice_folder(folder or bundled_model_folder("speech")), sounds=sounds)
