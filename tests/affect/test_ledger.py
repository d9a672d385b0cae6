"""The ledger: what each cause holds adds up to the emotion, whatever happens."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime.affect.dynamics import LN2, Constants, flow
from emotion_runtime.affect.ledger import SLOTS, Ledger
from emotion_runtime.affect.stimuli import Stimuli

N, C = 3, 2


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


@settings(max_examples=80)
@given(ticks)
def test_contributions_always_add_up_to_the_deviation(
    script: list[tuple[list[tuple[int, int, float, int]], float, int]],
) -> None:
    fixed, ledger, stimuli = constants(), Ledger(N, C), Stimuli()
    for subject in range(8):
        ledger.number("said", subject, "fear")
    emotion, mood = fixed.baseline.copy(), fixed.mood_home.copy()
    everyone, channel = np.arange(N, dtype=np.int32), np.zeros(N, dtype=np.int32)
    for hits, dt, source in script:
        for hit in hits:
            stimuli.add(*hit)
        emotion = stimuli.apply(emotion, ledger)
        excite, inhibit = np.zeros((N, C)), np.zeros((N, C))
        excite[:, 0] = 0.3
        step = flow(fixed, emotion, mood, excite, inhibit, dt)
        ledger.decay(step)
        ledger.add(everyone, channel, np.full(N, source, dtype=np.int32), 0.3 * step.up[:, 0])
        emotion, mood = step.emotion, step.mood
        total = ledger.amount.sum(axis=2) + ledger.other
        assert np.abs(total - (emotion - fixed.baseline)).max() < 1e-12


def test_the_order_of_a_ticks_impulses_does_not_matter() -> None:
    rows = [(0, 0, 0.3, 0), (0, 0, -0.2, 1), (0, 0, 0.5, 2), (1, 1, 0.9, 0)]
    results = []
    for order in (rows, rows[::-1]):
        ledger, stimuli = Ledger(N, C), Stimuli()
        for subject in range(3):
            ledger.number("said", subject, "fear")
        for row in order:
            stimuli.add(*row)
        results.append(stimuli.apply(np.full((N, C), 0.2), ledger))
    assert np.abs(results[0] - results[1]).max() < 1e-15


def test_the_strongest_subject_is_found_over_several_causes_and_is_never_oneself() -> None:
    ledger, stimuli = Ledger(N, C), Stimuli()
    own, once, twice_a, twice_b = (
        ledger.number("said", 0, "fear"),
        ledger.number("said", 1, "fear"),
        ledger.number("said", 2, "fear"),
        ledger.number("action", 2, "confront"),
    )
    for cause, strength in ((own, 0.9), (once, 0.3), (twice_a, 0.2), (twice_b, 0.2)):
        stimuli.add(0, 0, strength, cause)
    stimuli.apply(np.full((N, C), 0.1), ledger)
    assert ledger.strongest_subjects(np.array([0], dtype=np.int32))[:, 0].tolist() == [2, -1, -1]


def test_what_does_not_fit_is_summed_as_other_and_nothing_is_lost() -> None:
    ledger, stimuli = Ledger(N, C), Stimuli()
    before = np.full((N, C), 0.1)
    for subject in range(SLOTS + 3):
        stimuli.add(0, 0, 0.05 * (subject + 1), ledger.number("said", subject, "fear"))
    after = stimuli.apply(before, ledger)
    parts = list(ledger.contributions(0, 0))
    assert len(parts) == SLOTS + 1
    assert parts[-1].cause is None
    assert abs(sum(part.amount for part in parts) - (after - before)[0, 0]) < 1e-15
