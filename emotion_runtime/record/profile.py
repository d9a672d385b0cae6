"""Owns the numeric profile: what of this machine arithmetic may depend on, and how two of them differ."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import numpy as np

from emotion_runtime.errors import ModelError
from emotion_runtime.record.format import Header, Profile

PACKAGE: Final = "emotion-runtime"


def package_version() -> str:
    """Version of this package."""
    return version(PACKAGE)


def here() -> Profile:
    """The profile of this process."""
    return Profile(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        numpy=np.__version__,
        machine=f"{platform.machine()} {sys.byteorder}-endian",
        cpu=_cpu(),
        simd=_simd(),
        system=platform.system(),
    )


def model_digest(folder: Path | None = None) -> str:
    """SHA-256 of the text model in `folder` (None: the bundled one) as its manifest says; '' when there is none."""
    from emotion_runtime.perception.bundled import bundled_model_folder  # noqa: PLC0415 - not for replays
    from emotion_runtime.perception.manifest import MODEL, read_manifest  # noqa: PLC0415

    try:
        return read_manifest(folder or bundled_model_folder()).files[MODEL].sha256
    except ModelError:
        return ""


def differences(header: Header) -> tuple[str, ...]:
    """One line for each thing that is different here from where the recording was made, naming both."""
    found = []
    mine = package_version()
    if header.version != mine:
        found.append(f"recorded with {PACKAGE} {header.version}, replayed with {mine}")
    profile = here()
    for name in msgspec.structs.fields(Profile):
        theirs, ours = getattr(header.profile, name.name), getattr(profile, name.name)
        if theirs and theirs != ours:
            found.append(f"recorded with {name.name} {theirs}, replayed with {ours or 'unknown'}")
    return tuple(found)


def _cpu() -> str:
    """The processor's name as its system tells it; the architecture where it does not."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or os.environ.get("PROCESSOR_IDENTIFIER", "") or platform.machine()


def _simd() -> str:
    """The vector instructions that numpy uses beyond its baseline."""
    config = cast("dict[str, Any]", np.show_config(mode="dicts") or {})
    return " ".join(config.get("SIMD Extensions", {}).get("found", ()))
