"""Owns the public surface of scenes: load one, check one, find a bundled one, and the digest of what it means."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from emotion_runtime.errors import SceneError, UsageError
from emotion_runtime.scene.build import Proofs, build
from emotion_runtime.scene.diagnostics import Diagnostic, Report, TooManyFaults, did_you_mean, render
from emotion_runtime.scene.digest import compiled_digest
from emotion_runtime.scene.resolved import Scene

__all__ = ["Diagnostic", "bundled_scene", "check_scene", "compiled_digest", "load_scene", "render", "scene_report"]


def scene_report(path: str | os.PathLike[str], proofs: Proofs | None = None) -> tuple[Scene | None, Report]:
    """Read and check a scene. The report holds faults and source texts.

    The scene is None when it cannot be loaded; what `proofs` find does not keep it from being loaded.
    """
    report = Report()
    try:
        return build(Path(path), report, proofs), report
    except TooManyFaults:
        report.overflow(Path(path).as_posix())
        return None, report


def check_scene(path: str | os.PathLike[str]) -> tuple[Scene | None, list[Diagnostic]]:
    """Read and check a scene: the scene (None when there is an error) and all diagnostics by file, line, column."""
    scene, report = scene_report(path)
    return scene, report.sorted()


def load_scene(path: str | os.PathLike[str]) -> Scene:
    """Read a scene that has no errors; warnings are not looked at. Raises SceneError with all diagnostics as text."""
    scene, report = scene_report(path)
    if scene is None:
        errors = [each for each in report.sorted() if each.level == "error"]
        first, more = errors[0], len(errors) - 1
        message = f"{first.file}:{first.line}:{first.col}: {first.message}" + (f" (and {more} more)" if more else "")
        raise SceneError(message, report.text())
    return scene


def bundled_scene(name: str = "tavern") -> Path:
    """The main file of a scene that comes with the package. Raises UsageError for a name that does not."""
    folder = Path(str(resources.files("emotion_runtime"))) / "scenes"
    known = sorted(each.name for each in folder.iterdir() if (each / f"{each.name}.yaml").is_file())
    if name not in known:
        raise UsageError("unknown_scene", f"there is no bundled scene `{name}`", did_you_mean(name, known))
    return folder / name / f"{name}.yaml"
