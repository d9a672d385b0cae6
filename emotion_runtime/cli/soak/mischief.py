"""Owns what goes wrong on purpose between an engine's session and its sockets: frames doubled and out of order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from unity_bridge.client_sockets import ClientSockets


class Mischief:
    """Stands in front of an engine's sockets. Nothing is lost here: connections that are cut see to that."""

    def __init__(self, sockets: ClientSockets, rng: random.Random, share: float, counts: Counter[str]) -> None:
        self._sockets = sockets
        self._rng = rng
        self._share = share
        self._counts = counts
        self._held: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sockets, name)

    def send(self, frame: bytes) -> bool:
        """Send, at times twice, at times after the frame that follows."""
        if self._held is not None:
            held, self._held = self._held, None
            sent = self._sockets.send(frame)
            return self._sockets.send(held) and sent
        if self._rng.random() < self._share:
            if self._rng.random() < 0.5:
                self._counts["frames_held_back"] += 1
                self._held = frame
                return True
            self._counts["frames_doubled"] += 1
            self._sockets.send(frame)
        return self._sockets.send(frame)

    def wait(self, seconds: float) -> None:
        """Nothing is held back for longer than until the engine would sleep."""
        if self._held is not None:
            held, self._held = self._held, None
            self._sockets.send(held)
        self._sockets.wait(seconds)

    def link_frames(self) -> Iterator[bytes]:
        """What arrived, at times doubled or in another order."""
        frames = list(self._sockets.link_frames())
        if len(frames) > 1 and self._rng.random() < self._share:
            self._counts["frames_reordered"] += 1
            place = self._rng.randrange(len(frames) - 1)
            frames[place], frames[place + 1] = frames[place + 1], frames[place]
        if frames and self._rng.random() < self._share:
            self._counts["frames_doubled"] += 1
            frames.append(frames[0])
        return iter(frames)
