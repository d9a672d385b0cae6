"""A Unity game that brings the bundle: the components under Mono start it by its path, go live, and end it."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.engines.unity.mono import CORE, HERE, PACKAGE, compile_cs, run
from tests.shipping.conftest import Built

pytestmark = pytest.mark.timeout(300)


def test_the_components_start_the_bundle_and_end_it(built: Built, tmp_path: Path) -> None:
    sources = [CORE, PACKAGE / "Runtime" / "Unity", HERE / "stub", HERE / "stage"]
    stage = compile_cs(tmp_path / "stage.exe", sources, ignore="649")
    lines = run(stage, "start", str(built.program))
    assert "status connecting: the sidecar is starting" in lines
    assert "status live" in lines
    ours = [each for each in psutil.process_iter(["exe"]) if each.info["exe"] == str(built.program.resolve())]
    _, alive = psutil.wait_procs(ours, timeout=10)
    assert not alive
