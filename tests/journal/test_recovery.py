"""A journal gives back every closed group, wherever the file was cut; and says in words what it cannot."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from emotion_runtime import Simulation
from emotion_runtime.bench.crowd import crowd
from emotion_runtime.errors import UsageError
from emotion_runtime.journal import FolderLock, Journal, JournalError, recover, writer
from emotion_runtime.journal.disk import KEPT_SEGMENTS
from emotion_runtime.journal.format import SUFFIX
from emotion_runtime.player import NominalPlayer
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from tests.record.plays import TAVERN, Turn, a_play, plays
from tests.saving.plays import tavern, tell


class Memory:
    """A disk in memory, that is full when the test says so."""

    def __init__(self) -> None:
        self.data = b""
        self.size = self.synced = 0
        self.room = 1 << 40

    def begin(self, data: bytes) -> None:
        self.data = b""
        self.write(data)

    def write(self, data: bytes) -> None:
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        self.data += data
        self.size = len(self.data)

    def close(self) -> None:
        pass


def journalled(play: list[Turn], memory: Memory) -> list[tuple[int, bytes]]:
    """Play; returns the length of the file and the state after every commit."""
    simulation, listener = tavern()
    journal = Journal(simulation, Path("nowhere"), disk=memory)
    marks = []
    with simulation:
        journal.begin(b"bridge")
        marks.append((memory.size, simulation.save()))
        for number, turn in enumerate(play):
            tell(journal, turn)  # type: ignore[arg-type]
            listener.arriving = turn.arrive
            if number % 3 == 2:  # a group without a tick
                journal.commit(b"told")
                marks.append((memory.size, simulation.save()))
            journal.step(turn.dt, wait=turn.wait)
            journal.commit(b"%d" % number)
            marks.append((memory.size, simulation.save()))
    return marks


@settings(
    deadline=None,
    max_examples=12,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(play=plays, data=st.data())
@example(play=a_play(14), data=None)
def test_cut_anywhere_the_journal_gives_back_the_last_closed_group(
    tmp_path: Path, play: list[Turn], data: st.DataObject | None
) -> None:
    memory = Memory()
    marks = journalled(play, memory)
    first = marks[0][0]
    cuts = [memory.size, first, first + 1, memory.size - 1] if data is None else []
    if data is not None:
        cuts = [data.draw(st.integers(first, memory.size)) for _ in range(2)]
    for cut in cuts:
        (tmp_path / f"00000001{SUFFIX}").write_bytes(memory.data[:cut])
        found = recover(tmp_path, TAVERN)
        assert found is not None
        assert found.exact
        assert found.save == [state for size, state in marks if size <= cut][-1]
        assert found.bridge[0] == b"bridge"
        assert found.number == 2


def test_damage_in_the_middle_is_told_from_a_cut(tmp_path: Path) -> None:
    memory = Memory()
    marks = journalled(a_play(20), memory)
    middle = marks[10][0]
    for at in (middle + 1, middle + 5, middle + 20):
        data = bytearray(memory.data)
        data[at] ^= 0x40
        (tmp_path / f"00000001{SUFFIX}").write_bytes(bytes(data))
        found = recover(tmp_path, TAVERN)
        assert found is not None
        assert not found.exact
        assert found.save == marks[10][1]
        assert any("damaged" in remark for remark in found.remarks)


def test_a_segment_whose_state_is_unreadable_gives_way_to_the_one_before(tmp_path: Path) -> None:
    memory = Memory()
    marks = journalled(a_play(6), memory)
    (tmp_path / f"00000004{SUFFIX}").write_bytes(memory.data)
    (tmp_path / f"00000005{SUFFIX}").write_bytes(memory.data[:900])
    (tmp_path / f"00000006{SUFFIX}").write_bytes(b"")
    found = recover(tmp_path, TAVERN)
    assert found is not None
    assert (found.exact, found.number, found.save) == (False, 7, marks[-1][1])
    assert len(found.remarks) == 2
    for path in tmp_path.glob(f"*{SUFFIX}"):
        path.write_bytes(b"rubbish")
    with pytest.raises(JournalError) as caught:
        recover(tmp_path, TAVERN)
    assert caught.value.code == "journal_unreadable"


def test_another_scene_a_later_version_and_a_folder_in_use_are_refused_in_words(tmp_path: Path) -> None:
    assert recover(tmp_path, TAVERN) is None
    memory = Memory()
    journalled(a_play(3), memory)
    path = tmp_path / f"00000001{SUFFIX}"
    path.write_bytes(memory.data)
    with pytest.raises(JournalError) as caught:
        recover(tmp_path, crowd(3))
    assert caught.value.code == "journal_foreign"
    assert "tavern" in caught.value.message
    with_format = memory.data.replace(b"\xa6format\x01", b"\xa6format\x07", 1)
    from emotion_runtime.record.format import FRAME_BYTES, frame, unframe

    length, _ = unframe(with_format[8 : 8 + FRAME_BYTES])
    body = with_format[8 + FRAME_BYTES : 8 + FRAME_BYTES + length]
    path.write_bytes(with_format[:8] + frame(body) + with_format[8 + FRAME_BYTES + length :])
    with pytest.raises(JournalError) as caught:
        recover(tmp_path, TAVERN)
    assert caught.value.code == "journal_version"
    lock = FolderLock(tmp_path)
    with pytest.raises(JournalError) as caught:
        FolderLock(tmp_path)
    assert caught.value.code == "journal_in_use"
    lock.close()
    FolderLock(tmp_path).close()


def test_a_full_disk_ends_the_journal_once_and_in_words_and_the_simulation_goes_on() -> None:
    said: list[str] = []
    memory = Memory()
    with Simulation(TAVERN, player=NominalPlayer()) as sim, Simulation(TAVERN, player=NominalPlayer()) as twin:
        journal = Journal(sim, Path("nowhere"), disk=memory, tell=said.append)
        journal.begin(b"")
        memory.room = 400
        for tick in range(40):
            for each in (journal, twin):
                each.say("guard", "Out!", heard={"anger": 0.5})
            assert journal.step().digest == twin.step().digest
            journal.commit(b"")
            assert tick < 30 or journal.trouble
        assert len(said) == 1
        assert "No space left" in said[0]
        assert journal.health()["journal"]["state"] == "stopped"
        assert journal._group == []
        assert journal._inputs == []


def test_a_reload_and_a_restore_are_done_again(tmp_path: Path) -> None:
    shutil.copytree(find_scene("tavern").parent, tmp_path / "tavern")
    scene = tmp_path / "tavern" / "tavern.yaml"
    folder = tmp_path / "journal"
    folder.mkdir()
    with Simulation(load_scene(scene)) as sim:
        memory = Memory()
        journal = Journal(sim, folder, disk=memory)
        journal.begin(b"")
        journal.say("guard", "Out!", heard={"anger": 0.9})
        journal.step()
        kept = journal.save()
        journal.commit(b"")
        text = scene.read_text(encoding="utf-8")
        scene.write_text(text.replace("heat: 0.6 in 0..1", "heat: 0.6 in 0..0.7"), encoding="utf-8")
        journal.reload()
        journal.step()
        journal.restore(kept)
        journal.say("thief", "Ha!", heard={"joy": 0.9})
        journal.step()
        journal.commit(b"")
        (folder / f"00000001{SUFFIX}").write_bytes(memory.data)
        found = recover(folder, load_scene(scene))
        assert found is not None
        assert found.save == sim.save()


def test_a_scene_that_was_read_from_no_file_cannot_be_journalled() -> None:
    with Simulation(crowd(3)) as sim, pytest.raises(UsageError) as caught:
        Journal(sim, Path("nowhere"), disk=Memory()).begin(b"")
    assert caught.value.code == "record_no_source"


def test_segments_change_when_it_is_time_and_old_ones_go(tmp_path: Path) -> None:
    now = [0.0]
    with Simulation(TAVERN) as sim:
        journal = Journal(sim, tmp_path, clock=lambda: now[0])
        journal.begin(b"")
        for _ in range(5):
            journal.step()
            journal.commit(b"x")
            assert not journal.is_due
            now[0] += 61.0
            assert journal.is_due
            journal.begin(b"y")
        expected = sim.save()
        journal.close()
        assert [path.name for path in sorted(tmp_path.glob(f"*{SUFFIX}"))] == ["00000005.journal", "00000006.journal"]
        found = recover(tmp_path, TAVERN)
        assert found is not None
        assert (found.save, found.bridge, found.ticks) == (expected, (b"y",), 0)


def test_a_journal_stays_bounded_whatever_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands, so that size alone ends a segment; a voice that is never closed puts that off as far as it may."""
    monkeypatch.setattr(writer, "SEGMENT_BYTES", 100_000)
    largest = begun = 0
    with Simulation(TAVERN) as sim:
        journal = Journal(sim, tmp_path, clock=lambda: 0.0)
        journal.begin(b"")
        state = next(tmp_path.glob(f"*{SUFFIX}")).stat().st_size
        journal.voice("thief", b"\0\0" * 400, number=1)
        for _ in range(400):
            for _ in range(4):
                journal.say("guard", "x" * 1000, heard={"anger": 0.1})
            journal.step()
            journal.commit(b"x" * 1000)
            if journal.is_due:
                journal.begin(b"")
                begun += 1
            largest = max(largest, sum(path.stat().st_size for path in tmp_path.glob(f"*{SUFFIX}")))
        journal.close()
    assert begun > 4
    assert largest <= KEPT_SEGMENTS * writer.LATE_SEGMENTS * (max(100_000, 2 * state) + 10_000)
