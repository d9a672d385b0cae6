"""Over real sockets: only who proves a role comes in, does what its role may, and is told which fault it is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from emotion_runtime.errors import UsageError
from protocol import codec, ids, messages
from tests.net.serving import PATIENCE_MS, PATIENCE_S, collect, poll_until, serving
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import Bridge, BridgeConfig, EngineClient
from unity_bridge.access import ROLES, Access, Role, new_tokens, write_tokens
from unity_bridge.access.keys import add_client, make_sidecar_keys, read_sidecar_keys
from unity_bridge.client_session import ClientSession
from unity_bridge.errors import ConnectTimeoutError, RefusedError, RequestFailedError


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


def tokens_of(file: Path) -> Access:
    tokens = new_tokens(file)
    write_tokens(file, tokens)
    return Access(tokens=tokens)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "keys"
    make_sidecar_keys(folder)
    for role in ROLES:
        add_client(folder, role, role)
    yield folder


def test_who_has_the_token_comes_in_and_nobody_else(token_file: Path) -> None:
    access = tokens_of(token_file)
    with serving(access=access) as served:
        with served.client(token_file=token_file) as client:
            client.event("go", target="ann")
            collect(client, messages.Start, 1)
            assert client.request("status").result["engines"][0]["role"] == "engine"
        with served.client(token=access.tokens["engine"]) as client:
            assert client.session.state == "live"
        for wrong in ({"token": "guess"}, {"token": access.tokens["engine"], "role": "editor"}):
            with pytest.raises(RefusedError) as error:
                served.client(**wrong)
            assert error.value.code == "wrong_token"
            assert "does not take our token" in error.value.message
        with pytest.raises(RefusedError) as error:
            served.client()
        assert error.value.code == "wrong_token"
        assert "asks for a token" in error.value.message
        assert access.counts["refused"] >= 2
        assert len(served.world.applied) == 1


def test_a_token_where_none_is_wanted_is_told(token_file: Path) -> None:
    tokens_of(token_file)
    with serving() as served, pytest.raises(RefusedError) as error:
        served.client(token_file=token_file)
    assert error.value.code == "wrong_token"
    assert "not started for that" in error.value.message


def test_the_four_likely_faults_have_four_messages(token_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, str] = {}
    free = socket.create_server(("127.0.0.1", 0))
    nobody = [f"tcp://127.0.0.1:{free.getsockname()[1]}"] * 3
    free.close()
    with pytest.raises(ConnectTimeoutError) as late:
        EngineClient.connect(endpoints=(nobody[0], nobody[1], nobody[2]), timeout=0.3)
    told[late.value.code] = late.value.message
    with serving(access=tokens_of(token_file)) as served:
        stream, link, control = served.endpoints
        with pytest.raises(ConnectTimeoutError) as late:
            EngineClient.connect(endpoints=(link, stream, control), timeout=0.5, token_file=token_file)
        told[late.value.code] = late.value.message
        with pytest.raises(RefusedError) as refused:
            served.client(token="old")
        told[refused.value.code] = refused.value.message
        encode = codec.encode
        with monkeypatch.context() as later:
            later.setattr(codec, "encode", lambda m: _of_protocol_2(encode(m)) if _is_hello(m) else encode(m))
            with pytest.raises(RefusedError) as refused:
                served.client(token_file=token_file)
        told[refused.value.code] = refused.value.message
    assert set(told) == {"not_started", "wrong_port", "wrong_token", "wrong_version"}
    assert len(set(told.values())) == 4
    assert "protocol 2" in told["wrong_version"]


def _is_hello(message: object) -> bool:
    return isinstance(message, messages.Hello)


def _of_protocol_2(frame: bytes) -> bytes:
    changed = frame.replace(b"\xa1v\x01", b"\xa1v\x02")
    assert changed != frame
    return changed


def test_a_sidecar_of_another_protocol_is_told_as_such_though_nothing_it_says_can_be_read() -> None:
    session = ClientSession("game")
    session.connected()
    welcome = codec.encode(messages.Refused(code="not_welcome", message="", remedy=""))
    session.receive(_of_protocol_2(welcome))
    assert session.state == "refused"
    assert session.refusal is not None
    assert session.refusal.code == "wrong_version"
    assert "protocol 2" in session.reason
    assert "update" in session.refusal.remedy


def test_a_silent_port_is_not_taken_for_a_sidecar() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ConnectTimeoutError) as error:
            EngineClient.connect(endpoints=(place, place, place), timeout=0.3)
    assert error.value.code == "wrong_port"


def test_a_viewer_watches_and_changes_nothing(token_file: Path) -> None:
    with serving(access=tokens_of(token_file)) as served:
        with pytest.raises(RefusedError) as error:
            served.client("all", token_file=token_file, role="viewer")
        assert error.value.code == "not_allowed"
        with served.client("watcher", token_file=token_file, role="viewer", owns=()) as viewer:
            poll_until(viewer, lambda: viewer.state == "live", "frames")
            viewer.event("go", target="ann")
            [notice] = collect(viewer, messages.Notice, 1)
            assert (notice.code, notice.batch) == ("not_allowed", 1)
            assert viewer.request("why", character="ann").result["character"] == "ann"
            for op in ("pause", "resume", "step", "reload", "shutdown"):
                with pytest.raises(RequestFailedError) as fault:
                    viewer.request(op)
                assert fault.value.code == "not_allowed"
        assert served.world.applied == []


def test_an_engine_plays_and_only_an_editor_reloads(token_file: Path) -> None:
    with serving(access=tokens_of(token_file)) as served:
        with served.client(token_file=token_file) as engine:
            engine.request("pause")
            engine.request("resume")
            with pytest.raises(RequestFailedError) as fault:
                engine.request("reload", path="other.yaml")
            assert fault.value.code == "not_allowed"
        with (
            served.client("tool", token_file=token_file, role="editor", owns=()) as editor,
            pytest.raises(RequestFailedError) as fault,
        ):
            editor.request("reload", path="no-such-file.yaml")
        assert fault.value.code == "bad_value"


def test_nobody_takes_another_roles_session_or_replies(token_file: Path) -> None:
    access = tokens_of(token_file)
    with serving(access=access) as served, served.client("game", token_file=token_file) as engine:
        with pytest.raises(RefusedError) as error:
            served.client("game", token_file=token_file, role="viewer", owns=())
        assert error.value.code == "not_allowed"
        engine._requests = 70
        kept = engine.request("status").result
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.plain_username, dealer.plain_password = b"viewer", access.tokens["viewer"].encode()
        dealer.connect(served.endpoints[2])
        try:
            dealer.send(codec.encode(messages.Request(client="game", id=71, op="ping")))
            assert dealer.poll(PATIENCE_MS)
            reply = codec.decode(dealer.recv())
        finally:
            context.destroy(linger=0)
        assert isinstance(reply, messages.Reply)
        assert reply.result == {}
        assert kept


def test_a_restarted_sidecar_has_other_tokens_and_the_client_finds_them(token_file: Path) -> None:
    with serving(access=tokens_of(token_file)) as first:
        port = first.ports[0]
        client = first.client(token_file=token_file)
    try:
        with serving(access=tokens_of(token_file), port=port) as second:
            poll_until(client, lambda: client.state == "live" and client.snapshot.session == second.bridge.session)
            client.event("go", target="ann")
            collect(client, messages.Start, 1)
    finally:
        client.close()


def test_keys_let_in_by_role_and_strangers_out(keys: Path, tmp_path: Path) -> None:
    access = Access(keys=read_sidecar_keys(keys))
    with serving(access=access) as served:
        with served.client(curve=keys / "engine.client") as client:
            client.event("go", target="ann")
            collect(client, messages.Start, 1)
            poll_until(client, lambda: client.state == "live", "frames over CURVE")
            assert client.request("ping").error is None
        with served.client("w", curve=keys / "viewer.client", owns=()) as viewer:
            with pytest.raises(RequestFailedError) as fault:
                viewer.request("pause")
            assert fault.value.code == "not_allowed"
        unknown, _ = add_client(keys, "later", "editor")  # after the sidecar read its clients
        with pytest.raises(RefusedError) as error:
            served.client(curve=unknown)
        assert error.value.code == "wrong_token"
        assert "does not take our key" in error.value.message
        with pytest.raises(RefusedError):
            served.client()
        other = tmp_path / "other"
        make_sidecar_keys(other)
        impostor, _ = add_client(other, "x", "engine")
        with pytest.raises(ConnectTimeoutError) as late:
            EngineClient.connect(endpoints=served.endpoints, curve=impostor, timeout=0.5)
        assert "another key" in late.value.message


def test_an_address_of_the_network_is_refused_without_keys_and_served_with_them(keys: Path) -> None:
    for access in (Access(), Access(tokens=dict.fromkeys(ROLES, "x"))):
        with pytest.raises(UsageError) as error:
            BridgeConfig(host="0.0.0.0", access=access)
        assert error.value.code == "not_loopback"
        assert "emotion-runtime keygen keys; emotion-runtime serve" in error.value.remedy
    with serving(access=Access(keys=read_sidecar_keys(keys)), host="0.0.0.0") as served:
        stream, link, control = (f"tcp://127.0.0.1:{port}" for port in served.ports)
        with EngineClient.connect(endpoints=(stream, link, control), curve=keys / "engine.client") as client:
            poll_until(client, lambda: client.state == "live", "frames")


@pytest.mark.parametrize("role", ROLES)
def test_the_stream_too_asks_for_a_token(role: Role, token_file: Path) -> None:
    access = tokens_of(token_file)
    context = zmq.Context()
    try:
        with serving(LedgerWorld(), access=access) as served:
            for password, heard in ((access.tokens[role], True), ("guess", False)):
                sub = context.socket(zmq.SUB)
                sub.plain_username, sub.plain_password = role.encode(), password.encode()
                sub.subscribe(ids.TOPIC_TICK)
                sub.connect(served.endpoints[0])
                assert bool(sub.poll(PATIENCE_MS if heard else 200)) is heard
                sub.close(linger=0)
    finally:
        context.destroy(linger=0)


def test_without_a_token_no_part_of_a_message_is_read(token_file: Path) -> None:
    with serving(access=tokens_of(token_file)) as served:
        port = served.ports[1]
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as raw:
            raw.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"PLAIN".ljust(20, b"\0") + bytes(32))
            raw.sendall(b"\x01\x01x" * 1000)
            raw.settimeout(PATIENCE_S)
            with pytest.raises((ConnectionResetError, BrokenPipeError, EOFError)):
                while True:
                    if not raw.recv(4096):
                        raise EOFError
        assert served.world.applied == []


def test_a_second_start_on_the_same_port_leaves_the_tokens_of_the_first(token_file: Path) -> None:
    access = tokens_of(token_file)
    before = token_file.read_text(encoding="ascii")
    with serving(access=access) as served:
        with pytest.raises(UsageError) as error:
            Bridge(LedgerWorld(), BridgeConfig(port=served.ports[0], access=Access(tokens=new_tokens(token_file))))
        assert error.value.code == "port_in_use"
    assert token_file.read_text(encoding="ascii") == before
