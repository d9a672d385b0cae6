"""A game that brings the bundle: a headless Godot starts it from its project setting, plays with it, ends it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil
import pytest

from tests.engines.godot.conftest import Godot, last_json
from tests.engines.godot.test_live import free_ports
from tests.shipping.conftest import Built

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def game(tmp_path: Path) -> Godot:
    """The demo project in a folder of its own, as a game with the bundle beside it."""
    binary = os.environ.get("EMOTION_RUNTIME_GODOT") or shutil.which("godot")
    if not binary or not Path(binary).exists():
        reason = "needs Godot 4.5 or newer: set EMOTION_RUNTIME_GODOT to its binary, or put `godot` on the PATH"
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Godot(str(binary), tmp_path)


def test_a_game_starts_the_bundle_plays_with_it_and_ends_it(built: Built, game: Godot) -> None:
    port = free_ports()
    settings = {
        "connection/port": str(port),
        "sidecar/start_with_game": "true",
        "sidecar/command": f'"{built.program.as_posix()}"',
        "sidecar/scene": '"tavern"',
    }
    lines = "".join(f"{name}={value}\n" for name, value in settings.items())
    (game.project / "override.cfg").write_text(f"[emotion_runtime]\n{lines}", encoding="utf-8")
    summary = last_json(game.run("--", "seconds=20", "do=insult", "until=guard confront thief"))
    assert summary["state"] == "live", summary
    assert summary["started"].get("guard confront thief"), summary["started"]
    ours = [each for each in psutil.process_iter(["exe"]) if each.info["exe"] == str(built.program.resolve())]
    _, alive = psutil.wait_procs(ours, timeout=10)
    assert not alive, "it ends with the game"
