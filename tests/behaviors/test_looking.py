"""The compiled form of triggers and conditions finds what the numpy form finds, whatever the expression."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviors.columns import Bound, Frame, Pairs
from behaviors.compiled import warm
from behaviors.expressions import compile, parse
from behaviors.looking import Looker
from behaviors.senses import Cast, Floats, Senses

LABELS, TRAITS = ("fear", "joy", "neutral"), ("neuroticism", "openness")
NUMBERS = ("fear", "self.joy", "neutral", "mood.arousal", "neuroticism", "world.night", "0.25", "-0.5", "fire.heat")


@pytest.fixture(autouse=True, scope="module")
def numba() -> None:
    if "EMOTION_RUNTIME_CI" not in os.environ:
        pytest.importorskip("numba", reason="the compiled form needs numba: pip install 'emotion-runtime[fast]'")
    warm()


def written(form: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda each: form.format(*each))


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        written("({0} {1} {2})", inner, st.sampled_from("+-*"), inner),
        written("{0}({1}, {2})", st.sampled_from(("min", "max")), inner, inner),
        written("clamp({0}, {1}, {2})", inner, inner, inner),
        written("abs({0})", inner),
        written("({0} / 2)", inner),
    )


numbers = st.recursive(st.sampled_from(NUMBERS), combined, max_leaves=4)
signs = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
simple = st.tuples(numbers, signs, numbers).map(" ".join)
chains = st.tuples(numbers, signs, numbers, signs, numbers, signs, numbers).map(" ".join)
truths = st.recursive(
    st.one_of(simple, simple, chains, st.just("true")),
    lambda inner: st.one_of(
        written("({0} {1} {2})", inner, st.sampled_from(("and", "or")), inner), written("(not ({0}))", inner)
    ),
    max_leaves=4,
)


def cast_of(n: int) -> Cast:
    names = tuple(f"c{row}" for row in range(n))
    return Cast(names, ("fire",), LABELS, TRAITS, {}, {"world.night": 0, "fire.heat": 1})


def senses_of(n: int, seed: int) -> Senses:
    chance = np.random.default_rng(seed)
    ints = np.zeros(n, np.int32)

    def column(width: int, low: int) -> Floats:
        return np.asfortranarray(chance.integers(4 * low, 5, (n, width)) / 4.0)

    return Senses(
        emotion=column(3, 0),
        mood=column(3, -1),
        traits=column(2, -1),
        position=np.zeros((n + 1, 3)),
        likes=np.zeros((n, n)),
        cause=np.zeros((n, 3), np.int32),
        speaker=ints,
        target=ints,
        variables=chance.integers(-4, 5, 2) / 4.0,
    )


@settings(max_examples=120, deadline=None)
@given(truths, truths, st.integers(1, 700), st.integers(0, 99), st.booleans())
def test_any_expression_holds_for_the_same_characters_in_both_forms(
    trigger: str, release: str, n: int, seed: int, has_release: bool
) -> None:
    cast, senses = cast_of(n), senses_of(n, seed)
    looker = Looker(cast)
    who, places = np.arange(n, dtype=np.int32), np.arange(n, dtype=np.int32) * 3 + 1
    begins, ends = parse(trigger), parse(release)
    assert looker.take(begins, ends if has_release else None, who, places)
    assert looker.take_condition(ends, who, places + 1)
    running = np.random.default_rng(seed).random(3 * n) < 0.5
    ready, holds = np.zeros(3 * n, np.bool_), np.zeros(3 * n, np.bool_)
    assert looker.look(senses, running, ready, holds)
    frame, everybody = Frame(senses), Pairs(slice(0, n), slice(0, n), slice(0, n))
    fits = np.broadcast_to(Bound(compile(begins), cast, "here", None)(frame, everybody), n)
    over = np.broadcast_to(Bound(compile(ends), cast, "here", None)(frame, everybody), n)
    runs = running[places]
    assert ready[places].tolist() == (fits & ~runs).tolist()
    assert holds[places].tolist() == (runs & (~over if has_release else fits)).tolist()
    assert ready[places + 1].tolist() == over.tolist()
    assert not ready[::3].any()


@pytest.mark.parametrize("text", ["bearer.joy > 0.5", "likes > 0", "distance < 2 m", "fear > 0 and bearer.fear > 0.1"])
def test_what_reads_more_than_ones_own_columns_is_left_to_numpy(text: str) -> None:
    looker = Looker(cast_of(4))
    who = np.arange(4, dtype=np.int32)
    assert not looker.take(parse(text), None, who, who)
    assert not looker.take(parse("fear > 0"), None, who[::2], who[::2])
    assert len(looker) == 0
