"""Owns how frames leave: never waiting, counted where a connection does not take them."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import zmq

from protocol import codec, messages
from unity_bridge.control import Control
from unity_bridge.link import Link
from unity_bridge.registry import Registry
from unity_bridge.sockets import Socket


class Outgoing:
    """Hands over what link, control and sessions have to say, as far as the connections take it."""

    def __init__(self, link: Socket, control: Socket, counts: Counter[str], silence: float) -> None:
        self._link = link
        self._control = control
        self._counts = counts
        self._silence = silence

    def flush(self, link: Link, control: Control, registry: Registry, now: float) -> None:
        """Send all that is to go out; what a busy connection does not take stays with its session."""
        while link.stray:
            self._send_or_count(self._link, list(link.stray.popleft()))
        while control.replies:
            envelope, frame = control.replies.popleft()
            self._send_or_count(self._control, [*envelope, frame])
        for session in registry.attached():
            while (frame_out := session.next_frame(now, self._silence)) is not None:
                assert session.route is not None
                outcome = send(self._link, [session.route, frame_out])
                if outcome == "gone":
                    registry.detach(session, now)
                if outcome != "sent":
                    break
                session.frame_sent(now)

    def probe(self, route: bytes) -> bool:
        """Say whether a connection still exists: an ack changes nothing for the engine that gets it."""
        return send(self._link, [route, codec.encode(messages.Ack(seq=0))]) != "gone"

    def _send_or_count(self, socket: Socket, frames: list[bytes]) -> None:
        outcome = send(socket, frames)
        if outcome != "sent":
            self._counts[f"answers_{outcome}"] += 1


def send(socket: Socket, frames: list[bytes]) -> Literal["sent", "busy", "gone"]:
    """Send without waiting. `busy`: its queue is full; `gone`: there is no such connection."""
    try:
        socket.send_multipart(frames, zmq.NOBLOCK)
    except zmq.Again:
        return "busy"
    except zmq.ZMQError as error:
        if error.errno != zmq.EHOSTUNREACH:
            raise
        return "gone"
    return "sent"
