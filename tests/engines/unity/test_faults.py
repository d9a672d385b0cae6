"""What goes wrong between the C# client and a sidecar: nothing is lost, and a person is told which fault it is."""

from __future__ import annotations

import random
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.inputs import Event
from emotion_runtime.scene import bundled_scene
from protocol import codec, messages
from tests.engines.unity.mono import CORE, HERE, Game, compile_cs
from tests.net.proxy import Proxy
from tests.net.serving import serving
from tests.net.test_access import tokens_of
from tests.unity_bridge.ledger_world import LedgerWorld

CUTS = 55


def test_nothing_is_lost_doubled_or_reordered_through_fifty_disconnects(runner: Path) -> None:
    world = LedgerWorld(lasts=1000.0, rate=200.0)
    rng = random.Random(7)
    with serving(world) as served, Proxy(served.ports[1]) as proxy:
        through = (served.endpoints[0], f"tcp://127.0.0.1:{proxy.port}", served.endpoints[2])
        with Game(runner, through) as game:
            game.wait("status live")
            game.order("quiet")
            started: list[int] = []
            sent = 0
            for _ in range(CUTS):
                # All that went before has come, so the connection stands; some of what comes now is cut off.
                while len(started) < sent:
                    started.append(int(game.wait("started").split()[1]))
                for _ in range(rng.randrange(1, 12)):
                    game.order(f"event go|ann|{sent / 10_000}")
                    sent += 1
                for _ in range(rng.randrange(1, 3)):
                    if len(started) < sent:
                        started.append(int(game.wait("started").split()[1]))
                proxy.cut()
            while len(started) < sent:
                started.append(int(game.wait("started").split()[1]))
            counters = game.counters()
    applied = [round(item.strength * 10_000) for _, _, item in world.applied if isinstance(item, Event)]
    assert started == list(range(1, sent + 1))
    assert applied == list(range(sent))
    assert counters["resumed"] >= 50
    assert counters.get("restarts", 0) == 0


def test_a_connection_that_the_game_drops_is_resumed(runner: Path) -> None:
    with serving(LedgerWorld(lasts=1000.0)) as served, Game(runner, served.endpoints) as game:
        game.wait("status live")
        game.order("quiet")
        for number in range(1, 11):
            game.order("event go|bob", "reconnect")
            assert game.wait("started").split()[1] == str(number)


def test_no_sidecar_is_told_with_how_to_start_it(runner: Path) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    with Game(runner, [f"tcp://127.0.0.1:{port}"] * 3) as game:
        line = game.wait("status connecting: nobody listens")
        assert "Start the sidecar: emotion-runtime serve" in line


def test_a_port_of_another_endpoint_is_told_as_such(runner: Path) -> None:
    with serving() as served:
        stream, link, control = served.endpoints
        with Game(runner, (stream, stream, control)) as game:
            assert "another endpoint's port. Check the port" in game.wait("status connecting: a XPUB listens there")
        with Game(runner, (link, link, control)) as game:
            game.wait("status live")
            game.wait("status stale")


def test_a_port_of_another_program_is_told_as_such(runner: Path) -> None:
    page = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with answering(page) as port, Game(runner, [f"tcp://127.0.0.1:{port}"] * 3) as game:
        assert "Check the port" in game.wait("status connecting: what listens there does not speak ZMTP")


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server that is no sidecar; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(answer)
                connection.settimeout(1.0)
                try:
                    while connection.recv(4096):
                        pass
                except OSError:
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        done.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join()
        listener.close()


class Answerer:
    """A ROUTER that answers each hello with the same messages; with a password if one is given."""

    def __init__(self, answers: list[bytes], password: str | None = None) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._answers = answers
        self._password = password
        self._done = threading.Event()
        self._zap = self._context.socket(zmq.REP)
        self._zap.bind("inproc://zeromq.zap.01")
        self._router = self._context.socket(zmq.ROUTER)
        self._router.setsockopt(zmq.HEARTBEAT_IVL, 200)
        if password is not None:
            self._router.plain_server = True
            self._router.zap_domain = b"global"
        port = self._router.bind_to_random_port("tcp://127.0.0.1")
        self.endpoints = [f"tcp://127.0.0.1:{port}"] * 3
        self.hellos: list[bytes] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._zap, zmq.POLLIN)
        poller.register(self._router, zmq.POLLIN)
        while not self._done.is_set():
            for ready, _ in poller.poll(20):
                if ready is self._zap:
                    parts = self._zap.recv_multipart()
                    good = parts[-1] == (self._password or "").encode()
                    status = b"200" if good else b"400"
                    self._zap.send_multipart([parts[0], parts[1], status, b"", b"", b""])
                else:
                    peer, hello = self._router.recv_multipart()
                    self.hellos.append(hello)
                    for answer in self._answers:
                        self._router.send_multipart([peer, answer])

    def __enter__(self) -> Answerer:
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._context.destroy(linger=0)


def test_a_wrong_token_is_told_and_the_right_one_connects(runner: Path) -> None:
    refusal = codec.encode(messages.Refused(code="already_owned", message="somebody plays ann", remedy="ask them"))
    with Answerer([refusal], password="secret") as answerer:
        with Game(runner, answerer.endpoints, "token=wrong") as game:
            assert "(400). Check the token" in game.wait("status connecting: the connection was refused")
        with Game(runner, answerer.endpoints) as game:
            assert "Check the token" in game.wait("status connecting: a token is needed")
        assert not answerer.hellos
        with Game(runner, answerer.endpoints, "token=secret") as game:
            assert game.wait("status refused") == "status refused: somebody plays ann. ask them"
    with Answerer([refusal]) as answerer, Game(runner, answerer.endpoints, "token=secret") as game:
        assert "Check the token" in game.wait("status connecting: no token is wanted there")


def test_a_wrong_version_is_told_with_who_is_to_be_updated(runner: Path) -> None:
    refusal = messages.Refused(
        code="wrong_version", message="the peer speaks protocol 1, this side protocol 2", remedy="update the peer"
    )
    with Answerer([codec.encode(refusal)]) as answerer, Game(runner, answerer.endpoints) as game:
        assert game.wait("status refused").endswith("protocol 2. update the peer")


@pytest.mark.parametrize("noise", [b"", b"\x81", b"\xdf\xff\xff\xff\xff", b"\x82\xa1v\x02\xa1a\xa1b"])
def test_frames_that_are_no_messages_are_counted(runner: Path, noise: bytes) -> None:
    welcome = messages.Welcome(
        session=3, package="", capabilities=(), schema="", credit=8, observed=0, owns=(), stream="", control=""
    )
    with Answerer([noise, codec.encode(welcome)]) as answerer, Game(runner, answerer.endpoints) as game:
        game.wait("status connecting", where=lambda line: line == "status connecting")
        counters = game.counters()
        assert sum(counters.get(code, 0) for code in ("malformed", "wrong_version")) >= 1


def test_a_real_sidecar_tells_a_wrong_token_and_takes_the_right_one(runner: Path, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    with Sidecar(bundled_scene("tavern"), ["--no-model", "--token-file", str(file)]) as sidecar:
        places = [sidecar.listening[name] for name in ("stream", "link", "control")]
        with Game(runner, places, "token=guess") as game:
            assert "(400). Check the token" in game.wait("status connecting: the connection was refused")
        with Game(runner, places) as game:
            assert "Check the token" in game.wait("status connecting: a token is needed")
        with Game(runner, places, f"token_file={tmp_path / 'none'}") as game:
            assert "cannot be read" in game.wait("status connecting: the token file")
        with Game(runner, places, f"token_file={file}") as game:
            game.wait("status live")


def test_a_restarted_sidecar_has_another_token_and_the_game_finds_it(runner: Path, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    with serving(access=tokens_of(file)) as first:
        port, game = first.ports[0], Game(runner, first.endpoints, f"token_file={file}")
        game.wait("status live")
    with game:
        game.wait("status lost")
        with serving(access=tokens_of(file), port=port):
            game.wait("status live")


def test_a_game_of_another_protocol_is_refused_by_a_real_sidecar(tavern: Sidecar, tmp_path: Path) -> None:
    core = tmp_path / "core"
    shutil.copytree(CORE, core)
    constants = core / "Wire" / "Protocol.g.cs"
    text = constants.read_text(encoding="utf-8")
    assert text.count("Number = 1;") == 1
    constants.write_text(text.replace("Number = 1;", "Number = 2;"), encoding="utf-8")
    later = compile_cs(tmp_path / "later.exe", [core, HERE / "runner"])
    with Game(later, [tavern.listening[name] for name in ("stream", "link", "control")]) as game:
        line = game.wait("status refused")
    assert "protocol 2" in line
    assert "protocol 1" in line
    assert "update" in line
