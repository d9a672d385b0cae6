"""Owns the `.meta` files of the Unity package: one for each file and folder Unity imports, its guid a hash of its path.

A package from a git URL is read-only, so Unity cannot make them, and a guid that changes breaks every scene that
uses the component. `python -m tests.engines.unity.meta_files --write` adds those that are missing; a test compares.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.engines.unity.mono import PACKAGE

_IMPORTERS: Final = {
    ".cs": "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n"
    "  executionOrder: 0\n  icon: {instanceID: 0}\n",
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n",
    ".json": "PackageManifestImporter:\n  externalObjects: {}\n",
    ".md": "TextScriptImporter:\n  externalObjects: {}\n",
    ".xml": "TextScriptImporter:\n  externalObjects: {}\n",
}
_FOLDER: Final = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n"
_TAIL: Final = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def imported() -> Iterator[Path]:
    """Every file and folder that Unity imports: not what ends with `~`, begins with a dot, or lies below such."""
    for path in sorted(PACKAGE.rglob("*")):
        parts = path.relative_to(PACKAGE).parts
        if path.suffix != ".meta" and not any(part.endswith("~") or part.startswith(".") for part in parts):
            yield path


def guid_of(path: Path) -> str:
    """Return 32 hex digits that follow from the path alone."""
    name = f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}"
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def text_of(path: Path) -> str:
    """Return the text of a path's `.meta` file."""
    importer = _FOLDER if path.is_dir() else _IMPORTERS[path.suffix]
    return f"fileFormatVersion: 2\nguid: {guid_of(path)}\n{importer}{_TAIL}"


def meta_of(path: Path) -> Path:
    """Return where a path's `.meta` file is."""
    return path.with_name(f"{path.name}.meta")


def stray() -> list[Path]:
    """Return the `.meta` files of nothing."""
    wanted = {meta_of(path) for path in imported()}
    return [path for path in sorted(PACKAGE.rglob("*.meta")) if path not in wanted]


def main(arguments: list[str]) -> int:
    """Write them all (`--write`), and delete those of nothing. Returns the exit code."""
    if arguments != ["--write"]:
        sys.stderr.write("usage: python -m tests.engines.unity.meta_files --write\n")
        return 2
    for path in imported():
        meta_of(path).write_text(text_of(path), encoding="utf-8", newline="\n")
    for path in stray():
        path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
