"""Owns the live page of `serve --monitor`: its tape beside the running bridge, and its server beside both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emotion_runtime.errors import UsageError
from emotion_runtime.monitor import Tape, Watch
from emotion_runtime.simulation import Simulation
from unity_bridge import Bridge
from unity_bridge.monitor.guard import KEY_VARIABLE, SHORTEST_KEY, require_monitor
from unity_bridge.world import World


@dataclass(frozen=True, slots=True)
class LivePage:
    """A running page. `turn` is to be called by the bridge's loop: it applies what an editor's page asked for."""

    url: str
    turn: Callable[[], bool]
    watched: Callable[[], bool]
    """Whether a page is open."""


@contextmanager
def attach(sim: Simulation, world: World, bridge: Bridge, port: int, *, edit: bool) -> Iterator[LivePage]:
    """Serve the page until the block ends, on this machine only. Raises UsageError, MissingExtraError."""
    require_monitor()
    from unity_bridge.monitor.desk import Desk
    from unity_bridge.monitor.serving import MonitorServer
    from unity_bridge.monitor.talk import Talk

    tape = Tape()
    Watch(sim, tape)
    desk = Desk(world, tape) if edit else None
    runs = {"a": lambda: Talk(tape, live=True, desk=desk, about={"session": bridge.session})}
    with MonitorServer(runs, port=port, key=given_key()) as server:
        bridge.on_frame = lambda frame: tape.add_frame(world.tick, frame)
        try:
            turn = desk.turn if desk is not None else _never
            yield LivePage(server.url, turn, lambda: server.report()["pages"] > 0)
        finally:
            bridge.on_frame = None


def given_key() -> str:
    """The page's key from the environment, so that an open page survives a restart; empty for a fresh one."""
    key = os.environ.get(KEY_VARIABLE, "")
    if key and (len(key) < SHORTEST_KEY or not key.isascii() or not key.replace("-", "").replace("_", "").isalnum()):
        raise UsageError(
            "bad_key", f"{KEY_VARIABLE} is no key", f"at least {SHORTEST_KEY} letters, digits, `-` and `_`; or unset it"
        )
    return key


def _never() -> bool:
    return False
