"""Owns how a scene is named on a command line or in a program: by the path of its file, or as a bundled one."""

from __future__ import annotations

import os
from pathlib import Path

from emotion_runtime.errors import UsageError
from emotion_runtime.scene import bundled_scene


def find_scene(named: str | os.PathLike[str]) -> Path:
    """The main file of a scene. Raises UsageError when there is neither such a file nor such a bundled scene."""
    path = Path(named)
    if path.is_file():
        return path
    if path.suffix or path.name != os.fspath(named):
        raise UsageError(
            "scene_missing", f"there is no scene file {named}", "give its path, or `tavern` for a bundled one"
        )
    return bundled_scene(str(named))
