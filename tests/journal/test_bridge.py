"""A bridge with a journal whose disk fills up: its engines are told, in a world that no journal will bring back."""

from __future__ import annotations

import threading
from pathlib import Path

from emotion_runtime import Simulation
from emotion_runtime.journal import Journal
from protocol import messages
from tests.journal.test_recovery import Memory
from tests.net.serving import PATIENCE_S
from tests.record.plays import TAVERN
from unity_bridge import Bridge, BridgeConfig, EngineClient


def test_a_full_disk_is_told_to_engines_as_a_new_world() -> None:
    memory, said = Memory(), list[str]()
    with Simulation(TAVERN) as sim:
        journal = Journal(sim, Path("nowhere"), disk=memory, tell=said.append)
        with Bridge(journal, BridgeConfig(port=0), journal=journal) as bridge:
            thread = threading.Thread(target=bridge.run, name="bridge")
            thread.start()
            try:
                with EngineClient.connect(endpoints=bridge.endpoints(), name="game", timeout=PATIENCE_S) as game:
                    before = game.session.snapshot
                    assert before is not None
                    memory.room = 0
                    updates: list[object] = []
                    while game.session.snapshot in (None, before):
                        updates += game.poll(PATIENCE_S)
                    assert any(isinstance(each, messages.Bye) and each.reason == "journal_stopped" for each in updates)
                    again = game.session.snapshot
                    assert again is not None
                    assert again.session != before.session
                    status = game.request("status").result
                    assert status["world"]["journal"]["state"] == "stopped"
                    assert status["tick"] >= again.state.tick
            finally:
                bridge.stop()
                thread.join(PATIENCE_S)
    assert len(said) == 1
