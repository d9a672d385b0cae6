"""Owns who may open the page: this machine only, by its own name, from the page itself, with the key."""

from __future__ import annotations

import hmac
import importlib.util
import secrets
from collections.abc import Mapping
from typing import Final

from emotion_runtime.errors import MissingExtraError

KEY_BYTES: Final = 18
KEY_VARIABLE: Final = "EMOTION_RUNTIME_MONITOR_KEY"
SHORTEST_KEY: Final = 16
KEY_PATIENCE_S: Final = 10.0
"""Seconds a connection has to say the key."""
MOST_PAGES: Final = 16
LARGEST_QUESTION: Final = 64 * 1024
"""Bytes of one message of a page."""

SECURITY: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every answer: the page can load nothing from elsewhere, and nobody can frame it."""


def fresh_key() -> str:
    """A key nobody can guess, in letters an address can hold."""
    return secrets.token_urlsafe(KEY_BYTES)


def is_key(given: object, key: str) -> bool:
    """Whether this is the key; takes as long for a nearly right one as for any other."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), key.encode())


def require_monitor() -> None:
    """Raises MissingExtraError when the packages of the extra `monitor` are not there."""
    missing = [name for name in ("starlette", "uvicorn", "wsproto") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            "missing_extra", f"the live page needs {missing[0]}", 'pip install "emotion-runtime[monitor]"'
        )


class Names:
    """The names under which a page is reached: `Host` and `Origin` must be one of them, or a foreign page is asking.

    A name that somebody's DNS lets point to this machine is none of them: that is what rebinding attacks need.
    """

    def __init__(self, host: str, port: int) -> None:
        self._hosts = frozenset(f"{name}:{port}" for name in (host, "localhost"))

    def allow(self, headers: Mapping[str, str], *, socket: bool) -> bool:
        """Whether a request may be answered. A WebSocket must also say which page opens it."""
        if headers.get("host", "").lower() not in self._hosts:
            return False
        origin = headers.get("origin")
        if origin is None:
            return not socket
        scheme, _, rest = origin.lower().partition("://")
        return scheme == "http" and rest in self._hosts
