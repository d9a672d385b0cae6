"""Owns what a simulation understands with: the services for text, voice and both together, and their figures."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotion_runtime.intake import MAX_QUEUED
from emotion_runtime.joining import Joint
from emotion_runtime.perception import PerceptionService, TextService, VoiceService, load_text_model

if TYPE_CHECKING:
    from emotion_runtime.tick import Ticker


def text_service(perception: str | Path | TextService | None) -> TextService | None:
    """A service of a word (`bundled`), of a model folder, or the one that is given."""
    if isinstance(perception, str | Path):
        folder = perception if isinstance(perception, Path) else None
        # room for all that one tick can bring: who waits for every answer must not have some of them shed
        return PerceptionService(partial(load_text_model, folder), max_waiting=MAX_QUEUED)
    return perception


def figures(
    text: TextService | None, voice: VoiceService | None, joint: Joint | None, ticker: Ticker
) -> dict[str, Any]:
    """Counters and states of all three, as plain values; None for one that is not there."""
    return {
        "perception": None if text is None else asdict(text.health()),
        "voice": None if voice is None else {**asdict(voice.health()), **ticker.voices.health()},
        "multimodal": None if joint is None else {**asdict(joint.service.health()), **ticker.joining.health()},
    }
