"""Rules of text training: the loss, resuming, the recipe from corpora to a sealed folder, RoBERTa-MEN in its folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime.errors import ModelError, UsageError
from emotion_runtime.perception.bundled import load_text_model
from emotion_runtime.perception.manifest import NGRAMS
from emotion_runtime.perception.ngrams import character_grams, read_ngrams, word_grams
from emotion_runtime.perception.pairs import PairTokenizer
from emotion_runtime.perception.results import Line
from emotion_runtime.training.text.batches import epoch_order, tokenise
from emotion_runtime.training.text.classifier import load_encoder, load_pair_tokenizer, log_softmax, predict
from emotion_runtime.training.text.corpus import LABELS, labels_of, read_goemotions, read_meld, root_inverse_frequency
from emotion_runtime.training.text.export import ExportNames
from emotion_runtime.training.text.finish import answers, choose, finish
from emotion_runtime.training.text.fit import FitOptions, fit, soft_targets, weighted_loss
from emotion_runtime.training.text.men import MenModel, MenSettings, load_men
from emotion_runtime.training.text.ngram_fit import NgramOptions, build_ngrams, fit_ngrams, save_ngrams
from emotion_runtime.training.text.recipe import Recipe, Workshop, average_weights, weighted_f1
from emotion_runtime.training.text.vocabulary import pruned_tokenizer
from tests.training import tiny

FAST = FitOptions(epochs=4, encoder_rate=5e-3, head_rate=2e-2, bfloat16=False, freeze_embeddings=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpora")
    tiny.write_encoder(folder / "encoder")
    tiny.write_meld(folder / "meld")
    tiny.write_goemotions(folder / "goemotions")
    return folder


def recipe(place: Path) -> Recipe:
    base = str(place / "encoder")
    first = FitOptions(epochs=1, most_steps=1)
    return Recipe(base, place / "meld", place / "goemotions", (1, 2), 0, first, FAST, max_tokens=40, context_lines=1)


@pytest.fixture(scope="module")
def workshop(place: Path) -> Workshop:
    return Workshop(recipe(place), place / "work")


def test_the_loss_is_the_cross_entropy_weighted_by_class() -> None:
    logits, labels = torch.randn(9, 7), torch.arange(9) % 7
    weights = torch.rand(7) + 0.5
    expected = torch.nn.functional.cross_entropy(logits, labels, weight=weights)
    found = weighted_loss(logits, torch.eye(7)[labels], weights)
    torch.testing.assert_close(found, expected)


def test_class_weights_are_the_root_of_the_inverse_frequency_with_mean_one() -> None:
    labels = np.array([0] * 16 + [1] * 4 + [2])
    weights = root_inverse_frequency(labels, 3)
    np.testing.assert_allclose(weights[1] / weights[0], 2.0)
    np.testing.assert_allclose(weights[labels].mean(), 1.0)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 400), st.integers(1, 40), st.integers(0, 3))
def test_an_epoch_holds_every_row_once(rows: int, batch: int, epoch: int) -> None:
    held = [type("Row", (), {"ids": (0,) * (1 + at % 7)})() for at in range(rows)]
    order = epoch_order(held, batch, 1, epoch)
    assert sorted(int(at) for places in order for at in places) == list(range(rows))


def test_goemotions_rows_with_two_emotions_are_left_out(place: Path) -> None:
    rows = read_goemotions(place / "goemotions" / "goemotions_ekman_train.tsv")
    assert len(rows) == 64
    (place / "bad.tsv").write_text("line\t9\tid\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"bad\.tsv:1"):
        read_goemotions(place / "bad.tsv")


def test_the_context_of_a_training_row_is_its_past_only(place: Path) -> None:
    rows = read_meld(place / "meld" / "meld_train.csv")
    assert rows[0].context == () == rows[6].context
    assert rows[1].context == (Line(rows[0].text, False),)
    assert rows[2].context == (Line(rows[0].text, True), Line(rows[1].text, False))


def test_a_stopped_run_goes_on_to_the_same_weights(place: Path, tmp_path: Path) -> None:
    shop = Workshop(recipe(place), tmp_path)
    rows = shop.rows(read_meld(place / "meld" / "meld_train.csv"))
    labels = np.arange(len(rows)) % 7
    targets, weights = soft_targets(labels, 7), np.ones(7)
    options = FitOptions(epochs=2, bfloat16=False, batch_size=2)

    def run(name: str, stop: int = 0) -> dict[str, torch.Tensor]:
        network = shop.network()

        def report(step: int, steps: int, loss: float) -> None:
            if step == stop:
                raise KeyboardInterrupt

        try:
            fit(network, rows, targets, weights, options, pad=0, checkpoint=tmp_path / name, report=report)
        except KeyboardInterrupt:
            return run(name)
        return network.state_dict()

    whole, resumed = run("whole.checkpoint"), run("parts.checkpoint", stop=70)
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())
    with pytest.raises(UsageError) as caught:
        fit(shop.network(), rows[1:], targets[1:], weights, options, pad=0, checkpoint=tmp_path / "whole.checkpoint")
    assert caught.value.code == "checkpoint_mismatch"


def test_the_recipe_learns_and_its_folder_answers_as_the_network(place: Path, workshop: Workshop) -> None:
    trained = workshop.train()
    assert set(trained.dev) == {"seed 1", "seed 2", "average"}
    assert trained.dev["seed 1"] > 0.8
    chosen = finish(workshop, trained.seeds[1], place / "model", ExportNames("tiny"))
    model = load_text_model(place / "model", cached_lines=0)
    dev = read_meld(place / "meld" / "meld_dev.csv")
    found = answers(model, dev)
    assert weighted_f1(found, labels_of(dev)) == pytest.approx(chosen.weighted_f1)
    held = json.loads((place / "model" / "manifest.json").read_text(encoding="utf-8"))
    assert (held["ngram_weight"], held["temperature"]) == (chosen.ngram_weight, chosen.temperature)
    logits = predict(workshop.network(trained.seeds[1]), workshop.rows(dev), 0, len(LABELS))
    assert (logits.argmax(1) == found.argmax(1)).mean() > 0.9


def test_what_is_finished_is_not_done_again(place: Path, workshop: Workshop) -> None:
    workshop.train()
    steps: list[str] = []
    Workshop(recipe(place), workshop.folder, lambda name, *_: steps.append(name)).train()
    assert steps == []


def test_the_average_of_networks_is_the_mean_of_each_weight() -> None:
    mean = average_weights([{"a": torch.tensor([1.0, 2.0])}, {"a": torch.tensor([3.0, 6.0])}])
    assert mean["a"].tolist() == [2.0, 4.0]


def test_a_shorter_vocabulary_reads_english_as_before(place: Path) -> None:
    text = (place / "encoder" / "tokenizer.json").read_text(encoding="utf-8")
    shorter, kept = pruned_tokenizer(text)
    before, after = (PairTokenizer(one, max_tokens=40, context_lines=1) for one in (text, shorter))
    assert after.pair("\u4e2d")[0] == after.pair("\u6587")[0]
    ids, first = before.pair("Damn the king!", (Line("What?", True),))
    new, cut = after.pair("Damn the king!", (Line("What?", True),))
    assert cut == first
    assert tuple(kept[list(new)]) == ids
    assert before.words(ids) == after.words(new)


def test_the_best_ngram_weight_and_temperature_come_from_the_labels() -> None:
    labels = np.arange(700) % 7
    random = np.random.default_rng(0)
    good = log_softmax(3.0 * np.eye(7)[labels] + random.normal(size=(700, 7)))
    useless = log_softmax(random.normal(size=(700, 7)))
    assert choose(good, useless, labels).ngram_weight <= 0.2
    assert choose(useless, good, labels).ngram_weight >= 0.8
    sharp = choose(3.0 * good, np.zeros_like(good), labels)
    plain = choose(1.5 * good, np.zeros_like(good), labels)
    assert sharp.temperature > plain.temperature
    assert sharp.weighted_f1 == plain.weighted_f1


def test_the_ngram_model_is_softmax_regression(tmp_path: Path) -> None:
    texts = [f"{tiny.TELLING[at % 3]} the {tiny.FILLING[at % 5]}" for at in range(60)]
    targets = np.eye(3)[np.arange(60) % 3]
    arrays = fit_ngrams(texts, targets, np.ones(3), NgramOptions(least_documents=1))
    model = build_ngrams(arrays)
    assert [int(model.scores(text).argmax()) for text in texts] == [at % 3 for at in range(60)]
    save_ngrams(tmp_path / NGRAMS, arrays)
    save_ngrams(tmp_path / "again.npz", arrays)
    data = (tmp_path / NGRAMS).read_bytes()
    assert data == (tmp_path / "again.npz").read_bytes()
    np.testing.assert_array_equal(read_ngrams(data, tmp_path, 3).scores("damn ale"), model.scores("damn ale"))


def test_an_unknown_encoder_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load_encoder(str(tmp_path))
    assert caught.value.code == "encoder_missing"


def test_roberta_men_learns_and_comes_back_from_its_folder(place: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = MenModel(MenSettings(str(place / "encoder"), hidden=8, heads=2))
    train, dev = (read_meld(place / "meld" / f"meld_{part}.csv") for part in ("train", "dev"))
    model.fit(train, FitOptions(epochs=10, encoder_rate=5e-3, head_rate=1e-2, bfloat16=False, freeze_embeddings=False))
    assert weighted_f1(model.probabilities(dev), labels_of(dev)) > 0.6
    model.save(tmp_path / "men")
    found, again = model.explain("damn the king"), load_men(tmp_path / "men").explain("damn the king")
    assert found.words == ("[CLS]", "damn", "the", "king", "[SEP]")
    np.testing.assert_array_equal(found.weights, again.weights)
    with pytest.raises(ModelError):
        load_men(tmp_path)


def test_grams_of_words_and_of_characters_count_what_is_there() -> None:
    assert word_grams("no no no").counts.tolist() in ([3, 2], [2, 3])
    grams = character_grams("ab")
    assert len(grams.keys) == 6  # " a", "ab", "b ", " ab", "ab ", " ab "
    assert len(character_grams("a b").keys) == 6  # " a", "a ", " a ", and as many of b; none reaches over the space
    assert len(character_grams("").keys) == 0 == len(word_grams("").keys)


def test_rows_are_tokenised_as_a_running_model_would(place: Path) -> None:
    tokenizer = load_pair_tokenizer(str(place / "encoder"), max_tokens=40, context_lines=1)
    rows = read_meld(place / "meld" / "meld_train.csv")[:3]
    assert [(row.ids, row.first) for row in tokenise(rows, tokenizer)] == [
        tokenizer.pair(row.text, row.context) for row in rows
    ]
