"""Owns the VMC sink: one character's face to VRM tools by UDP, as the simulation goes on."""

from __future__ import annotations

import math
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.vrm import PRESETS
from emotion_runtime.simulation import Simulation
from unity_bridge.sinks.vmc_frame import VmcFrame, VmcNames, columns

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 39539
"""Where receivers listen unless told otherwise."""
SHORTEST_S: Final = 1.0 / 60.0 - 0.001
"""Wall seconds between two frames at least: receivers show no more, and some drop what comes faster."""
LONGEST_S: Final = 0.5
"""While the clock stands the whole face is sent again this often: receivers forget senders, and reset the face."""


def parse_target(text: str) -> tuple[str, int]:
    """`HOST:PORT`, `PORT`, `HOST` or `[IPv6]:PORT`; this machine unless a host is named. Raises UsageError."""
    host, _, port = text.rpartition(":") if ":" in text else (("", "", text) if text.isdigit() else (text, "", ""))
    number = int(port) if port.isdigit() and len(port) < 6 else DEFAULT_PORT if not port and ":" not in text else 0
    if not 1 <= number <= 65535:
        raise UsageError("bad_target", f"`{text}` is no HOST:PORT", f"for example {DEFAULT_HOST}:{DEFAULT_PORT}")
    return host.strip("[]") or DEFAULT_HOST, number


class VmcSink:
    """Sends one character's face of a simulation to one receiver. It only sends: nothing that comes back is read.

    Lost datagrams are not noticed; each frame is whole, so that the next one makes up for them.
    """

    def __init__(
        self,
        simulation: Simulation,
        character: str,
        target: tuple[str, int],
        names: VmcNames = VmcNames.VRM0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises InputError for an unknown character, UsageError for an unknown host, MissingExtraError."""
        simulation.character(character)
        self._simulation, self._character, self._names = simulation, character, names
        self._clock = clock
        self._frame = VmcFrame(columns(names))
        self._weights: Sequence[float] = [0.0] * len(columns(names))
        self._address, self._socket = _open(target)
        self._began = clock()
        self._sent = -math.inf
        self._epoch = 0
        self._tick = -1
        self._row: int | None = None
        simulation.begin_faces()
        self.counts: Counter[str] = Counter()
        """Frames sent, and frames that the system did not take."""

    def turn(self) -> bool:
        """Send a frame if one is due. Always False, so that `Bridge.run(until=sink.turn)` serves and sends."""
        now = self._clock()
        waited = now - self._sent
        if waited >= LONGEST_S or (self._simulation.tick != self._tick and waited >= SHORTEST_S):
            self.send(now)
        return False

    def send(self, now: float | None = None) -> None:
        """Send the face as it is, whatever was sent before."""
        now = self._clock() if now is None else now
        self._follow()
        if self._row is not None:
            self._weights = self._shown(self._row)
        datagram = self._frame.fill(self._weights, now - self._began, loaded=self._row is not None)
        self._sent = now
        try:
            self._socket.sendto(datagram, self._address)
            self.counts["sent"] += 1
        except OSError:  # a full buffer, a network that is gone: the next frame is whole again
            self.counts["not_sent"] += 1

    def close(self) -> None:
        """Give back the socket."""
        self._socket.close()

    def __enter__(self) -> VmcSink:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self) -> None:
        """After a reload, look up the character again."""
        simulation = self._simulation
        if simulation.epoch != self._epoch:
            self._epoch = simulation.epoch
            names = simulation.characters
            self._row = names.index(self._character) if self._character in names else None
            if self._row is None:  # gone from the scene: at rest, and marked as not there
                self._weights = [0.0] * len(self._weights)
        self._tick = simulation.tick

    def _shown(self, row: int) -> list[float]:
        stage = self._simulation.begin_faces().stage
        if self._names in (VmcNames.ARKIT, VmcNames.PERFECT_SYNC):
            return [float(value) for value in stage.arkit()[row]]
        return [float(value) for value in stage.vrm(PRESETS)[row, : len(PRESETS)]]


def _open(target: tuple[str, int]) -> tuple[tuple[str, int] | tuple[str, int, int, int], socket.socket]:
    host, port = target
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise UsageError("unknown_host", f"`{host}` is not known: {error.strerror}", "give a number address") from None
    # `localhost` is both, and receivers listen on the older
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.setblocking(False)
    return address, sender  # type: ignore[return-value]  # IP families only
