"""Owns `emotion-runtime doctor`: what is installed here, what each part is good for, and what would be faster."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

REQUIRED = "required"
CROSS_MODAL = "cross-modal network"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is `here`, its version or state, what it is `good_for`, how to get it."""

    name: str
    here: bool
    found: str
    good_for: str
    remedy: str = ""


PACKAGES = (
    ("onnxruntime", "text and voice perception", 'pip install "emotion-runtime[cpu]"'),
    ("onnxruntime-gpu", "perception on an NVIDIA GPU (--device)", 'pip install "emotion-runtime[gpu]"'),
    ("numba", "crowds: kernels compiled for this processor", 'pip install "emotion-runtime[fast]"'),
    ("mcap", "recordings for Foxglove (replay --export)", 'pip install "emotion-runtime[export]"'),
    ("python-osc", "faces to VRM tools (serve --vmc)", 'pip install "emotion-runtime[vmc]"'),
    ("torch", "training, and exporting Hugging Face models", 'pip install "emotion-runtime[train]"'),
    ("transformers", "exporting Hugging Face models", 'pip install "emotion-runtime[export-hf]"'),
    ("ray", "bake and sweep on a cluster (--ray)", 'pip install "emotion-runtime[ray]"'),
)
PROGRAMS = (
    ("node", "building the web page from source", "https://nodejs.org"),
    ("godot", "the Godot demo and its tests", "https://godotengine.org"),
    ("mono", "the Unity package's tests", "https://www.mono-project.com"),
    ("espeak-ng", "visemes from text (study, tests)", "your system's packages"),
    ("ffmpeg", "converting sound to WAV", "https://ffmpeg.org"),
)


def doctor(
    multimodal: Annotated[
        Path | None, typer.Option(help="Check this cross-modal network, too: load it and ask it once.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Tell what is installed here and what would be faster. Exit code 1 when perception cannot run."""
    findings = [*_machine(), *_packages(), *_models(), *_programs()]
    if multimodal is not None:
        findings.append(_cross_modal(multimodal))
    advice = _advice(findings)
    needed = ("onnxruntime or onnxruntime-gpu", "text model", CROSS_MODAL)
    ready = all(each.here for each in findings if each.name in needed)
    if as_json:
        summary = {"type": "doctor", "ready": ready, "parts": [asdict(each) for each in findings], "advice": advice}
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    else:
        width = max(len(each.name) for each in findings)
        for each in findings:
            mark = "+" if each.here else "-"
            get = f"  ({each.remedy})" if each.remedy and not each.here else ""
            sys.stdout.write(f"{mark} {each.name:{width}}  {each.found:24}  {each.good_for}{get}\n")
        for line in advice:
            sys.stdout.write(f"! {line}\n")
    if not ready:
        raise typer.Exit(1)


def _machine() -> list[Finding]:
    cores = os.cpu_count() or 1
    return [
        Finding("Python", True, platform.python_version(), REQUIRED),
        Finding("processor", True, f"{platform.machine()}, {cores} cores", "one is enough; a second for perception"),
    ]


def _packages() -> list[Finding]:
    found = []
    for name, good_for, remedy in PACKAGES:
        version = _version(name)
        found.append(Finding(name, bool(version), version or "not installed", good_for, remedy))
    either = any(each.here for each in found if each.name.startswith("onnxruntime"))
    found.append(
        Finding("onnxruntime or onnxruntime-gpu", either, "yes" if either else "neither", REQUIRED, PACKAGES[0][2])
    )
    return found


def _models() -> list[Finding]:
    from emotion_runtime.errors import EmotionRuntimeError
    from emotion_runtime.perception.bundled import bundled_model_folder
    from emotion_runtime.perception.model_folder import open_model_folder
    from emotion_runtime.perception.onnx_session import import_onnxruntime, installed_twice
    from emotion_runtime.perception.providers import CUDA, GPU_REMEDY, TENSORRT
    from emotion_runtime.perception.voice_folder import open_voice_folder

    found = []
    for name, kind in (("text model", "text"), ("voice model", "speech")):
        try:
            folder = bundled_model_folder(kind)
            state = open_model_folder(folder) if kind == "text" else open_voice_folder(folder)
        except EmotionRuntimeError as error:
            found.append(Finding(name, False, error.code, error.message, error.remedy))
        else:
            size = state.model_path.stat().st_size / 1e6
            found.append(Finding(name, True, f"{size:.1f} MB, intact", state.manifest.name))
    try:
        providers = set(import_onnxruntime().get_available_providers())
    except EmotionRuntimeError as error:
        found.append(Finding("onnxruntime loads", False, error.code, error.message, error.remedy))
        providers = set()
    for name, provider in (("CUDA", CUDA), ("TensorRT", TENSORRT)):
        here = provider in providers
        found.append(Finding(name, here, "offered" if here else "not offered", "--device " + name.lower(), GPU_REMEDY))
    twice = installed_twice()
    if twice:
        found.append(Finding("one onnxruntime", False, "two installed", REQUIRED, twice))
    return found


def _cross_modal(folder: Path) -> Finding:
    from emotion_runtime.errors import EmotionRuntimeError
    from emotion_runtime.perception.joint_folder import open_joint_folder
    from emotion_runtime.perception.onnx_joint import OnnxJointModel

    try:
        opened = open_joint_folder(folder)
        OnnxJointModel(opened)
    except EmotionRuntimeError as error:
        return Finding(CROSS_MODAL, False, error.code, error.message, error.remedy)
    manifest = opened.manifest
    size = sum(entry.bytes for entry in manifest.files.values()) / 1e6
    what = f"{' + '.join(manifest.names)}, {manifest.steps} utterances, trusted {manifest.reliability:.2f}"
    return Finding(CROSS_MODAL, True, f"{size:.1f} MB, answers", f"{manifest.name}: {what}")


def _programs() -> list[Finding]:
    found = []
    for name, good_for, remedy in PROGRAMS:
        path = shutil.which(name)
        found.append(Finding(name, path is not None, "on the PATH" if path else "not found", good_for, remedy))
    return found


def _advice(findings: list[Finding]) -> list[str]:
    here = {each.name: each.here for each in findings}
    advice = []
    if not here["numba"]:
        advice.append("more than about a hundred characters: numba makes the tick several times as fast")
    if here["onnxruntime-gpu"] and not here["CUDA"]:
        advice.append("onnxruntime-gpu offers no CUDA: its CUDA or cuDNN does not match, or is missing")
    if shutil.which("nvidia-smi") and not here["CUDA"]:
        advice.append("there is an NVIDIA driver: a large text model of your own would be faster with --device cuda")
    if (os.cpu_count() or 1) < 2:
        advice.append("one core: perception and the game share it; annotate authored lines ahead with `bake`")
    return advice


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unpacked" if importlib.util.find_spec(name.replace("-", "_")) else ""
