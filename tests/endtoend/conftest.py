"""Owns real sidecars for tests: child processes that end with the test, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.scene import bundled_scene

Serve = Callable[..., Sidecar]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start `emotion-runtime serve` on a scene (default: the tavern) with more arguments."""
    with ExitStack() as stack:

        def start(*arguments: str, scene: Path | None = None) -> Sidecar:
            return stack.enter_context(Sidecar(scene or bundled_scene("tavern"), arguments))

        yield start


def endpoints(sidecar: Sidecar) -> tuple[str, str, str]:
    """Stream, link and control of a running sidecar."""
    listening = sidecar.listening
    return listening["stream"], listening["link"], listening["control"]
