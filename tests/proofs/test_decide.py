"""Proves the decision procedure: against z3, an independent solver, and by laws that need no oracle."""

from __future__ import annotations

import os
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviors.expressions import compile, parse
from emotion_runtime.proofs.decide import equivalent, implies, interval, satisfiable
from emotion_runtime.proofs.formulas import Formula, both, opposite, value
from emotion_runtime.proofs.reading import formula_of
from tests.proofs import strategies

QUERIES = int(os.environ.get("EMOTION_RUNTIME_ORACLE_QUERIES", "300"))
"""The long run: EMOTION_RUNTIME_ORACLE_QUERIES=2000 pytest tests/proofs/test_decide.py."""


def formula(text: str) -> Formula:
    return formula_of(parse(text), strategies.meaning)


def test_z3_gives_the_same_verdict_on_random_triggers() -> None:
    from tests.proofs import oracle

    dice = random.Random(20261122)
    verdicts = []
    for number in range(QUERIES):
        wanted = formula_of(strategies.trigger(dice, 19), strategies.meaning)
        if number % 2:  # implication: one and not the other
            wanted = both([wanted, opposite(formula_of(strategies.trigger(dice, 19), strategies.meaning))])
        found = satisfiable(wanted, strategies.BOX)
        assert found is not None, f"query {number} ran out of budget"
        assert found == oracle.satisfiable(wanted, strategies.BOX), f"query {number}"
        verdicts.append(found)
    assert 0.05 < verdicts.count(False) / len(verdicts) < 0.6, "the mix of verdicts proves little"


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("fear > 0.9 and joy + fear < 0.8", False),
        ("fear > 0.9 and joy + fear < 1.0", True),
        ("fear >= 1", False),
        ("fear > 0.5 and fear < 0.5", False),
        ("fear >= 0.5 and fear <= 0.5", True),
        ("fear + joy <= 0", False),
        ("mood.pleasure + mood.arousal >= 2", True),
        ("mood.pleasure + mood.arousal > 2", False),
        ("neutral > 0.5 and fear > 0.5", False),
        ("neutral > 0.4 and fear > 0.5", True),
        ("max(fear, joy) < 0.2 and min(fear, joy) > 0.1", True),
        ("max(fear, joy) < min(fear, joy)", False),
        ("abs(fear - joy) > 0.8 and fear > 0.5 and joy > 0.5", False),
        ("clamp(fear, 0.2, 0.8) > 0.8", False),
        ("world.night and not world.night", False),
        ("world.night == box.playing and world.night != box.playing", False),
        ("fear - joy > 0.4 and joy - sadness > 0.4 and sadness > 0.2", False),
        ("fear - joy > 0.4 and joy - sadness > 0.4 and sadness > 0.1", True),
        ("neuroticism * fear > 0.6", False),
        ("neuroticism * fear > 0.59", True),
    ],
)
def test_known_answers(text: str, possible: bool) -> None:
    assert satisfiable(formula(text), strategies.BOX) is possible


def test_numbers_are_taken_as_written_not_as_floats() -> None:
    assert satisfiable(formula("fear > 0.3 and fear <= 0.1 + 0.2"), strategies.BOX) is False


def test_a_formula_implies_what_it_must_and_nothing_more() -> None:
    assert implies(formula("fear > 0.6"), formula("fear > 0.5"), strategies.BOX) is True
    assert implies(formula("fear > 0.5"), formula("fear > 0.6"), strategies.BOX) is False
    assert equivalent(formula("not fear <= 0.5"), formula("fear > 0.5"), strategies.BOX) is True
    assert equivalent(formula("fear > 0.5"), formula("fear >= 0.5"), strategies.BOX) is False


def test_beyond_the_budget_nothing_is_claimed() -> None:
    hard = formula("(fear + joy > 1 or fear - joy > 0.5) and (sadness + joy > 1 or joy - sadness > 0.5)")
    assert satisfiable(hard, strategies.BOX, budget=0) is None
    assert implies(hard, hard, strategies.BOX, budget=0) is None


def test_a_name_without_a_range_may_be_anything() -> None:
    assert satisfiable(formula_of(parse("distance > 100000 m"), strategies.meaning), {}) is True
    box = {"distance": interval(Fraction(0), None)}
    assert satisfiable(formula_of(parse("distance < 0 m"), strategies.meaning), box) is False


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.data())
def test_a_formula_is_true_exactly_where_the_compiled_trigger_is(seed: int, data: st.DataObject) -> None:
    expression = strategies.trigger(random.Random(seed), 10)
    grid = st.integers(1, 31).map(lambda n: Fraction(n, 32))  # exact as floats, so both compute the same
    state = {name: data.draw(grid) for name in strategies.LABELS}
    state |= {name: data.draw(grid) * 2 - 1 for name in strategies.MOODS}
    state |= {name: Fraction(data.draw(st.booleans())) for name in strategies.FLAGS}
    columns = {name: float(each) for name, each in state.items()}
    columns |= {name: float(each) for name, each in strategies.TRAITS.items()}
    columns["neutral"] = 1.0 - max(columns[label] for label in strategies.LABELS)
    exact = value(formula_of(expression, strategies.meaning), state)
    nudged = [value(formula_of(expression, strategies.meaning), _nudged(state, way)) for way in (-1, 1)]
    if exact == nudged[0] == nudged[1]:  # away from a threshold, where floats round
        assert bool(compile(expression)(columns.__getitem__)) == exact


def _nudged(state: dict[str, Fraction], way: int) -> dict[str, Fraction]:
    return {name: each if name in strategies.FLAGS else each + Fraction(way, 10**9) for name, each in state.items()}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.data())
def test_what_some_state_satisfies_is_never_called_impossible(seed: int, data: st.DataObject) -> None:
    wanted = formula_of(strategies.trigger(random.Random(seed), 15), strategies.meaning)
    state = {name: Fraction(data.draw(st.integers(1, 99)), 100) for name in strategies.LABELS}
    state |= {name: Fraction(data.draw(st.integers(-100, 100)), 100) for name in strategies.MOODS}
    state |= {name: Fraction(data.draw(st.booleans())) for name in strategies.FLAGS}
    if value(wanted, state):
        assert satisfiable(wanted, strategies.BOX) is not False
    else:
        assert satisfiable(opposite(wanted), strategies.BOX) is not False
