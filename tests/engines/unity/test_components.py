"""The Unity components, run under Mono before a small stand-in for the engine and a real sidecar."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from emotion_runtime.cli.launch import Sidecar
from tests.engines.unity.mono import CORE, HERE, PACKAGE, compile_cs, run


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, the stand-in and the test's stage in one program."""
    folder = tmp_path_factory.mktemp("stage")
    sources = [CORE, PACKAGE / "Runtime" / "Unity", HERE / "stub", HERE / "stage"]
    return compile_cs(folder / "stage.exe", sources, ignore="649")


def port_of(sidecar: Sidecar) -> str:
    return str(sidecar.listening["stream"]).rpartition(":")[2]


def test_an_insult_reaches_face_animator_and_behavior(stage: Path, tavern: Sidecar) -> None:
    lines = run(stage, "insult", port_of(tavern))
    assert "status live" in lines
    assert "heard anger" in lines
    assert "started child flee guard" in lines
    assert any(line.startswith("fled guard ") and "guard said anger" in line for line in lines)
    # The child's mesh has five ARKit shapes, one of them as eyeWide_L, one with a prefix; Basis is none.
    assert "face 1 2 3 4 5" in lines
    assert "trigger True acting True" in lines
    assert any(line.startswith("stopped child flee ") for line in lines)
    assert any(line.startswith("status paused") for line in lines)
    assert any(line.startswith("feels child ") for line in lines)
    assert lines[-1] == "ended True True"
    assert not [line for line in lines if line.startswith(("exception", "warning"))], "\n".join(lines)


def test_play_mode_fifty_times_without_domain_reload_leaves_nothing(stage: Path, tavern: Sidecar) -> None:
    line = run(stage, "cycles", port_of(tavern), "50")[-1]
    _, threads, threads_after, _, files, files_after = line.split()
    assert int(threads_after) <= int(threads)
    assert int(files_after) <= int(files)


def test_the_game_starts_the_sidecar_and_ends_it(stage: Path, tmp_path: Path) -> None:
    program = tmp_path / ("sidecar.cmd" if os.name == "nt" else "sidecar")
    pid = tmp_path / "pid"
    source = f"import os, sys; open({str(pid)!r}, 'w').write(str(os.getpid()))\n"
    source += "from emotion_runtime.cli import main; main()"
    if os.name == "nt":
        program.write_text(f'@"{sys.executable}" -c "{source}" %*\n', encoding="utf-8")
    else:
        program.write_text(f"#!{sys.executable}\n{source}\n", encoding="utf-8")
        program.chmod(0o755)
    lines = run(stage, "start", str(program))
    assert "status connecting: the sidecar is starting" in lines
    assert "status live" in lines
    child = int(pid.read_text("utf-8"))
    if psutil.pid_exists(child):
        psutil.Process(child).wait(10)
    assert not psutil.pid_exists(child)


def test_a_program_that_is_not_there_is_told(stage: Path, tmp_path: Path) -> None:
    lines = run(stage, "start", str(tmp_path / "nothing"))
    assert any(line.startswith("status refused: cannot start ") for line in lines)
