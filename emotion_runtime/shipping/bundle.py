"""Owns the making of a bundle: frozen, furnished with papers, tried, and put in its place only when all went well."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emotion_runtime.errors import UsageError
from emotion_runtime.kernels.shipped import SHIPPED
from emotion_runtime.shipping.freeze import freeze, require_tools
from emotion_runtime.shipping.licenses import components, license_text
from emotion_runtime.shipping.owners import Owners
from emotion_runtime.shipping.papers import KIND, MANIFEST, manifest, program_name, readme
from emotion_runtime.shipping.scenes import choose_scenes, places
from emotion_runtime.shipping.sizes import part_sizes

START_PATIENCE_S: Final = 30.0
WARM_PATIENCE_S: Final = 300.0
KEPT: Final = ("SYSTEMROOT", "TEMP", "TMP")
"""Variables that Windows itself needs; a bundle is tried without any other."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished bundle: its executable, its manifest, and the seconds each scene took until the sidecar listened."""

    folder: Path
    program: Path
    manifest: dict[str, Any]
    start_seconds: dict[str, float]

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes by part, the largest first."""
        return dict(self.manifest["parts"])


def build_bundle(output: Path, scenes: Sequence[str] = ("tavern",), *, kernels: bool = False) -> Bundle:
    """Build a bundle of these scenes (paths or bundled names) as the folder `output`; takes about half a minute.

    `kernels`: with the compiled kernels for crowds, ready to load; a minute more, and LLVM's weight.

    An older bundle there is replaced. Raises UsageError when something else is there, or when the bundle does not
    start; SceneError for a broken scene; MissingExtraError without PyInstaller. Then nothing has changed.
    """
    require_tools(kernels)
    output = output.absolute()
    _require_room(output)
    chosen = choose_scenes(scenes)
    if not chosen:
        raise UsageError("no_scene", "a bundle needs a scene", "name at least one")
    names = [scene.name for scene in chosen]
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".emotion-runtime-", dir=output.parent, ignore_cleanup_errors=True) as temp:
        work = Path(temp)
        taken = freeze(work, places(chosen, work), kernels)
        owners = Owners(work)
        sources = [source for _, source in (*taken.files, *taken.modules)]
        parts = components(owners.by_owner(sources))
        if kernels:
            _warm(taken.folder)
        (taken.folder / "LICENSES.txt").write_text(license_text(parts), encoding="utf-8")
        (taken.folder / "README.txt").write_text(readme(names), encoding="utf-8")
        told = manifest(names, parts, part_sizes(taken.folder, taken, owners), kernels=kernels)
        (taken.folder / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        started = {name: _try(taken.folder / program_name(), name) for name in names}
        _put(taken.folder, output, work / "old")
    return Bundle(output, output / program_name(), told, started)


def _require_room(output: Path) -> None:
    if not output.exists():
        return
    if output.is_dir() and not any(output.iterdir()):
        return
    try:
        kind = json.loads((output / MANIFEST).read_text(encoding="utf-8")).get("kind")
    except (OSError, ValueError, AttributeError):
        kind = None
    if kind != KIND:
        raise UsageError("output_not_empty", f"{output} is there and is no bundle", "name an empty or a new folder")


def _warm(folder: Path) -> None:
    """Let the program compile its kernels into the bundle, for any processor of this kind. Raises UsageError."""
    (folder / "_internal" / SHIPPED).mkdir()
    done = subprocess.run(  # noqa: S603 - the program just built
        [str(folder / program_name()), "warmup", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=_bare(),
        timeout=WARM_PATIENCE_S,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip()[-500:] or f"exit code {done.returncode}"
        raise UsageError("bundle_failed", f"the kernels could not be compiled: {said}", "report this")


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.upper() in KEPT}


def _try(program: Path, scene: str) -> float:
    """Start the sidecar once, with an empty environment; returns the seconds until it listened. Raises UsageError."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        process = subprocess.Popen(  # noqa: S603 - the program just built
            [str(program), "serve", scene, "--port", "0", "--json", "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            encoding="utf-8",
            env=_bare(),
        )
        timer = threading.Timer(START_PATIENCE_S, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            seconds = time.monotonic() - began
            process.communicate()
        finally:
            timer.cancel()
            process.kill()
            process.wait()
        complaints.seek(0)
        if not line or process.returncode:
            said = complaints.read().strip()[-500:] or f"exit code {process.returncode}"
            raise UsageError("bundle_does_not_start", f"the bundle does not serve `{scene}`: {said}", "report this")
    return round(seconds, 3)


def _put(built: Path, output: Path, old: Path) -> None:
    if output.exists():
        output.rename(old)
    try:
        shutil.move(built, output)
    except OSError:
        if old.exists() and not output.exists():
            old.rename(output)
        raise
