"""Owns a performer at a UDP port: Live Link Face's datagrams in, captures of one character's face into the world."""

from __future__ import annotations

import socket
from collections import Counter
from typing import Final

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.expression.transfer.takes import parse_datagram
from emotion_runtime.inputs import Capture
from unity_bridge.world import World

DEFAULT_PORT: Final = 11111
"""Where Live Link Face sends unless told otherwise."""
DATAGRAM_BYTES: Final = 2048
MOST_AT_ONCE: Final = 64
AT_REST: Final = {"jawOpen": 0.0}
"""A face without weights would let the character go."""


def parse_performer(text: str) -> tuple[str, str, int]:
    """`CHARACTER=[HOST:]PORT` or `CHARACTER`: the character, this machine unless a host is named, the port."""
    character, _, place = text.partition("=")
    host, _, port = place.rpartition(":")
    number = int(port) if port.isdigit() and len(port) < 6 else DEFAULT_PORT if not place else -1
    if not character or not 0 <= number <= 65535:
        raise UsageError("bad_performer", f"`{text}` is no CHARACTER=PORT", f"for example guard={DEFAULT_PORT}")
    return character, host.strip("[]") or "127.0.0.1", number


class PerformerPort:
    """What waits is read each turn; the latest face counts. A faulty datagram is counted and changes nothing."""

    def __init__(self, world: World, character: str, host: str, port: int) -> None:
        """Raises UsageError for an address that cannot be listened on, InputError for an unknown character."""
        if character not in world.characters:
            raise InputError("unknown_character", f"there is no character `{character}`")
        self._world, self._character = world, character
        self.counts: Counter[str] = Counter()
        """Datagrams taken, superseded by a later one of the same turn, and refused by code."""
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as error:
            raise UsageError("unknown_host", f"`{host}` is not known: {error.strerror}", "give a number") from None
        self._socket.setblocking(False)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise UsageError(
                "port_unusable", f"cannot listen for a performer on {host}:{port}: {error.strerror}", "choose another"
            ) from None
        self.port: int = self._socket.getsockname()[1]

    def turn(self) -> bool:
        """Read what came. Always False, so that `Bridge.run(until=...)` can call it."""
        latest: Capture | None = None
        for _ in range(MOST_AT_ONCE):
            try:
                datagram = self._socket.recv(DATAGRAM_BYTES)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:  # an answer to nothing we sent, on some systems
                continue
            try:
                _, weights = parse_datagram(datagram)
            except InputError as error:
                self.counts[error.code] += 1
                continue
            self.counts["superseded"] += latest is not None
            shown = zip(ARKIT, weights.astype(float).tolist(), strict=True)
            latest = Capture(self._character, {name: weight for name, weight in shown if weight} or AT_REST)
        if latest is not None:
            self._tell(latest)
        return False

    def close(self) -> None:
        """Give back the port."""
        self._socket.close()

    def __enter__(self) -> PerformerPort:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tell(self, capture: Capture) -> None:
        try:
            self._world.apply(capture)
            self.counts["taken"] += 1
        except InputError as error:  # a reload took the character away
            self.counts[error.code] += 1
