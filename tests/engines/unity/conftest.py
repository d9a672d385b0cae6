"""Owns the compiled C# of the tests: the package's core with the runner, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.scene import bundled_scene
from tests.engines.unity.mono import CORE, HERE, compile_cs


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core and the runner in one program, so that the runner sees what is internal."""
    folder = tmp_path_factory.mktemp("mono")
    return compile_cs(folder / "runner.exe", [CORE, HERE / "runner"])


@pytest.fixture(scope="module")
def tavern() -> Iterator[Sidecar]:
    """A real sidecar in its own process, on the bundled tavern; one for the tests of a file."""
    with Sidecar(bundled_scene("tavern")) as sidecar:
        yield sidecar


@pytest.fixture
def places(tavern: Sidecar) -> tuple[str, str, str]:
    """Stream, link and control of that sidecar."""
    listening = tavern.listening
    return listening["stream"], listening["link"], listening["control"]
