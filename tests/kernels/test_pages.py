"""Large pages are asked for beneath memory in use, and nobody's bytes change by it."""

from __future__ import annotations

import mmap
import threading
from pathlib import Path

import numpy as np
import pytest

from emotion_runtime.bench.crowd import crowd
from emotion_runtime.kernels import choice, pages
from emotion_runtime.simulation import Simulation


def large() -> int:
    """Bytes of this process that lie in large pages."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("AnonHugePages"))


def test_memory_in_use_comes_to_lie_in_large_pages_and_keeps_its_bytes() -> None:
    column = np.arange(4 * pages.LARGE // 8)  # three whole large pages, wherever it begins
    before = column.tobytes()
    made = pages.enlarge()
    assert column.tobytes() == before
    if pages.can_ask():
        assert made >= 3
        assert large() >= 3 * pages.LARGE
    else:
        assert made == 0


def test_memory_that_is_hardly_in_use_is_left_as_it_is() -> None:
    reserved: np.ndarray[tuple[int], np.dtype[np.uint8]] = np.frombuffer(
        mmap.mmap(-1, 8 * pages.LARGE), np.uint8
    )  # not there before it is written to
    reserved[:: pages.LARGE // 2] = 1
    start = reserved.ctypes.data
    if pages.can_ask():
        assert not [place for place in pages._full() if start <= place < start + reserved.nbytes]


def test_where_large_pages_are_turned_off_nobody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = tmp_path / "enabled"
    setting.write_text("always madvise [never]\n")
    monkeypatch.setattr(pages, "ALLOWED", setting)
    assert not pages.can_ask()
    assert pages.enlarge() == 0
    monkeypatch.setattr(pages, "ALLOWED", tmp_path / "of another system")
    assert not pages.can_ask()


@pytest.mark.parametrize(("people", "two_from", "asks"), [(600, 20_480, 0), (4200, 20_480, 1), (4200, 4200, 0)])
def test_a_crowd_that_one_thread_works_on_asks_once_after_it_has_settled(
    people: int, two_from: int, asks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(choice, "SETTLED_AFTER", 3)
    monkeypatch.setattr(choice, "TWO_THREADS_FROM", two_from)
    monkeypatch.setattr(pages, "enlarge_beside", lambda: asked.append(1))
    with Simulation(crowd(people, 10), kernels="numpy") as sim:
        for _ in range(6):
            sim.step()
    assert len(asked) == asks


def test_it_is_done_beside_and_not_twice_at_once() -> None:
    before = threading.active_count()
    pages.enlarge_beside()
    pages.enlarge_beside()
    assert threading.active_count() <= before + 1
    for thread in threading.enumerate():
        if thread.name == "pages":
            thread.join()
    assert pages._busy.acquire(blocking=False)
    pages._busy.release()
