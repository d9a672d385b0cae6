"""Owns whose each file of a bundle is: of a distribution, of Python, of this project, or of the build machine."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

import emotion_runtime

OURS: Final = "emotion-runtime"
PYTHON: Final = "Python"
SYSTEM: Final = "system libraries"
PACKAGES: Final = ("protocol", "behaviors", "emotion_runtime", "unity_bridge")


class Owners:
    """Looks up owners by source path, from what is installed beside the running interpreter."""

    def __init__(self, work: Path) -> None:
        """`work`: the folder PyInstaller worked in; what it made there is made of Python's own modules."""
        self._work = _real(work)
        self._owner: dict[str, str] = {}
        for distribution in distributions():
            name = distribution.metadata["Name"]
            root = _real(Path(str(distribution.locate_file(""))))
            for file in distribution.files or ():
                self._owner[os.path.normpath(os.path.join(root, str(file)))] = name  # noqa: PTH118 - 20,000 of them
        project = Path(emotion_runtime.__file__).parents[1]
        self._ours = tuple(_real(project / name) + os.sep for name in PACKAGES)
        paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
        if sys.platform == "win32":
            paths.append(sys.base_prefix)
        self._python = tuple(_real(Path(path)) + os.sep for path in paths)

    def of(self, source: Path) -> str:
        """A distribution's name, `emotion-runtime`, `Python` or `system libraries`."""
        path = _real(source)
        if path.startswith(self._ours):
            return OURS
        if path in self._owner:
            return self._owner[path]
        if path.startswith((*self._python, self._work)) or source.name.startswith(("libpython", "python3")):
            return PYTHON
        return SYSTEM

    def by_owner(self, sources: Iterable[Path]) -> Mapping[str, list[Path]]:
        """Sources by owner, both sorted."""
        found: dict[str, list[Path]] = {}
        for source in sorted(set(sources)):
            found.setdefault(self.of(source), []).append(source)
        return dict(sorted(found.items(), key=lambda each: each[0].lower()))


def _real(path: Path) -> str:
    return os.path.realpath(path)
