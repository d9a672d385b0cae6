"""What the compiled executor sees in planes by itself is what triggers and conditions say, and nothing else changes."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviors import CompiledExecutor, Conditions, Forest, Triggers
from behaviors.compiled import warm
from behaviors.compiled.seeing import Seer
from behaviors.executor import CONDITIONS_SEEN, NOBODY, TRIGGERS_SEEN
from behaviors.expressions import parse
from behaviors.rules import AutonomousRule, Bearer, Who
from behaviors.senses import Ints
from behaviors.trees import Filter, Leaf, Selector, Sequence, Tree
from tests.behaviors.stage import PAD
from tests.behaviors.test_looking import cast_of, senses_of, truths

BOTH = TRIGGERS_SEEN | CONDITIONS_SEEN
NONE = np.zeros(0, np.bool_)
NAMES = "abc"


@pytest.fixture(autouse=True, scope="module")
def numba() -> None:
    if "EMOTION_RUNTIME_CI" not in os.environ:
        pytest.importorskip("numba", reason="the compiled form needs numba: pip install 'emotion-runtime[fast]'")
    warm()


def rules_of(trigger: str, release: str, who: Who = Who.SELF) -> dict[str, AutonomousRule]:
    bearer, ends = Bearer(who, "fire" if who is Who.NAMED else ""), parse(release)
    return {
        "a": AutonomousRule("a", bearer, parse(trigger), 1.0, ends),
        "b": AutonomousRule("b", Bearer(Who.SELF), ends, 1.0),
        "c": AutonomousRule("c", Bearer(Who.SELF), parse("true"), 1.0),
    }


def trees_of(condition: str) -> tuple[Tree, Tree]:
    """Two shapes; in the second one rule is in two leaves."""
    asked = parse(condition)
    first = Tree("first", Selector((Filter(Leaf("a"), asked), Filter(Leaf("b"), parse("joy > 0.1")), Leaf("c"))))
    return first, Tree("second", Sequence((Leaf("b"), Filter(Leaf("b"), asked))))


@settings(max_examples=60, deadline=None)
@given(truths, truths, truths, st.integers(1, 330), st.integers(0, 330), st.integers(0, 99), st.booleans())
def test_a_tick_is_the_same_whether_the_executor_sees_by_itself_or_is_told(
    trigger: str, release: str, condition: str, n: int, others: int, seed: int, rests: bool
) -> None:
    first, second = trees_of(condition)
    rules, cast = rules_of(trigger, release), cast_of(n + others)
    forest = Forest([first] * n + [second] * others, rules, PAD)
    told, seeing = CompiledExecutor(forest, "numpy"), CompiledExecutor(forest, "numba")
    seeing.seer = Seer(cast, forest, seeing.blocks)
    triggers, conditions = Triggers(cast, forest.slots, forest.rules), Conditions(cast, forest)
    chance = np.random.default_rng(seed)
    size = len(forest.slots)
    bearer = np.repeat(np.arange(n + others, dtype=np.int32), np.diff(forest.slot_start))
    for tick in range(4):
        senses = senses_of(n + others, seed + tick)
        barred: Ints = chance.choice(size, size // 3, replace=False).astype(np.int32) if rests else NOBODY
        reported = np.where(chance.random(size) < 0.2, chance.integers(1, 4, size), 0).astype(np.uint8)
        sight = triggers.look(senses, told.running, bearer, {})
        sight.ready[barred] = False
        wanted = told.tick(tick, sight.ready, sight.holds, reported, conditions.look(senses))
        assert seeing.attend(senses, BOTH, barred) == BOTH
        found = seeing.tick(tick, NONE, NONE, reported, NONE)
        assert found.begun.tolist() == wanted.begun.tolist()
        assert found.over.tolist() == wanted.over.tolist()
        assert found.ended.tobytes() == wanted.ended.tobytes()
        assert [each.tobytes() for each in seeing.columns()] == [each.tobytes() for each in told.columns()]


@pytest.mark.parametrize("trigger", ["distance < 2 m", "fear > 0.5 and fire.heat > 1", "bearer.heat > 1"])
def test_rules_on_somebody_else_are_not_seen_in_planes(trigger: str) -> None:
    forest = Forest([trees_of("fire.heat > 1")[0]] * 3, rules_of(trigger, "fear < 0.1", Who.NAMED), PAD)
    executor = CompiledExecutor(forest, "numba")
    executor.seer = Seer(cast_of(3), forest, executor.blocks)
    assert executor.attend(senses_of(3, 1), BOTH) == CONDITIONS_SEEN


def test_a_group_whose_characters_do_not_stand_in_a_row_is_told() -> None:
    first, second = trees_of("joy > 0.5")
    forest = Forest([first, second, first], rules_of("fear > 0.5", "fear < 0.1"), PAD)
    executor = CompiledExecutor(forest, "numba")
    executor.seer = Seer(cast_of(3), forest, executor.blocks)
    assert executor.attend(senses_of(3, 1), BOTH) == 0


def test_the_numpy_form_is_always_told() -> None:
    forest = Forest([trees_of("joy > 0.5")[0]] * 3, rules_of("fear > 0.5", "fear < 0.1"), PAD)
    executor = CompiledExecutor(forest, "numpy")
    executor.seer = Seer(cast_of(3), forest, executor.blocks)
    assert executor.attend(senses_of(3, 1), BOTH) == 0
