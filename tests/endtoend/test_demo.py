"""The demo as a newcomer runs it: two processes that end by themselves, and books that balance."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.conftest import shared_file

NEW_GROUP = {"start_new_session": True} if os.name == "posix" else {"creationflags": 0x200}


def demo(*arguments: str, timeout: float = 90.0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emotion_runtime", "demo", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def test_the_demo_ends_by_itself_and_its_books_balance() -> None:
    done = demo("--seconds", "5", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    summary = lines[-1]
    assert done.returncode == 0, summary
    assert summary["type"] == "summary"
    assert summary["faults"] == []
    assert summary["ticks"] == summary["frames_received"] + summary["frames_dropped"]
    assert summary["utterances_sent"] == summary["perceptions_received"] == 3
    ended = summary["commands_finished"] + summary["commands_aborted"]
    assert summary["commands_started"] == ended + summary["commands_running"] > 0
    assert {line["type"] for line in lines} >= {"said", "heard", "start", "stop", "state", "summary"}


def test_plain_lines_tell_the_same_story(tmp_path: Path) -> None:
    done = demo("--seconds", "2", "--plain")
    assert done.returncode == 0, done.stdout
    assert "all of it adds up" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_picture_is_drawn_and_fetches_nothing(tmp_path: Path) -> None:
    picture = tmp_path / "demo.svg"
    assert demo("--seconds", "2", "--picture", str(picture)).returncode == 0
    drawn = picture.read_text(encoding="utf-8")
    assert "merchant" in drawn
    assert "url(http" not in drawn
    assert "@font-face" not in drawn


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as SIGINT here; Windows has its own event for it")
def test_ctrl_c_stops_both_processes_within_a_second_and_prints_the_summary() -> None:
    # a shell's background jobs ignore Ctrl-C, and so would whatever they start
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "emotion_runtime", "demo", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **NEW_GROUP,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["type"] == "state":
            break
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest, complaints = process.communicate(timeout=90)
    took = time.monotonic() - began
    summary = json.loads(rest.splitlines()[-1])
    assert summary["type"] == "summary"
    assert summary["interrupted"] is True
    assert "Traceback" not in complaints
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert took < 20.0  # a second on a quiet machine; the bound only catches waiting for a timeout


def test_a_dialogue_is_answered_line_by_line_and_scored() -> None:
    path = shared_file("data", "meld", "meld_test.csv")
    done = demo("--dialogue", str(path), "--json", timeout=120.0)
    summary = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, summary
    assert summary["lines"] == summary["answered"] == summary["perceptions_received"] == 2610
    assert summary["weighted_f1"] >= 58.0


def test_a_dialogue_without_emotions_is_played_too(tmp_path: Path) -> None:
    path = tmp_path / "talk.csv"
    path.write_text(
        "Utterance,Speaker,Dialogue_ID,Utterance_ID\nHello there!,Mrs. O'Neil,0,0\nHi!,mrs o neil,0,1\nBye.,Bob,1,0\n",
        encoding="utf-8",
    )
    done = demo("--dialogue", str(path), "--json")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, summary
    assert summary["answered"] == 3
    assert "weighted_f1" not in summary
