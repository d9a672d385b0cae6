"""Owns which engines there are: connections to sessions, characters to owners, and who may come in."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from protocol.messages import Hello, Refused
from unity_bridge.access.roles import PLAY, Role, may, needed
from unity_bridge.config import BridgeConfig
from unity_bridge.session import Session


@dataclass(frozen=True, slots=True)
class Accepted:
    """A hello that was accepted; not resumed means: the engine starts from a snapshot."""

    session: Session
    resumed: bool
    replaced: Session | None = None
    """The earlier session of the same client that this one ends."""


class Registry:
    """All sessions of one sidecar start. `session` is that start's random number, the same for every engine."""

    def __init__(self, session: int, characters: tuple[str, ...], config: BridgeConfig) -> None:
        self.session = session
        self.counts: Counter[str] = Counter()
        """Sessions opened, resumed, detached, ended by reason, and hellos refused by code."""
        self._config = config
        self._characters = frozenset(characters)
        self._order = characters
        self._by_client: dict[str, Session] = {}
        self._by_route: dict[bytes, Session] = {}
        self._owners: dict[str, Session] = {}
        self.numbers = 0
        """Highest number that a session got."""

    def __iter__(self) -> Iterator[Session]:
        return iter(self._by_client.values())

    def __len__(self) -> int:
        return len(self._by_client)

    def renew(self, characters: tuple[str, ...]) -> None:
        """The scene has other characters. Engines that took all there were take the new ones; who is gone is free."""
        self._characters = frozenset(characters)
        self._order = characters
        for character in [c for c in self._owners if c not in self._characters]:
            del self._owners[character]
        for session in self._by_client.values():
            kept = tuple(c for c in session.owns if c in self._characters)
            if session.takes_all:
                kept = tuple(c for c in characters if self._owners.get(c) in (None, session))
            session.owns = kept
            self._owners.update(dict.fromkeys(kept, session))

    def adopt(self, sessions: list[Session], numbers: int) -> None:
        """Take over the sessions of a sidecar that was killed; their engines are away."""
        self.numbers = numbers
        for each in sessions:
            self._by_client[each.client] = each
            self._owners.update(dict.fromkeys(each.owns, each))

    def restart(self, session: int, characters: tuple[str, ...]) -> None:
        """All sessions end; whoever says hello, even to go on, is welcomed to `session`."""
        for each in list(self._by_client.values()):
            self.end(each, "restored")
        self.session = session
        self.renew(characters)

    def hand_over(self, characters: tuple[str, ...], to: Session | None) -> dict[Session, tuple[str, ...]]:
        """Make `to` the owner, or nobody. Returns who loses which of them; those `to` had already are no loss."""
        lost: dict[Session, tuple[str, ...]] = {}
        for character in characters:
            owner = self._owners.get(character)
            if owner is to:
                continue
            if owner is not None:
                lost[owner] = (*lost.get(owner, ()), character)
                owner.owns = tuple(c for c in owner.owns if c != character)
                del self._owners[character]
            if to is not None:
                self._owners[character] = to
                to.owns = (*to.owns, character)
        return lost

    def of(self, route: bytes) -> Session | None:
        """Return the session on this connection, or None when it has not been welcomed."""
        return self._by_route.get(route)

    def named(self, client: str) -> Session | None:
        """Return the session of a client, connected or not."""
        return self._by_client.get(client)

    def owner(self, character: str) -> Session | None:
        """Return who plays this character's actions, or None."""
        return self._owners.get(character)

    def attached(self) -> list[Session]:
        """Sessions with a connection, in the order they came."""
        return [s for s in self._by_client.values() if s.route is not None]

    def lockstep(self) -> list[Session]:
        """Connected sessions that run in lock-step."""
        return [s for s in self._by_client.values() if s.lockstep and s.route is not None]

    def hello(
        self, route: bytes, hello: Hello, now: float, alive: Callable[[bytes], bool], role: Role = "editor"
    ) -> Accepted | Refused:
        """Let an engine in, or back in, or say why not.

        `alive` probes whether a connection still exists: an engine that was killed and started again must not be
        kept out by its own ghost.
        """
        answer = self._barred(hello, role) or self._hello(route, hello, now, alive, role)
        if isinstance(answer, Refused):
            self.counts[answer.code] += 1
        else:
            self.counts["resumed" if answer.resumed else "opened"] += 1
        return answer

    def detach(self, session: Session, now: float) -> None:
        """The connection of `session` is gone; it may come back within `resume_for` seconds."""
        if session.route is not None:
            self._by_route.pop(session.route, None)
            session.detach(now)
            self.counts["detached"] += 1

    def end(self, session: Session, reason: str) -> None:
        """Forget a session; its characters are free."""
        if session.route is not None:
            self._by_route.pop(session.route, None)
        if self._by_client.get(session.client) is session:
            del self._by_client[session.client]
        for character in session.owns:
            if self._owners.get(character) is session:
                del self._owners[character]
        self.counts[f"ended_{reason}"] += 1
        for what, count in session.behind.counts.items():
            self.counts[f"left_out_{what}"] += count

    def expired(self, now: float) -> list[Session]:
        """Sessions whose engine stayed away for too long."""
        limit = self._config.resume_for
        return [s for s in self._by_client.values() if s.route is None and now - s.detached_at > limit]

    def _barred(self, hello: Hello, role: Role) -> Refused | None:
        """Refuse what this role may not ask for: that comes before all that would tell of others."""
        if not may(role, PLAY) and (hello.lockstep or hello.owns is None or hello.owns):
            return _refused(
                "not_allowed",
                f"a {role} only watches: it owns no characters and does not hold the clock",
                f"say hello with an empty list `owns`, or with the token or key of an {needed(PLAY)}",
            )
        known = self._by_client.get(hello.client)
        if known is not None and known.role != role:
            return _refused(
                "not_allowed", f"{hello.client!r} is the name of an {known.role}", "give this client another name"
            )
        return None

    def _hello(
        self, route: bytes, hello: Hello, now: float, alive: Callable[[bytes], bool], role: Role
    ) -> Accepted | Refused:
        other = self._by_route.get(route)
        if other is not None and other.client != hello.client:
            return _refused(
                "already_connected", f"this connection is already {other.client!r}", "open another connection"
            )
        known = self._by_client.get(hello.client)
        if known is not None:
            back = hello.session == self.session or (known.route == route and hello.session == 0)
            if back and not known.failed and known.resume(hello.received):
                return self._resumed(known, route, now)
            if not back and known.route is not None and known.route != route and alive(known.route):
                return _refused(
                    "already_connected",
                    f"an engine named {hello.client!r} is connected already",
                    "close it, or give this one another name",
                )
        owns = self._claim(hello, known)
        if isinstance(owns, Refused):
            return owns
        if known is None and len(self._by_client) >= self._config.max_sessions and not self._make_room():
            return _refused(
                "too_many_sessions",
                f"the sidecar serves {self._config.max_sessions} engines already",
                "close one, or start the sidecar with a higher limit",
            )
        if known is not None:
            self.end(known, "replaced")
        return Accepted(self._open(route, hello, owns, now, role), resumed=False, replaced=known)

    def _resumed(self, session: Session, route: bytes, now: float) -> Accepted:
        if session.route is not None:
            self._by_route.pop(session.route, None)
        self._by_route[route] = session
        session.attach(route, now)
        return Accepted(session, resumed=True)

    def _open(self, route: bytes, hello: Hello, owns: tuple[str, ...], now: float, role: Role) -> Session:
        self.numbers += 1
        session = Session(
            self.numbers,
            hello.client,
            owns,
            lockstep=hello.lockstep,
            takes_all=hello.owns is None,
            role=role,
            window=self._config.window,
            credit=self._config.credit,
            capabilities=frozenset(hello.capabilities),
        )
        self._by_client[session.client] = session
        self._by_route[route] = session
        self._owners.update(dict.fromkeys(owns, session))
        session.attach(route, now)
        return session

    def _claim(self, hello: Hello, known: Session | None) -> tuple[str, ...] | Refused:
        """Return the characters a hello gets: those it names, or all that nobody else owns."""
        if hello.owns is None:
            return tuple(c for c in self._order if self._owners.get(c) in (None, known))
        for character in hello.owns:
            if character not in self._characters:
                return _refused(
                    "unknown_character",
                    f"the scene has no character {character!r}",
                    f"characters are: {', '.join(self._order[:20])}",
                )
            owner = self._owners.get(character)
            if owner is not None and owner is not known:
                return _refused(
                    "already_owned",
                    f"{character!r} belongs to engine {owner.client!r}",
                    "own other characters, or none to watch only",
                )
        return tuple(dict.fromkeys(hello.owns))

    def _make_room(self) -> bool:
        """End the viewer that has been away longest, if there is one: owners are worth waiting for."""
        away = [s for s in self._by_client.values() if s.route is None and not s.owns]
        if not away:
            return False
        self.end(min(away, key=lambda s: s.detached_at), "room")
        return True


def _refused(code: str, message: str, remedy: str) -> Refused:
    return Refused(code=code, message=message, remedy=remedy)


def any_session() -> int:
    """A random number for a start, or a new world."""
    return secrets.randbelow(2**53 - 1) + 1
