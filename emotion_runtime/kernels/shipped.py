"""Owns where a bundle keeps its compiled kernels: inside, for any processor of its kind, never the player's folders.

Only the bundle's own executable uses this; an installation keeps numba's own cache. The files are numba's: pickled, so
as trustworthy as the executable beside them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

SHIPPED: Final = "kernels"
"""Folder below a bundle's `_internal`."""

SETTINGS: Final = {
    # the plainest processor: what the builder's compiled, every player's loads. It costs no measurable time here.
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "NUMBA_CACHE_LOCATOR_CLASSES": "emotion_runtime.kernels.shipped.ShippedLocator",
}


def shipped_folder() -> Path | None:
    """The folder of compiled kernels of the bundle that runs, or None: no bundle, or one without."""
    inside = getattr(sys, "_MEIPASS", None)
    if inside is None:
        return None
    folder = Path(inside) / SHIPPED
    return folder if folder.is_dir() else None


def use_shipped() -> None:
    """Tell numba, which must not be imported yet, to load from this bundle's folder, if it has one."""
    if shipped_folder() is not None:
        os.environ.update(SETTINGS)


class ShippedLocator:
    """A numba cache locator (`numba.core.caching._CacheLocator`, by duck typing: importing it would import numba)."""

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._line = function.__code__.co_firstlineno
        self._path = folder / function.__module__
        self._py_file = function.__code__.co_filename

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> ShippedLocator | None:
        """The locator for a kernel, or None outside of a bundle."""
        folder = shipped_folder()
        return None if folder is None else cls(py_func, folder)

    def ensure_cache_path(self) -> None:
        """Only while the bundle is built: a player's folder may well be read-only."""
        self._path.mkdir(exist_ok=True)

    def get_cache_path(self) -> str:
        """Where the files of this kernel's module are."""
        return str(self._path)

    def get_source_stamp(self) -> str:
        """Always the same: the code of a bundle does not change, though signing changes its executable."""
        return SHIPPED

    def get_disambiguator(self) -> str:
        """The kernel's line, as numba's own locators do."""
        return str(self._line)
