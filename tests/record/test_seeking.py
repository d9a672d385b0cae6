"""From any whole state of a recording the rest comes out as recorded, and what is no such state is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotion_runtime import Simulation
from emotion_runtime.inputs import Voice
from emotion_runtime.record import Recorder, RecordingError, Replay
from emotion_runtime.record import recorder as recorder_module
from emotion_runtime.record.format import Reloaded, Snapshot, Ticked, kind_and_tick
from emotion_runtime.scene import load_scene
from tests.record.plays import TAVERN, Turn, a_play, plays, record_play, records, sensed_plays, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seeking")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(play=plays | sensed_plays, where=st.integers(0, 12))
def test_from_any_whole_state_the_rest_comes_out_as_recorded(folder: Path, play: list[Turn], where: int) -> None:
    path = folder / "random.emr"
    digests = record_play(path, play, keyframe_seconds=0.0)
    seen = []
    with Replay(path) as replay:
        begun = replay.go_to(where)
        outcome = replay.run(each=lambda result: seen.append(result.digest))
    assert begun == outcome.begun <= min(where, len(play))
    if not any(isinstance(told, Voice) for turn in play for told, _ in turn.told):
        assert begun == min(where, len(play))
    assert outcome.difference is None
    assert outcome.fault is None
    assert seen == digests[begun:]


def test_a_whole_state_is_recorded_every_simulated_minute(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    record_play(path, [Turn([], 10.0, True, 0)] * 20)
    ticks = [r.tick for r in records(path)[1] if isinstance(r, Snapshot)]
    assert ticks == [6, 12, 18]
    with Replay(path) as replay:
        assert replay.go_to(17) == 12


def test_beyond_a_reload_the_later_scene_is_gone_on_in(tmp_path: Path) -> None:
    for name, text in TAVERN.sources.items():
        (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
    main = tmp_path / TAVERN.path.name
    with Recorder(Simulation(load_scene(main)), tmp_path / "play.emr", keyframe_seconds=0.1) as recorder:
        for _ in range(20):
            recorder.step()
        old = main.read_text(encoding="utf-8")
        assert "conscientiousness: 0.7" in old
        main.write_text(old.replace("conscientiousness: 0.7", "conscientiousness: -0.7"), encoding="utf-8")
        recorder.reload()
        for _ in range(20):
            recorder.step()
    with Replay(tmp_path / "play.emr") as replay:
        assert replay.go_to(39) > 20
        assert replay.simulation.epoch == 2
        assert replay.run().equal
    assert any(isinstance(r, Reloaded) for r in records(tmp_path / "play.emr")[1])


def test_a_state_in_parts_is_put_together_and_one_that_lacks_a_part_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "play.emr"
    monkeypatch.setattr(recorder_module, "SNAPSHOT_PART", 1000)
    record_play(path, a_play(30), keyframe_seconds=0.2)
    header, rest = records(path)
    last = max(r.tick for r in rest if isinstance(r, Snapshot))
    assert sum(1 for r in rest if isinstance(r, Snapshot) and r.tick == last) > 2
    with Replay(path) as replay:
        assert replay.go_to(30) == last
        assert replay.run().equal
    lacking = next(i for i, r in enumerate(rest) if isinstance(r, Snapshot) and r.tick == last and r.following == 1)
    write(path, header, [*rest[:lacking], *rest[lacking + 1 :]])
    with Replay(path) as replay:
        assert 0 < replay.go_to(30) < last


def test_a_state_that_is_not_that_of_its_tick_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    record_play(path, a_play(30), keyframe_seconds=0.2)
    header, rest = records(path)
    states = [r for r in rest if isinstance(r, Snapshot)]
    moved = {states[-1].tick: states[0].data}
    wrong = [
        msgspec.structs.replace(r, data=moved[r.tick]) if isinstance(r, Snapshot) and r.tick in moved else r
        for r in rest
    ]
    write(path, header, wrong)
    with Replay(path) as replay, pytest.raises(RecordingError, match="is not the one that its digest tells of"):
        replay.go_to(30)
    write(path, header, [msgspec.structs.replace(r, data=b"?") if isinstance(r, Snapshot) else r for r in rest])
    with Replay(path) as replay, pytest.raises(RecordingError):
        replay.go_to(30)
    with Replay(path) as replay:
        assert replay.run().equal


def test_damage_before_the_wanted_tick_ends_the_way_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    record_play(path, a_play(30), keyframe_seconds=0.05)
    data = bytearray(path.read_bytes())
    data[len(data) * 3 // 4] ^= 1
    path.write_bytes(data)
    with Replay(path) as replay:
        begun = replay.go_to(30)
        outcome = replay.run()
    assert 0 < begun < 30
    assert outcome.equal
    assert outcome.fault is not None
    assert outcome.fault.kind == "damaged"


def test_a_state_that_is_too_large_is_left_out_and_the_recording_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "LARGEST_SNAPSHOT", 100)
    path = tmp_path / "play.emr"
    record_play(path, a_play(30), keyframe_seconds=0.0)
    rest = records(path)[1]
    assert not any(isinstance(r, Snapshot) for r in rest)
    assert sum(isinstance(r, Ticked) for r in rest) == 30


@given(st.integers(0, 6), st.integers(0, 2**53))
def test_kind_and_tick_are_read_without_the_rest(kind: int, tick: int) -> None:
    assert kind_and_tick(msgspec.msgpack.encode((kind, tick, "rest"))) == (kind, tick)


@given(st.binary(max_size=12))
def test_no_bytes_break_the_glance_at_a_record(data: bytes) -> None:
    kind, tick = kind_and_tick(data)
    assert kind >= -1
    assert tick >= 0
