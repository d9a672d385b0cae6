"""Owns what comes in: handshakes answered, messages read for a turn's share and handed on, endless ones cut off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeAlias

from unity_bridge.access.roles import Role
from unity_bridge.config import BridgeConfig
from unity_bridge.guard import Guard
from unity_bridge.reading import arrived
from unity_bridge.sockets import Socket, Sockets
from unity_bridge.watch import Watch

ZAP_PARTS = 12
"""A ZAP request has eight at most."""

TakeFrame: TypeAlias = Callable[[bytes, bytes, float, Role], None]
TakeSubscription: TypeAlias = Callable[[bytes, float], bool]
TakeRequest: TypeAlias = Callable[[tuple[bytes, ...], bytes, float, Role], None]


class Incoming:
    """The reading side of the three sockets and of ZAP. `counts` are the bridge's; one thread uses it."""

    def __init__(
        self,
        sockets: Sockets,
        config: BridgeConfig,
        counts: Counter[str],
        frame: TakeFrame,
        request: TakeRequest,
        subscription: TakeSubscription,
    ) -> None:
        """`subscription` says whether a frame of the stream is one."""
        self._sockets = sockets
        self._config = config
        self._counts = counts
        self._frame = frame
        self._request = request
        self._subscription = subscription
        self._roles = config.access.mechanism != "NULL"
        self._watch = Watch(sockets, config)

    @property
    def guard(self) -> Guard:
        """The books of connections."""
        return self._watch.guard

    def close(self) -> None:
        """Stop watching; before the sockets are closed."""
        self._watch.close()

    def drain(self, ready: list[Socket], now: float) -> None:
        """Read the sockets that have something, each for a turn's share."""
        sockets = self._sockets
        self._watch.follow(now)
        behind: set[str] = set()
        if sockets.zap in ready:
            for request in arrived(sockets.zap, self._config.drain, parts=ZAP_PARTS):
                sockets.zap.send_multipart(self._config.access.answer(request.frames))
        if sockets.link in ready:
            for frames, role in self._read("link", sockets.link, behind):
                if len(frames) == 2:
                    self._frame(frames[0], frames[1], now, role)
                else:
                    self._counts["not_two_frames"] += 1
        if sockets.control in ready:
            for frames, role in self._read("control", sockets.control, behind):
                if len(frames) in (2, 3):
                    self._request(tuple(frames[:-1]), frames[-1], now, role)
                else:
                    self._counts["not_a_request"] += 1
        if sockets.stream in ready:
            for subscription in arrived(sockets.stream, self._config.drain):
                # Subscriptions are libzmq's business; counting viewers by them would let any peer end the stream.
                if not self._subscription(subscription.frames[0], now):
                    self._counts["not_a_subscription"] += 1
        self._watch.check(now, frozenset(behind))

    def _read(self, name: str, socket: Socket, behind: set[str]) -> Iterator[tuple[list[bytes], Role]]:
        """Read a socket, for a turn's share; its name is added to `behind` when there may be more."""
        left = self._config.drain
        for frames, role, last, sizes in arrived(socket, left, roles=self._roles):
            left -= 1
            self._watch.delivered(name, last, sizes[1:])  # the first is the routing id, which is libzmq's
            yield frames, role
        if not left:
            behind.add(name)
