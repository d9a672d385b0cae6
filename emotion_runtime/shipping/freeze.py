"""Owns the run of PyInstaller: what is left out, and a failure as one error with its last words."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import emotion_runtime
from emotion_runtime.errors import MissingExtraError, UsageError

CROWD: Final = ("numba", "llvmlite")
"""What crowd kernels need. LLVM is larger than all the rest, so these travel only when asked for."""

EXCLUDES: Final = (
    # parts of numba and llvmlite that no kernel of ours uses
    "numba.cuda", "numba.tests", "llvmlite.tests",
    # building, testing, proving and measuring
    "PyInstaller", "setuptools", "pkg_resources", "pip", "pytest", "_pytest", "hypothesis", "mypy", "mypyc",
    "gdtoolkit", "z3", "psutil", "jsonschema", "behaviortreepy", "bonsai_bt", "onnxruntime.transformers",
    "onnxruntime.quantization", "onnxruntime.tools", "onnxruntime.datasets",
    # training, clusters, browsers, other forms of recordings
    "torch", "transformers", "onnx", "safetensors", "emotion_runtime.training", "av", "sklearn", "scipy", "pandas",
    "ray", "atheris", "playwright", "mcap", "zstandard", "lz4", "msgpack", "google", "charset_normalizer", "requests",
    "tqdm", "certifi",
    # downloading models, which a player's machine never does
    "huggingface_hub", "hf_xet", "fsspec", "httpx2",
    # terminals' editors (GPL) and windows
    "readline", "curses", "_curses", "tkinter", "IPython", "matplotlib",
)  # fmt: skip
"""Modules that do not travel, though something may import them if it can."""

NEEDED: Final = ("onnxruntime", "tokenizers")
PATIENCE_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What PyInstaller took: (place below `_internal`, source) of files, (name, source) of modules, and the folder."""

    folder: Path
    files: tuple[tuple[str, Path], ...]
    modules: tuple[tuple[str, Path], ...]


def require_tools(kernels: bool = False) -> None:
    """Raises MissingExtraError when what a bundle is made of or with is not installed, UsageError in a bundle."""
    if getattr(sys, "frozen", False):
        raise UsageError(
            "not_in_a_bundle", "a bundle cannot build a bundle", "run the command of a Python installation"
        )
    if importlib.util.find_spec("PyInstaller") is None:
        raise MissingExtraError(
            "missing_extra", "a bundle is built with PyInstaller", 'pip install "emotion-runtime[cpu,bundle]"'
        )
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            "missing_extra",
            f"{missing[0]} is not installed, and the bundle's model needs it",
            'pip install "emotion-runtime[cpu,bundle]"',
        )
    if kernels and importlib.util.find_spec("numba") is None:
        raise MissingExtraError(
            "missing_extra",
            "numba is not installed, and crowd kernels are compiled by it",
            'pip install "emotion-runtime[cpu,bundle,fast]"',
        )


def freeze(work: Path, scenes: Sequence[tuple[Path, str]], kernels: bool = False) -> Taken:
    """Run PyInstaller in `work`, an empty folder; `scenes`: (file, folder below `_internal`). Raises UsageError.

    `kernels`: numba and LLVM travel along.
    """
    here = Path(__file__).parent
    inside = work / "inside.json"
    request = {
        "entry": str(here / "entry.py"),
        "roots": [str(Path(emotion_runtime.__file__).parents[1])],
        "excludes": EXCLUDES if kernels else (*EXCLUDES, *CROWD),
        "scenes": [(str(source), place) for source, place in scenes],
        "inside": str(inside),
    }
    asked = work / "request.json"
    asked.write_text(json.dumps(request), encoding="utf-8")
    log = work / "log.txt"
    places = ["--distpath", str(work / "dist"), "--workpath", str(work / "work")]
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", *places, str(here / "bundle.spec"), "--", str(asked)]
    with log.open("w", encoding="utf-8") as stream:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and files
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd=work,
                env={**os.environ, "PYINSTALLER_CONFIG_DIR": str(work / "cache")},
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UsageError("bundle_failed", f"PyInstaller did not end in {PATIENCE_S:g} s", "try again") from None
    if done.returncode:
        last = " | ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:])
        raise UsageError("bundle_failed", f"PyInstaller failed: {last}", "see docs/shipping.md")
    found = json.loads(inside.read_text(encoding="utf-8"))
    return Taken(
        work / "dist" / "emotion-runtime",
        tuple((place.replace("\\", "/"), Path(source)) for place, source in found["files"]),
        tuple((name, Path(source)) for name, source in found["modules"]),
    )
