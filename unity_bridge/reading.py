"""Owns reading the sidecar's sockets: whole messages with the role and the connection they came from, never waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

import zmq

from unity_bridge.access.roles import Role
from unity_bridge.sockets import Socket

MOST_PARTS = 4
"""No message of the protocol has more; what follows is dropped part by part."""


class Arrived(NamedTuple):
    """A message of one connection: at most `parts` of its frames, and the lengths of all."""

    frames: list[bytes]
    role: Role
    last: zmq.Frame
    sizes: list[int]


def arrived(socket: Socket, most: int, *, roles: bool = False, parts: int = MOST_PARTS) -> Iterator[Arrived]:
    """Take what has arrived, at most `most` messages; `roles` False: nobody had to say who they are.

    Asks first whether there is something, since an exception costs more than a question.
    """
    for _ in range(most):
        if not cast(int, socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            return
        frame = socket.recv(zmq.NOBLOCK, copy=False)
        frames, sizes = [frame.bytes], [len(frame)]
        while frame.more:
            frame = socket.recv(zmq.NOBLOCK, copy=False)
            sizes.append(len(frame))
            if len(frames) < parts:
                frames.append(frame.bytes)
        yield Arrived(frames, _role_of(frame) if roles else "editor", frame, sizes)


def _role_of(frame: zmq.Frame) -> Role:
    """Return the role that the handshake of a frame's connection was answered with."""
    try:
        return cast(Role, frame.get("User-Id"))
    except zmq.ZMQError:  # a connection that was let in without a role can only look on
        return "viewer"
