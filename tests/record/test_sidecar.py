"""What a real sidecar did in real time, over real sockets and with the real model, is repeated to the byte."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emotion_runtime.player import NominalPlayer
from emotion_runtime.record import Replay
from protocol import messages
from protocol.views import TickView
from unity_bridge import EngineClient

ROOT = Path(__file__).resolve().parents[2]
LINES = (
    ("guard", "Hey! Put that back, you filthy liar! I'm so sick of you!", "thief"),
    ("child", "I'm scared! Please make them stop!", "merchant"),
    ("merchant", "This is so much fun! Thank you!", None),
    ("thief", "Oh no. That is so sad.", "child"),
)
PATIENCE_S = 20.0


@pytest.fixture
def sidecar(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.record.sidecar", str(tmp_path / "live.emr")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def played(sidecar: subprocess.Popen[str]) -> dict[int, bytes]:
    """Play an engine until all lines are understood; returns the digests that came over the stream."""
    assert sidecar.stdout is not None
    endpoints = json.loads(sidecar.stdout.readline())
    digests: dict[int, bytes] = {}
    player = NominalPlayer()
    understood = 0
    deadline = time.monotonic() + PATIENCE_S
    with EngineClient.connect(endpoints=tuple(endpoints), name="tests", conflate=False) as engine:
        for number, (speaker, text, to) in enumerate(LINES * 3):
            engine.say(speaker, text, to=to)
            engine.move("guard", 8.0 - number / 4, 0.0, 4.5)
        engine.event("theft_seen", cause="thief")
        engine.set("baby.crying", 0.8)
        while (understood < 3 * len(LINES) or len(digests) < 60) and time.monotonic() < deadline:
            for update in engine.poll(0.05):
                match update:
                    case messages.Start():
                        player.start(update, engine.latest.time if engine.latest else 0.0)
                    case messages.Stop():
                        player.stop(update)
                    case messages.Perception():
                        understood += 1
                    case TickView():
                        digests[update.tick] = update.digest
            for action in player.due(engine.latest.time if engine.latest else 0.0):
                engine.succeed(action)
    assert understood == 3 * len(LINES)
    return digests


def replayed(path: Path, digests: dict[int, bytes]) -> int:
    """Replay a recording; returns how many of the streamed digests it has. None may differ."""
    found = {}
    with Replay(path) as replay:
        outcome = replay.run(each=lambda result: found.update({result.tick: result.digest}))
    assert outcome.difference is None
    common = digests.keys() & found.keys()
    assert all(found[tick] == digests[tick] for tick in common)
    return len(common)


def test_a_real_time_run_replays_to_the_digests_the_engine_saw(sidecar: subprocess.Popen[str], tmp_path: Path) -> None:
    digests = played(sidecar)
    assert sidecar.stdin is not None
    assert sidecar.stdout is not None
    sidecar.stdin.close()
    summary = json.loads(sidecar.stdout.readline())
    assert sidecar.wait(PATIENCE_S) == 0
    assert summary["recording"]["ticks"] == summary["tick"]
    assert replayed(tmp_path / "live.emr", digests) == len(digests)


def test_a_killed_sidecar_leaves_a_recording_of_all_but_its_last_second(
    sidecar: subprocess.Popen[str], tmp_path: Path
) -> None:
    digests = played(sidecar)
    sidecar.kill()
    sidecar.wait(PATIENCE_S)
    lost = len(digests) - replayed(tmp_path / "live.emr", digests)
    # a second's ticks and what a busy machine adds to that
    assert lost < 180
    assert lost < len(digests)
