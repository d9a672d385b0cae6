"""Owns `replay --serve`: a recording shown over the ordinary ports, until it ends or somebody ends it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emotion_runtime.record import Replay
    from unity_bridge import Bridge

FACES_UP_TO: Final = 64
"""As in `serve`: larger casts are shown without faces."""


@dataclass(frozen=True, slots=True)
class Show:
    """How a recording is shown. `speed` 1: as it happened. `waits`: for the first engine, viewer or page."""

    port: int = 5570
    speed: float = 1.0
    waits: bool = True
    monitor: bool = False
    monitor_port: int = 5573


def show(replay: Replay, until: int | None, how: Show, tell: Callable[[], None], say: Callable[[str], object]) -> None:
    """Serve it to its end, Ctrl-C or a `shutdown` request. `tell` is called at every turn, `say` gets the addresses."""
    from emotion_runtime.record.playback import Playback
    from unity_bridge import Bridge, BridgeConfig

    sim = replay.simulation
    if len(sim.characters) <= FACES_UP_TO:
        sim.stream_faces()
    world = Playback(replay, how.speed, until)
    with ExitStack() as stack:
        bridge = stack.enter_context(Bridge(world, BridgeConfig(port=how.port)))
        address, pages = "", _nobody
        if how.monitor:
            from emotion_runtime.cli.monitor_live import attach

            live = stack.enter_context(attach(sim, world, bridge, how.monitor_port, edit=False))
            address, pages = f"live page: {live.url}\n", live.watched
        stream, link, control = bridge.endpoints()
        say(f"stream {stream}, link {link}, control {control}. Ctrl-C ends.\n{address}")
        waiting = how.waits
        if waiting:
            bridge.pause(True)
            say("waiting for somebody to watch (--no-wait: begins at once)\n")

        def turn() -> bool:
            nonlocal waiting
            if waiting and (_engines(bridge) or pages()):
                waiting = False
                bridge.pause(False)
            tell()
            return world.ended

        with contextlib.suppress(KeyboardInterrupt):
            bridge.run(turn)


def paced(speed: float, rate: float, sleep: Callable[[float], None] = time.sleep) -> Callable[[], None]:
    """Something to call after each tick, that lets as much time pass as it took when it happened, by `speed`."""
    began, done = time.monotonic(), 0

    def wait() -> None:
        nonlocal done
        done += 1
        late = began + done / (rate * speed) - time.monotonic()
        if late > 0.0:
            sleep(late)

    return wait


def _engines(bridge: Bridge) -> bool:
    return bool(bridge.status()["engines"])


def _nobody() -> bool:
    return False


def write(text: str) -> None:
    """For people, on standard error: standard output is the report's."""
    sys.stderr.write(text)
    sys.stderr.flush()
