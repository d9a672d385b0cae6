"""Real sidecars, killed at any moment: what was acknowledged is applied, what was commanded is executed once."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol import messages
from unity_bridge import EngineClient

PATIENCE_S = 60.0
KILLS = int(os.environ.get("EMOTION_RUNTIME_KILLS", "3"))
"""More by the environment: 200 take some ten minutes."""


def three_ports() -> int:
    """Three ports in a row that are free now."""
    for _ in range(100):
        port = random.randint(20_000, 55_000)
        try:
            for each in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + each))
        except OSError:
            continue
        return port
    raise AssertionError("no free ports")


class Sidecar:
    """`serve --journal` as a process that can be killed and started again on the same ports and folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = three_ports()
        self._options = options
        self.said: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "emotion_runtime",
            "serve",
            "tavern",
            "--no-model",
            "--faces",
            "none",
            "--json",
        ]
        command += ["--port", str(self.port), "--journal", str(self.folder), "--rate", "120", *self._options]
        log = (self.folder.parent / "stderr").open("a", encoding="utf-8")
        with log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.complaints()
        assert json.loads(line)["type"] == "listening"

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def complaints(self) -> str:
        return (self.folder.parent / "stderr").read_text(encoding="utf-8")

    @property
    def endpoints(self) -> tuple[str, str, str]:
        first, second, third = (f"tcp://127.0.0.1:{self.port + each}" for each in range(3))
        return first, second, third


@pytest.fixture
def sidecar(tmp_path: Path) -> Iterator[Sidecar]:
    sidecar = Sidecar(tmp_path / "journal")
    try:
        yield sidecar
    finally:
        sidecar.kill()


class Books:
    """What one engine did and saw."""

    def __init__(self) -> None:
        self.said = 0
        self.understood: list[int] = []
        self.started: list[int] = []
        self.stopped: list[int] = []
        self.byes: list[str] = []
        self.snapshots = 0
        self.notices: list[str] = []

    def note(self, game: EngineClient, updates: list[Any]) -> None:
        for update in updates:
            match update:
                case messages.Start():
                    self.started.append(update.action)
                    game.succeed(update.action)
                case messages.Stop():
                    self.stopped.append(update.action)
                case messages.Perception():
                    self.understood.append(update.utterance)
                case messages.Bye():
                    self.byes.append(update.reason)
                case messages.Snapshot():
                    self.snapshots += 1
                case messages.Notice() if (
                    update.code != "unknown_action"
                ):  # that one was stopped before its result came
                    self.notices.append(update.message)
                case _:
                    pass


@pytest.mark.timeout(120 + 20 * KILLS)
def test_a_killed_sidecar_goes_on_with_every_acknowledged_input_and_no_command_twice(sidecar: Sidecar) -> None:
    chance = random.Random(11)
    books = Books()
    with EngineClient.connect(endpoints=sidecar.endpoints, name="game", timeout=PATIENCE_S) as game:
        session = game.session.snapshot.session if game.session.snapshot else 0
        for _ in range(KILLS):
            heard = len(books.understood)
            while len(books.understood) < min(books.said, heard + 5) or game.session.state != "live":
                books.note(game, game.poll(0.01))
            until = time.monotonic() + chance.uniform(0.05, 0.4)
            while time.monotonic() < until:
                feeling = chance.choice(["anger", "fear", "joy"])
                game.say(chance.choice(["guard", "thief", "child"]), "x", heard={feeling: 0.9})
                books.said += 1
                books.note(game, game.poll(0.01))
            sidecar.kill()
            for _ in range(5):
                game.say("merchant", "is anybody there?", heard={"surprise": 0.3})
                books.said += 1
                books.note(game, game.poll(0.0))
            sidecar.start()
        end = time.monotonic() + PATIENCE_S
        while len(books.understood) < books.said and time.monotonic() < end:
            books.note(game, game.poll(0.05))
        assert books.notices == []
        assert books.understood == list(range(1, books.said + 1))
        assert books.started, "nothing was ever commanded"
        assert books.started == sorted(set(books.started)), "a command was executed twice, or out of order"
        assert set(books.stopped) <= set(books.started)
        assert (books.snapshots, books.byes) == (1, [])
        assert game.session.snapshot is not None
        assert game.session.snapshot.session == session
        assert game.session.counts["resumed"] >= KILLS
    assert sidecar.complaints().count("engines go on") == KILLS


def test_a_step_that_was_under_way_is_finished_once(tmp_path: Path) -> None:
    sidecar = Sidecar(tmp_path / "journal", "--lockstep")
    try:
        with EngineClient.connect(endpoints=sidecar.endpoints, name="tool", owns=(), timeout=PATIENCE_S) as tool:
            assert tool.step(5).tick == 5
            sidecar.kill()
            sidecar.start()
            assert tool.step(5, patience=PATIENCE_S).tick == 10
            saved = tool.save()
            tool.step(3)
            sidecar.kill()
            sidecar.start()
            assert tool.request("ping", patience=PATIENCE_S).tick == 13
            tool.restore(saved)
            sidecar.kill()
            sidecar.start()
            assert tool.request("ping", patience=PATIENCE_S).tick == 10
    finally:
        sidecar.kill()


def test_where_the_journal_was_damaged_engines_begin_anew_and_are_told_why(sidecar: Sidecar) -> None:
    books = Books()
    with EngineClient.connect(endpoints=sidecar.endpoints, name="game", timeout=PATIENCE_S) as game:
        for _ in range(30):
            game.say("guard", "x", heard={"anger": 0.9})
            books.note(game, game.poll(0.01))
        sidecar.kill()
        (newest,) = sidecar.folder.glob("*.journal")
        data = bytearray(newest.read_bytes())
        data[-2000] ^= 0xFF
        newest.write_bytes(bytes(data))
        sidecar.start()
        end = time.monotonic() + PATIENCE_S
        while books.snapshots < 2 and time.monotonic() < end:
            books.note(game, game.poll(0.05))
        assert books.snapshots == 2
    assert "is damaged; what came after it is lost" in sidecar.complaints()
    assert "engines begin anew" in sidecar.complaints()
