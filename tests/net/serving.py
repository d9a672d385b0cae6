"""A bridge served by a thread of the test's own process, with waits that end by an event and never by a guess."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import Bridge, BridgeConfig, EngineClient

PATIENCE_S = 20.0
PATIENCE_MS = 20_000
"""Far more than anything takes: passing it is a failure, not slowness."""


class Served:
    def __init__(self, bridge: Bridge, world: LedgerWorld, thread: threading.Thread) -> None:
        self.bridge = bridge
        self._thread = thread
        self.world = world
        self.endpoints = bridge.endpoints()
        self.ports = bridge.ports()

    def stop(self) -> None:
        """End the sidecar and wait until its ports are free."""
        self.bridge.stop()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the bridge did not stop"

    def client(self, name: str = "game", **options: Any) -> EngineClient:
        return EngineClient.connect(endpoints=self.endpoints, name=name, timeout=PATIENCE_S, **options)


@contextmanager
def serving(world: LedgerWorld | None = None, **options: Any) -> Iterator[Served]:
    world = world or LedgerWorld()
    bridge = Bridge(world, BridgeConfig(**{"port": 0, **options}))
    failure: list[BaseException] = []

    def run() -> None:
        try:
            bridge.run()
        except BaseException as error:
            failure.append(error)
        finally:
            bridge.close()

    thread = threading.Thread(target=run, name="bridge")
    served = Served(bridge, world, thread)
    thread.start()
    try:
        yield served
    finally:
        served.stop()
    if failure:
        raise failure[0]


def poll_until(client: EngineClient, done: Callable[[], bool], what: str = "condition") -> list[Any]:
    """Poll until `done()`; returns every update on the way."""
    updates: list[Any] = []
    deadline = time.monotonic() + PATIENCE_S
    while True:
        updates += client.poll(0.02)
        if done():
            return updates
        assert time.monotonic() < deadline, f"{what} did not come; {client.state} {client.reason}"


def collect(client: EngineClient, kind: Any, count: int) -> list[Any]:
    """Poll until `count` updates of a kind came; returns exactly those that did."""
    found: list[Any] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count:
        found += [u for u in client.poll(0.02) if isinstance(u, kind)]
        assert time.monotonic() < deadline, f"{len(found)} of {count} {kind}; {client.state} {client.reason}"
    return found
