"""Owns what an engine client asks: requests with patience and retries that are not done twice, and for faces."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from protocol import codec, messages
from protocol.errors import ProtocolError
from protocol.faces import FacesView
from unity_bridge.client_faces import ClientFaces
from unity_bridge.client_session import ClientSession
from unity_bridge.client_sockets import ClientSockets
from unity_bridge.errors import RequestFailedError, RequestTimeoutError

PATIENCE_S = 2.0
RETRIES = 3


class Asking:
    """The part of a client that asks; the rest of it owns the sockets and the time."""

    session: ClientSession
    _sockets: ClientSockets
    _clock: Callable[[], float]

    def __init__(self) -> None:
        self._faces = ClientFaces()
        self._replies: dict[int, messages.Reply | None] = {}
        """Requests that wait, and their answers."""
        # A restarted engine must not be given the kept replies of its predecessor.
        self._requests = secrets.randbelow(2**40)

    def _pump(self, timeout: float, done: Callable[[], bool]) -> None:
        raise NotImplementedError

    def request(
        self, op: str, /, *, patience: float = PATIENCE_S, retries: int = RETRIES, **args: Any
    ) -> messages.Reply:
        """Ask the sidecar and wait, `patience` seconds a try; a retry is not done twice there.

        Raises RequestFailedError when the answer is a fault, RequestTimeoutError when there is none.
        """
        self._requests += 1
        request = messages.Request(client=self.session.client, id=self._requests, op=op, args=args)
        frame = codec.encode(request)
        self._replies[request.id] = None
        try:
            for _ in range(retries):
                self._sockets.ask(frame)
                self._pump(patience, lambda: self._replies[request.id] is not None)
                answer = self._replies[request.id]
                if answer is not None and answer.error is not None:
                    fault = answer.error
                    raise RequestFailedError(fault.code, fault.message, fault.remedy)
                if answer is not None:
                    return answer
                # Lazy Pirate: whatever is stuck in this socket goes with it.
                self._sockets.drop_control()
        finally:
            del self._replies[request.id]
        raise RequestTimeoutError(
            "timeout", f"no answer to {op!r} after {retries} tries", "check that the sidecar runs"
        )

    def own(self, *characters: str, engine: str | None = None) -> messages.Reply:
        """Have characters handed over to this engine, or to `engine` (empty: to nobody). Raises as `request` does.

        An action of theirs under way comes here as a `start` under its number; their owner so far gets a `stop`.
        """
        who = self.session.client if engine is None else engine
        return self.request("own", characters=list(characters), engine=who)

    def save(self, *, patience: float = 10.0) -> bytes:
        """The whole state of the sidecar's world, for `restore`. Raises as `request` does."""
        data = self.request("save", patience=patience).result["data"]
        assert isinstance(data, bytes)
        return data

    def restore(self, data: bytes, *, patience: float = 10.0) -> messages.Reply:
        """Have the sidecar go on from a saved state; every engine, this one too, is then welcomed to a new world.

        The reply's `result["unplaced"]` lists what a changed scene has no place for. Raises as `request` does.
        """
        return self.request("restore", patience=patience, data=data)

    def want_faces(
        self,
        form: Literal["none", "arkit52", "vrm"] = "arkit52",
        *,
        u8: bool = True,
        characters: Iterable[str] = (),
        around: tuple[float, float, float] | None = None,
        near: str = "",
        radius: float = 0.0,
    ) -> None:
        """From now on `faces` holds the faces of these characters, of those within `radius` metres, or of everybody.

        `near` names a character or object as the centre, `around` is a point. A wish that is refused comes as a Notice.
        """
        wish: dict[str, Any] = {"form": form, "u8": u8}
        named = list(characters)
        wish |= {key: value for key, value in (("characters", named), ("near", near), ("radius", radius)) if value}
        if around is not None:
            wish["around"] = list(around)
        self._faces.want(None if form == "none" else wish)

    @property
    def faces(self) -> FacesView | None:
        """The newest faces of `want_faces`, or None before they came."""
        return self._faces.latest

    def _answers(self) -> Iterator[messages.Notice | FacesView]:
        """What came that nobody waits for: a wish that was refused, and faces."""
        for frame in self._sockets.control_frames():
            refused = self._take_reply(frame)
            if refused is not None:
                yield refused
        for frame in self._sockets.faces_frames():
            faces = self._faces.take(frame, self._world(), self._roster())
            if faces is not None:
                yield faces

    def _world(self) -> int:
        return self.session.snapshot.session if self.session.state == "live" and self.session.snapshot else 0

    def _roster(self) -> messages.Roster | None:
        return self.session.snapshot.roster if self.session.snapshot else None

    def _ask_for_faces(self) -> None:
        wish = self._faces.due(self._world(), self._clock(), self._requests + 1)
        if wish is not None:
            self._requests = max(self._requests, self._faces.request)
            request = messages.Request(
                client=self.session.client, id=self._faces.request, op="subscribe_faces", args=wish
            )
            self._sockets.ask(codec.encode(request))
        self._sockets.watch_faces(self._faces.topic)

    def _take_reply(self, frame: bytes) -> messages.Notice | None:
        """Take one frame of the control socket; a refused wish is to be told."""
        try:
            reply = codec.decode(frame, allowed=(messages.Reply,))
        except ProtocolError as error:
            self.session.counts[error.code] += 1
            return None
        assert isinstance(reply, messages.Reply)
        if reply.id in self._replies:
            self._replies[reply.id] = reply
        elif reply.id == self._faces.request:
            return self._faces.answer(reply, self._world())
        return None
