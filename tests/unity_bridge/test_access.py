"""Roles, secret files and the answers to handshakes, without sockets."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.errors import UsageError
from protocol import ids
from unity_bridge.access import ALLOWED, ROLES, Access, Credentials, Role, may, new_tokens, write_tokens
from unity_bridge.access.files import read_private, write_private
from unity_bridge.access.keys import add_client, make_sidecar_keys, read_client_keys, read_sidecar_keys
from unity_bridge.access.roles import PLAY
from unity_bridge.access.tokens import read_token, read_tokens
from unity_bridge.access.zap import DOMAIN
from unity_bridge.requests import HANDLERS

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
TOKENS: dict[Role, str] = {"viewer": "see", "engine": "play", "editor": "edit"}


def test_every_request_is_in_the_table_of_roles() -> None:
    known = {PLAY, *ids.OPERATIONS}
    assert set(ALLOWED["editor"]) == known
    assert {*HANDLERS, "step"} == set(ids.OPERATIONS)
    assert ALLOWED["viewer"] < ALLOWED["engine"] < ALLOWED["editor"]
    assert not any(may(role, "dance") for role in ROLES)


def test_a_token_file_is_new_at_every_start_and_nobody_elses_to_read(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    seen: set[str] = set()
    for _ in range(3):
        tokens = new_tokens(file)
        write_tokens(file, tokens)
        assert read_tokens(file) == tokens
        seen.update(tokens.values())
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(seen) == 9
    assert min(map(len, seen)) >= 43
    assert [path.name for path in tmp_path.iterdir()] == ["tokens"]


@posix
def test_a_secret_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    write_tokens(file, new_tokens(file))
    for mode in (0o640, 0o604, 0o620, 0o602):
        file.chmod(mode)
        for use in (new_tokens, read_tokens):
            with pytest.raises(UsageError) as error:
                use(file)
            assert error.value.code == "not_private"
            assert "chmod 600" in error.value.remedy


@posix
def test_a_link_in_the_place_of_a_secret_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    write_tokens(target, new_tokens(target))
    dangling, good = tmp_path / "dangling", tmp_path / "good"
    dangling.symlink_to(tmp_path / "nothing")
    good.symlink_to(target)
    before = target.read_text(encoding="ascii")
    for link in (dangling, good):
        for use in (new_tokens, read_tokens, lambda path: write_private(path, "x")):
            with pytest.raises(UsageError) as error:
                use(link)
            assert error.value.code == "not_private"
            assert "link" in error.value.message
    assert target.read_text(encoding="ascii") == before
    assert not (tmp_path / "nothing").exists()


def test_a_file_of_something_else_is_not_overwritten_nor_quoted(tmp_path: Path) -> None:
    file = tmp_path / "diary"
    for text in ("dear diary, secret", "engine", "engine  x", "king a", "engine " + "x" * 300, "a" * 70_000):
        file.unlink(missing_ok=True)
        write_private(file, text)
        with pytest.raises(UsageError) as error:
            new_tokens(file)
        assert error.value.code == "bad_secret"
        assert "secret" not in error.value.message
        assert read_text(file) == text


def read_text(file: Path) -> str:
    return file.read_text(encoding="ascii")


def test_what_is_missing_or_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_private(tmp_path / "none")
    assert error.value.code == "file_missing"
    with pytest.raises(UsageError) as error:
        read_private(tmp_path)
    assert error.value.code == "not_private"
    write_tokens(tmp_path / "one", {"viewer": "v"})
    with pytest.raises(UsageError):
        read_token(tmp_path / "one", "engine")


def ask(access: Access, mechanism: bytes, *credentials: bytes, domain: bytes = DOMAIN) -> tuple[bytes, bytes]:
    answer = access.answer([b"1.0", b"7", domain, b"127.0.0.1", b"", mechanism, *credentials])
    assert answer[:2] == [b"1.0", b"7"]
    assert len(answer) == 6
    return answer[2], answer[4]


def test_a_token_gives_its_own_role_and_no_other() -> None:
    access = Access(tokens=TOKENS)
    for role, token in TOKENS.items():
        assert ask(access, b"PLAIN", role.encode(), token.encode()) == (b"200", role.encode())
        for other in ROLES:
            if other != role:
                assert ask(access, b"PLAIN", other.encode(), token.encode())[0] == b"400"
    assert ask(access, b"PLAIN", b"engine", b"play", domain=b"")[0] == b"400"
    assert ask(access, b"NULL")[0] == b"400"
    assert ask(access, b"CURVE", bytes(32))[0] == b"400"


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_no_handshake_comes_in_by_chance(request_frames: list[bytes]) -> None:
    for access in (Access(), Access(tokens=TOKENS)):
        answer = access.answer(request_frames)
        assert answer[2] == b"400"
        assert len(answer) == 6


def test_the_empty_password_opens_nothing() -> None:
    none: dict[Role, str] = {}
    one: dict[Role, str] = {"viewer": "v"}
    for tokens in (none, one):
        for user in (b"", b"engine", b"viewer", b"\xff"):
            for password in (b"", b" "):
                assert ask(Access(tokens=tokens), b"PLAIN", user, password)[0] == b"400"


def test_keys_are_made_once_and_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    public = make_sidecar_keys(folder)
    assert make_sidecar_keys(folder) == public
    file, client = add_client(folder, "laptop", "viewer")
    keys = read_client_keys(file)
    assert (keys.role, keys.server.decode(), keys.public.decode()) == ("viewer", public, client)
    assert read_sidecar_keys(folder).clients == {client: "viewer"}
    if os.name == "posix":
        assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    for name in ("laptop", "../up", "", "a b", ".hidden"):
        with pytest.raises(UsageError):
            add_client(folder, name, "engine")


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    file, _ = add_client(folder, "game", "engine")
    text = read_text(file)
    for broken in (text[:-5], text + text, text.replace("engine", "king"), "", text.replace("server ", "server ~")):
        write_private(file, broken)
        with pytest.raises(UsageError) as error:
            read_client_keys(file)
        assert error.value.code == "bad_secret"
    with pytest.raises(UsageError) as error:
        read_sidecar_keys(tmp_path / "none")
    assert "keygen" in error.value.remedy


def test_one_kind_of_credentials_is_enough() -> None:
    with pytest.raises(UsageError):
        Credentials(token="x", token_file="y")
    assert Credentials().read() is None
