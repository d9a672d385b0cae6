"""The soak's own instruments: books that no kill can tear, and a ledger that sees what is lost or done twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime.cli.soak.audit import balance, growth
from emotion_runtime.cli.soak.books import Kind, Shelf
from emotion_runtime.cli.soak.figures import not_once, slope
from emotion_runtime.cli.soak.mischief import Mischief
from emotion_runtime.cli.soak.supervisor import Plan, Readings

FAIR: list[tuple[int, Kind]] = [(1, "start"), (2, "start"), (1, "handed_over"), (1, "taken"), (1, "stop"), (3, "start")]
RUNNING = [2, 3]


def plan(folder: Path) -> Plan:
    return Plan(scene=folder, folder=folder, seconds=0.0)


def audited(folder: Path, entries: list[tuple[int, Kind]], perceived: int = 5, **readings: object) -> list[str]:
    shelf = Shelf(folder, "one")
    books = shelf.open()
    books.observations, books.utterances, books.perceived = 9, 5, perceived
    shelf.write(books, entries)
    shelf.close()
    seen = Readings(running=RUNNING, **readings)  # type: ignore[arg-type]
    return balance(plan(folder), seen, [(shelf.read(), shelf)], None).faults


def test_books_that_balance_have_no_fault(tmp_path: Path) -> None:
    assert audited(tmp_path, FAIR) == []


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        (FAIR[1:], "never started: [1]"),
        ([*FAIR, (2, "start")], "started twice: [2]"),
        ([*FAIR, (1, "stop")], "stopped twice: [1]"),
        ([each for each in FAIR if each != (1, "stop")], "never stopped, and not running: [1]"),
        ([each for each in FAIR if each[1] != "taken"], "1 actions were handed over, 0 were taken"),
    ],
)
def test_a_command_that_is_lost_or_done_twice_is_a_fault(
    tmp_path: Path, entries: list[tuple[int, Kind]], fault: str
) -> None:
    assert audited(tmp_path, entries) == [fault]


def test_an_answer_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    assert audited(tmp_path, FAIR, perceived=4) == ["5 utterances, 4 perceptions"]


@settings(deadline=None, max_examples=40)  # files on a busy disk
@given(st.lists(st.integers(0, 60), max_size=12), st.integers(0, 300))
def test_a_page_torn_anywhere_is_the_page_before(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("books")
    shelf = Shelf(folder, "one")
    books = shelf.open()
    for size in sizes:
        books.observations += 1
        shelf.write(books, [(books.observations, "start")] * (size % 3))
    before = shelf.read()
    books.observations += 1
    books.blob = bytes(50)
    shelf.write(books, [(books.observations, "stop")])
    shelf.close()
    page = folder / f"one.{'ab'[books.page % 2]}.page"
    data = page.read_bytes()
    page.write_bytes(data[: min(cut, len(data) - 1)])
    again = Shelf(folder, "one").open()
    assert (again.observations, again.entries) == (before.observations, before.entries)
    assert len(Shelf(folder, "one").entries(again)) == before.entries


def test_a_steady_figure_has_a_slope_whose_interval_holds_nought_and_a_leak_has_not() -> None:
    rng = random.Random(4)
    times = [float(t) for t in range(200)]
    steady = slope(times, [70 + rng.gauss(0, 0.5) for _ in times])
    leaking = slope(times, [70 + 0.01 * t + rng.gauss(0, 0.5) for t in times])
    assert steady is not None
    assert leaking is not None
    assert steady.low < 0.0 < steady.high
    assert leaking.low > 0.0
    assert leaking.low < 0.01 < leaking.high
    assert slope(times[:5], times[:5]) is None


def test_growth_is_read_from_the_longest_life_after_its_warm_up() -> None:
    reading = {"rss_mib": 70.0, "threads": 5.0, "files": 20.0}
    life = [{**reading, "time": float(t), "rss_mib": 90.0 if t < 5 else 70.0} for t in range(40)]
    found = growth({"first": life[:3], "second": life})
    assert found["rss_mib"]["per_hour"] == [0.0, 0.0, 0.0]
    assert growth({}) == {}


def test_numbers_that_are_missing_or_double_are_named() -> None:
    assert not_once([1, 2, 3]) == ([], [])
    assert not_once([1, 3, 3, 5]) == ([2, 4], [3])


class Wire:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.waiting: list[bytes] = []

    def send(self, frame: bytes) -> bool:
        self.sent.append(frame)
        return True

    def wait(self, seconds: float) -> None:
        pass

    def link_frames(self) -> Iterator[bytes]:
        frames, self.waiting = self.waiting, []
        return iter(frames)


@given(st.integers(0, 2**32), st.floats(0.0, 1.0))
def test_mischief_loses_nothing_and_invents_nothing(seed: int, share: float) -> None:
    wire = Wire()
    mischief = Mischief(wire, random.Random(seed), share, Counter())  # type: ignore[arg-type]
    frames = [bytes([n]) for n in range(40)]
    for frame in frames:
        mischief.send(frame)
    mischief.wait(0.0)
    assert set(wire.sent) == set(frames)
    assert max(Counter(wire.sent).values()) <= 2
    wire.waiting = list(frames)
    assert set(mischief.link_frames()) == set(frames)
