"""Owns manifest.json: what a model folder says about its files, and how that is written for a folder of one's own."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Annotated, Final

import msgspec

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.onnx_structure import OnnxStructureError, read_structure

FORMATS: Final = (1, 2)
"""The format numbers that are read. 2 adds the n-grams; a folder without them is written as 1."""
MANIFEST: Final = "manifest.json"
MODEL: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
LABELS: Final = "labels.json"
NGRAMS: Final = "ngrams.npz"
TEXT_FRONT_END: Final = "text.onnx"
SOUND_FRONT_END: Final = "acoustic.onnx"
MAX_BYTES: Final = {
    MANIFEST: 1 << 16,
    LABELS: 1 << 16,
    TOKENIZER: 1 << 26,
    MODEL: 1 << 30,
    NGRAMS: 1 << 26,
    TEXT_FRONT_END: 1 << 30,
    SOUND_FRONT_END: 1 << 28,
}
"""A larger file is refused unread."""

_Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Size and SHA-256 (lower-case hexadecimal) of one file."""

    bytes: Annotated[int, msgspec.Meta(ge=1)]
    sha256: _Sha256


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The contents of manifest.json.

    `max_tokens`: length of the network's input, special tokens included. `context_lines`: earlier lines it was
    trained with. `temperature`: logits are divided by it before the softmax. `opset` is checked against the file.
    `ngram_weight`: how much the logarithms of the n-grams' probabilities count beside the network's (ngrams.npz).
    """

    format: int
    kind: str = "text"
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    opset: Annotated[int, msgspec.Meta(ge=1)]
    max_tokens: Annotated[int, msgspec.Meta(ge=4, le=4096)]
    context_lines: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    temperature: Annotated[float, msgspec.Meta(ge=0.01, le=100.0)] = 1.0
    ngram_weight: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.0
    max_batch: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    """Lines in one run; over 1 only where an answer does not depend on its neighbours, as it does when quantised."""
    meanings: tuple[str, ...] = ()
    """For each of the network's own labels the one of ours it means; empty: they are ours. See `label_maps`."""
    base: str = ""
    license: str = ""
    files: dict[str, FileEntry]


def read_limited(path: Path) -> bytes:
    """The bytes of one file of a model folder. Raises ModelError `model_file_missing` or `model_too_large`."""
    limit = MAX_BYTES[path.name]
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read() if size <= limit else b""
    except OSError as error:
        raise ModelError(
            "model_file_missing",
            f"{path}: cannot be read ({error.strerror or error})",
            f"copy the whole folder again; a text model has {MANIFEST}, {MODEL}, {TOKENIZER}, {LABELS}",
        ) from error
    if size > limit:
        raise ModelError(
            "model_too_large",
            f"{path}: has {size:,} bytes, at most {limit:,} are read",
            "use a smaller model, or quantise it to int8",
        )
    return data


def read_manifest(folder: Path) -> Manifest:
    """Reads and checks manifest.json. Raises ModelError."""
    path = folder / MANIFEST
    data = read_limited(path)
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError("broken_manifest", f"{path}: {error}", "write it anew with `seal_model_folder`") from error
    if manifest.format not in FORMATS:
        raise ModelError(
            "unknown_model_format",
            f"{path}: format {manifest.format}, this version reads {' and '.join(map(str, FORMATS))}",
            "install the version of emotion-runtime that the model was made for, or export the model again",
        )
    if manifest.kind != "text":
        raise ModelError(
            "wrong_model_kind", f"{path}: kind {manifest.kind!r}, wanted 'text'", "name a text model's folder"
        )
    wanted = (MODEL, TOKENIZER, LABELS, *((NGRAMS,) if manifest.ngram_weight else ()))
    missing = [name for name in wanted if name not in manifest.files]
    if missing:
        raise ModelError(
            "broken_manifest", f"{path}: `files` lacks {', '.join(missing)}", "write it anew with `seal_model_folder`"
        )
    return manifest


def verify(path: Path, data: bytes, entry: FileEntry) -> None:
    """Compares a file with its entry. Raises ModelError `model_damaged`."""
    remedy = "fetch the folder again; if you changed the file on purpose, call `seal_model_folder`"
    if len(data) != entry.bytes:
        raise ModelError("model_damaged", f"{path}: {len(data):,} bytes, the manifest says {entry.bytes:,}", remedy)
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ModelError("model_damaged", f"{path}: its SHA-256 is not the one in {MANIFEST}", remedy)


def seal_model_folder(
    folder: Path,
    *,
    name: str,
    max_tokens: int,
    context_lines: int = 0,
    temperature: float = 1.0,
    ngram_weight: float = 0.0,
    max_batch: int = 1,
    meanings: tuple[str, ...] = (),
    base: str = "",
    license: str = "",
) -> Manifest:
    """Writes manifest.json for what lies in `folder`, n-grams too if they have weight; parameters as in `Manifest`.

    Raises ModelError.
    """
    names = (MODEL, TOKENIZER, LABELS, *((NGRAMS,) if ngram_weight else ()))
    contents = {file_name: read_limited(folder / file_name) for file_name in names}
    entries = {
        file_name: FileEntry(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for file_name, data in contents.items()
    }
    try:
        opset = read_structure(contents[MODEL]).opset
    except OnnxStructureError as error:
        raise ModelError(
            "broken_model", f"{folder / MODEL}: is not an ONNX model: {error}", "export the model again"
        ) from error
    manifest = Manifest(
        format=FORMATS[1] if ngram_weight else FORMATS[0],
        name=name,
        opset=opset,
        max_tokens=max_tokens,
        context_lines=context_lines,
        temperature=temperature,
        ngram_weight=ngram_weight,
        max_batch=max_batch,
        meanings=meanings,
        base=base,
        license=license,
        files=entries,
    )
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / MANIFEST).write_bytes(text + b"\n")
    return manifest
