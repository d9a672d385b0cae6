"""Owns the token file: a random token per role and start, one line each, readable by this user alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from emotion_runtime.errors import UsageError
from unity_bridge.access.files import read_private, write_private
from unity_bridge.access.roles import ROLES, Role

TOKEN_BYTES = 32
MOST_CHARS = 255
"""Longest name or password that PLAIN carries."""


def new_tokens(path: Path) -> dict[Role, str]:
    """Make a token for each role, to be written to `path` once the ports are ours.

    Raises UsageError when `path` is a link, is readable by others, or is a file that holds anything but tokens.
    """
    if path.exists() or path.is_symlink():
        read_tokens(path)
    return {role: secrets.token_urlsafe(TOKEN_BYTES) for role in ROLES}


def write_tokens(path: Path, tokens: Mapping[Role, str]) -> None:
    """Write the file that clients read; an older one is replaced in one step. Raises UsageError."""
    write_private(path, "".join(f"{role} {token}\n" for role, token in tokens.items()))


def read_tokens(path: Path) -> dict[Role, str]:
    """Return the tokens in a file by role. Raises UsageError, which never quotes what is in the file."""
    found: dict[Role, str] = {}
    for number, line in enumerate(read_private(path).splitlines(), start=1):
        role, _, token = line.partition(" ")
        known = next((each for each in ROLES if each == role), None)
        if known is None or not token or token != token.strip() or len(token) > MOST_CHARS:
            raise UsageError(
                "bad_secret", f"{path}:{number} is not a role and its token", "use the file that `serve` wrote"
            )
        found[known] = token
    return found


def read_token(path: Path, role: Role) -> str:
    """Return one role's token from a file. Raises UsageError when the file is unusable or has none for it."""
    tokens = read_tokens(path)
    if role not in tokens:
        raise UsageError("bad_secret", f"{path} has no token for the role {role}", "ask for another role")
    return tokens[role]
