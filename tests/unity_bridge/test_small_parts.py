"""Pace, histogram, observation queue, frames, configuration and the nominal player: one law each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.errors import UsageError
from emotion_runtime.player import NominalPlayer
from protocol.messages import Event, Move, Positions, Variable
from protocol.views import stream_frame
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import BridgeConfig, translate
from unity_bridge.errors import ObservationOverflowError
from unity_bridge.frames import Frames
from unity_bridge.histogram import LOWEST_S, Histogram
from unity_bridge.observation_queue import ObservationQueue
from unity_bridge.pace import Pace


@given(st.lists(st.floats(0.0, 0.2), max_size=200))
def test_every_deadline_is_either_kept_or_counted_as_missed(naps: list[float]) -> None:
    pace, now, done = Pace(60.0, 0.0), 0.0, 0
    for nap in naps:
        now += nap
        done += pace.due(now)
        assert not pace.due(now)
    assert done + pace.missed == round((pace.deadline - pace.period) / pace.period)
    assert pace.deadline > now


def test_an_hour_on_time_does_not_drift() -> None:
    pace = Pace(60.0, 1000.0)
    for _ in range(216_000):
        assert pace.due(pace.deadline)
    assert pace.missed == 0
    assert pace.deadline == pytest.approx(1000.0 + 216_001 / 60, abs=1e-9)


@given(st.lists(st.floats(LOWEST_S, 10.0), min_size=1, max_size=100), st.floats(0.01, 1.0))
def test_a_quantile_is_off_by_less_than_five_percent(seconds: list[float], q: float) -> None:
    histogram = Histogram()
    for value in seconds:
        histogram.add(value)
    true = sorted(seconds)[math.ceil(q * len(seconds)) - 1]
    assert true * 0.999 <= histogram.quantile(q) <= true * 1.05


def test_an_empty_histogram_says_nought() -> None:
    assert Histogram().summary_ms() == {"p50": 0.0, "p99": 0.0, "max": 0.0, "mean": 0.0}


def test_the_newest_state_replaces_an_older_one_but_not_across_an_event() -> None:
    queue = ObservationQueue()
    bang = Event(name="bang")
    for item in (at("ann", 1), at("bob", 1), at("ann", 2), bang, at("ann", 3), at("ann", 4)):
        queue.put(item)
    assert queue.take() == [at("bob", 1), at("ann", 2), bang, at("ann", 4)]
    assert queue.coalesced == 2


def test_events_past_the_bound_are_refused_and_counted_while_state_goes_on() -> None:
    queue = ObservationQueue(most_events=2)
    queue.put(Event(name="a"))
    queue.put(Event(name="b"))
    with pytest.raises(ObservationOverflowError):
        queue.put(Event(name="c"))
    queue.put(Variable(name="x", value=1.0))
    assert queue.overflowed == 1
    assert len(queue) == 3


@given(st.lists(st.one_of(st.integers(0, 5), st.none()), max_size=300))
def test_a_queue_is_bounded_keeps_all_events_in_order_and_ends_with_the_last_state(things: list[int | None]) -> None:
    queue = ObservationQueue(most_events=8, most=16)
    taken = 0
    for n, thing in enumerate(things):
        if thing is not None:
            queue.put(at(f"npc{thing}", n))
        elif taken < 8:
            queue.put(Event(name=f"e{n}"))
            taken += 1
        assert len(queue) <= 16 + 8
    left = queue.take()
    events = [int(i.name[1:]) for i in left if isinstance(i, Event)]
    assert len(events) == taken
    assert all(a < b for a, b in pairwise(events))
    last = {i.id: i.at[0] for i in left if isinstance(i, Move)}
    wanted = {f"npc{t}": float(n) for n, t in enumerate(things) if t is not None}
    assert last == wanted
    assert len(queue) == 0


def test_positions_of_other_characters_do_not_replace_each_other() -> None:
    queue = ObservationQueue()
    for index in (b"\0\0\0\0", b"\1\0\0\0", b"\0\0\0\0"):
        queue.put(Positions(epoch=1, index=index, xyz=bytes(12)))
    assert [item.index[0] for item in queue.take() if isinstance(item, Positions)] == [1, 0]


def test_frames_from_before_the_snapshot_or_of_another_session_are_passed_over() -> None:
    world, frames = LedgerWorld(), Frames()
    old = translate.tick(world, 1, b"", paused=False, sent=0.0)
    world.step(0.1, wait=True)
    snapshot = translate.snapshot(world, 1, b"", paused=False, sent=0.0)
    frames.begin(1, snapshot.roster, snapshot.state)
    assert frames.take(stream_frame(old), 0.0) is None
    for _ in range(3):
        world.step(0.1, wait=True)
    other = translate.tick(world, 2, b"", paused=False, sent=0.0)
    assert frames.take(stream_frame(other), 0.0) is None
    new = translate.tick(world, 1, b"", paused=False, sent=0.0)
    view = frames.take(stream_frame(new), 0.0)
    assert view is not None
    assert view.tick == 4
    assert (frames.received, frames.skipped, frames.passed_over) == (1, 2, 2)
    assert frames.take(b"tick\xc1", 0.0) is None
    assert frames.malformed == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "example.org", ""])
def test_only_loopback_can_be_bound(host: str) -> None:
    with pytest.raises(UsageError) as error:
        BridgeConfig(host=host)
    assert error.value.code == "not_loopback"
    assert "keygen" in error.value.remedy
    assert "--curve" in error.value.remedy


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_loopback_in_every_spelling_is_fine(host: str) -> None:
    assert BridgeConfig(host=host).endpoint(5570).endswith(":5570")


@pytest.mark.parametrize("port", [-1, 65534, 70000])
def test_a_port_that_leaves_no_room_for_three_is_refused(port: int) -> None:
    with pytest.raises(UsageError) as error:
        BridgeConfig(port=port)
    assert error.value.code == "bad_port"


@dataclass
class Command:
    action: int
    lasts: float = 0.0


def test_the_player_reports_in_ascending_order_and_each_action_once() -> None:
    player = NominalPlayer()
    for action, lasts in ((3, 0.1), (1, 0.2), (2, 5.0)):
        player.start(Command(action, lasts), 1.0)
    assert player.due(1.05) == []
    assert player.due(1.25) == [1, 3]
    assert player.due(1.25) == []
    assert 2 in player


def test_a_stopped_action_is_never_reported() -> None:
    player = NominalPlayer()
    player.start(Command(1, 1.0), 0.0, elapsed=0.4)
    player.start(Command(2, 1.0), 0.0)
    player.stop(Command(2))
    player.stop(Command(9))
    assert player.due(0.59) == []
    assert player.due(0.6) == [1]
    assert player.due(9.0) == []


def at(name: str, x: float) -> Move:
    return Move(id=name, at=(float(x), 0.0, 0.0))


def test_a_flood_of_states_of_different_things_is_bounded_and_searched_seldom() -> None:
    queue = ObservationQueue(most=64)
    searches = 0
    squeeze = queue._squeeze

    def counted(coming: tuple[str, str]) -> None:
        nonlocal searches
        searches += 1
        squeeze(coming)

    queue._squeeze = counted  # type: ignore[method-assign]
    for number in range(1000):
        queue.put(Move(id=f"thing_{number}", at=(0.0, 0.0, 0.0)))
        assert len(queue) <= 64
    assert queue.coalesced == 1000 - len(queue)
    assert searches <= 1000 / (64 / 8) + 1
    assert [item.id for item in queue.take() if isinstance(item, Move)][-1] == "thing_999"
