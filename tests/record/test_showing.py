"""A recording over the ordinary ports: watched as it was, changed by nobody, and waited for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emotion_runtime import InputError, Simulation
from emotion_runtime.cli.showing import paced
from emotion_runtime.errors import UsageError
from emotion_runtime.player import NominalPlayer
from emotion_runtime.record import Recorder, Replay
from emotion_runtime.record.playback import Playback
from emotion_runtime.scene import load_scene
from protocol import messages
from protocol.views import TickView
from tests.net.serving import serving
from tests.record.plays import TAVERN, a_play, record_play, records
from unity_bridge import EngineClient
from unity_bridge.errors import BridgeError

PATIENCE_S = 20.0


@pytest.fixture
def evening(tmp_path: Path) -> tuple[Path, dict[int, bytes], list[tuple[int, str]]]:
    """A recording, its digests by tick, and what was commanded."""
    path, digests, commands = tmp_path / "evening.emr", {}, []
    with Recorder(Simulation(TAVERN, player=NominalPlayer()), path, keyframe_seconds=0.5) as tavern:
        for tick in range(240):
            if tick == 60:
                tavern.event("theft_seen", cause="thief", strength=1.0)
            if tick == 90:
                tavern.say("guard", "Stop!", to="thief", heard={"anger": 0.9})
            result = tavern.step()
            digests[result.tick] = result.digest
            commands += [(each.action, type(each).__name__) for each in result.commands]
    assert commands
    return path, digests, commands


def watched(engine: EngineClient, ended: object) -> tuple[dict[int, bytes], list[tuple[int, str]]]:
    """Digests and commands that come until `ended()`, or the other side says goodbye."""
    digests: dict[int, bytes] = {}
    commands: list[tuple[int, str]] = []
    until = time.monotonic() + PATIENCE_S
    quiet = 0
    while time.monotonic() < until and quiet < 5:
        updates = engine.poll(0.05)
        quiet = quiet + 1 if ended() and not updates else 0  # type: ignore[operator]
        for update in updates:
            match update:
                case TickView():
                    digests[update.tick] = update.digest
                case messages.Start() | messages.Stop():
                    commands.append((update.action, type(update).__name__))
                case messages.Bye():
                    return digests, commands
    return digests, commands


def test_an_engine_sees_what_was_and_changes_nothing(
    evening: tuple[Path, dict[int, bytes], list[tuple[int, str]]],
) -> None:
    path, digests, commands = evening
    with Replay(path) as replay:
        world = Playback(replay, speed=4.0)
        with serving(world) as served:  # type: ignore[arg-type]
            served.bridge.pause(True)
            with served.client(conflate=False) as engine:
                engine.say("guard", "It was not like that", heard={"joy": 1.0})
                engine.request("resume")
                seen, played = watched(engine, lambda: world.ended)
                status = engine.request("status").result
                with pytest.raises(BridgeError):
                    engine.request("restore", data=b"anything")
        outcome = replay.outcome()
    assert outcome.equal
    assert outcome.ticks == 240
    assert status["link"]["not_allowed"] == 1
    assert len(seen.keys() & digests.keys()) > 100
    assert all(digests[tick] == digest for tick, digest in seen.items() if tick and digest)
    assert played == commands


def test_a_reload_in_the_recording_brings_its_roster(tmp_path: Path) -> None:
    for name, text in TAVERN.sources.items():
        (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
    main = tmp_path / TAVERN.path.name
    with Recorder(Simulation(load_scene(main)), tmp_path / "play.emr") as recorder:
        recorder.step()
        main.write_text(main.read_text(encoding="utf-8").replace("thief", "rogue"), encoding="utf-8")
        recorder.reload()
        for _ in range(3):
            recorder.step()
    with Replay(tmp_path / "play.emr") as replay:
        world = Playback(replay)
        with serving(world) as served:  # type: ignore[arg-type]
            served.bridge.pause(True)
            with served.client() as engine:
                assert "thief" in engine.roster.characters
                engine.request("resume")
                until = time.monotonic() + PATIENCE_S
                while "rogue" not in engine.roster.characters and time.monotonic() < until:
                    engine.poll(0.05)
                assert "rogue" in engine.roster.characters


def test_what_is_shown_can_be_saved_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    record_play(path, a_play(20))
    with Replay(path) as replay:
        world = Playback(replay, until=7)
        for _ in range(9):
            last = world.step()
        assert (last.tick, last.commands, world.ended) == (7, (), True)
        assert world.save()[:4] == b"\x89EMS"
        with pytest.raises(InputError):
            world.say("guard", "Hello?", heard={})
        with pytest.raises(UsageError):
            world.restore(b"")
        with pytest.raises(UsageError):
            world.reload()
        with pytest.raises(UsageError, match="cannot be shown"):
            Playback(replay, speed=100.0)


@pytest.mark.timeout(60)
def test_the_command_waits_for_a_watcher_and_reports_in_the_end(
    evening: tuple[Path, dict[int, bytes], list[tuple[int, str]]],
) -> None:
    path, digests, _ = evening
    command = [sys.executable, "-m", "emotion_runtime", "replay", str(path), "--serve", "--port", "0", "--json"]
    command += ["--from", "100", "--speed", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        assert process.stdout is not None
        endpoints = re.findall(r"tcp://[\d.:]+", process.stderr.readline())
        assert "waiting" in process.stderr.readline()
        with EngineClient.connect(
            endpoints=tuple(endpoints), name="game", timeout=PATIENCE_S, conflate=False
        ) as engine:
            seen, _ = watched(engine, lambda: process.poll() is not None)
        found = json.loads(process.stdout.readlines()[-1])
        assert process.wait(PATIENCE_S) == 0
    begun = max(r.tick for r in records(path)[1] if type(r).__name__ == "Snapshot" and r.tick < 100)
    assert (found["equal"], found["begun"], found["ticks"]) == (True, begun, 240)
    assert max(seen) == 240
    assert all(digests[tick] == digest for tick, digest in seen.items() if tick > begun)


def test_a_paced_replay_lets_as_much_time_pass_as_it_took() -> None:
    slept: list[float] = []
    wait = paced(2.0, 50.0, slept.append)
    for _ in range(10):
        wait()
    # nobody slept, so each tick is later than the one before by its whole length
    assert 0.0 < slept[0] <= 0.01
    assert slept[-1] == pytest.approx(0.1, abs=0.05)
