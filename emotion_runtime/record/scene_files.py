"""Owns the text of a scene inside a recording: taking it from a loaded scene, and putting it into a folder again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

from emotion_runtime.errors import UsageError
from emotion_runtime.record.format import MOST_FILES, RecordingError
from emotion_runtime.scene.resolved import Scene


class Texts(Protocol):
    """What holds a scene's text: the name of its main file, and every file's text by name."""

    @property
    def main(self) -> str:
        """Name of the main file."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """Text by name, the main file's too."""
        ...


def texts(scene: Scene) -> tuple[str, dict[str, str]]:
    """The name of the main file, and the text of every file by its name relative to the main file's folder.

    Raises UsageError for a scene that was not read from files: what a recording does not hold cannot be replayed.
    """
    main = scene.path.name
    shown = next((each for each in scene.sources if each == scene.path.as_posix()), None)
    if shown is None or len(scene.sources) > MOST_FILES:
        raise UsageError(
            "record_no_source", f"the scene `{scene.name}` was not read from a file", "record scenes that were"
        )
    folder = shown[: len(shown) - len(main)]
    return main, {name.removeprefix(folder): text for name, text in scene.sources.items()}


def materialise(scene: Texts, folder: Path) -> Path:
    """Write the texts into `folder`; returns the main file. Raises RecordingError for names that lead out of it."""
    if scene.main not in scene.files:
        raise RecordingError("bad_recording", f"the recording holds no text of its main file `{scene.main[:80]}`")
    for name, text in scene.files.items():
        if not _is_inside(name):
            raise RecordingError("bad_recording", f"`{name[:80]}` is no name of a scene file")
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        except (OSError, ValueError) as error:
            raise RecordingError("bad_recording", f"`{name[:80]}` cannot be written: {error}") from error
    return folder / scene.main


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    plain = name == "/".join(parts) and not any(each in name for each in "\\:\0")
    return bool(parts) and plain and ".." not in parts and not name.startswith("/") and len(name) <= 1000
