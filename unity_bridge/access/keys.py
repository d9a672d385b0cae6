"""Owns CURVE keys on disk: the sidecar's pair, which clients it knows and in what role, and a client's own file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import zmq
from zmq.utils import z85

from emotion_runtime.errors import UsageError
from unity_bridge.access.files import read_private, write_private
from unity_bridge.access.roles import ROLES, Role

SIDECAR_FILE = "sidecar.secret"
CLIENTS_FILE = "clients"
SUFFIX = ".client"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class SidecarKeys:
    """The sidecar's key pair, and the public keys of those it lets in. Keys are Z85 texts of 40 characters."""

    public: bytes
    secret: bytes
    clients: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class ClientKeys:
    """What one client needs: its own pair, and the sidecar's public key, by which it knows the right sidecar."""

    role: Role
    server: bytes
    public: bytes
    secret: bytes


def text_of_key(key: bytes) -> str:
    """Return the Z85 text of a key of 32 bytes."""
    return z85.encode(key).decode("ascii")


def make_sidecar_keys(folder: Path) -> str:
    """Make the sidecar's key pair in `folder` unless it is there; returns its public key."""
    file = folder / SIDECAR_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError("file_unwritable", f"{folder} cannot be made: {error.strerror}") from None
    if file.exists() or file.is_symlink():
        return _fields(file, ("public", "secret"))["public"]
    public, secret = zmq.curve_keypair()
    write_private(file, f"public {public.decode()}\nsecret {secret.decode()}\n")
    return public.decode()


def add_client(folder: Path, name: str, role: Role) -> tuple[Path, str]:
    """Make a client's key pair: its own file to carry to its machine, and a line among those let in.

    Returns the file and the public key. Raises UsageError when the name is taken or no name for a file.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("bad_name", f"{name!r} is no name for a key", "use letters, digits, - and _")
    file = folder / f"{name}{SUFFIX}"
    known = read_clients(folder)
    if file.exists() or file.is_symlink() or any(name == other for other, _ in known.values()):
        raise UsageError("name_taken", f"there are keys for {name!r} in {folder}", "choose another --client name")
    server = make_sidecar_keys(folder)
    public, secret = (key.decode() for key in zmq.curve_keypair())
    write_private(file, f"role {role}\nserver {server}\npublic {public}\nsecret {secret}\n")
    known[public] = (name, role)
    write_private(folder / CLIENTS_FILE, "".join(f"{each} {key} {who}\n" for key, (who, each) in known.items()))
    return file, public


def read_clients(folder: Path) -> dict[str, tuple[str, Role]]:
    """Return who is let in: public keys with name and role. A line that is taken out is a client that is not."""
    file = folder / CLIENTS_FILE
    if not file.exists() and not file.is_symlink():
        return {}
    found: dict[str, tuple[str, Role]] = {}
    for number, line in enumerate(read_private(file).splitlines(), start=1):
        words = line.split(" ")
        role = next((each for each in ROLES if each == words[0]), None)
        if role is None or len(words) != 3:
            raise UsageError("bad_secret", f"{file}:{number} is not a role, a public key and a name")
        found[_key(words[1], f"{file}:{number}")] = (words[2], role)
    return found


def read_sidecar_keys(folder: Path) -> SidecarKeys:
    """Return what `serve --curve` needs. Raises UsageError when it is missing, damaged or open to others."""
    if not folder.is_dir():
        raise UsageError("file_missing", f"there is no folder {folder}", f"emotion-runtime keygen {folder}")
    keys = _fields(folder / SIDECAR_FILE, ("public", "secret"))
    clients = {public: role for public, (_, role) in read_clients(folder).items()}
    return SidecarKeys(keys["public"].encode(), keys["secret"].encode(), clients)


def read_client_keys(file: Path) -> ClientKeys:
    """Return a client's keys from the file that `keygen` made for it. Raises UsageError."""
    found = _fields(file, ("role", "server", "public", "secret"))
    role = next((each for each in ROLES if each == found["role"]), None)
    if role is None:
        raise UsageError("bad_secret", f"{file} names no role", "use the file that `keygen` made")
    return ClientKeys(role, found["server"].encode(), found["public"].encode(), found["secret"].encode())


def _fields(file: Path, names: tuple[str, ...]) -> dict[str, str]:
    lines = [line.partition(" ") for line in read_private(file).splitlines()]
    found = {name: value for name, _, value in lines}
    if tuple(found) != names or len(lines) != len(names):
        raise UsageError("bad_secret", f"{file} does not hold {', '.join(names)}", "use a file that `keygen` made")
    for name, value in found.items():
        if name != "role":
            _key(value, str(file))
    return found


def _key(text: str, where: str) -> str:
    try:
        good = len(text) == 40 and len(z85.decode(text)) == 32
    except (ValueError, KeyError, IndexError, OverflowError):
        good = False
    if not good:
        raise UsageError("bad_secret", f"{where} holds a key that is none", "use a file that `keygen` made")
    return text
