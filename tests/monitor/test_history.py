"""What a page is told without a browser: the scene, the tape's budgets, one page's conversation, an editor's wishes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behaviors.expressions import parse
from behaviors.rules import State
from emotion_runtime import Simulation
from emotion_runtime.errors import InputError
from emotion_runtime.inputs import Event, Push, SetVariable
from emotion_runtime.monitor import Tape, Watch, stage
from emotion_runtime.monitor.stage import thresholds
from emotion_runtime.monitor.tape import Budget
from unity_bridge.monitor.desk import Desk, wished
from unity_bridge.monitor.loading import load
from unity_bridge.monitor.talk import MOST_BEHIND, Talk


def watched() -> tuple[Simulation, Tape]:
    """The tavern with a tape running."""
    sim = Simulation.from_scene("tavern", perception=None)
    tape = Tape()
    Watch(sim, tape)
    return sim, tape


def moment(tape: Tape, tick: int) -> dict[str, Any]:
    found = tape.moment_at(tick)
    assert found is not None
    told: dict[str, Any] = json.loads(found)
    return told


def test_a_tape_changes_nothing() -> None:
    sim, _ = watched()
    with sim, Simulation.from_scene("tavern", perception=None) as other:
        for each in (sim, other):
            each.say("guard", "Stop!", to="thief", heard={"anger": 0.9})
            each.run(3.0)
            each.push("child", "fear", 0.5)
            each.run(3.0)
        assert sim.digest == other.digest


def test_the_states_on_a_tape_are_those_of_the_executor() -> None:
    sim, tape = watched()
    nodes: dict[int, int] = {}
    with sim:
        sim.say("guard", "Stop!", to="thief", heard={"anger": 0.9})
        number = 0
        for _ in range(400):
            sim.step()
            number, base, changes = tape.changes_from(number)
            nodes.update(base)
            nodes.update({node: state for _, node, state in changes})
            states = sim.behaving.executor.state().status.tolist()
            assert [nodes.get(node, 0) for node in range(len(states))] == states
    assert State.RUNNING in nodes.values()


def test_a_moment_says_why_as_the_simulation_does() -> None:
    sim, tape = watched()
    with sim:
        sim.say("guard", "Stop!", to="thief", heard={"anger": 0.9})
        sim.run(0.5)
        told = moment(tape, sim.tick)
        assert told["tick"] == sim.tick
        causes = told["who"]["guard"]["why"]["anger"]
        reasons = sim["guard"].why("anger").reasons
        assert [each["cause"] for each in causes] == [each.cause for each in reasons]
        assert causes[0]["amount"] == pytest.approx(reasons[0].amount, abs=1e-4)
        assert causes[0]["since"] == 1
        assert causes[0]["left"] > 10


def test_a_leaf_tells_the_numbers_its_trigger_reads() -> None:
    sim, tape = watched()
    with sim:
        sim.run(0.5)
        sim.push("guard", "anger", 0.6)
        sim.run(0.5)
        nodes = moment(tape, sim.tick)["who"]["guard"]["nodes"]
        leaf = next(k for k, node in enumerate(stage(sim)["trees"]["watch"]) if node["rule"] == "stand_firm")
        reads = dict(nodes[leaf]["reads"])
        assert reads["anger"] == pytest.approx(sim["guard"].emotion["anger"], abs=1e-3)
        assert nodes[leaf]["holds"] == (reads["anger"] > 0.2 and reads["mood.dominance"] > 0)


def test_a_reload_begins_a_new_tape(tmp_path: Path) -> None:
    scene = tmp_path / "one.yaml"
    scene.write_text("scene: one\nlanguage: 1\ncharacters:\n  ada: {at: [0, 0]}\n", encoding="utf-8")
    with Simulation.from_scene(scene, perception=None) as sim:
        tape = Tape()
        Watch(sim, tape)
        sim.step()
        epoch = tape.epoch
        scene.write_text("scene: one\nlanguage: 1\ncharacters:\n  bob: {at: [0, 0]}\n", encoding="utf-8")
        sim.reload()
        sim.step()
        assert tape.epoch == epoch + 1
        assert [each["name"] for each in tape.stage["characters"]] == ["bob"]


@pytest.mark.parametrize(
    ("trigger", "lines"),
    [
        ("fear > 0.45", [("fear", ">", 0.45)]),
        ("0.3 < fear and joy <= 0.2", [("fear", ">", 0.3), ("joy", "<=", 0.2)]),
        ("fear > 0.6 - 0.2 * neuroticism", [("fear", ">", 0.5)]),
        ("self.anger >= 0.1", [("anger", ">=", 0.1)]),
        ("bearer.fear > 0.5 or fear > joy or distance < 3 m", [("distance", "<", 3.0)]),
    ],
)
def test_lines_are_drawn_for_what_an_emotion_is_compared_with(
    trigger: str, lines: list[tuple[str, str, float]]
) -> None:
    found = [(each["label"], each["op"], each["value"]) for each in thresholds(parse(trigger), {"neuroticism": 0.5})]
    assert found == lines


@given(sizes=st.lists(st.integers(1, 400), min_size=1, max_size=60), thin=st.booleans())
def test_a_tape_keeps_within_its_budget_and_in_order(sizes: list[int], thin: bool) -> None:
    tape = Tape(Budget(frame_bytes=1000, thin=thin))
    for tick, size in enumerate(sizes, 1):
        tape.add_frame(tick, tick.to_bytes(2, "big") + bytes(size))
    kept = tape.frames_between(0, 1000, 1, 1000)
    ticks = [int.from_bytes(frame[:2], "big") for frame in kept]
    assert sum(map(len, kept)) <= 1000 or len(kept) <= 2
    assert all(before < after for before, after in pairwise(ticks))
    if thin:
        assert all(tick % tape.stride == 0 for tick in ticks)
    else:
        assert ticks == list(range(len(sizes) - len(ticks) + 1, len(sizes) + 1)), "the newest, without a gap"


def test_old_changes_are_folded_into_the_states_before() -> None:
    tape = Tape(Budget(changes=3))
    for tick in range(1, 8):
        tape.add_changes(tick, [tick % 2], [tick % 5])
    end, base, changes = tape.changes_from(0)
    assert end == 7
    assert changes == [(5, 1, 0), (6, 0, 1), (7, 1, 2)]
    assert base == {0: 4, 1: 3}
    assert tape.changes_from(6)[1:] == ({}, [(7, 1, 2)])


def test_a_page_gets_every_frame_as_it_is_and_once() -> None:
    tape = Tape()
    tape.begin({"rate": 60.0})
    talk = Talk(tape, live=True)
    frames = [b"tick%d" % tick for tick in range(1, 6)]
    got: list[bytes] = []
    for tick, frame in enumerate(frames, 1):
        tape.add_frame(tick, frame)
        got += [each for each in talk.due() if isinstance(each, bytes)]
    assert got == frames


def test_a_slow_page_jumps_to_the_newest_and_is_told_so() -> None:
    tape = Tape()
    tape.begin({"rate": 60.0})
    talk = Talk(tape, live=True)
    tape.add_frame(1, b"1")
    talk.due()
    for tick in range(2, 1002):
        tape.add_frame(tick, b"%d" % tick)
    told = talk.due()
    assert [json.loads(each) for each in told if isinstance(each, str)] == [
        {"type": "skipped", "frames": 1000 - MOST_BEHIND}
    ]
    assert sum(isinstance(each, bytes) for each in told) == MOST_BEHIND
    assert told[-1] == b"1001"


def test_a_paused_clock_sends_its_repeated_frame_again() -> None:
    tape = Tape()
    tape.begin({"rate": 60.0})
    talk = Talk(tape, live=True)
    tape.add_frame(1, b"runs")
    talk.due()
    tape.add_frame(1, b"paused")
    assert talk.due() == [b"paused"]
    assert talk.due() == []


@given(st.one_of(st.text(), st.binary(), st.from_regex(r'\{"type":"(frames|moment|look|edit)".*\}')))
def test_whatever_a_page_says_it_is_refused_or_answered(said: str | bytes) -> None:
    tape = Tape()
    talk = Talk(tape, live=False)
    talk.due()
    talk.hear(said)
    for answer in talk.due():
        assert json.loads(answer)["type"] == "refused"


def test_a_viewer_may_not_edit() -> None:
    talk = Talk(Tape(), live=True)
    talk.due()
    talk.hear('{"type":"edit","do":"push","character":"guard","label":"fear","amount":0.1}')
    (answer,) = talk.due()
    assert json.loads(answer)["code"] == "not_allowed"


def test_an_editors_wish_is_applied_in_the_loop_and_a_wrong_one_is_logged() -> None:
    sim, tape = watched()
    with sim:
        desk = Desk(sim, tape)
        desk.ask({"do": "push", "character": "guard", "label": "fear", "amount": 0.5})
        desk.ask({"do": "event", "name": "no_such_event"})
        assert sim.untouched
        desk.turn()
        assert not sim.untouched
        assert desk.counts == {"applied": 1, "unknown_event": 1}
        _, lines = tape.lines_from(0, 10)
        assert [json.loads(line)["kind"] for line in lines] == ["push", "trouble"]


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"do": "push", "character": "a", "label": "joy", "amount": 1}, Push("a", "joy", 1.0)),
        ({"do": "event", "name": "e", "cause": ""}, Event("e")),
        ({"do": "set", "name": "world.night", "value": 1}, SetVariable("world.night", 1.0)),
    ],
)
def test_a_wish_is_an_observation(wish: dict[str, Any], told: object) -> None:
    assert wished(wish) == told


@pytest.mark.parametrize(
    "wish",
    [{}, {"do": "shutdown"}, {"do": "push"}, {"do": "push", "character": 3, "label": "joy", "amount": 0.1},
     {"do": "push", "character": "a", "label": "joy", "amount": True},
     {"do": "push", "character": "a", "label": "joy", "amount": 2.0}, {"do": "event", "name": "x" * 1000}],
)  # fmt: skip
def test_what_is_no_wish_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        wished(wish)


def test_a_recording_gives_the_frames_a_stream_would_have_carried(recordings: tuple[Path, Path]) -> None:
    from protocol.views import parse_stream_frame

    run = load(recordings[0])
    assert run.outcome.equal
    assert run.tape.span == (1, 600)
    ticks = [parse_stream_frame(frame) for frame in run.tape.frames_between(1, 600, 1, 1000)]
    assert [tick.tick for tick in ticks] == list(range(1, 601))
    assert tuple(tick.digest for tick in ticks) == run.digests
    assert all(tick.face for tick in ticks)
