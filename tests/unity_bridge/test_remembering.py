"""An engine that remembers: killed at any moment, between any two steps, it loses nothing and does nothing twice."""

from __future__ import annotations

import random
from collections import deque

import pytest

from emotion_runtime.inputs import Event
from protocol import messages
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import BridgeConfig, translate
from unity_bridge.client_session import ClientSession
from unity_bridge.link import Link
from unity_bridge.registry import Registry

SESSION = 9


class Killed:
    """A game whose process ends whenever the test says so: only `disk` outlives it."""

    def __init__(self, rng: random.Random, credit: int) -> None:
        self.rng = rng
        self.now = 0.0
        self.world = LedgerWorld(characters=("ann",), lasts=1e9)
        config = BridgeConfig(port=0, credit=credit, resume_for=1e9)
        self.registry = Registry(SESSION, self.world.characters, config)
        self.link = Link(self.world, self.registry, config, snapshot=self.snapshot, alive=lambda _: False)
        self.disk: tuple[bytes, tuple[int, ...], int] = (b"", (), 0)
        """The remembered session, the actions played, the events told: written in one go."""
        self.route = 0
        self.kills = 0
        self.start()

    def snapshot(self) -> messages.Snapshot:
        return translate.snapshot(self.world, SESSION, b"", paused=False, sent=self.now)

    def start(self) -> None:
        blob, played, self.told = self.disk
        self.played = list(played)
        self.engine = ClientSession("game")
        self.engine.recall(blob)
        self.route += 1
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.engine.connected()

    def kill(self) -> None:
        self.kills += 1
        self.start()

    def frame(self) -> None:
        """One rendered frame of the game; it may be killed between any two steps."""
        steps = [self.read, self.tell, self.write, self.send]
        for step in steps:
            if self.rng.random() < 0.05:
                self.kill()
                return
            step()

    def read(self) -> None:
        for _ in range(self.rng.randrange(1, 6)):
            if self.down:
                for update in self.engine.receive(self.down.popleft()):
                    if isinstance(update, messages.Command):
                        self.played += [c.action for c in update.commands]
        self.engine.hand_over()

    def tell(self) -> None:
        for _ in range(self.rng.randrange(3)):
            self.engine.queue.put(messages.Event(name="go", target="ann", strength=self.told / 100_000))
            self.told += 1

    def write(self) -> None:
        self.disk = (self.engine.remember(0), tuple(self.played), self.told)

    def send(self) -> None:
        while (frame := self.engine.next_frame(self.now)) is not None:
            self.engine.frame_sent(self.now)
            self.up.append(frame)

    def sidecar(self) -> None:
        route = str(self.route).encode()
        for _ in range(self.rng.randrange(4)):
            if self.up:
                self.link.receive(route, self.up.popleft(), self.now)
        if self.rng.random() < 0.5:
            self.now += 0.02
            result = self.world.step(0.02, wait=True)
            state = translate.tick(self.world, SESSION, result.digest, paused=False, sent=self.now)
            self.link.deliver(result, state)
            self.link.sweep(self.now)
        self.link.stray.clear()
        session = self.registry.of(route)
        while session is not None and (out := session.next_frame(self.now, 1.0)) is not None:
            session.frame_sent(self.now)
            self.down.append(out)


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment_an_engine_loses_nothing_and_plays_nothing_twice(seed: int) -> None:
    rng = random.Random(seed)
    game = Killed(rng, credit=rng.choice([1, 3, 8]))
    for _ in range(1000):
        game.frame()
        game.sidecar()
        game.now += 0.05
    told = game.told
    rng.random = lambda: 0.3  # type: ignore[method-assign]  # no more kills, and a tick each time
    for _ in range(400):
        game.read()
        game.write()
        game.send()
        game.sidecar()
        game.now += 0.05
    applied = [round(item.strength * 100_000) for _, _, item in game.world.applied if isinstance(item, Event)]
    assert game.kills > 50
    assert applied == list(range(told))
    assert game.played == list(range(1, told + 1))
    assert len(game.registry) == 1
    assert game.engine.counts["restarts"] == 0


def test_a_blob_of_another_engine_or_none_at_all_begins_anew() -> None:
    one = ClientSession("one")
    assert one.recall(b"") == 0
    assert one.recall(b"\xc1 not ours") == 0
    two = ClientSession("two")
    two.recall(one.remember(7))
    assert two.snapshot is None
    assert two.next_frame(0.0) is not None
