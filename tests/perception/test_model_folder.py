"""A model folder that is not exactly what it says is refused, by name and with a remedy."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.errors import ModelError
from emotion_runtime.perception import manifest as manifest_file
from emotion_runtime.perception.bundled import bundled_model_folder, load_text_model
from emotion_runtime.perception.manifest import LABELS, MANIFEST, MODEL, TOKENIZER, seal_model_folder
from emotion_runtime.perception.model_folder import open_model_folder, read_labels
from emotion_runtime.perception.onnx_structure import OnnxStructureError, read_structure
from tests.perception.tiny_onnx import block, graph_attribute, model, node, tiny_classifier


def edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def replace(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    seal_model_folder(folder, name="tiny", max_tokens=16)


def flip_a_bit(folder: Path) -> None:
    data = bytearray((folder / MODEL).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / MODEL).write_bytes(data)


def cut_short(folder: Path) -> None:
    replace(folder, MODEL, tiny_classifier(3))
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:-1])


CUSTOM = node("Cast", ["input_ids"], "y", domain="evil.ops")
HIDDEN = node("If", ["c"], "y", graph_attribute("then_branch", CUSTOM))
DAMAGE: list[tuple[Callable[[Path], object], str, str]] = [
    (lambda folder: (folder / MANIFEST).unlink(), "model_file_missing", MANIFEST),
    (lambda folder: (folder / MODEL).unlink(), "model_file_missing", MODEL),
    (lambda folder: (folder / TOKENIZER).unlink(), "model_file_missing", TOKENIZER),
    (lambda folder: (folder / LABELS).unlink(), "model_file_missing", LABELS),
    (lambda folder: (folder / MANIFEST).write_bytes(b"\xff{"), "broken_manifest", MANIFEST),
    (lambda folder: (folder / MANIFEST).write_bytes(b" " * 70_000), "model_too_large", MANIFEST),
    (lambda folder: edit_manifest(folder, format=3), "unknown_model_format", MANIFEST),
    (lambda folder: edit_manifest(folder, kind="voice"), "wrong_model_kind", MANIFEST),
    (lambda folder: edit_manifest(folder, files={}), "broken_manifest", MANIFEST),
    (lambda folder: edit_manifest(folder, temperature=0), "broken_manifest", MANIFEST),
    (lambda folder: edit_manifest(folder, surprise=1), "broken_manifest", MANIFEST),
    (lambda folder: edit_manifest(folder, opset=13), "model_opset", MODEL),
    (lambda folder: replace(folder, MODEL, model(node("Cast", ["a"], "b"), opset=99)), "model_opset", MODEL),
    (flip_a_bit, "model_damaged", MODEL),
    (cut_short, "model_damaged", MODEL),
    (lambda folder: (folder / LABELS).write_bytes(b'["a","b","c"]'), "model_damaged", LABELS),
    (lambda folder: replace(folder, LABELS, b'{"a": 1}'), "broken_labels", LABELS),
    (lambda folder: replace(folder, LABELS, b'["a","a","b"]'), "broken_labels", LABELS),
    (lambda folder: replace(folder, LABELS, b'["a"]'), "broken_labels", LABELS),
    (lambda folder: replace(folder, TOKENIZER, b"\xff\xfe"), "broken_tokenizer", TOKENIZER),
    (lambda folder: replace(folder, TOKENIZER, b"{}"), "broken_tokenizer", TOKENIZER),
    (lambda folder: replace(folder, MODEL, tiny_classifier(3, external=True)), "model_external_data", MODEL),
    (lambda folder: replace(folder, MODEL, model(CUSTOM)), "model_custom_operators", MODEL),
    (lambda folder: replace(folder, MODEL, model(HIDDEN)), "model_custom_operators", MODEL),
    (
        lambda folder: replace(folder, MODEL, model(node("Cast", ["a"], "b"), extra=block(25, block(1, "f")))),
        "model_custom_operators",
        MODEL,
    ),
    (lambda folder: replace(folder, MODEL, model(node("Cast", ["a"], "b"))), "model_refused", MODEL),
    (lambda folder: replace(folder, MODEL, tiny_classifier(3, output="scores")), "model_signature", MODEL),
    (lambda folder: replace(folder, MODEL, tiny_classifier(2)), "model_answer", MODEL),
    (lambda folder: replace(folder, MODEL, tiny_classifier(3, last_weight=float("nan"))), "model_answer", MODEL),
]


@pytest.mark.parametrize(("damage", "code", "name"), DAMAGE, ids=[f"{at}-{row[1]}" for at, row in enumerate(DAMAGE)])
def test_a_damaged_folder_is_refused_with_code_file_and_remedy(
    folder: Path, damage: Callable[[Path], object], code: str, name: str
) -> None:
    damage(folder)
    with pytest.raises(ModelError) as caught:
        load_text_model(folder)
    assert caught.value.code == code
    assert caught.value.message.startswith(str(folder / name))
    assert caught.value.remedy


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        load_text_model(tmp_path / "none")


def test_a_file_over_the_limit_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(manifest_file.MAX_BYTES, MODEL, 10)
    with pytest.raises(ModelError) as caught:
        open_model_folder(folder)
    assert caught.value.code == "model_too_large"


def test_what_is_no_onnx_file_cannot_be_sealed(folder: Path) -> None:
    for data in (b"", b"hello", b"\x3a\xff\xff\x01", model(b"")[:3], b"\x80" * 20):
        (folder / MODEL).write_bytes(data)
        with pytest.raises(ModelError) as caught:
            seal_model_folder(folder, name="tiny", max_tokens=16)
        assert caught.value.code == "broken_model"


def test_a_file_nested_without_end_is_refused(folder: Path) -> None:
    graph = node("Cast", ["a"], "b")
    for _ in range(40):
        graph = node("If", ["c"], "y", graph_attribute("then_branch", graph))
    (folder / MODEL).write_bytes(model(graph))
    with pytest.raises(ModelError, match="nested too deeply"):
        seal_model_folder(folder, name="tiny", max_tokens=16)


@given(st.data())
def test_damaged_bytes_are_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    original = tiny_classifier(3)
    changes = data.draw(st.lists(st.tuples(st.integers(0, len(original) - 1), st.integers(0, 255)), max_size=4))
    damaged = bytearray(original)
    for place, byte in changes:
        damaged[place] = byte
    end = data.draw(st.integers(0, len(original)))
    with contextlib.suppress(OnnxStructureError):
        read_structure(bytes(damaged[:end]))


def test_the_bundled_folder_is_what_it_says_and_small() -> None:
    folder = open_model_folder(bundled_model_folder())
    assert folder.labels == ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
    assert sum(entry.bytes for entry in folder.manifest.files.values()) <= 25_000_000
    assert read_labels(folder.path) == folder.labels


def test_a_folder_of_ones_own_answers_in_its_own_labels(folder: Path) -> None:
    model = load_text_model(folder)
    answer = model.classify("Draw your sword!")
    assert model.labels == ("calm", "angry", "afraid")
    assert len(answer) == 3
    assert sum(answer) == pytest.approx(1.0)
