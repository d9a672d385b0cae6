"""Owns an engine client's requests: a number for each, patience, and retries that are not done twice."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from protocol import codec, messages
from protocol.errors import ProtocolError
from unity_bridge.client_session import ClientSession
from unity_bridge.client_sockets import ClientSockets
from unity_bridge.errors import RequestFailedError, RequestTimeoutError

PATIENCE_S = 2.0
RETRIES = 3


class Asking:
    """The part of a client that asks; the rest of it owns the sockets and the time."""

    session: ClientSession
    _sockets: ClientSockets

    def __init__(self) -> None:
        # A restarted engine must not be given the kept replies of its predecessor.
        self._requests = secrets.randbelow(2**40)

    def _pump(self, timeout: float, done: Callable[[], bool], also: Callable[[], None] = lambda: None) -> None:
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
        for _ in range(retries):
            answers: list[messages.Reply] = []
            self._sockets.ask(frame)
            self._pump(patience, lambda: bool(answers), also=lambda: self._read_reply(answers))  # noqa: B023
            if answers:
                if answers[0].error is not None:
                    fault = answers[0].error
                    raise RequestFailedError(fault.code, fault.message, fault.remedy)
                return answers[0]
            # Lazy Pirate: whatever is stuck in this socket goes with it.
            self._sockets.drop_control()
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

    def _read_reply(self, answers: list[messages.Reply]) -> None:
        for frame in self._sockets.control_frames():
            try:
                reply = codec.decode(frame, allowed=(messages.Reply,))
            except ProtocolError as error:
                self.session.counts[error.code] += 1
                continue
            assert isinstance(reply, messages.Reply)
            if reply.id == self._requests:
                answers.append(reply)
