"""Owns the papers of a bundle: what it is for the people who get it, and for programs."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import emotion_runtime
from emotion_runtime.shipping.licenses import Component
from protocol import ids

KIND: Final = "emotion-runtime bundle"
MANIFEST: Final = "bundle.json"

_README: Final = """\
emotion-runtime {version}: the sidecar, for {system} on {machine}.

This folder needs nothing installed. Keep it together; it may lie anywhere, also where nobody may write.

Start:    {program} serve {scene} --port 0 --json --until-stdin-closes
          prints one line of JSON that says where it listens, and ends when its standard input ends.
Try:      {program} demo --seconds 10      (if the scene `tavern` is inside)
Check:    {program} --version

Scenes inside: {scenes}. Another scene is given by the path of its file.

It listens on this machine only, writes no files, and opens no connection to anywhere.
{floor}
Licences of everything inside: LICENSES.txt. What is inside, for programs: {manifest}.
"""


def program_name() -> str:
    """File name of the executable here."""
    return "emotion-runtime.exe" if sys.platform == "win32" else "emotion-runtime"


def readme(scenes: Sequence[str]) -> str:
    """Text for whoever finds the folder."""
    library, number = platform.libc_ver()
    return _README.format(
        version=version("emotion-runtime"),
        system=platform.system(),
        machine=platform.machine(),
        program=program_name(),
        scene=scenes[0],
        scenes=", ".join(scenes),
        floor=f"It needs {library} {number} or newer (that of the machine it was built on) and libz."
        if library
        else "",
        manifest=MANIFEST,
    )


def manifest(
    scenes: Sequence[str], parts: Sequence[Component], sizes: Mapping[str, int], *, kernels: bool
) -> dict[str, Any]:
    """Versions and sizes (bytes) of everything inside."""
    model = Path(emotion_runtime.__file__).parent / "models" / "text" / "manifest.json"
    return {
        "kind": KIND,
        "format": 1,
        "version": version("emotion-runtime"),
        "protocol": ids.PROTOCOL,
        "program": program_name(),
        "system": platform.system(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "python": platform.python_version(),
        "pyinstaller": version("pyinstaller"),
        "provider": "CPUExecutionProvider",
        "scenes": list(scenes),
        "kernels": kernels,
        "model_sha256": hashlib.sha256(model.read_bytes()).hexdigest() if model.is_file() else "",
        "components": {part.name: part.version for part in parts},
        "without_license_text": [part.name for part in parts if not part.texts],
        "bytes": sum(sizes.values()),
        "parts": dict(sizes),
    }
