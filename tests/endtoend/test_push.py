"""A designer saves a scene, and the sidecar that runs goes on in it; a broken one never reaches it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from emotion_runtime.scene import bundled_scene
from tests.endtoend.conftest import Serve, endpoints
from unity_bridge import EngineClient

DANCER = "  stretch: {bearer: self, trigger: neutral > 0.2, lasts: 3 s}\n"


def pushed(scene: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emotion_runtime", "check", str(scene), "--push", str(port)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_a_clean_scene_is_pushed_and_a_broken_one_is_not(serve: Serve, tmp_path: Path) -> None:
    shutil.copytree(bundled_scene().parent, tmp_path / "tavern")
    scene = tmp_path / "tavern" / "tavern.yaml"
    sidecar = serve(scene=scene)
    port = int(endpoints(sidecar)[0].rpartition(":")[2])
    text = scene.read_text(encoding="utf-8")
    with EngineClient.connect(endpoints=endpoints(sidecar), name="game") as engine:
        before = engine.roster.epoch
        scene.write_text(text.replace("\nrules:\n", "\nrules:\n  oops: {}\n", 1), encoding="utf-8")
        broken = pushed(scene, port)
        assert broken.returncode == 1
        assert "pushed" not in broken.stderr
        scene.write_text(text.replace("\nrules:\n", f"\nrules:\n{DANCER}", 1), encoding="utf-8")
        clean = pushed(scene, port)
        assert clean.returncode == 0, clean.stdout
        assert f"pushed to port {port}: in effect from tick" in clean.stderr
        for _ in range(200):
            engine.poll(0.05)
            if engine.roster.epoch > before:
                break
        assert engine.roster.epoch == before + 1


def test_where_no_sidecar_runs_the_check_still_counts(tmp_path: Path) -> None:
    done = pushed(bundled_scene(), 1)
    assert done.returncode == 0
    assert "not pushed to port 1: " in done.stderr
