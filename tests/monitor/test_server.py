"""Who may open the page: this machine by its own name, the page itself, and only with the key."""

from __future__ import annotations

import base64
import http.client
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from emotion_runtime import Simulation
from emotion_runtime.errors import UsageError
from emotion_runtime.monitor import Tape
from unity_bridge import Bridge, BridgeConfig
from unity_bridge.monitor.guard import is_key
from unity_bridge.monitor.serving import MonitorServer
from unity_bridge.monitor.talk import Talk


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MonitorServer]:
    """A server of an empty tape, with a built page of three small files."""
    for name in ("index.html", "page.js", "page.css"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    with MonitorServer({"a": lambda: Talk(Tape(), live=True)}, assets=tmp_path) as running:
        yield running


def ask(server: MonitorServer, path: str = "/", **headers: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def upgrade(server: MonitorServer, **headers: str) -> int:
    """Status of a WebSocket handshake."""
    key = base64.b64encode(os.urandom(16)).decode()
    more = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": key}
    return ask_status(server, "/ws/a", {**more, **headers})


def ask_status(server: MonitorServer, path: str, headers: dict[str, str]) -> int:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if not any(line.lower().startswith("host:") for line in lines):
        lines.append(f"Host: 127.0.0.1:{server.port}")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\n".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n")
        found = re.match(rb"HTTP/1\.1 (\d+)", raw.recv(4096))
    assert found is not None
    return int(found[1])


def test_the_page_is_served_with_headers_that_let_nothing_in(server: MonitorServer) -> None:
    status, body, headers = ask(server)
    assert (status, body) == (200, "index.html")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"https?:|\*|unsafe", policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert ask(server, "/page.js")[0] == 200
    assert ask(server, "/../pyproject.toml")[0] == 404


def test_a_name_that_leads_here_by_somebodys_dns_is_refused(server: MonitorServer) -> None:
    assert ask(server, Host=f"evil.example:{server.port}")[0] == 403
    assert ask(server, Host=f"localhost:{server.port}")[0] == 200
    assert ask(server, Host="localhost")[0] == 403, "another port is another site"


def test_another_page_cannot_open_the_socket(server: MonitorServer) -> None:
    assert upgrade(server, Origin=f"http://127.0.0.1:{server.port}") == 101
    assert upgrade(server, Origin="http://evil.example") == 403
    assert upgrade(server, Origin=f"https://127.0.0.1:{server.port}") == 403
    assert upgrade(server) == 403, "a browser always says whose page asks"
    assert upgrade(server, Origin=f"http://127.0.0.1:{server.port}", Host="evil.example") == 403
    assert server.report()["foreign_sockets"] == 4


def test_an_unbuilt_page_says_how_to_build_it(tmp_path: Path) -> None:
    with MonitorServer({}, assets=tmp_path / "nowhere") as server:
        status, body, _ = ask(server)
    assert status == 503
    assert "make monitor" in body


def test_a_taken_port_is_a_plain_error(server: MonitorServer) -> None:
    with pytest.raises(UsageError, match="cannot listen"):
        MonitorServer({}, port=server.port)


def test_a_key_is_the_whole_key() -> None:
    assert is_key("abc-def", "abc-def")
    for wrong in ("", "abc-de", "abc-deg", None, 3, "abc-dëf"):
        assert not is_key(wrong, "abc-def")


def test_every_start_has_a_key_of_its_own() -> None:
    with MonitorServer({}) as one, MonitorServer({}) as other:
        keys = {each.url.split("#")[1] for each in (one, other)}
    assert len(keys) == 2
    assert all(len(key) >= 24 for key in keys)


def test_a_page_is_given_the_bytes_that_the_stream_carries() -> None:
    frames: list[bytes] = []
    with Simulation.from_scene("tavern", perception=None) as sim, Bridge(sim, BridgeConfig(port=0)) as bridge:
        bridge.on_frame = frames.append
        reader: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.SUB)
        try:
            reader.subscribe(b"")
            reader.connect(bridge.endpoints()[0])
            bridge.run(lambda: len(frames) > 30)
            carried: list[bytes] = []
            while reader.poll(500 if not carried else 0):
                carried.append(reader.recv())
        finally:
            reader.close(0)
    assert carried
    assert set(carried) <= set(frames)
