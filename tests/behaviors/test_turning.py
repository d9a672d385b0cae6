"""Actions that end and begin in one compiled pass are those of the plain form: the same columns, told the same."""

from __future__ import annotations

import os
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviors.actions import MANY, Actions, Changed
from behaviors.compiled import warm, warming
from behaviors.executor import Ended, Outcomes
from behaviors.forest import Forest
from behaviors.senses import Flags, Ints
from behaviors.trees import Leaf, Selector, Tree
from tests.behaviors.stage import PAD, rule, rules

PEOPLE, SECOND = 40, 1_000_000
TREE = Tree("tree", Selector((Leaf("a"), Leaf("b"), Leaf("c"))))
PLAIN = rules(rule("a", "self", "fear > 0.5"), rule("b", "guard", "joy > 0.5"), rule("c", "self", "anger > 0.5"))
VARIED = rules(
    rule("a", "all(guest) within 5 m", "fear > 0.5", rest=2.0),
    rule("b", "guard", "joy > 0.5", timeout=0.3, rest=0.2),
    rule("c", "self", "anger > 0.5", timeout=5.0),
)


@pytest.fixture(autouse=True, scope="module")
def numba() -> None:
    if "EMOTION_RUNTIME_CI" not in os.environ:
        pytest.importorskip("numba", reason="the compiled form needs numba: pip install 'emotion-runtime[fast]'")
    warm()


class Sight:
    """Whom each slot would act on, by chance."""

    def __init__(self, chance: np.random.Generator, slots: int) -> None:
        self.bearer: Ints = chance.integers(-1, PEOPLE, slots).astype(np.int32)
        self._several = chance.integers(0, PEOPLE, (slots, 3)).astype(np.int32)

    def all_bearers(self, slot: int) -> Ints:
        several: Ints = self._several[slot]
        return several


def outcomes(chance: np.random.Generator, running: Flags, share: float) -> Outcomes:
    """Any slots end and others begin, for any reason."""
    turned = chance.random(len(running)) < share
    begun, over = (np.flatnonzero(turned & which).astype(np.int32) for which in (~running, running))
    ended = np.zeros(len(running), np.uint8)
    ended[over] = chance.choice(np.array([int(each) for each in Ended], np.uint8), len(over))
    return Outcomes(running ^ turned, ended, begun, over)


def plainly(changed: Changed) -> tuple[object, ...]:
    return tuple(each.tolist() if isinstance(each, np.ndarray) else each for each in changed)


@given(seed=st.integers(0, 10_000), varied=st.booleans())
@settings(max_examples=40)
def test_the_compiled_form_turns_actions_as_the_plain_one_does(seed: int, varied: bool) -> None:
    chance = np.random.default_rng(seed)
    forest = Forest([TREE] * PEOPLE, VARIED if varied else PLAIN, PAD)
    fast, plain = Actions(forest), Actions(forest)
    plain.compiled = False
    assert fast.compiled
    assert warming.turning() is not None
    many = 0
    for tick in range(12):
        now_us = tick * SECOND // 5
        for number in plain.action[plain.running][:2].tolist():
            assert plain.report(number, ok=False) == fast.report(number, ok=False)
        assert fast.reported(now_us).tobytes() == plain.reported(now_us).tobytes()
        assert fast.resting(now_us).tolist() == plain.resting(now_us).tolist()
        sight, found = Sight(chance, len(forest.slots)), outcomes(chance, plain.running, chance.choice((0.02, 0.4)))
        many += len(found.begun) + len(found.over) >= MANY
        assert plainly(fast.change(now_us, found, sight)) == plainly(plain.change(now_us, found, sight))
        mine, others = fast.state(), plain.state()
        for each in fields(mine):
            assert getattr(mine, each.name).tobytes() == getattr(others, each.name).tobytes(), each.name
    assert many, "some tick turned enough of them for the compiled form"
