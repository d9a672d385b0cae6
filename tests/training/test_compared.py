"""Rules of the compared models: they learn, they tell who sees the future, and a missing modality is no fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emotion_runtime.training.baselines.dialogues import DialogueModel, DialogueOptions
from emotion_runtime.training.baselines.interface import Compared, Corpus, standardiser
from emotion_runtime.training.baselines.paper import WINDOW, PaperNetwork, ablations
from emotion_runtime.training.baselines.recurrent import DialogueRnn
from emotion_runtime.training.baselines.simple import Majority
from emotion_runtime.training.evaluation.compare import (
    Parts,
    ablated,
    best_single,
    compare,
    compared,
    single_modalities,
)
from emotion_runtime.training.text.recipe import weighted_f1
from tests.training import tiny

TRAIN, DEV, TEST = (tiny.corpus(seed) for seed in range(3))
NAMES = ("anger", "disgust", "fear")
QUICK = DialogueOptions(epochs=6, rate=5e-3, batch=16)


def accuracy(model: Compared, test: Corpus = TEST) -> float:
    return float((model.probabilities(test).argmax(axis=1) == test.labels).mean())


@pytest.fixture(scope="module", params=range(len(compared())))
def fitted(request: pytest.FixtureRequest) -> Compared:
    model = compared()[request.param]()
    if isinstance(model, DialogueModel):
        model.options = replace(model.options, epochs=6, rate=5e-3, batch=8 if model.options.batch < 64 else 64)
    model.fit(TRAIN, DEV, 1)
    return model


def test_a_compared_model_learns_and_gives_probabilities(fitted: Compared) -> None:
    model = fitted
    table = model.probabilities(TEST)
    assert table.shape == (len(TEST.texts), TEST.classes)
    np.testing.assert_allclose(table.sum(axis=1), 1.0)
    least = 0.2 if isinstance(model, Majority) else 0.7
    assert accuracy(model) > least, model.name


def test_the_answer_for_a_line_depends_on_later_ones_only_where_it_is_said(fitted: Compared) -> None:
    model = fitted
    later = {name: table.copy() for name, table in TEST.features.items()}
    for table in later.values():
        table[3:6] += 5.0
    texts = (*TEST.texts[:3], "help", "help", "help", *TEST.texts[6:])
    changed = model.probabilities(replace(TEST, features=later, texts=texts))[:3]
    same = bool(np.allclose(changed, model.probabilities(TEST)[:3]))
    assert same is not model.sees_future, model.name


def test_the_same_seed_gives_the_same_answers() -> None:
    tables = []
    for seed in (1, 1, 2):
        model = DialogueRnn(DialogueOptions(epochs=1))
        model.fit(TRAIN, DEV, seed)
        tables.append(model.probabilities(TEST))
    np.testing.assert_array_equal(tables[0], tables[1])
    assert not np.array_equal(tables[0], tables[2])


def test_the_network_answers_when_voices_are_missing_and_is_better_when_they_are_there() -> None:
    model = PaperNetwork(options=QUICK)
    model.fit(TRAIN, DEV, 1)
    mute = {**TEST.there, "acoustic": np.zeros(len(TEST.texts), dtype=np.bool_)}
    without = replace(TEST, there=mute, features={**TEST.features, "acoustic": TEST.features["acoustic"] * 0.0})
    assert 0.6 < accuracy(model, without) <= accuracy(model) + 0.02


def test_the_network_beats_its_best_single_modality_where_two_tell_something() -> None:
    parts = Parts(TRAIN, DEV, TEST)
    both = compare([lambda: PaperNetwork(options=QUICK)], parts, NAMES, (1,))
    alone = single_modalities(parts, NAMES, (1,), options=QUICK)
    assert len(alone) == 2
    assert both[0].weighted.mean() > best_single(alone)


def test_a_window_holds_the_line_and_what_was_said_before_it_in_the_same_dialogue() -> None:
    windows = PaperNetwork().pieces(TEST)
    assert len(windows) == len(TEST.texts)
    assert all(asked == end - 1 and end - begin <= WINDOW for begin, end, asked in windows)
    assert all(TEST.dialogues[begin] == TEST.dialogues[end - 1] for begin, end, _ in windows)


def test_the_ablations_are_the_network_and_three_that_lack_something() -> None:
    assert [model.name for model in ablations()] == [factory().name for factory in ablated()]
    assert len(ablated()) == 4


def test_features_are_standardised_by_what_is_there() -> None:
    table = np.array([[1.0, 5.0], [3.0, 5.0], [99.0, 99.0]])
    there = np.array([True, True, False])
    shown = standardiser(table, there)(table, there)
    assert shown.tolist() == [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]


def test_a_corpus_of_unequal_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="features of text"):
        replace(TEST, features={**TEST.features, "text": TEST.features["text"][1:]})


def test_weighted_f1_of_right_answers_is_one() -> None:
    labels = np.array([0, 1, 2])
    assert weighted_f1(np.eye(7)[labels], labels) == 1.0
