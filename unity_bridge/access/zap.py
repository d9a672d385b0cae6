"""Owns the sidecar's answer to a handshake: a token or a key in, a role or a no out (ZAP 1.0, without its socket)."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import zmq

from unity_bridge.access.keys import SidecarKeys, text_of_key
from unity_bridge.access.roles import Role

ENDPOINT: Final = "inproc://zeromq.zap.01"
DOMAIN: Final = b"emotion-runtime"
"""Stated on every socket: with no domain, libzmq asks nobody for NULL, and lets PLAIN and CURVE in unasked."""
VERSION: Final = b"1.0"
SOCKET_KIND: Final = zmq.REP


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How peers prove who they are: by tokens (PLAIN), by keys (CURVE), or, with neither, not at all."""

    tokens: Mapping[Role, str] = field(default_factory=dict)
    keys: SidecarKeys | None = None
    counts: Counter[str] = field(default_factory=Counter)
    """Handshakes accepted by role, and refused by reason."""

    @property
    def mechanism(self) -> Literal["NULL", "PLAIN", "CURVE"]:
        """Of ZMTP."""
        if self.keys is not None:
            return "CURVE"
        return "PLAIN" if self.tokens else "NULL"

    def guard(self, socket: zmq.Socket[bytes]) -> None:
        """Set up a socket that is going to be bound."""
        if self.mechanism == "NULL":
            return
        socket.setsockopt(zmq.ZAP_DOMAIN, DOMAIN)
        if self.keys is None:
            socket.setsockopt(zmq.PLAIN_SERVER, 1)
        else:
            socket.setsockopt(zmq.CURVE_SERVER, 1)
            socket.setsockopt(zmq.CURVE_PUBLICKEY, self.keys.public)
            socket.setsockopt(zmq.CURVE_SECRETKEY, self.keys.secret)

    def answer(self, request: Sequence[bytes]) -> list[bytes]:
        """Answer one ZAP request; the role goes with every message of that connection as its user id."""
        number = request[1] if len(request) > 1 else b""
        role = self._role(request)
        self.counts[f"accepted_{role}" if role else "refused"] += 1
        if role is None:
            return [VERSION, number, b"400", b"not accepted", b"", b""]
        return [VERSION, number, b"200", b"", role.encode(), b""]

    def _role(self, request: Sequence[bytes]) -> Role | None:
        if len(request) < 6 or request[0] != VERSION or request[2] != DOMAIN:
            return None
        mechanism, credentials = request[5], request[6:]
        if mechanism == b"PLAIN" and self.mechanism == "PLAIN" and len(credentials) == 2:
            return self._by_token(*credentials)
        if mechanism == b"CURVE" and self.keys is not None and len(credentials) == 1 and len(credentials[0]) == 32:
            return self.keys.clients.get(text_of_key(credentials[0]))
        return None

    def _by_token(self, user: bytes, password: bytes) -> Role | None:
        found = next((role for role in self.tokens if role.encode() == user), None)
        # compared in a time that tells nothing of the token, also for a role that there is not
        wanted = self.tokens[found] if found is not None else " "
        return found if hmac.compare_digest(wanted.encode(), password) else None
