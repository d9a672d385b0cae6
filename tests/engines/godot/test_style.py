"""The addon's GDScript as its readers expect it: small files, linted and formatted."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from tests.engines.godot.conftest import PROJECT

FILES = sorted(path for path in PROJECT.rglob("*.gd") if ".godot" not in path.parts)
FOLDERS = ("addons", "demo", "tests")
HAS_GDTOOLKIT = importlib.util.find_spec("gdtoolkit") is not None


def test_no_file_is_longer_than_350_lines() -> None:
    written = [path for path in FILES if not path.name.endswith(".g.gd")]
    long = {str(path): n for path in written if (n := len(path.read_text(encoding="utf-8").splitlines())) > 350}
    assert not long


def test_every_file_begins_with_what_it_is_for_and_has_its_uid() -> None:
    for path in FILES:
        assert path.read_text(encoding="utf-8").startswith("## "), path
        assert path.with_suffix(".gd.uid").is_file(), path


def test_what_games_see_is_prefixed() -> None:
    named = [line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()]
    names = [line.split()[1] for line in named if line.startswith("class_name ")]
    assert names
    assert all(name.startswith("Emotion") for name in names), names


@pytest.mark.skipif(not HAS_GDTOOLKIT, reason="needs gdtoolkit 4 (`pip install 'gdtoolkit==4.*'`)")
@pytest.mark.parametrize("tool", [("linter",), ("formatter", "--check", "--line-length", "120")], ids=lambda t: t[0])
def test_the_tools_find_nothing(tool: tuple[str, ...]) -> None:
    command = [sys.executable, "-W", "ignore", "-m", f"gdtoolkit.{tool[0]}", *tool[1:], *FOLDERS]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
