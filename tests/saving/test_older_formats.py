"""A save of format 1 that is committed is read for ever; a later format brings it up step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emotion_runtime import Simulation
from emotion_runtime.player import NominalPlayer
from emotion_runtime.saving import decode, encode, format, upgrades
from emotion_runtime.scene import load_scene

GOLDEN = Path(__file__).parent / "golden"
SAVE = GOLDEN / "format1.ems"
DIGEST = "9d70168e92fe90fcba57a1fc1657c0bb"
"""After two more seconds."""


def played() -> Simulation:
    """The scene as it was then, in the middle of an action."""
    sim = Simulation(load_scene(GOLDEN / "tavern.yaml"), player=NominalPlayer())
    sim.say("guard", "Out, now!", to="child", heard={"anger": 0.9})
    sim.run(1.0)
    sim.say("thief", "Ha!", heard={"joy": 0.9})
    return sim


def test_a_save_of_format_1_goes_on_as_it_did_then() -> None:
    with Simulation(load_scene(GOLDEN / "tavern.yaml"), player=NominalPlayer()) as sim:
        restored = sim.restore(SAVE.read_bytes())
        assert restored.exact
        assert [each.rule for each in sim.running()]
        assert [each.character for each in sim.step().perceptions] == ["thief"]
        sim.run(2.0)
        assert sim.digest.hex() == DIGEST


def test_an_older_save_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def first(values: dict[str, Any]) -> dict[str, Any]:
        seen.append("1 to 2")
        return {**values, "clock": {**values["clock"], "utterances": values["clock"]["utterances"] + 1}}

    def second(values: dict[str, Any]) -> dict[str, Any]:
        seen.append("2 to 3")
        return values

    data = SAVE.read_bytes()
    assert int.from_bytes(data[8:12], "little") == 1
    before = decode(data)
    steps = {**upgrades.STEPS, 1: first, 2: second}
    monkeypatch.setattr(upgrades, "STEPS", steps)
    for module in (upgrades, format):
        monkeypatch.setattr(module, "FORMAT", 3)
    after = decode(data)
    assert seen == ["1 to 2", "2 to 3"]
    assert after.clock.utterances == before.clock.utterances + 1
    assert after.columns == before.columns
    assert decode(encode(after)) == after


if __name__ == "__main__":
    with played() as simulation:
        SAVE.write_bytes(simulation.save())
