"""Owns how the commands come by their models: words of an option -> services for text and voice."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from emotion_runtime.errors import UsageError
from emotion_runtime.joining import MOST_PENDING, Joint
from emotion_runtime.perception import OnDemand, PerceptionService, TextService, VoiceService
from emotion_runtime.perception.baked import Baked, BakedModel
from emotion_runtime.perception.bundled import bundled_model_folder, load_text_model, load_voice_model
from emotion_runtime.perception.fusion import MODALITIES
from emotion_runtime.perception.hub import model_folder
from emotion_runtime.perception.joint_folder import open_joint_folder
from emotion_runtime.perception.moments import NETWORK_NAMES, JointModel
from emotion_runtime.perception.onnx_session import placed, require_onnxruntime
from emotion_runtime.perception.providers import CUDA, parse_device
from emotion_runtime.perception.results import TextModel
from emotion_runtime.perception.service import MAX_WAITING
from emotion_runtime.perception.voice_folder import open_voice_folder


@dataclass(frozen=True, slots=True)
class Senses:
    """What a simulation understands with."""

    text: TextService
    voice: VoiceService | None
    voice_reliability: float
    joint: Joint | None = None


def senses(
    *,
    model: str,
    voice: str,
    sounds: Path | None,
    device: str,
    fp16: bool,
    baked: Path | None,
    stale_after: float | None,
    lockstep: bool,
    multimodal: Path | None = None,
    max_delay: float = 0.0,
) -> Senses:
    """The services that the options name: `bundled`, a folder, a model of a hub, or for voices `none`.

    Text and a cross-modal network (the folder `multimodal`) are loaded in the background at once, a voice model with
    the first voice. Raises UsageError, ModelError or MissingExtraError for what can be known to be wrong now.
    """
    require_onnxruntime()
    where = parse_device(device)
    half = fp16 and where != "cpu" and placed(where).providers[0][0] == CUDA
    folder = None if model == "bundled" else model_folder(model, fp16=half)
    known = Baked.read(baked) if baked is not None else None

    def load() -> TextModel:
        loaded = load_text_model(folder, device=where, fp16=fp16)
        return loaded if known is None else BakedModel(loaded, known)

    from emotion_runtime.intake import MAX_QUEUED

    text = PerceptionService(
        load, max_waiting=MAX_QUEUED if lockstep else MAX_WAITING, stale_after=stale_after, max_delay=max_delay
    )
    if sounds is not None and not sounds.is_dir():
        raise UsageError("no_such_folder", f"there is no folder {sounds}", "name the folder of your WAV files")
    joint = None if multimodal is None else cross_modal(multimodal, sounds)
    if voice == "none":
        return Senses(text, None, 0.0, joint)
    chosen = bundled_model_folder("speech") if voice == "bundled" else Path(voice)
    reliability = open_voice_folder(chosen).manifest.reliability
    return Senses(text, OnDemand(functools.partial(load_voice_model, chosen, sounds=sounds)), reliability, joint)


def cross_modal(folder: Path, sounds: Path | None) -> Joint:
    """The cross-modal network in `folder`, checked now and loaded in the background. Raises ModelError."""
    opened = open_joint_folder(folder)

    def load() -> JointModel:
        from emotion_runtime.perception.onnx_joint import OnnxJointModel

        return OnnxJointModel(opened, sounds=sounds)

    manifest = opened.manifest
    modalities = tuple(name for name in MODALITIES if NETWORK_NAMES[name] in manifest.names)
    return Joint(
        PerceptionService(load, max_waiting=2 * MOST_PENDING), modalities, manifest.steps, manifest.reliability
    )
