"""Owns what a client proves itself with: nothing, a token (PLAIN) or keys (CURVE), read again for every connection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import zmq

from emotion_runtime.errors import UsageError
from unity_bridge.access.keys import ClientKeys, read_client_keys
from unity_bridge.access.roles import Role
from unity_bridge.access.tokens import read_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """At most one of the three. A sidecar writes its token file anew at every start, hence the file, not its text."""

    role: Role = "engine"
    token: str | None = None
    token_file: str | Path | None = None
    curve: str | Path | None = None
    """The file that `keygen` made for this client; it names the role."""

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.token, self.token_file, self.curve)) > 1:
            raise UsageError("bad_credentials", "one of token, token_file and curve is enough", "leave out the others")

    @property
    def changing(self) -> bool:
        """Whether a later look may find something else."""
        return self.token_file is not None

    def read(self) -> str | ClientKeys | None:
        """Return the token, the keys or None, as they are now. Raises UsageError when the file is unusable."""
        if self.token_file is not None:
            return read_token(Path(self.token_file), self.role)
        if self.curve is not None:
            return read_client_keys(Path(self.curve))
        return self.token

    def show(self, socket: zmq.Socket[bytes], found: str | ClientKeys | None) -> None:
        """Set up a socket that is going to connect with what `read` returned."""
        if isinstance(found, ClientKeys):
            socket.setsockopt(zmq.CURVE_SERVERKEY, found.server)
            socket.setsockopt(zmq.CURVE_PUBLICKEY, found.public)
            socket.setsockopt(zmq.CURVE_SECRETKEY, found.secret)
        elif found is not None:
            socket.setsockopt_string(zmq.PLAIN_USERNAME, self.role)
            socket.setsockopt_string(zmq.PLAIN_PASSWORD, found)
