"""Owns the roles of peers and the one table of what each may do; the link and the control port go by it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from protocol import ids

Role: TypeAlias = Literal["viewer", "engine", "editor"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)

PLAY: Final = "play"
"""Own characters, send observations, run in lock-step: what a `hello` of a game asks for."""

_LOOKING: Final = frozenset({"ping", "status", "why", "subscribe_faces"})
_PLAYING: Final = _LOOKING | {PLAY, "pause", "resume", "step", "own", "save", "restore", "shutdown"}

ALLOWED: Final[dict[Role, frozenset[str]]] = {
    "viewer": _LOOKING,
    # a game that starts its sidecar also ends it; only an editor makes the sidecar read files
    "engine": frozenset(_PLAYING),
    "editor": frozenset({PLAY, *ids.OPERATIONS}),
}
"""`play` and the requests of the control port, by role. Watching the stream and saying hello is open to all three."""


def may(role: Role, what: str) -> bool:
    """Say whether a role may do `what`: `play`, or a request by its name. Unknown requests are nobody's."""
    return what in ALLOWED[role]


def needed(what: str) -> str:
    """Name the roles that may do `what`, for people."""
    return " or ".join(role for role in ROLES if may(role, what))
