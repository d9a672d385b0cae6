"""Owns the stamp of the loop's sources: a number that changes when any kernel that is compiled into it does."""

from __future__ import annotations

import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

PARTS: Final = (
    "behaviors.compiled.clocks",
    "behaviors.compiled.intake",
    "behaviors.compiled.intrinsics",
    "behaviors.compiled.jit",
    "behaviors.compiled.kernel",
    "behaviors.compiled.program",
    "behaviors.leaping.trees",
    "behaviors.leaping.truths",
    "emotion_runtime.affect.exponential",
    "emotion_runtime.kernels.compiled",
    "emotion_runtime.kernels.compiled_contagion",
    "emotion_runtime.kernels.compiled_flow",
    "emotion_runtime.kernels.compiled_ledger",
    "emotion_runtime.kernels.tables",
    "emotion_runtime.leaps.loop",
)


def source_stamp() -> int:
    """CRC-32 of the text of all parts; that of nothing in a bundle, which has no sources and never changes."""
    stamp = 0
    for name in PARTS:
        spec = find_spec(name)
        path = None if spec is None or spec.origin is None else Path(spec.origin)
        if path is not None and path.is_file():
            stamp = zlib.crc32(path.read_bytes(), stamp)
    return stamp
