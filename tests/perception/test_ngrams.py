"""Rules of the n-grams beside the network: what is counted, what a broken file says, how the folder carries them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.bundled import load_text_model
from emotion_runtime.perception.manifest import NGRAMS, seal_model_folder
from emotion_runtime.perception.ngrams import NgramModel, character_grams, read_ngrams, word_grams, write_ngrams

KEYS = np.sort(word_grams("fire help").keys)


def arrays(**changed: object) -> dict[str, np.ndarray]:
    """A model of two labels that knows two words and their pair."""
    held: dict[str, np.ndarray] = {
        "keys": KEYS,
        "idf": np.ones(3, dtype=np.float32),
        "weights": np.array([[127, 0]] * 3, dtype=np.int8),
        "scales": np.array([0.1, 0.1], dtype=np.float32),
        "bias": np.array([0.0, 0.5], dtype=np.float32),
        "words": np.array(3, dtype=np.int64),
    }
    return held | {name: np.asarray(value) for name, value in changed.items()}


def model() -> NgramModel:
    held = arrays()
    return NgramModel(held["keys"], held["idf"], held["weights"], held["scales"], held["bias"], 3)


def test_a_line_without_a_known_ngram_gets_the_bias() -> None:
    assert model().scores("two ales").tolist() == [0.0, 0.5]
    assert model().scores("").tolist() == [0.0, 0.5]


def test_the_score_is_the_weights_of_the_known_ngrams_of_length_one() -> None:
    scores = model().scores("Fire")
    np.testing.assert_allclose(scores, [12.7, 0.5], rtol=1e-6)
    np.testing.assert_allclose(model().scores("fire help")[0], 12.7 * 3 / np.sqrt(3), rtol=1e-6)


@given(st.text(max_size=300))
def test_any_text_gets_finite_scores_and_ascending_different_hashes(text: str) -> None:
    assert np.isfinite(model().scores(text)).all()
    for grams in (character_grams(text), word_grams(text)):
        assert (np.diff(grams.keys.astype(np.int64)) > 0).all()
        assert (grams.counts >= 1).all()


def test_no_character_ngram_reaches_over_a_space() -> None:
    assert set(character_grams("ab cd").keys) == set(character_grams("ab").keys) | set(character_grams("cd").keys)


@pytest.mark.parametrize(
    "changed",
    [
        {"keys": KEYS[::-1].copy()},
        {"keys": KEYS.astype(np.int64)},
        {"idf": np.full(3, np.nan, dtype=np.float32)},
        {"weights": np.zeros((3, 5), dtype=np.int8)},
        {"words": np.array(4)},
        {"bias": np.array([None, None], dtype=object)},
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    path = tmp_path / NGRAMS
    if "bias" in changed:
        np.savez(path, **arrays(**changed), allow_pickle=True)  # type: ignore[arg-type, unused-ignore]
    else:
        write_ngrams(path, **arrays(**changed))
    with pytest.raises(ModelError) as caught:
        read_ngrams(path.read_bytes(), path, 2)
    assert caught.value.code == "broken_ngrams"


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="ngrams"):
        read_ngrams(b"no archive", tmp_path / NGRAMS, 2)


def test_a_folder_with_ngrams_answers_with_both_and_stays_sealed(folder: Path) -> None:
    labels = len(load_text_model(folder).labels)
    held = arrays(
        weights=np.tile(np.eye(1, labels, dtype=np.int8) * 127, (3, 1)),
        scales=np.full(labels, 0.1, dtype=np.float32),
        bias=np.zeros(labels, dtype=np.float32),
    )
    alone = load_text_model(folder).classify("fire")
    write_ngrams(folder / NGRAMS, **held)
    manifest = seal_model_folder(folder, name="tiny", max_tokens=16, context_lines=2, ngram_weight=0.5)
    assert manifest.format == 2
    both = load_text_model(folder).classify("fire")
    odds = np.log(both[0] / both[1]) - np.log(alone[0] / alone[1])
    assert odds == pytest.approx(0.5 * 12.7, rel=1e-4)
    (folder / NGRAMS).write_bytes(b"x")
    with pytest.raises(ModelError) as caught:
        load_text_model(folder)
    assert caught.value.code == "model_damaged"
