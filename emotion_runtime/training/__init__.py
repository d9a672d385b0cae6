"""Owns the training of the networks: research code on torch, never imported by the runtime (extra `train`)."""

from __future__ import annotations

import importlib.util

from emotion_runtime.errors import MissingExtraError


def require_training(*modules: str) -> None:
    """Raises MissingExtraError `missing_extra` when torch or one of `modules` is not installed; loads nothing."""
    missing = [name for name in ("torch", *modules) if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            "missing_extra",
            f"{', '.join(missing)} is not installed, and training needs it",
            'pip install "emotion-runtime[train]"',
        )
