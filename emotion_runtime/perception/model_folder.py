"""Owns the check of a model folder: everything that can be known to be wrong before the network is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.manifest import (
    LABELS,
    MODEL,
    NGRAMS,
    TOKENIZER,
    FileEntry,
    Manifest,
    read_limited,
    read_manifest,
    verify,
)
from emotion_runtime.perception.ngrams import NgramModel, read_ngrams
from emotion_runtime.perception.onnx_structure import OnnxStructureError, read_structure

MAX_LABELS: Final = 256
OPSETS: Final = range(11, 24)
"""Opsets of the standard domain that are accepted: the older lack operators we rely on, the newer were not tried."""
DOMAINS: Final = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Operator domains that ONNX Runtime brings itself. Any other would need a library of somebody else's code."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that passed every check. `labels` in the order of the network's outputs."""

    path: Path
    manifest: Manifest
    labels: tuple[str, ...]
    tokenizer: str
    ngrams: NgramModel | None = None

    @property
    def model_path(self) -> Path:
        """The network's file, found intact."""
        return self.path / MODEL


def open_model_folder(path: Path) -> ModelFolder:
    """Verifies sizes, SHA-256, opset, operator domains and labels. Raises ModelError, which names the file."""
    if not path.is_dir():
        raise ModelError("model_file_missing", f"{path}: there is no such folder", "name the folder with manifest.json")
    manifest = read_manifest(path)
    labels = _labels(path / LABELS, manifest)
    if manifest.meanings and len(manifest.meanings) != len(labels):
        raise ModelError(
            "broken_manifest",
            f"{path}: {len(manifest.meanings)} meanings for {len(labels)} labels",
            "name one for each",
        )
    tokenizer = _tokenizer(path / TOKENIZER, manifest)
    check_network(path / MODEL, manifest.files[MODEL], manifest.opset)
    ngrams = _ngrams(path / NGRAMS, manifest, len(labels)) if manifest.ngram_weight else None
    return ModelFolder(path, manifest, labels, tokenizer, ngrams)


def read_labels(path: Path) -> tuple[str, ...]:
    """The labels of the model in folder `path`, read without touching the network's file. Raises ModelError."""
    return _labels(path / LABELS, read_manifest(path))


def _labels(path: Path, manifest: Manifest) -> tuple[str, ...]:
    data = read_limited(path)
    verify(path, data, manifest.files[LABELS])
    return decode_labels(path, data)


def decode_labels(path: Path, data: bytes) -> tuple[str, ...]:
    """The names in the bytes of labels.json. Raises ModelError `broken_labels`."""
    try:
        labels = msgspec.json.decode(data, type=tuple[str, ...])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError("broken_labels", f"{path}: {error}", 'it must be a list: ["anger", "joy", ...]') from error
    if not 2 <= len(labels) <= MAX_LABELS or len(set(labels)) != len(labels) or not all(labels):
        raise ModelError(
            "broken_labels",
            f"{path}: wanted 2 to {MAX_LABELS} different names",
            "one name for each output, in its order",
        )
    return labels


def _tokenizer(path: Path, manifest: Manifest) -> str:
    data = read_limited(path)
    verify(path, data, manifest.files[TOKENIZER])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError("broken_tokenizer", f"{path}: is not UTF-8 ({error})", "export the tokenizer again") from error


def _ngrams(path: Path, manifest: Manifest, labels: int) -> NgramModel:
    data = read_limited(path)
    verify(path, data, manifest.files[NGRAMS])
    return read_ngrams(data, path, labels)


def check_network(path: Path, entry: FileEntry, opset: int) -> None:
    """Compares a network's file with its entry and its opset, and refuses what would run foreign code."""
    data = read_limited(path)
    verify(path, data, entry)
    try:
        structure = read_structure(data)
    except OnnxStructureError as error:
        raise ModelError("broken_model", f"{path}: is not an ONNX model: {error}", "export the model again") from error
    if structure.external_data:
        raise ModelError(
            "model_external_data",
            f"{path}: keeps weights in another file",
            "save it as one file: onnx.save(model, path, save_as_external_data=False)",
        )
    strange = sorted(structure.domains - DOMAINS)
    if strange or structure.local_functions:
        what = f"operators of {', '.join(strange)}" if strange else "functions of its own"
        raise ModelError(
            "model_custom_operators", f"{path}: uses {what}", "export it with standard ONNX operators only"
        )
    if structure.opset != opset:
        raise ModelError(
            "model_opset",
            f"{path}: has opset {structure.opset}, the manifest says {opset}",
            "correct `opset` in manifest.json",
        )
    if structure.opset not in OPSETS:
        raise ModelError(
            "model_opset",
            f"{path}: opset {structure.opset} is outside {OPSETS.start}..{OPSETS.stop - 1}",
            "export it again with opset 17",
        )
