"""Owns how large the parts of a bundle are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from emotion_runtime.kernels.shipped import SHIPPED
from emotion_runtime.shipping.freeze import Taken
from emotion_runtime.shipping.owners import OURS, PYTHON, Owners

MODEL = "models"
EXECUTABLE = "executable with all Python modules"
PAPERS = "papers"
KERNELS = "compiled kernels"


def part_sizes(folder: Path, taken: Taken, owners: Owners) -> dict[str, int]:
    """Bytes by part, the largest first: who a file belongs to, the text model and the executable by themselves."""
    owner = {place: owners.of(source) for place, source in taken.files}
    sizes: dict[str, int] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            part = _part(path.relative_to(folder).as_posix(), owner)
            sizes[part] = sizes.get(part, 0) + path.stat().st_size
    return dict(sorted(sizes.items(), key=lambda each: (-each[1], each[0])))


def size_table(sizes: Mapping[str, int]) -> str:
    """Lines of megabytes (10^6 bytes) and parts, with the sum last."""
    width = max(len(part) for part in sizes)
    rows = [*sizes.items(), ("together", sum(sizes.values()))]
    return "".join(f"{part:<{width}}  {count / 1e6:7.1f} MB\n" for part, count in rows)


def _part(place: str, owner: Mapping[str, str]) -> str:
    if not place.startswith("_internal/"):
        return EXECUTABLE if place.startswith("emotion-runtime") else PAPERS
    inner = place.removeprefix("_internal/")
    if inner.startswith("emotion_runtime/models/"):
        return MODEL
    if inner.startswith(f"{SHIPPED}/"):
        return KERNELS
    # what PyInstaller made and did not list: the modules that Python needs before it can read the executable
    return owner.get(inner, PYTHON if inner == "base_library.zip" else OURS)
