"""Opening and closing the connection again and again in one Godot: nothing is left behind, and no frame is held up."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import zmq

from emotion_runtime.cli.launch import Sidecar
from protocol import codec, messages
from tests.engines.godot.conftest import Godot, Serve, last_json, ports
from tests.engines.godot.test_live import reading

CYCLES = 50
PATIENCE_S = 10.0


def test_fifty_openings_and_closings_leave_no_connection_and_hold_up_no_frame(
    godot: Godot, serve: Serve, tmp_path: Path
) -> None:
    sidecar = serve("--no-model")
    before = open_connections(sidecar.pid)
    leave = tmp_path / "leave"
    process = godot.start("--script", "tests/cycles.gd", "--", *ports(sidecar), f"cycles={CYCLES}", f"leave={leave}")
    with reading(process):
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if line.startswith("{"):
                break
        books = last_json("".join(seen))
        # Godot still runs: what is gone now went by closing, not by the end of the process.
        assert settles(lambda: open_connections(process.pid) == 0), "Godot kept a connection"
        assert settles(lambda: open_connections(sidecar.pid) == before), "the sidecar kept a connection"
        assert settles(lambda: not attached(sidecar)), attached(sidecar)
        leave.touch()
        assert "SCRIPT ERROR" not in godot.finish(process)
    print(books)
    assert books["whole"] == books["told"] == CYCLES, books
    assert not books["notices"], "the places told as columns are places of the scene"
    assert books["worst_us_p50"] < 2 * books["frame_us_p50"], "the slowest frame of most cycles is an ordinary one"
    assert books["frame_us_max"] < 30 * books["frame_us_p50"], "no frame waited for a socket"


def open_connections(pid: int) -> int:
    """TCP connections of a process to or from the sidecar's side, whatever stage they are in."""
    return sum(each.status != psutil.CONN_LISTEN for each in psutil.Process(pid).net_connections("tcp4"))


def attached(sidecar: Sidecar) -> list[Any]:
    """The engines that hold a connection, as the sidecar's `status` tells."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.rcvtimeo = int(PATIENCE_S * 1000)
        socket.connect(sidecar.listening["control"])
        socket.send(codec.encode(messages.Request(client="test", id=time.monotonic_ns(), op="status")))
        reply = codec.decode(socket.recv())
    assert isinstance(reply, messages.Reply)
    assert reply.error is None
    return [engine for engine in reply.result["engines"] if engine["connected"]]


def settles(holds: Callable[[], bool]) -> bool:
    """Whether something becomes true before patience ends."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
