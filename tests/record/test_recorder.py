"""A recorder stands for its simulation in everything, and its file never harms the game."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.inputs import Move, Positions, SetVariable, Utterance
from emotion_runtime.perception import TextResult
from emotion_runtime.player import NominalPlayer
from emotion_runtime.record import Recorder, RecordReader, Replay, model_digest
from emotion_runtime.record.format import MOST_ITEMS, Said, Ticked, Told
from emotion_runtime.record.writer import FLUSH_SECONDS, RawFile
from emotion_runtime.simulation import Simulation
from tests.record.plays import TAVERN, SlowListener, a_play, record_play, records
from unity_bridge import Bridge, BridgeConfig
from unity_bridge.world import World


def tavern() -> Simulation:
    return Simulation(TAVERN, player=NominalPlayer())


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class FullDisk:
    """A real file on a disk with room for `room` bytes."""

    def __init__(self, path: Path, room: int) -> None:
        self._file = path.open("wb", buffering=0)
        self._room = room

    def write(self, data: memoryview, /) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = self._file.write(data[: self._room])
        self._room -= taken
        return taken

    def seek(self, offset: int, /) -> int:
        return self._file.seek(offset)

    def truncate(self, size: int, /) -> int:
        return self._file.truncate(size)

    def close(self) -> None:
        self._file.close()


def test_a_refused_observation_is_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    with Recorder(tavern(), path) as recorder:
        with pytest.raises(InputError):
            recorder.say("nobody", "Hello?")
        with pytest.raises(InputError):
            recorder.apply(SetVariable("campfire.heat", 9.0))
        recorder.event("glass_breaks")
        recorder.step()
    ticked = records(path)[1][0]
    assert isinstance(ticked, Ticked)
    assert [type(item).__name__ for item in ticked.inputs] == ["Happened"]


def test_a_text_that_no_file_can_hold_is_refused_before_it_is_applied(tmp_path: Path) -> None:
    with Recorder(tavern(), tmp_path / "play.emr") as recorder:
        with pytest.raises(InputError, match="surrogate"):
            recorder.say("guard", "half \ud800", heard={"anger": 1.0})
        assert recorder.step().perceptions == ()


def test_the_verbs_of_a_recorder_are_those_of_a_simulation(tmp_path: Path) -> None:
    path = tmp_path / "verbs.emr"
    with Recorder(tavern(), path) as recorder, tavern() as bare:
        for each in (recorder, bare):
            assert each.say("guard", "Stop!", to="thief", heard={"anger": 0.9}, conversation="c") == 1
            each.event("theft_seen", cause="thief", target="guard", at=(1.0, 0.0, 1.0), strength=0.5)
            each.move("guard", 8, 0, 4.5)
            each.set("world.night", True)
            started = each.step().commands
            each.succeed(started[0].action)
            each.fail(started[1].action, "no path")
            each.step(0.1, wait=False)
        assert recorder.digest == bare.digest
    with Replay(path) as replay:
        assert replay.run().equal


def test_exotic_numbers_are_applied_as_they_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "exotic.emr"
    heard = {"anger": np.float32(0.7), "joy": np.float64(0.1)}
    with Recorder(tavern(), path) as recorder:
        recorder.apply(Utterance("guard", "Stop!", heard=heard))  # type: ignore[arg-type]
        recorder.apply(Move("guard", (8, np.float32(0.1), np.int64(4))))  # type: ignore[arg-type]
        rows = np.ones((2, 3)) / 3
        recorder.apply(Positions(np.arange(2, dtype=np.int64), rows))  # type: ignore[arg-type]
        rows[:] = 7.0
        for _ in range(5):
            recorder.step()
    with Replay(path) as replay:
        assert replay.run().equal


def test_a_crowd_of_inputs_in_one_tick_is_recorded_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "many.emr"
    count = 2 * MOST_ITEMS + 5
    with Recorder(tavern(), path) as recorder:
        for number in range(count):
            recorder.apply(Utterance("guard", f"line {number}", number, heard={"joy": 0.5}), source=number % 3, batch=7)
        recorder.step()
    _, rest = records(path)
    told = [item for record in rest if isinstance(record, Told | Ticked) for item in record.inputs]
    assert [(i.number, i.source, i.batch) for i in told if isinstance(i, Said)] == [
        (number, number % 3, 7) for number in range(count)
    ]
    with Replay(path) as replay:
        assert replay.run().equal


def test_answers_of_one_tick_are_recorded_in_pieces_too(tmp_path: Path) -> None:
    path = tmp_path / "many.emr"
    with Recorder(tavern(), path) as recorder:  # no model: every line fails in its tick
        for number in range(MOST_ITEMS + 5):
            recorder.apply(Utterance("guard", "?", number))
        recorder.step()
    with Replay(path) as replay:
        outcome = replay.run()
    assert outcome.equal
    assert outcome.answers == MOST_ITEMS + 5


@pytest.mark.parametrize("room", [30_000, 30_001, 30_050, 35_000])
def test_a_full_disk_ends_the_recording_whole_and_the_game_goes_on(tmp_path: Path, room: int) -> None:
    path = tmp_path / "full.emr"
    said: list[str] = []
    clock = Clock()

    def opened(path: Path) -> RawFile:
        return FullDisk(path, room)

    with Recorder(tavern(), path, clock=clock, open_file=opened, tell=said.append) as recorder:
        for tick in range(900):
            clock.now += 1 / 60
            if tick % 50 == 0:
                recorder.event("glass_breaks")
            recorder.step()
        assert recorder.tick == 900
        health = recorder.health()["recording"]
        assert health["state"] == "stopped"
        assert os.strerror(errno.ENOSPC) in health["trouble"]
        assert len(said) == 1
        assert str(path) in said[0]
        assert "stopped after tick" in said[0]
    with Replay(path) as replay:
        outcome = replay.run()
    assert outcome.equal
    assert outcome.is_whole
    assert 0 < outcome.ticks < 900


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_disk_that_is_full_from_the_start_is_reported_too(tmp_path: Path) -> None:
    said: list[str] = []
    with Recorder(tavern(), "/dev/full", overwrite=True, tell=said.append) as recorder:
        recorder.step()
        assert recorder.health()["recording"]["state"] == "stopped"
    assert len(said) == 1


def test_records_are_handed_over_when_a_second_has_passed(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    clock = Clock()
    with Recorder(tavern(), path, clock=clock) as recorder:
        header = path.stat().st_size
        assert header > 1000
        recorder.step()
        assert path.stat().st_size == header
        clock.now += FLUSH_SECONDS
        recorder.step()
        with RecordReader(path) as reader:
            list(reader)
            assert reader.ticks == 2
        recorder.step()
        recorder.flush()
        assert path.stat().st_size == recorder.health()["recording"]["bytes"]


def test_what_goes_past_the_recorder_ends_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "past.emr"
    with Recorder(tavern(), path) as recorder:
        recorder.step()
        recorder.simulation.step()
        recorder.step()
        health = recorder.health()["recording"]
        assert health["state"] == "stopped"
        assert "past its recorder" in health["trouble"]
    with Replay(path) as replay:
        outcome = replay.run()
    assert (outcome.ticks, outcome.equal) == (1, True)


def test_a_tick_that_breaks_ends_the_recording_with_its_inputs(tmp_path: Path) -> None:
    path = tmp_path / "broken.emr"

    class Broken(SlowListener):
        def collect(self) -> list[TextResult]:
            raise MemoryError

    with Recorder(Simulation(TAVERN, perception=Broken(TAVERN.labels)), path) as recorder:
        recorder.step(wait=False)
        recorder.say("guard", "Hello?")
        with pytest.raises(MemoryError):
            recorder.step(wait=False)
    _, rest = records(path)
    assert isinstance(rest[-2], Told)
    with Replay(path) as replay:
        outcome = replay.run()
    assert outcome.equal
    assert outcome.ended == "tick 2 failed: MemoryError"


def test_a_refused_length_of_a_tick_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    with Recorder(tavern(), path) as recorder:
        recorder.event("glass_breaks")
        for dt in (0.0, -1.0, float("nan"), 1e9):
            with pytest.raises(InputError):
                recorder.step(dt)
        recorder.step(3600.0)
        recorder.step(1e-9)
    with Replay(path) as replay:
        outcome = replay.run()
    assert (outcome.ticks, outcome.inputs, outcome.equal) == (2, 1, True)


def test_only_what_can_be_replayed_can_be_recorded(tmp_path: Path) -> None:
    used = tavern()
    used.step()
    told = tavern()
    told.event("glass_breaks")

    class Own(NominalPlayer):
        pass

    cases = (
        (used, "record_not_fresh"),
        (told, "record_not_fresh"),
        (Simulation(TAVERN, player=Own()), "record_player"),
        (Simulation(TAVERN, seed=2**70), "bad_seed"),
    )
    for simulation, code in cases:
        with pytest.raises(UsageError) as refused:
            Recorder(simulation, tmp_path / "no.emr")
        assert refused.value.code == code
    assert not (tmp_path / "no.emr").exists()


def test_an_old_recording_is_not_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    record_play(path, a_play(3))
    with pytest.raises(UsageError) as refused:
        Recorder(tavern(), path)
    assert refused.value.code == "record_exists"
    with pytest.raises(UsageError) as refused:
        Recorder(tavern(), tmp_path / "none" / "play.emr")
    assert refused.value.code == "record_unwritable"
    with Recorder(tavern(), path, overwrite=True) as recorder:
        recorder.step()
    assert records(path)[1][-1].tick == 1


def test_the_bridge_serves_a_recorder_as_any_world(tmp_path: Path) -> None:
    path = tmp_path / "served.emr"
    with Recorder(tavern(), path) as recorder:
        world: World = recorder
        with Bridge(world, BridgeConfig(port=0)) as bridge:
            bridge.run(until=lambda: recorder.tick >= 5)
            assert bridge.status()["world"]["recording"]["state"] == "recording"
    with Replay(path) as replay:
        assert replay.run().ticks >= 5


def test_a_write_that_is_interrupted_is_done_again_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"

    class Interrupting(FullDisk):
        interrupt = False

        def write(self, data: memoryview, /) -> int:
            taken = super().write(data[:1000])
            if self.interrupt:
                self.interrupt = False
                raise KeyboardInterrupt
            return taken

    file = Interrupting(path, 2**30)
    with Recorder(tavern(), path, open_file=lambda _: file) as recorder:
        for _ in range(50):
            recorder.step()
        file.interrupt = True
        with pytest.raises(KeyboardInterrupt):
            recorder.flush()
    with Replay(path) as replay:
        outcome = replay.run()
    assert (outcome.ticks, outcome.equal, outcome.fault, outcome.ended) == (50, True, None, "closed")


def test_the_header_names_the_model(tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    with Recorder(tavern(), path, model=model_digest()):
        pass
    assert len(records(path)[0].model) == 64
    assert model_digest(tmp_path) == ""
