"""Owns headless Godots for tests: found by EMOTION_RUNTIME_GODOT or on the PATH, run on a copy of the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.scene import bundled_scene

REPOSITORY = Path(__file__).resolve().parents[3]
PROJECT = REPOSITORY / "unity_bridge" / "godot"
PATIENCE_S = 100.0

Serve = Callable[..., Sidecar]


class Godot:
    """A Godot binary with an imported copy of the project: no run leaves anything in the checkout or in HOME."""

    def __init__(self, binary: str, home: Path) -> None:
        self.binary = binary
        self.project = home / "project"
        self._environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
        shutil.copytree(PROJECT, self.project, ignore=shutil.ignore_patterns(".godot"))
        self.run("--import")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start headless Godot on the project; arguments after `--` are the user's."""
        command = [self.binary, "--headless", "--path", str(self.project), *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", env=self._environment
        )

    def run(self, *arguments: str) -> str:
        """Run to the end, which must be a good one; returns everything it printed."""
        process = self.start(*arguments)
        return self.finish(process)

    def finish(self, process: subprocess.Popen[str]) -> str:
        """Wait for the end of a started one; returns what it printed. A bad end fails the test."""
        try:
            output, _ = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            pytest.fail(f"Godot did not end in {PATIENCE_S:g} s:\n{output[-4000:]}")
        assert process.returncode == 0, output[-6000:]
        return output

    def script(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run a script of the project and return its line of JSON."""
        return last_json(self.run("--script", name, "--", *arguments))


def last_json(output: str) -> dict[str, Any]:
    """The last line of JSON that a run printed; an error of the engine or a script fails the test."""
    assert "SCRIPT ERROR" not in output, output[-6000:]
    lines = [line for line in output.splitlines() if line.startswith("{")]
    assert lines, output[-6000:]
    found: dict[str, Any] = json.loads(lines[-1])
    return found


@pytest.fixture(scope="session")
def godot(tmp_path_factory: pytest.TempPathFactory) -> Godot:
    """The engine, or a skip with the reason; with EMOTION_RUNTIME_CI set its absence is a failure."""
    binary = os.environ.get("EMOTION_RUNTIME_GODOT") or shutil.which("godot")
    if not binary or not Path(binary).exists():
        reason = "needs Godot 4.5 or newer: set EMOTION_RUNTIME_GODOT to its binary, or put `godot` on the PATH"
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Godot(str(binary), tmp_path_factory.mktemp("godot"))


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start `emotion-runtime serve tavern` with more arguments."""
    with ExitStack() as stack:

        def start(*arguments: str) -> Sidecar:
            return stack.enter_context(Sidecar(bundled_scene("tavern"), arguments))

        yield start


def ports(sidecar: Sidecar) -> list[str]:
    """The user arguments that tell our scripts where a sidecar listens."""
    return [f"{name}={sidecar.listening[name].rsplit(':', 1)[1]}" for name in ("stream", "link", "control")]
