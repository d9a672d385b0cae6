"""The real sidecar in its own process, and a real engine client: one world, inside and outside."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from emotion_runtime import Simulation, Start
from emotion_runtime.player import NominalPlayer
from emotion_runtime.scene import bundled_scene
from protocol import messages
from protocol.views import TickView
from tests.endtoend.conftest import Serve, endpoints
from unity_bridge import EngineClient
from unity_bridge.errors import RefusedError, RequestFailedError

LINES = (
    (3, "guard", "Hey! Put that back, you filthy liar! I'm so sick of you!", "thief"),
    (9, "child", "I'm scared! Please make them stop!", "merchant"),
    (40, "merchant", "This is so much fun! Thank you!", None),
)
TICKS = 150


def told(tick: int, world: Simulation | EngineClient) -> None:
    """What happens before a tick, the same for a simulation and for an engine."""
    for when, speaker, line, to in LINES:
        if when == tick:
            world.say(speaker, line, to=to)
    if tick == 5:
        world.move("guard", 8.0, 0.0, 4.5)
    if tick == 20:
        world.event("theft_seen", cause="thief")
        world.set("baby.crying", 0.8)
    if tick == 60:
        world.set("world.night", True)


def test_lockstep_over_sockets_gives_the_digests_of_the_simulation(serve: Serve) -> None:
    inside = []
    with Simulation.from_scene("tavern", seed=5) as sim:
        for tick in range(TICKS):
            told(tick, sim)
            inside.append(sim.step().digest)
    assert len(set(inside)) == TICKS

    outside = []
    player = NominalPlayer()
    sidecar = serve("--lockstep", "--seed", "5")
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests", lockstep=True) as engine:
        starts = 0
        for tick in range(TICKS):
            for action in player.due(engine.latest.time if engine.latest else 0.0):
                engine.succeed(action)
            told(tick, engine)
            engine.step()
            for update in engine.poll():
                if isinstance(update, messages.Start):
                    starts += 1
                    player.start(update, engine.latest.time if engine.latest else 0.0)
                elif isinstance(update, messages.Stop):
                    player.stop(update)
                elif isinstance(update, TickView):
                    outside.append(update.digest)
    assert starts > 5
    assert outside == inside


def test_a_spoken_line_ends_as_an_action_command_in_another_process(serve: Serve) -> None:
    sidecar = serve()
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests") as engine:
        engine.move("guard", 8.0, 0.0, 4.5)
        number = engine.say("guard", "You idiot! Get out! I'm so angry with you!", to="child")
        seen: list[object] = []
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            seen.extend(engine.poll(0.1))
            heard = [each for each in seen if isinstance(each, messages.Perception)]
            fled = [each for each in seen if isinstance(each, messages.Start) and each.rule == "flee"]
            if heard and fled:
                break
        assert [each.utterance for each in heard] == [number]
        assert heard[0].label == "anger"
        assert ("child", ("guard",)) in [(each.character, each.bearers) for each in fled]
        assert "guard said anger" in fled[0].why


def test_the_stream_brings_every_tick_in_order_with_faces(serve: Serve) -> None:
    sidecar = serve()
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests", conflate=False) as engine:
        ticks: list[int] = []
        deadline = time.monotonic() + 10.0
        while len(ticks) < 60 and time.monotonic() < deadline:
            ticks.extend(update.tick for update in engine.poll(0.1) if isinstance(update, TickView))
        assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))
        assert len(ticks) >= 60
        assert engine.latest is not None
        assert engine.latest.face is not None
        assert engine.latest.face.shape == (4, 52)
        assert engine.latest.emotion.shape == (4, 7)


def test_what_is_wrong_is_answered_counted_and_changes_nothing_else(serve: Serve) -> None:
    sidecar = serve("--lockstep")
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests", lockstep=True) as engine:
        engine.say("nobody", "Hello?")
        engine.event("earthquake")
        engine.succeed(4711)
        engine.set("campfire.heat", 9.0)
        engine.move("guard", 3.0, 0.0, 3.0)
        engine.step()
        notices = [update.code for update in engine.poll(0.5) if isinstance(update, messages.Notice)]
        assert notices == ["unknown_character", "unknown_event", "unknown_action", "bad_value"]
        with pytest.raises(RequestFailedError) as failed:
            engine.request("dance")
        assert failed.value.code == "unknown_operation"
        with pytest.raises(RefusedError) as refused:
            EngineClient.connect(endpoints=endpoints(sidecar), name="other", owns=["guard"])
        assert refused.value.code == "already_owned"
        digest = engine.step().result["digest"]
        status = engine.request("status").result
        assert status["sessions"]["already_owned"] == 1
        for code in ("unknown_character", "unknown_event", "unknown_action", "bad_value"):
            assert status["link"][code] == 1, code
    with Simulation.from_scene("tavern", perception=None, player=None) as sim:
        sim.move("guard", 3.0, 0.0, 3.0)
        sim.step()
        assert sim.step().digest.hex() == digest


def test_why_is_answered_over_the_wire(serve: Serve) -> None:
    sidecar = serve("--lockstep", "--no-model")
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests", lockstep=True) as engine:
        engine.move("guard", 8.0, 0.0, 4.5)
        engine.say("guard", "Out!", to="child", heard={"anger": 0.9})
        engine.step()
        answer = engine.request("why", character="child").result
        assert answer["emotions"]["fear"]["causes"][0]["cause"] == "guard said anger"


def test_without_its_parent_the_sidecar_ends(serve: Serve) -> None:
    sidecar = serve()
    process = psutil.Process(sidecar.pid)
    assert sidecar.stop() == 0
    assert not process.is_running()


def test_the_whole_sidecar_stays_small(serve: Serve) -> None:
    sidecar = serve()
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests") as engine:
        engine.say("guard", "Good evening!")
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            if any(isinstance(update, messages.Perception) for update in engine.poll(0.1)):
                break
        resident = psutil.Process(sidecar.pid).memory_info().rss
    assert resident <= 200 * 1024 * 1024, f"{resident / 2**20:.0f} MiB"


def test_simulation_and_wire_agree_on_what_starts() -> None:
    with Simulation.from_scene("tavern", perception=None) as sim:
        started = [command for command in sim.run(2.0) if isinstance(command, Start)]
        assert {command.action for command in started} == set(range(1, len(started) + 1))


def test_a_shutdown_request_ends_it_cleanly_though_its_parent_still_listens(serve: Serve) -> None:
    sidecar = serve()
    process = psutil.Process(sidecar.pid)
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests") as engine:
        engine.request("shutdown")
        deadline = time.monotonic() + 5.0
        while sidecar.alive and time.monotonic() < deadline:
            engine.poll(0.05)
    assert process.wait(timeout=5.0) in (0, None)
    assert sidecar.stop() == 0
    assert sidecar.complaints == ""


def test_a_reload_sends_a_new_roster_and_the_stream_goes_on_in_it(serve: Serve, tmp_path: Path) -> None:
    shutil.copytree(bundled_scene("tavern").parent, tmp_path / "tavern")
    scene = tmp_path / "tavern" / "tavern.yaml"
    sidecar = serve("--no-model", scene=scene)
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests") as engine:
        before = engine.roster
        text = scene.read_text(encoding="utf-8")
        added = text.replace(
            "  thief:\n    is: person", "  adam:\n    is: person\n    at: [2, 2]\n  thief:\n    is: person"
        )
        scene.write_text(added, encoding="utf-8")
        with pytest.raises(RequestFailedError):
            engine.request("reload", path="../../etc/passwd")
        engine.request("reload", path="tavern.yaml")
        seen: list[object] = []
        deadline = time.monotonic() + 20.0
        while time.monotonic() < deadline:
            seen.extend(engine.poll(timeout=0.1))
            if engine.roster.epoch == 2 and engine.latest is not None and engine.latest.epoch == 2:
                break
        assert "adam" not in before.characters
        assert "adam" in engine.roster.characters
        assert engine.latest is not None
        assert len(engine.latest.emotion) == len(engine.roster.characters)
        assert any(isinstance(update, messages.Roster) for update in seen)


def test_what_a_sidecar_recorded_replays_byte_for_byte(serve: Serve, tmp_path: Path) -> None:
    recording = tmp_path / "evening.emr"
    sidecar = serve("--record", str(recording))
    with EngineClient.connect(endpoints=endpoints(sidecar), name="tests") as engine:
        engine.say("guard", "Hey! Put that back, you filthy liar!", to="thief")
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            if any(isinstance(update, messages.Perception) for update in engine.poll(0.1)):
                break
    sidecar.stop()
    done = subprocess.run(
        [sys.executable, "-m", "emotion_runtime", "replay", str(recording), "--json"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["ticks"] > 0
