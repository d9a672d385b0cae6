"""Owns the check of a voice model's folder: its manifest, its labels and its network, before the network is run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.manifest import LABELS, MANIFEST, MODEL, FileEntry, read_limited, verify
from emotion_runtime.perception.model_folder import check_network, decode_labels
from emotion_runtime.perception.onnx_structure import read_structure

FORMAT: Final = 1
"""The only format number of voice models so far."""
KIND: Final = "voice"


class VoiceManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The contents of a voice model's manifest.json.

    `rate`: samples a second it wants. `features`: numbers of a clip's summary, the length of `total` and `squares`.
    `max_seconds`: of a longer clip the end is used. `reliability` 0..1: how far its word is to be trusted beside other
    modalities, a measured accuracy.
    """

    format: int
    kind: str = KIND
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    opset: Annotated[int, msgspec.Meta(ge=1)]
    rate: Annotated[int, msgspec.Meta(ge=8000, le=48000)] = 16000
    features: Annotated[int, msgspec.Meta(ge=1, le=65536)]
    max_seconds: Annotated[float, msgspec.Meta(ge=0.5, le=60.0)] = 8.0
    reliability: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.5
    base: str = ""
    license: str = ""
    files: dict[str, FileEntry]


@dataclass(frozen=True, slots=True)
class VoiceFolder:
    """A folder that passed every check. `labels` in the order of the network's outputs."""

    path: Path
    manifest: VoiceManifest
    labels: tuple[str, ...]

    @property
    def model_path(self) -> Path:
        """The network's file, found intact."""
        return self.path / MODEL


def open_voice_folder(path: Path) -> VoiceFolder:
    """Verifies sizes, SHA-256, opset, operator domains and labels. Raises ModelError, which names the file."""
    if not path.is_dir():
        raise ModelError("model_file_missing", f"{path}: there is no such folder", "name the folder with manifest.json")
    manifest = _read(path / MANIFEST)
    labels_path = path / LABELS
    data = read_limited(labels_path)
    verify(labels_path, data, manifest.files[LABELS])
    labels = decode_labels(labels_path, data)
    check_network(path / MODEL, manifest.files[MODEL], manifest.opset)
    return VoiceFolder(path, manifest, labels)


def _read(path: Path) -> VoiceManifest:
    remedy = "write it anew with `seal_voice_folder`"
    try:
        manifest = msgspec.json.decode(read_limited(path), type=VoiceManifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError("broken_manifest", f"{path}: {error}", remedy) from error
    if manifest.format != FORMAT:
        raise ModelError("unknown_model_format", f"{path}: format {manifest.format}, this version reads {FORMAT}")
    if manifest.kind != KIND:
        raise ModelError(
            "wrong_model_kind", f"{path}: kind {manifest.kind!r}, wanted {KIND!r}", "name a voice model's folder"
        )
    missing = [name for name in (MODEL, LABELS) if name not in manifest.files]
    if missing:
        raise ModelError("broken_manifest", f"{path}: `files` lacks {', '.join(missing)}", remedy)
    return manifest


def seal_voice_folder(
    folder: Path,
    *,
    name: str,
    features: int,
    reliability: float,
    max_seconds: float = 8.0,
    base: str = "",
    license: str = "",
) -> VoiceManifest:
    """Writes manifest.json for the model and labels that lie in `folder`. Raises ModelError."""
    contents = {file_name: read_limited(folder / file_name) for file_name in (MODEL, LABELS)}
    manifest = VoiceManifest(
        format=FORMAT,
        name=name,
        opset=read_structure(contents[MODEL]).opset,
        features=features,
        reliability=reliability,
        max_seconds=max_seconds,
        base=base,
        license=license,
        files={
            file_name: FileEntry(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            for file_name, data in contents.items()
        },
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return manifest
