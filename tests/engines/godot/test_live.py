"""The addon's demo in a real headless Godot beside a real sidecar: words and fire in, deeds out, whatever breaks."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.engines.godot.conftest import Godot, Serve, last_json, ports
from unity_bridge.client import EngineClient


def test_an_insult_makes_the_guard_confront_the_thief(godot: Godot, serve: Serve) -> None:
    summary = last_json(godot.run("--", *ports(serve()), "seconds=14", "do=insult", "until=guard confront thief"))
    print(summary["latency"], summary["counts"])
    assert summary["state"] == "live", summary
    assert summary["counts"]["frames"] > 60
    assert summary["counts"]["frames_malformed"] == 0
    assert summary["perceptions"] >= 2
    assert summary["started"].get("guard confront thief"), summary["started"]
    assert set(summary["face"].values()) == {13}, "the demo's faces follow thirteen ARKit shapes"
    assert summary["latency"]["p50_frames"] < 3.0


def test_fire_makes_the_child_flee(godot: Godot, serve: Serve) -> None:
    summary = last_json(godot.run("--", *ports(serve()), "seconds=14", "do=fire", "until=child flee campfire"))
    assert summary["started"].get("child flee campfire"), summary["started"]
    assert summary["farthest"]["child"] > 0.8, "it was seen to run"


def test_a_slow_game_stays_live(godot: Godot, serve: Serve) -> None:
    summary = last_json(godot.run("--", *ports(serve()), "seconds=5", "slow=300", "do=quiet"))
    assert summary["state"] == "live", summary
    assert summary["counts"]["frames_skipped"] > summary["counts"]["frames"]
    assert not {"lost", "stale"} & set(summary["states"]), summary["states"]


def test_a_killed_and_restarted_sidecar_is_survived(godot: Godot, serve: Serve) -> None:
    base = free_ports()
    first = serve("--port", str(base))
    process = godot.start("--", f"stream={base}", "seconds=20", "do=quiet", "until=world 2")
    with reading(process):
        wait_for(process, "state: live")
        first.stop()
        wait_for(process, "state: lost")
        serve("--port", str(base))
        wait_for(process, "state: live")
        summary = last_json(godot.finish(process))
    assert summary["state"] == "live", summary
    assert summary["worlds"] == 2
    assert summary["counts"]["restarts"] == 1


def test_no_command_and_no_word_is_lost_or_doubled_through_sixty_disconnects(godot: Godot, serve: Serve) -> None:
    books = godot.script("tests/storm.gd", *ports(serve("--no-model")), "cuts=75")
    print({key: books[key] for key in ("cuts", "counts", "state")}, len(books["started"]), "actions")
    assert books["cuts"] >= 50
    assert books["worlds"] == 1, "every connection resumed the same session"
    assert books["counts"]["resumed"] >= 50
    assert books["heard"] == books["said"] == list(range(1, books["cuts"] + 1))
    assert books["started"] == list(range(1, len(books["started"]) + 1)), "numbers without gap or repeat"
    assert len(books["started"]) > 5
    assert len(books["stopped"]) == len(set(books["stopped"]))
    assert books["stray_stops"] == 0


def test_a_game_whose_name_is_taken_is_let_in_when_the_name_is_free(godot: Godot, serve: Serve) -> None:
    sidecar = serve("--no-model")
    told = dict(argument.split("=") for argument in ports(sidecar))
    first = EngineClient.connect(port=int(told["stream"]), name="again")
    with overridden(godot, 'connection/client_name="again"'):
        process = godot.start("--", *ports(sidecar), "seconds=20", "do=quiet", "until=world 1")
        with reading(process):
            wait_for(process, "state: refused")
            first.close()
            summary = last_json(godot.finish(process))
    assert summary["state"] == "live", summary


def test_each_likely_fault_has_its_own_words(godot: Godot, serve: Serve) -> None:
    base = free_ports()
    nobody = last_json(godot.run("--", f"stream={base}", "seconds=1", "do=quiet"))
    assert nobody["problem"] == "not_started"
    assert "emotion-runtime serve" in nobody["reason"]
    told = dict(argument.split("=") for argument in ports(serve()))
    crossed = ["stream=" + told["link"], "link=" + told["stream"], "control=" + told["control"]]
    swapped = last_json(godot.run("--", *crossed, "seconds=2", "do=quiet"))
    assert swapped["problem"] == "wrong_port"
    assert "first line of output" in swapped["reason"]


def test_a_wrong_token_and_another_protocol_are_told_by_a_real_sidecar(
    godot: Godot, serve: Serve, tmp_path: Path
) -> None:
    tokens = tmp_path / "tokens"
    told = ports(serve("--no-model", "--token-file", str(tokens)))
    for settings, problem, words in (
        ('connection/token="guess"', "wrong_token", "does not take our token"),
        ("", "wrong_token", "asks for a token"),
        (f'connection/token_file="{tmp_path.as_posix()}/none"', "wrong_token", "has no token for a game"),
        (f'connection/token_file="{tokens.as_posix()}"', "", ""),
    ):
        with overridden(godot, settings):
            summary = last_json(godot.run("--", *told, "seconds=2", "do=quiet"))
        assert summary["problem"] == problem, (settings, summary["state"], summary["reason"], summary["states"])
        assert words in summary["reason"]
        assert (summary["state"] == "live") is (problem == "")
    constants = godot.project / "addons" / "emotion_runtime" / "protocol.g.gd"
    text = constants.read_text(encoding="utf-8")
    assert text.count("const PROTOCOL := 1\n") == 1
    constants.write_text(text.replace("const PROTOCOL := 1\n", "const PROTOCOL := 2\n"), encoding="utf-8")
    try:
        later = last_json(godot.run("--", *ports(serve("--no-model")), "seconds=2", "do=quiet"))
    finally:
        constants.write_text(text, encoding="utf-8")
    assert later["problem"] == "wrong_version"
    assert "protocol 2" in later["reason"]


@contextmanager
def overridden(godot: Godot, settings: str) -> Iterator[None]:
    """Project settings for one run."""
    override = godot.project / "override.cfg"
    override.write_text(f"[emotion_runtime]\n{settings}\n", encoding="utf-8")
    try:
        yield
    finally:
        override.unlink()


def test_a_game_starts_its_sidecar_and_takes_it_along_when_it_ends_or_crashes(godot: Godot) -> None:
    base = free_ports()
    settings = f"""
[emotion_runtime]
connection/port={base}
sidecar/start_with_game=true
sidecar/command="{command()}"
sidecar/arguments=["--no-model"]
"""
    override = godot.project / "override.cfg"
    override.write_text(settings, encoding="utf-8")
    try:
        summary = last_json(godot.run("--", "seconds=15", "do=quiet", "until=world 1"))
        assert summary["state"] == "live", summary
        assert_gone(base)
        process = godot.start("--", "seconds=15", "do=quiet")
        with reading(process):
            wait_for(process, "state: live")
            assert sidecars(base)
            process.kill()
            process.communicate()
        assert_gone(base)
        override.write_text(settings + 'sidecar/scene="no_such_scene"\n', encoding="utf-8")
        summary = last_json(godot.run("--", "seconds=6", "do=quiet"))
        assert summary["state"] == "connecting"
        assert "no_such_scene" in summary["reason"]
    finally:
        override.unlink()


def command() -> str:
    """The console script beside this Python."""
    name = "emotion-runtime.exe" if sys.platform == "win32" else "emotion-runtime"
    return (Path(sys.executable).parent / name).as_posix()


def sidecars(port: int) -> list[psutil.Process]:
    """Sidecars that were started on `port`."""
    found = psutil.process_iter(["cmdline"])
    return [each for each in found if {"serve", str(port)} <= set(each.info["cmdline"] or ())]


def assert_gone(port: int) -> None:
    _, alive = psutil.wait_procs(sidecars(port), timeout=10)
    assert not alive


@pytest.fixture(autouse=True)
def no_leftovers(godot: Godot) -> None:
    """The engine is found before any sidecar is started."""


def free_ports() -> int:
    """A port whose two successors are free too."""
    for base in range(20570, 29000, 7):
        probes = [socket.socket() for _ in range(3)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", base + offset))
            return base
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no three free ports")


@contextmanager
def reading(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def wait_for(process: subprocess.Popen[str], beginning: str) -> None:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith(beginning):
            return
    raise AssertionError(f"Godot ended before it said {beginning!r}: {''.join(seen)[-3000:]}")
