"""The life of actions: numbers, results, rests, timeouts, and the order of events."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from behaviors.actions import Actions, ActionsState, Started, Stopped
from behaviors.conditions import Conditions
from behaviors.errors import ReportError, StateError
from behaviors.executor import Ended
from behaviors.forest import Forest
from behaviors.reference import ReferenceExecutor
from behaviors.rules import AutonomousRule
from behaviors.trees import Node, Selector, Tree
from behaviors.triggers import Triggers
from tests.behaviors.play import A, B, C
from tests.behaviors.stage import PAD, Stage, rule, rules

SECOND = 1_000_000


class Life:
    """A whole tick as the runtime does it, with every character having the same tree."""

    def __init__(self, root: Node, *several: AutonomousRule, stage: Stage | None = None) -> None:
        self.stage = stage or Stage(("guard", "merchant"))
        count = len(self.stage.cast.characters)
        self.forest = Forest([Tree("tree", root)] * count, rules(*several), PAD)
        self.executor = ReferenceExecutor(self.forest)
        self.triggers = Triggers(self.stage.cast, self.forest.slots, self.forest.rules)
        self.conditions = Conditions(self.stage.cast, self.forest)
        self.actions = Actions(self.forest)
        self.now_us = 0

    def tick(self, seconds: float = 0.1) -> tuple[Stopped | Started, ...]:
        self.now_us += round(seconds * SECOND)
        actions, senses = self.actions, self.stage.senses
        sight = self.triggers.look(senses, actions.running, actions.bearer, actions.sets)
        outcomes = self.executor.tick(
            self.now_us,
            actions.rested(self.now_us, sight.ready),
            sight.holds,
            actions.reported(self.now_us),
            self.conditions.look(senses),
        )
        return actions.apply(self.now_us, outcomes, sight)


def afraid(**rest: Any) -> AutonomousRule:
    return rule("a", "self", "fear > 0.5", **rest)


def test_actions_are_numbered_from_one_in_the_order_of_their_starts() -> None:
    life = Life(A, afraid())
    life.stage.feel("merchant", fear=0.9)
    assert life.tick() == (Started(1, 1, (1,)),)
    life.stage.feel("guard", fear=0.9)
    assert life.tick() == (Started(0, 2, (0,)),)
    assert life.actions.action.tolist() == [2, 1]


def test_all_stops_come_before_all_starts_each_in_the_order_of_slots() -> None:
    life = Life(Selector((A, B)), afraid(), rule("b", "self", "true"))
    assert [type(event) for event in life.tick()] == [Started, Started]
    life.stage.senses.emotion[:] = 0.9
    events = life.tick()
    assert [(type(event).__name__, event.slot) for event in events] == [
        ("Stopped", 1),
        ("Stopped", 3),
        ("Started", 0),
        ("Started", 2),
    ]
    assert [event.reason for event in events if isinstance(event, Stopped)] == [Ended.OUTRANKED] * 2


def test_a_result_ends_the_action_in_the_next_tick() -> None:
    life = Life(A, afraid())
    life.stage.feel("guard", fear=0.9)
    life.tick()
    assert life.actions.report(1, True) == 0
    assert life.tick() == (Stopped(0, 1, (0,), Ended.SUCCESS, 100_000),)
    assert life.tick() == (Started(0, 2, (0,)),)


def test_a_result_for_an_action_that_does_not_run_is_refused_and_changes_nothing() -> None:
    life = Life(A, afraid())
    life.stage.feel("guard", fear=0.9)
    life.tick()
    before = raw(life.actions.state())
    for number in (0, 2, 10**9):
        with pytest.raises(ReportError) as caught:
            life.actions.report(number, True)
        assert caught.value.code == "unknown_action"
    assert raw(life.actions.state()) == before


def test_the_first_result_of_a_tick_counts() -> None:
    life = Life(A, afraid())
    life.stage.feel("guard", fear=0.9)
    life.tick()
    life.actions.report(1, False)
    life.actions.report(1, True)
    (stop,) = life.tick()
    assert isinstance(stop, Stopped)
    assert stop.reason is Ended.ENGINE_FAILURE


def test_a_rule_rests_after_a_failure_in_the_engine() -> None:
    life = Life(A, afraid(rest=1.0))
    life.stage.feel("guard", fear=0.9)
    life.tick()
    life.actions.report(1, False)
    life.tick()
    assert life.tick(0.9) == ()
    assert life.tick(0.1) == (Started(0, 2, (0,)),)


def test_a_rule_rests_after_a_timeout_but_not_after_a_lost_trigger() -> None:
    life = Life(A, afraid(rest=1.0, timeout=2.0))
    life.stage.feel("guard", fear=0.9)
    life.tick()
    assert life.tick(1.9) == ()
    (stop,) = life.tick(0.1)
    assert isinstance(stop, Stopped)
    assert stop.reason is Ended.TIMEOUT
    assert life.tick(0.5) == ()
    assert life.tick(0.5) == (Started(0, 2, (0,)),)
    life.stage.feel("guard", fear=0.1)
    (stop,) = life.tick()
    assert isinstance(stop, Stopped)
    assert stop.reason is Ended.TRIGGER_LOST
    life.stage.feel("guard", fear=0.9)
    assert life.tick() == (Started(0, 3, (0,)),)


def test_a_result_that_arrives_with_the_timeout_counts() -> None:
    life = Life(A, afraid(timeout=2.0))
    life.stage.feel("guard", fear=0.9)
    life.tick()
    life.actions.report(1, True)
    (stop,) = life.tick(5.0)
    assert isinstance(stop, Stopped)
    assert stop.reason is Ended.SUCCESS


def test_the_bearers_are_fixed_when_the_action_starts() -> None:
    stage = Stage()
    life = Life(C, rule("c", "all(person) within 5 m", "bearer.anger > 0.5"), stage=stage)
    stage.feel("child", anger=0.9)
    stage.feel("thief", anger=0.9)
    stage.put("child", 1.0)
    started = life.tick()
    assert started[0] == Started(0, 1, (3, 2))
    assert life.actions.sets[0].tolist() == [3, 2]
    stage.feel("merchant", anger=0.9)
    stage.feel("child", anger=0.1)
    assert 0 not in {event.slot for event in life.tick()}
    stage.feel("thief", anger=0.1)
    stop = life.tick()[0]
    assert isinstance(stop, Stopped)
    assert (stop.bearers, stop.reason) == ((3, 2), Ended.TRIGGER_LOST)
    assert 0 not in life.actions.sets


def raw(state: ActionsState) -> bytes:
    return b"".join(getattr(state, each.name).tobytes() for each in fields(ActionsState))


def busy() -> Life:
    stage = Stage()
    life = Life(
        Selector((A, B, C)),
        afraid(timeout=0.7, rest=0.3),
        rule("b", "nearest(person)", "bearer.joy > 0.5"),
        rule("c", "all(person)", "bearer.anger > 0.4", "joy > 0.8"),
        stage=stage,
    )
    return life


def stir(life: Life, chance: np.random.Generator) -> tuple[Stopped | Started, ...]:
    life.stage.senses.emotion[:] = chance.random(life.stage.senses.emotion.shape)
    for number in life.actions.action[life.actions.running].tolist():
        if chance.random() < 0.3:
            life.actions.report(number, bool(chance.random() < 0.5))
    return life.tick()


def test_every_start_has_one_stop_and_numbers_never_repeat() -> None:
    life, chance = busy(), np.random.default_rng(1)
    open_actions: dict[int, int] = {}
    seen = 0
    for _ in range(300):
        events = stir(life, chance)
        kinds = [isinstance(event, Started) for event in events]
        assert kinds == sorted(kinds)
        assert len({(type(event), event.slot) for event in events}) == len(events)
        for event in events:
            if isinstance(event, Started):
                seen += 1
                assert event.action == seen
                assert event.slot not in open_actions
                open_actions[event.slot] = event.action
            else:
                assert open_actions.pop(event.slot) == event.action
        assert open_actions == {slot: int(life.actions.action[slot]) for slot in np.flatnonzero(life.actions.running)}
    assert seen > 100


def test_equal_runs_have_equal_states_and_a_restored_one_goes_on_equally() -> None:
    one, two, three = busy(), busy(), busy()
    first, second = np.random.default_rng(2), np.random.default_rng(2)
    for tick in range(120):
        assert stir(one, first) == stir(two, second)
        assert raw(one.actions.state()) == raw(two.actions.state())
        if tick == 60:
            three.actions.restore(one.actions.state())
            three.executor.restore(one.executor.state())
            three.now_us = one.now_us
            third = np.random.default_rng()
            third.bit_generator.state = first.bit_generator.state
        if tick > 60:
            stir(three, third)
            assert raw(three.actions.state()) == raw(one.actions.state())


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    life = Life(A, afraid())
    life.stage.senses.emotion[:] = 0.9
    life.tick()
    state = life.actions.state()
    for bad in (
        replace(state, running=state.running[:1]),
        replace(state, bearer=state.bearer.astype(np.int64)),
        replace(state, action=np.array([1, 1], np.uint64)),
        replace(state, action=np.array([1, 9], np.uint64)),
        replace(state, set_slot=np.array([0], np.int32)),
    ):
        with pytest.raises(StateError):
            life.actions.restore(bad)
    assert raw(life.actions.state()) == raw(state)
