"""Owns an engine client's faces, without sockets: what it wishes for, when to ask, and the latest faces it got."""

from __future__ import annotations

from typing import Any

from protocol import messages
from protocol.errors import ProtocolError
from protocol.faces import FacesView, parse_faces_frame

ASK_AGAIN_S = 2.0
"""A wish without an answer is asked again after this long."""


class ClientFaces:
    """One wish at a time. It is asked anew of every sidecar, since a topic has a meaning in one session only."""

    def __init__(self) -> None:
        self.latest: FacesView | None = None
        self.topic: bytes | None = None
        """What to subscribe to, or None."""
        self.request = 0
        """The number of the request under way, or 0."""
        self.passed_over = 0
        """Frames of another session, roster or wish, or not newer than what is known."""
        self.malformed = 0
        self._wish: dict[str, Any] | None = None
        self._columns: tuple[str, ...] = ()
        self._session = 0
        self._asked = -ASK_AGAIN_S

    def want(self, wish: dict[str, Any] | None) -> None:
        """From now on wish for this (arguments of `subscribe_faces`), or for nothing."""
        self._wish, self.topic, self.latest = wish, None, None
        self.request = self._session = 0
        self._asked = -ASK_AGAIN_S

    def due(self, session: int, now: float, number: int) -> dict[str, Any] | None:
        """What is to be asked now of the sidecar `session`, as request `number`; None when there is nothing to ask."""
        if self._wish is None or session in (0, self._session) or now - self._asked < ASK_AGAIN_S:
            return None
        self.topic = None
        self._asked = now
        self.request = self.request or number
        return self._wish

    def answer(self, reply: messages.Reply, session: int) -> messages.Notice | None:
        """The reply to the request under way; a refusal ends the wish and is told."""
        self.request = 0
        if reply.error is not None:
            self._wish = None
            return messages.Notice(code=reply.error.code, message=reply.error.message)
        topic, columns = reply.result.get("topic"), reply.result.get("columns")
        if isinstance(topic, str) and isinstance(columns, list):
            self.topic, self._columns, self._session = topic.encode(), tuple(map(str, columns)), session
        return None

    def take(self, frame: bytes, session: int, roster: messages.Roster | None) -> FacesView | None:
        """Take one frame of faces; returns them if they are news."""
        try:
            _, faces = parse_faces_frame(frame)
            stale = roster is None or faces.session != session or faces.epoch != roster.epoch
            if stale or self.topic is None or not frame.startswith(self.topic):
                self.passed_over += 1
                return None
            if self.latest is not None and faces.tick <= self.latest.tick:
                self.passed_over += 1
                return None
            assert roster is not None
            self.latest = FacesView.of(faces, roster, self._columns)
        except ProtocolError:
            self.malformed += 1
            return None
        return self.latest
