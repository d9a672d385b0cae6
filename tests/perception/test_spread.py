"""Baking side by side: several processes, a Ray cluster and a killed run write the same bytes as one process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.perception.baked import Baked
from emotion_runtime.perception.baking import PIECE, pieces, read_script, run_pieces, write_baked


def script(path: Path, lines: int) -> Path:
    rows = [f"You {('owe me', 'thief', 'my friend')[at % 3]} {at},{'ab'[at % 2]},{at // 4}" for at in range(lines)]
    path.write_text("text,speaker,conversation\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def baked(folder: Path, processes: int, *, ray: bool = False) -> bytes:
    """The file of 32 lines, most of them with and without the line before, in pieces of five."""
    lines = read_script(script(folder / "s.csv", 32))
    found = dict(pair for piece in run_pieces(pieces(lines, 5), "", processes, ray=ray) for pair in piece)
    ordered = {key: found[key] for key in sorted(found)}
    write_baked(folder / "b.msgpack", "0" * 64, ("anger",), ordered)
    return (folder / "b.msgpack").read_bytes()


def test_several_processes_bake_what_one_bakes(tmp_path: Path) -> None:
    assert baked(tmp_path, 2) == baked(tmp_path, 1)


@pytest.mark.timeout(300)
def test_a_cluster_bakes_what_one_process_bakes(tmp_path: Path) -> None:
    if importlib.util.find_spec("ray") is None:
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail("needs the extra `ray`")
        pytest.skip("needs the extra `ray`")
    assert baked(tmp_path, 1, ray=True) == baked(tmp_path, 1)


def children(pid: int) -> list[int]:
    """Direct children, where the system tells them (Linux)."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(each) for each in told.read_text().split()] if told.exists() else []


def test_a_killed_run_of_several_processes_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    lines = script(tmp_path / "s.csv", PIECE)
    whole, broken = tmp_path / "whole.msgpack", tmp_path / "broken.msgpack"
    assert CliRunner().invoke(app, ["bake", str(lines), "-o", str(whole)]).exit_code == 0
    command = [sys.executable, "-m", "emotion_runtime", "bake", str(lines), "-o", str(broken), "--processes", "2"]
    progress = tmp_path / "broken.msgpack.progress"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 60.0
    while process.poll() is None and not (progress.exists() and progress.stat().st_size) and time.monotonic() < ends:
        time.sleep(0.005)
    workers = children(process.pid)
    process.kill()
    process.wait()
    until = time.monotonic() + 60.0
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < until, "the workers of a killed run wait for work for ever"
        time.sleep(0.01)
    assert CliRunner().invoke(app, ["bake", str(lines), "-o", str(broken)]).exit_code == 0
    assert broken.read_bytes() == whole.read_bytes()
    assert len(Baked.read(broken)) > PIECE
    assert not progress.exists()
