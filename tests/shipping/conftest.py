"""Owns the one bundle that all tests of a run share; building it takes about half a minute."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCENE = """\
scene: yard
language: 1
include: [people/dog.yaml]
rules:
  bark: {bearer: self, trigger: anger > 0.3, aim: {anger: -0.1}, lasts: 2 s}
trees:
  watch: {sequence: [bark]}
"""
DOG = """\
language: 1
characters:
  dog: {at: [0, 0], tree: watch, can: [bark]}
"""


@dataclass(frozen=True)
class Built:
    """A bundle as a player gets it: somewhere else, under a name with a space, not writable for the test's purposes."""

    folder: Path
    told: dict[str, Any]

    @property
    def program(self) -> Path:
        return self.folder / str(self.told["program_name"])

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it with an empty environment, in a folder that has nothing to do with it."""
        return subprocess.run(
            [str(self.program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            env=bare(),
            cwd=self.folder.parent,
            timeout=60,
            check=False,
        )


def bare() -> dict[str, str]:
    """No PATH, no HOME, no PYTHON*: only what Windows itself cannot do without."""
    return {name: value for name, value in os.environ.items() if name.upper() in ("SYSTEMROOT", "TEMP", "TMP")}


def bundle_command(*arguments: str) -> Sequence[str]:
    """`emotion-runtime bundle` of the installation that runs the tests."""
    return [sys.executable, "-m", "emotion_runtime", "bundle", *arguments]


def need(module: str, extra: str) -> None:
    """Skip where an extra is not installed; in CI everything is."""
    if importlib.util.find_spec(module) is None:
        reason = f"needs the extra `{extra}`"
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built by the command, of a bundled scene and one in two files, then moved away from where it was built."""
    need("PyInstaller", "bundle")
    need("onnxruntime", "cpu")
    home = tmp_path_factory.mktemp("shipping")
    yard = home / "scenes" / "yard.yaml"
    (yard.parent / "people").mkdir(parents=True)
    yard.write_text(SCENE, encoding="utf-8")
    (yard.parent / "people" / "dog.yaml").write_text(DOG, encoding="utf-8")
    output = home / "built here" / "sidecar"
    done = subprocess.run(
        bundle_command("--output", str(output), "--scene", "tavern", "--scene", str(yard), "--json"),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert [each.name for each in output.parent.iterdir()] == ["sidecar"], "nothing else is left where it was built"
    moved = home / "my game" / "sidecar"
    moved.parent.mkdir()
    shutil.move(output, moved)
    shutil.rmtree(yard.parent)
    return Built(moved, {**told, "program_name": Path(told["program"]).name})
