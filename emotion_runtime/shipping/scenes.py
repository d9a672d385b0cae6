"""Owns which scene files travel in a bundle, and the name by which players' machines find each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from emotion_runtime.errors import UsageError
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.diagnostics import Report
from emotion_runtime.scene.files import read_files
from emotion_runtime.scene.find import find_scene


@dataclass(frozen=True, slots=True)
class ShippedScene:
    """A scene by its name inside, and its files: (source, path inside the scene's folder)."""

    name: str
    files: tuple[tuple[Path, str], ...]


def choose_scenes(named: Sequence[str]) -> tuple[ShippedScene, ...]:
    """The scenes of these paths or bundled names. Raises SceneError for a broken one, UsageError for a bad name."""
    scenes: dict[str, ShippedScene] = {}
    for each in named:
        path = find_scene(each)
        load_scene(path)
        name = path.stem
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise UsageError("bad_scene_name", f"a scene cannot be called `{name}`", "use letters, digits, - and _")
        if name in scenes:
            raise UsageError("bad_scene_name", f"two scenes are called `{name}`", "rename one of the files")
        files = read_files(path, Report()) or []
        # the main file is found by the name of its folder
        inside = ((path.parent / file.short, f"{name}.yaml" if file.main else file.short) for file in files)
        scenes[name] = ShippedScene(name, tuple(inside))
    return tuple(scenes.values())


def places(scenes: Sequence[ShippedScene], work: Path) -> list[tuple[Path, str]]:
    """(file, folder below `_internal`) of all files, copied below `work`, where a main file can be renamed."""
    found = []
    for scene in scenes:
        for source, inside in scene.files:
            copy = work / "scenes" / scene.name / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
            folder = PurePosixPath("emotion_runtime/scenes", scene.name, inside).parent
            found.append((copy, str(folder)))
    return found
