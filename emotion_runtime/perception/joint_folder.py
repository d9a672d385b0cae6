"""Owns the check of a cross-modal model's folder: manifest, front ends, labels and network, before anything is run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.manifest import (
    LABELS,
    MANIFEST,
    MODEL,
    SOUND_FRONT_END,
    TEXT_FRONT_END,
    TOKENIZER,
    FileEntry,
    read_limited,
    verify,
)
from emotion_runtime.perception.model_folder import check_network, decode_labels
from emotion_runtime.perception.moments import MOST_STEPS
from emotion_runtime.perception.onnx_structure import OnnxStructureError, read_structure

FORMAT: Final = 1
KIND: Final = "multimodal"
MODALITIES: Final = ("text", "visual", "acoustic")
"""In the order in which the paper lines them up at each time step."""
FRONT_ENDS: Final = {"text": "encoder", "visual": "arkit-statistics", "acoustic": "sound"}
"""Modality -> the one kind of front end it has; see docs/perception.md."""
FILES_OF: Final = {"encoder": (TEXT_FRONT_END, TOKENIZER), "sound": (SOUND_FRONT_END,), "arkit-statistics": ()}
NETWORKS: Final[tuple[str, ...]] = (MODEL, TEXT_FRONT_END, SOUND_FRONT_END)
FACE_NUMBERS: Final = 104
"""Means of the 52 ARKit coefficients in Apple's order, then their standard deviations."""
SOUND_RATE: Final = 16_000

Size = Annotated[int, msgspec.Meta(ge=1, le=65_536)]


class Modality(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the `size` numbers a time step come from. `opset` of the front end's file; 0: there is none."""

    front_end: Literal["encoder", "arkit-statistics", "sound"]
    size: Size
    opset: Annotated[int, msgspec.Meta(ge=0)] = 0


class JointManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The contents of a cross-modal model's manifest.json.

    `steps`: utterances it looks at, the one that is asked included. `max_tokens` of a line, `max_seconds` of a sound:
    its end is used. `temperature`: logits are divided by it. `reliability` 0..1: a measured accuracy.
    """

    format: int
    kind: str = KIND
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    opset: Annotated[int, msgspec.Meta(ge=1)]
    modalities: dict[Literal["text", "visual", "acoustic"], Modality]
    steps: Annotated[int, msgspec.Meta(ge=1, le=MOST_STEPS)] = 8
    max_tokens: Annotated[int, msgspec.Meta(ge=4, le=4096)] = 64
    max_seconds: Annotated[float, msgspec.Meta(ge=0.5, le=60.0)] = 8.0
    temperature: Annotated[float, msgspec.Meta(ge=0.01, le=100.0)] = 1.0
    reliability: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.5
    base: str = ""
    license: str = ""
    files: dict[str, FileEntry]

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities in their order."""
        return tuple(name for name in MODALITIES if name in self.modalities)


@dataclass(frozen=True, slots=True)
class JointFolder:
    """A folder that passed every check. `labels` in the order of the network's outputs; `tokenizer` its text or ''."""

    path: Path
    manifest: JointManifest
    labels: tuple[str, ...]
    tokenizer: str


def open_joint_folder(path: Path) -> JointFolder:
    """Verifies sizes, SHA-256, opsets, operator domains, labels. Raises ModelError, which names the file."""
    if not path.is_dir():
        raise ModelError("model_file_missing", f"{path}: there is no such folder", "name the folder with manifest.json")
    manifest = _read(path / MANIFEST)
    held = {}
    for name in (LABELS, TOKENIZER):
        if name in manifest.files:
            held[name] = read_limited(path / name)
            verify(path / name, held[name], manifest.files[name])
    opsets = {FILES_OF[each.front_end][0]: each.opset for each in manifest.modalities.values() if each.opset}
    for name, opset in {MODEL: manifest.opset, **opsets}.items():
        check_network(path / name, manifest.files[name], opset)
    try:
        tokenizer = held.get(TOKENIZER, b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError("broken_tokenizer", f"{path / TOKENIZER}: is not UTF-8", "export it again") from error
    return JointFolder(path, manifest, decode_labels(path / LABELS, held[LABELS]), tokenizer)


def _read(path: Path) -> JointManifest:
    remedy = "write it anew with `export multimodal`"
    try:
        manifest = msgspec.json.decode(read_limited(path), type=JointManifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError("broken_manifest", f"{path}: {error}", remedy) from error
    if manifest.format != FORMAT:
        raise ModelError("unknown_model_format", f"{path}: format {manifest.format}, this version reads {FORMAT}")
    if manifest.kind != KIND:
        raise ModelError("wrong_model_kind", f"{path}: kind {manifest.kind!r}, wanted {KIND!r}", remedy)
    if not manifest.modalities:
        raise ModelError("broken_manifest", f"{path}: names no modality", remedy)
    wanted = [MODEL, LABELS]
    for name, each in manifest.modalities.items():
        files = FILES_OF[each.front_end]
        if each.front_end != FRONT_ENDS[name] or bool(each.opset) != bool(files):
            raise ModelError("broken_manifest", f"{path}: {name} cannot come from `{each.front_end}`", remedy)
        if not files and each.size != FACE_NUMBERS:
            raise ModelError("broken_manifest", f"{path}: faces have {FACE_NUMBERS} numbers, not {each.size}", remedy)
        wanted += files
    missing = [name for name in wanted if name not in manifest.files]
    if missing:
        raise ModelError("broken_manifest", f"{path}: `files` lacks {', '.join(missing)}", remedy)
    return manifest


def seal_joint_folder(
    folder: Path,
    *,
    name: str,
    sizes: dict[Literal["text", "visual", "acoustic"], int],
    steps: int,
    reliability: float,
    temperature: float = 1.0,
    max_tokens: int = 64,
    max_seconds: float = 8.0,
    base: str = "",
    license: str = "",
) -> JointManifest:
    """Writes manifest.json for what lies in `folder`; `sizes`: modality -> numbers a time step. Raises ModelError."""
    used = [file for modality in sizes for file in FILES_OF[FRONT_ENDS[modality]]]
    contents = {file: read_limited(folder / file) for file in (MODEL, LABELS, *used)}
    opsets = {file: _opset(folder / file, contents[file]) for file in NETWORKS if file in contents}
    modalities = {}
    for modality, size in sizes.items():
        kind = FRONT_ENDS[modality]
        opset = opsets[FILES_OF[kind][0]] if FILES_OF[kind] else 0
        modalities[modality] = msgspec.convert({"front_end": kind, "size": size, "opset": opset}, Modality)
    manifest = JointManifest(
        format=FORMAT,
        name=name,
        opset=opsets[MODEL],
        modalities=modalities,
        steps=steps,
        max_tokens=max_tokens,
        max_seconds=max_seconds,
        temperature=temperature,
        reliability=reliability,
        base=base,
        license=license,
        files={
            file: FileEntry(bytes=len(data), sha256=hashlib.sha256(data).hexdigest()) for file, data in contents.items()
        },
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return manifest


def _opset(path: Path, data: bytes) -> int:
    try:
        return read_structure(data).opset
    except OnnxStructureError as error:
        raise ModelError("broken_model", f"{path}: is not an ONNX model: {error}", "export the model again") from error
