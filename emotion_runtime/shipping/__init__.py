"""Owns the way to players' machines: a folder with the sidecar, its model and scenes, that needs no Python there."""

from emotion_runtime.shipping.bundle import Bundle, build_bundle

__all__ = ["Bundle", "build_bundle"]
