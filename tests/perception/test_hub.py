"""Rules of foreign models: exported once, their labels mapped by the table, unknown ones refused with the list."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.bundled import bundled_model_folder, load_text_model
from emotion_runtime.perception.hub import model_folder
from emotion_runtime.perception.label_maps import in_labels, known_label, mapped
from emotion_runtime.perception.results import TextJob

LABELS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


def test_labels_of_others_mean_ours_by_the_table() -> None:
    assert mapped(("happiness", "Angry", "sad", "love", "boredom")) == ("joy", "anger", "sadness", "joy", "neutral")
    assert known_label("boredom", (*LABELS, "boredom")) == "boredom", "a scene that has it keeps it"


def test_unknown_labels_are_refused_with_the_list() -> None:
    with pytest.raises(ModelError, match="LABEL_0, LABEL_1") as caught:
        mapped(("LABEL_0", "joy", "LABEL_1"))
    assert caught.value.code == "unknown_labels"
    assert mapped(("LABEL_0",), {"LABEL_0": "fear"}) == ("fear",)


def test_shares_of_one_meaning_are_added_and_none_is_lost() -> None:
    shares = in_labels(("anger", "boredom", "awe"), (0.5, 0.3, 0.2), LABELS)
    assert shares == (0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0)


@pytest.mark.parametrize("name", ["no/such/folder", "../elsewhere", "word"])
def test_what_is_neither_folder_nor_hub_id_is_refused(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        model_folder(name)
    assert caught.value.code == "model_file_missing"


def classifier(folder: Path, labels: tuple[str, ...]) -> Path:
    """A real, untrained BERT classifier of two tiny layers, as Hugging Face saves it."""
    for name in ("torch", "transformers", "onnx"):
        pytest.importorskip(name, reason="exporting needs the extra `export-hf`")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import transformers

        config = transformers.BertConfig(
            vocab_size=30522,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
            id2label=dict(enumerate(labels)),
            label2id={label: number for number, label in enumerate(labels)},
        )
        transformers.BertForSequenceClassification(config).save_pretrained(folder)
        words = str(bundled_model_folder() / "tokenizer.json")
        transformers.BertTokenizerFast(tokenizer_file=words).save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore")
def test_a_hugging_face_classifier_is_exported_once_and_answers_in_our_labels(tmp_path: Path) -> None:
    source = classifier(tmp_path / "hf", ("happy", "angry", "joy"))
    folder = model_folder(str(source), cache=tmp_path / "cache")
    stamp = (folder / "model.onnx").stat().st_mtime_ns
    assert model_folder(str(source), cache=tmp_path / "cache") == folder
    assert (folder / "model.onnx").stat().st_mtime_ns == stamp
    model = load_text_model(folder)
    assert model.labels == ("joy", "anger")
    alone = [model.classify(text) for text in ("You thief!", "What a lovely day it is, isn't it?")]
    together = model.ask_all([TextJob(1, "You thief!"), TextJob(2, "What a lovely day it is, isn't it?")])
    for one, other in zip(alone, together, strict=True):
        assert other == pytest.approx(one, abs=1e-5)
        assert sum(one) == pytest.approx(1.0)


@pytest.mark.filterwarnings("ignore")
def test_a_classifier_of_strange_labels_leaves_nothing_behind(tmp_path: Path) -> None:
    source = classifier(tmp_path / "hf", ("LABEL_0", "LABEL_1"))
    with pytest.raises(ModelError, match="LABEL_0, LABEL_1"):
        model_folder(str(source), cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*"))


@pytest.mark.filterwarnings("ignore")
def test_an_export_in_half_precision_answers_nearly_the_same(tmp_path: Path) -> None:
    source = str(classifier(tmp_path / "hf", ("happy", "angry")))
    plain, half = (model_folder(source, cache=tmp_path / "cache", fp16=fp16) for fp16 in (False, True))
    assert plain != half
    assert (half / "model.onnx").stat().st_size < 0.7 * (plain / "model.onnx").stat().st_size
    one, other = load_text_model(plain), load_text_model(half)
    assert other.classify("You thief!") == pytest.approx(one.classify("You thief!"), abs=0.02)
