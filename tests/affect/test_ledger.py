"""The ledger: what each cause holds adds up to the emotion, whatever happens."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emotion_runtime.affect.dynamics import LN2, Constants, flow
from emotion_runtime.affect.ledger import SLOTS, Codes, Ledger
from emotion_runtime.affect.stimuli import Stimuli

N, C = 3, 2


def ledger_of(asked: tuple[int, ...] = ()) -> Ledger:
    return Ledger(N, C, Codes(8, {"said": ("fear",), "action": ("confront",)}), asked)


def constants() -> Constants:
    return Constants(
        baseline=np.full((N, C), 0.1),
        decay=np.full((N, C), LN2 / 10.0),
        mood_home=np.zeros((N, 3)),
        mood_decay=np.full(N, LN2 / 100.0),
        pad=np.ones((C, 3)),
    )


impulses = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(0, C - 1), st.floats(-1.0, 1.0), st.integers(0, 7)), max_size=6
)
ticks = st.lists(st.tuples(impulses, st.floats(0.0, 5.0), st.integers(0, 7)), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(ticks)
@example([([(0, 0, -2.2e-311, 0), (0, 0, 0.5, 1)], 1.0, 0)])
def test_contributions_always_add_up_to_the_deviation(
    script: list[tuple[list[tuple[int, int, float, int]], float, int]],
) -> None:
    fixed, ledger, stimuli = constants(), ledger_of(), Stimuli()
    numbers = [ledger.number("said", subject, "fear") for subject in range(8)]
    emotion, mood = fixed.baseline.copy(), fixed.mood_home.copy()
    everyone, channel = np.arange(N, dtype=np.int32), np.zeros(N, dtype=np.int32)
    for hits, dt, source in script:
        for character, channel_hit, strength, who in hits:
            stimuli.add(character, channel_hit, strength, numbers[who])
        stimuli.apply(emotion, ledger)
        excite, inhibit = np.zeros((N, C)), np.zeros((N, C))
        excite[:, 0] = 0.3
        step = flow(fixed, emotion, mood, excite, inhibit, dt)
        ledger.decay(step.kept)
        ledger.add(everyone, channel, np.full(N, numbers[source], dtype=np.int32), 0.3 * step.up[:, 0])
        emotion, mood = step.emotion, step.mood
        total = ledger.amounts().sum(axis=2) + ledger.others()
        assert np.abs(total.T - (emotion - fixed.baseline)).max() < 1e-12


def test_the_order_of_a_ticks_impulses_does_not_matter() -> None:
    rows = [(0, 0, 0.3, 0), (0, 0, -0.2, 1), (0, 0, 0.5, 2), (1, 1, 0.9, 0)]
    results = []
    for order in (rows, rows[::-1]):
        ledger, stimuli = ledger_of(), Stimuli()
        for row in order:
            stimuli.add(*row)
        emotion = np.full((N, C), 0.2)
        stimuli.apply(emotion, ledger)
        results.append(emotion)
    assert np.abs(results[0] - results[1]).max() < 1e-15


def test_the_strongest_subject_is_found_over_several_causes_and_is_never_oneself() -> None:
    ledger, stimuli = ledger_of(asked=(0,)), Stimuli()
    own, once, twice_a, twice_b = (
        ledger.number("said", 0, "fear"),
        ledger.number("said", 1, "fear"),
        ledger.number("said", 2, "fear"),
        ledger.number("action", 2, "confront"),
    )
    for cause, strength in ((own, 0.9), (once, 0.3), (twice_a, 0.2), (twice_b, 0.2)):
        stimuli.add(0, 0, strength, cause)
    stimuli.apply(np.full((N, C), 0.1), ledger)
    assert ledger.columns.strongest[0].tolist() == [2, -1, -1]


def test_what_does_not_fit_is_summed_as_other_and_nothing_is_lost() -> None:
    ledger, stimuli = ledger_of(), Stimuli()
    before = np.full((N, C), 0.1)
    for subject in range(SLOTS + 3):
        stimuli.add(0, 0, 0.05 * (subject + 1), ledger.number("said", subject, "fear"))
    after = before.copy()
    stimuli.apply(after, ledger)
    parts = list(ledger.contributions(0, 0))
    assert len(parts) == SLOTS + 1
    assert parts[-1].cause is None
    assert abs(sum(part.amount for part in parts) - (after - before)[0, 0]) < 1e-15


def test_an_hour_and_ten_thousand_credits_still_add_up() -> None:
    fixed, ledger = constants(), ledger_of()
    number = ledger.number("said", 1, "fear")
    everyone, channel = np.arange(N, dtype=np.int32), np.zeros(N, dtype=np.int32)
    emotion, mood = fixed.baseline.copy(), fixed.mood_home.copy()
    excite = np.zeros((N, C))
    for tick in range(10_000):
        excite[:, 0] = 0.3 if tick % 600 < 30 else 0.0
        step = flow(fixed, emotion, mood, excite, np.zeros((N, C)), 0.36)
        ledger.decay(step.kept)
        ledger.add(everyone, channel, np.full(N, number, np.int32), excite[:, 0] * step.up[:, 0])
        emotion, mood = step.emotion, step.mood
    total = ledger.amounts().sum(axis=2) + ledger.others()
    assert np.abs(total.T - (emotion - fixed.baseline)).max() < 1e-9


def test_causes_are_numbered_by_arithmetic_and_read_back() -> None:
    codes = Codes(8, {"said": ("fear", "joy"), "action": ("confront",)})
    for subject in range(-1, 8):
        for kind, detail in (("said", "fear"), ("said", "joy"), ("action", "confront")):
            cause = codes.cause(codes.number(kind, subject, detail))
            assert (cause.kind, cause.subject, cause.detail) == (kind, subject, detail)
