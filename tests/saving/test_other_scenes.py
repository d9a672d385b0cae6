"""A state restored into another version of its scene: found by name, and what has no place is listed."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from emotion_runtime import Simulation, Stop, load_scene
from emotion_runtime.saving import SaveError, Unplaced, decode, encode
from emotion_runtime.saving.format import column
from emotion_runtime.scene.find import find_scene
from tests.saving.plays import tavern


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(find_scene("tavern").parent, tmp_path / "tavern")
    return tmp_path / "tavern"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def lived() -> Simulation:
    sim, _ = tavern()
    sim.move("guard", 8.0, 0.0, 4.5)
    sim.set("campfire.heat", 0.9)
    sim.say("guard", "Out, now!", to="child", heard={"anger": 0.9})
    sim.run(1.0)
    return sim


def test_what_a_changed_scene_has_no_place_for_is_listed(folder: Path) -> None:
    edit(folder / "tavern.yaml", "  merchant:", "  peddler:")
    edit(folder / "tavern.yaml", "heat: 0.6 in 0..1", "heat: 0.6 in 0..0.7")
    edit(folder / "people.yaml", "release: fear < 0.3", "release: fear < 0.25")
    text = (folder / "tavern.yaml").read_text(encoding="utf-8").replace("merchant", "peddler")
    (folder / "tavern.yaml").write_text(text, encoding="utf-8")
    with lived() as old, Simulation(load_scene(folder / "tavern.yaml")) as new:
        old.say("merchant", "Ha!", heard={"joy": 0.9})
        old.say("thief", "Ha!", heard={"joy": 0.9})
        restored = new.restore(old.save())
        assert not restored.exact
        assert restored.new == ("peddler",)
        found = {(each.kind, each.name) for each in restored.unplaced}
        assert ("character", "merchant") in found
        assert ("variable", "campfire.heat") in found
        assert ("action", "child: flee") in found
        assert ("observation", "line") in found
        assert all(isinstance(each, Unplaced) and each.why for each in restored.unplaced)
        for name in ("guard", "child", "thief"):
            assert new[name].emotion == old[name].emotion
            assert new[name].position == old[name].position
        assert new.tick == old.tick
        result = new.step()
        assert [each.character for each in result.perceptions] == ["thief"]
        stopped = {each.rule for each in result.commands if isinstance(each, Stop) and each.reason == "reload"}
        assert "flee" in stopped


def test_the_same_names_in_a_scene_with_other_appraisals_keep_every_column(folder: Path) -> None:
    edit(folder / "tavern.yaml", "appraisal:", "appraisal:\n  # changed below")
    text = (folder / "tavern.yaml").read_text(encoding="utf-8")
    with lived() as old, Simulation(load_scene(folder / "tavern.yaml")) as new:
        assert new.restore(old.save()).exact, "a comment is no change"
        assert text
        assert new.digest == old.digest


COLUMNS = st.sampled_from(
    "speaker target cause bearer strongest set_slot set_bearer status reported running counter deadline_us action "
    "next_action tree emotion scale last_heard position".split()
)


@cache
def a_state() -> bytes:
    with lived() as sim:
        return sim.save()


@settings(deadline=None, max_examples=100, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(COLUMNS, st.data())
def test_numbers_that_lead_outside_their_columns_are_refused(name: str, data: st.DataObject) -> None:
    sim, _ = tavern()
    with sim:
        sim.restore(before := a_state())
        saved = decode(before)
        array = np.array(np.frombuffer(saved.columns[name].data, saved.columns[name].dtype))
        array = array.reshape(saved.columns[name].shape)
        if not array.size:
            return
        at = data.draw(st.integers(0, array.size - 1))
        numbers = st.sampled_from([-(2**31), -7, -2, 5, 9, 200, 2**31 - 1, 2**62]) | st.integers(-20, 20)
        value = data.draw(st.floats() if array.dtype.kind == "f" else numbers)
        if array.dtype.kind in "iu":
            limits = np.iinfo(array.dtype)
            value = min(max(int(value), limits.min), limits.max)
        array.reshape(-1)[at] = value
        changed = msgspec.structs.replace(saved, columns={**saved.columns, name: column(array)})
        try:
            sim.restore(encode(changed))
        except SaveError as error:
            assert error.code == "bad_save"
            assert sim.save() == before
        for _ in range(3):
            sim.say("guard", "Ha!", heard={"anger": 0.9})
            sim.step()
