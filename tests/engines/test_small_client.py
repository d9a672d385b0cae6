"""The small client printed in docs/write-a-client.md works: with the real sidecar, and through cut connections."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.inputs import Event
from emotion_runtime.scene import bundled_scene
from tests.net.proxy import Proxy
from tests.net.serving import PATIENCE_S, serving
from tests.unity_bridge.ledger_world import LedgerWorld

PAGE = Path(__file__).resolve().parents[2] / "docs" / "write-a-client.md"
MOST_LINES = 120
CUTS = 10


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The page's only Python block, as a file."""
    [block] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    path = tmp_path / "small_client.py"
    path.write_text(block, encoding="utf-8")
    return path


def client_of(program: Path, *endpoints: str) -> Any:
    spec = importlib.util.spec_from_file_location("small_client", program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Client(*endpoints)


def test_the_printed_client_is_short_and_plays_the_tavern(program: Path) -> None:
    assert len(program.read_text("utf-8").splitlines()) < MOST_LINES
    with Sidecar(bundled_scene("tavern")) as sidecar:
        where = [str(sidecar.listening[name]) for name in ("stream", "link")]
        command = [sys.executable, str(program), *where, "4"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    assert "'label': 'anger'" in done.stdout
    assert "'kind': 'start'" in done.stdout


def test_the_printed_client_loses_and_doubles_nothing_through_cuts(program: Path) -> None:
    world = LedgerWorld(lasts=1000.0, rate=200.0)
    with serving(world) as served, Proxy(served.ports[1]) as proxy:
        client = client_of(program, served.endpoints[0], f"tcp://127.0.0.1:{proxy.port}")
        started: list[int] = []
        sent = 0
        deadline = time.monotonic() + PATIENCE_S
        for cut in range(CUTS + 1):
            for _ in range(3):
                client.waiting.append({"kind": "event", "name": "go", "target": "ann", "strength": sent / 10_000})
                sent += 1
            wanted = sent if cut == CUTS else sent - 2
            while len(started) < wanted:
                started += [update["action"] for update in client.poll() if update.get("kind") == "start"]
                assert time.monotonic() < deadline, f"{len(started)} of {sent}"
            if cut < CUTS:
                proxy.cut()
        assert client.tick is not None
        assert len(client.tick["emotion"]) == 4 * 3 * client.tick["n"]
        for peer in (client.stream, client.link):
            peer.socket.close()
    applied = [round(item.strength * 10_000) for _, _, item in world.applied if isinstance(item, Event)]
    assert started == list(range(1, sent + 1))
    assert applied == list(range(sent))
