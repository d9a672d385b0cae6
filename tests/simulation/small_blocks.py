"""Owns making blocks of characters small, so that a handful of people is split between threads as a crowd is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

TABLES = "emotion_runtime.kernels.tables"


def use(characters: int) -> None:
    """Blocks of so many characters, for this process. To be called before anything of the package is imported."""
    if TABLES in sys.modules:
        raise RuntimeError("the kernels are loaded already, with blocks of their own size")
    path = Path(__file__).parents[2] / "emotion_runtime" / "kernels" / "tables.py"
    spec = importlib.util.spec_from_file_location(TABLES, path)
    assert spec is not None
    assert spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    sys.modules[TABLES] = tables
    spec.loader.exec_module(tables)
    tables.BLOCK = characters  # type: ignore[attr-defined]
