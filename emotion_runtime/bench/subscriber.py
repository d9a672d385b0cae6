"""Owns the other end of the tick benchmark: a process that takes every frame of the stream and counts it."""

from __future__ import annotations

import json
import sys
import time

import zmq

from protocol.views import parse_stream_frame

END = b"END "
"""A frame with this topic ends the process."""
PATIENCE_MS = 60_000


def main(address: str) -> None:
    """Subscribe, read until the end frame, and print what came: frames, bytes, ticks, milliseconds old."""
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.setsockopt(zmq.RCVHWM, 1000)
    socket.connect(address)
    ticks: list[int] = []
    ages: list[float] = []
    size = 0
    while socket.poll(PATIENCE_MS):
        frame = socket.recv()
        if frame[: len(END)] == END:
            break
        arrived = time.monotonic()
        tick = parse_stream_frame(frame)
        ticks.append(tick.tick)
        ages.append((arrived - tick.sent) * 1e3)
        size += len(frame)
    ages.sort()
    told = {
        "frames": len(ticks),
        "bytes": size,
        "first": ticks[0] if ticks else 0,
        "last": ticks[-1] if ticks else 0,
        "age_ms": round(ages[len(ages) // 2], 3) if ages else None,
    }
    sys.stdout.write(json.dumps(told) + "\n")
    socket.close(linger=0)
    context.term()


if __name__ == "__main__":
    main(sys.argv[1])
