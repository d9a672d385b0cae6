"""Saving and restoring a served scene: engines come into a new world, with what was under way in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from emotion_runtime import Simulation
from tests.net.serving import PATIENCE_S
from tests.record.plays import TAVERN
from unity_bridge import Bridge, BridgeConfig, EngineClient
from unity_bridge.errors import RequestFailedError


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    with Simulation(TAVERN) as sim, Bridge(sim, BridgeConfig(port=0, lockstep=True)) as bridge:
        thread = threading.Thread(target=bridge.run, name="bridge")
        thread.start()
        try:
            yield bridge
        finally:
            bridge.stop()
            thread.join(PATIENCE_S)


def test_after_a_restore_every_engine_is_in_a_new_world_that_goes_on_from_the_saved_one(bridge: Bridge) -> None:
    with EngineClient.connect(endpoints=bridge.endpoints(), name="game", timeout=PATIENCE_S) as game:
        game.say("guard", "Out!", to="child", heard={"anger": 0.9})
        game.step(40)
        saved = game.save()
        snapshot = game.session.snapshot
        assert snapshot is not None
        game.say("thief", "Ha!", heard={"joy": 0.9})
        later = game.step(30).result["digest"]

        reply = game.restore(saved)
        assert reply.result == {"exact": True, "unplaced": [], "new": [], "more": 0}
        assert reply.tick == 40
        updates: list[object] = []
        while game.session.snapshot in (None, snapshot):
            updates += game.poll(PATIENCE_S)
        again = game.session.snapshot
        assert again is not None
        assert again.session != snapshot.session
        assert again.state.tick == 40
        assert again.running
        game.step(1)
        game.restore(saved)
        while game.session.snapshot in (None, again):
            game.poll(PATIENCE_S)
        game.say("thief", "Ha!", heard={"joy": 0.9})
        assert game.step(30).result["digest"] == later


def test_bytes_that_are_no_state_change_nothing_and_say_so(bridge: Bridge) -> None:
    with EngineClient.connect(endpoints=bridge.endpoints(), name="game", timeout=PATIENCE_S) as game:
        game.step(3)
        saved = game.save()
        for data, code in ((b"nothing", "no_save"), (saved[:-1], "bad_save"), (saved[:-9] + bytes(9), "bad_save")):
            with pytest.raises(RequestFailedError) as caught:
                game.restore(data)
            assert caught.value.code == code
        assert game.save() == saved
