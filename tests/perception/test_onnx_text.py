"""Rules of the text model that runs: what it sees, and that its answers depend on nothing else."""

from __future__ import annotations

import builtins
import json
import sys
import threading
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.errors import MissingExtraError
from emotion_runtime.perception.bundled import load_text_model
from emotion_runtime.perception.dialogue import DialogueLine, dialogue_jobs, read_dialogue
from emotion_runtime.perception.manifest import seal_model_folder
from emotion_runtime.perception.onnx_session import import_onnxruntime, installed_twice
from emotion_runtime.perception.onnx_text import OnnxTextModel, softmax
from emotion_runtime.perception.results import Line
from emotion_runtime.perception.scores import Scores, expected_calibration_error, score

LINES = (
    "Get out of my tavern!",
    "Oh no, it's coming closer...",
    "What a lovely surprise!",
    "Two ales.",
    "",
    "ha " * 99,
)


def judge(model: OnnxTextModel, lines: list[DialogueLine], picked: list[int]) -> tuple[Scores, float]:
    jobs = list(dialogue_jobs(lines, model.context_lines))
    table = [model.classify(jobs[at].text, jobs[at].context) for at in picked]
    answers = [model.labels[int(np.argmax(row))] for row in table]
    truth = [lines[at].emotion for at in picked]
    error = expected_calibration_error(table, [model.labels.index(emotion) for emotion in truth])
    return score(model.labels, truth, answers), error


def test_the_figures_of_the_model_card_hold_on_the_whole_of_meld_test(model: OnnxTextModel, meld_test: Path) -> None:
    lines = read_dialogue(meld_test, model.labels)
    scores, calibration_error = judge(model, lines, list(range(len(lines))))
    assert len(lines) == 2610
    assert scores.weighted_f1 >= 0.60
    assert scores.macro_f1 >= 0.43
    assert calibration_error <= 0.06


def test_a_line_gets_the_same_answer_alone_and_beside_others() -> None:
    model = load_text_model(cached_lines=0)
    alone = {text: model.classify(text) for text in LINES}
    for text in (*reversed(LINES), *LINES):
        assert model.classify(text) == alone[text]


def test_in_one_batch_a_line_would_change_its_neighbours_answer(model: OnnxTextModel) -> None:
    """The reason why every run holds one line; when a new model no longer does this, batches may come back."""

    def logits(*rows: tuple[int, ...]) -> NDArray[np.float32]:
        ids = np.array(rows, dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        found: NDArray[np.float32] = model._network.session.run(["logits"], inputs)[0][0]
        return found

    line, neighbour = (model._pairs.pair(text)[0] for text in ("Get out of here!", "What a lovely day."))
    assert len(line) == len(neighbour)
    assert np.abs(logits(line) - logits(line, neighbour)).max() > 1e-3


def test_a_remembered_answer_is_the_computed_one(folder: Path) -> None:
    remembering, forgetful = load_text_model(folder, cached_lines=2), load_text_model(folder, cached_lines=0)
    for text in (*LINES, *LINES, LINES[0], LINES[0]):
        assert remembering.classify(text) == forgetful.classify(text)


def test_two_threads_get_the_answers_that_one_gets(model: OnnxTextModel) -> None:
    texts = [f"{text} {number}" for number in range(8) for text in LINES]
    found: list[list[tuple[float, ...]]] = []
    threads = [threading.Thread(target=lambda: found.append([model.classify(t) for t in texts])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = [model.classify(text) for text in texts]
    assert found == [alone, alone]


def test_probabilities_are_finite_and_sum_to_one_for_any_line(model: OnnxTextModel) -> None:
    for text in (*LINES, "\x00\ud800", "[SEP]" * 500, "本当", "🙂", "a" * 100_000):
        answer = model.classify(text, (Line(text, same_speaker=True),))
        assert sum(answer) == pytest.approx(1.0, abs=1e-12)
        assert min(answer) > 0.0


def test_the_input_is_line_then_tagged_context(model: OnnxTextModel) -> None:
    decode = model._pairs._tokenizer.decode
    ids, first = model._pairs.pair("I’m fine\u2026", (Line("older", True), Line("old", False), Line("Are you?", False)))
    assert decode(list(ids[:first]), skip_special_tokens=False) == "[CLS] i ' m fine... [SEP]"
    assert decode(list(ids[first:]), skip_special_tokens=False) == "you : old you : are you? [SEP]"
    ids, first = model._pairs.pair("And?", (Line("Well", True),))
    assert decode(list(ids[first:]), skip_special_tokens=False) == "me : well [SEP]"


def test_a_long_line_keeps_its_beginning_and_pushes_the_context_out(model: OnnxTextModel) -> None:
    long = " ".join(f"word{number}" for number in range(60))
    ids, first = model._pairs.pair(long, (Line("earlier", False),))
    assert (len(ids), first) == (55, 55)
    ids, first = model._pairs.pair("Yes.", (Line(long, False),))
    assert (len(ids), first) == (56, 4)


def test_of_the_context_the_newest_is_kept(folder: Path) -> None:
    model = load_text_model(folder)

    def context(*lines: Line) -> str:
        ids, first = model._pairs.pair("Yes", lines)
        return str(model._pairs._tokenizer.decode(list(ids[first:])))

    assert context(Line("a b", True), Line("one two", False)) == "me : a b you : one two"
    assert context(Line("a third", True), Line("a b", True), Line("one", False)) == "me : a b you : one"
    assert context(Line("a b c d e f g", True), Line("one two", False)) == "you : one two"
    assert context(Line("a", True), Line("1 2 3 4 5 6 7 8 9 10 11", False)) == "you : 1 2 3 4 5 6 7 8 9 10"


def test_the_name_of_a_special_token_in_a_line_is_read_as_text(model: OnnxTextModel) -> None:
    ids, _ = model._pairs.pair("run [SEP] [CLS]")
    assert ids.count(model._pairs._end) == 1
    assert ids.count(model._pairs._begin) == 1


def test_a_higher_temperature_only_flattens(folder: Path) -> None:
    sharp = load_text_model(folder).classify("Draw!")
    seal_model_folder(folder, name="tiny", max_tokens=16, temperature=4.0)
    flat = load_text_model(folder).classify("Draw!")
    assert np.argsort(sharp).tolist() == np.argsort(flat).tolist()
    assert max(flat) < max(sharp)


def test_softmax_survives_large_numbers() -> None:
    assert softmax(np.array([1e4, 1e4, -1e4], dtype=np.float32)) == (0.5, 0.5, 0.0)


def test_without_onnxruntime_the_command_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_runtime(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> ModuleType:
        if name == "onnxruntime":
            raise ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime")
        return real(name, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", no_runtime)
    with pytest.raises(MissingExtraError) as caught:
        import_onnxruntime()
    assert caught.value.code == "missing_extra"
    assert caught.value.remedy == 'pip install "emotion-runtime[cpu]"'


def test_what_an_uninstall_left_behind_is_told_from_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", ModuleType("onnxruntime"))
    with pytest.raises(MissingExtraError) as caught:
        import_onnxruntime()
    assert caught.value.code == "broken_extra"


def test_both_packages_at_once_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed_twice() == ""
    monkeypatch.setattr(metadata, "version", lambda name: "1.20")
    assert "onnxruntime 1.20 and onnxruntime-gpu 1.20 are both installed" in installed_twice()


def test_classify_explains_the_bundled_model_by_the_words_that_mattered() -> None:
    result = CliRunner().invoke(app, ["classify", "You filthy thief!", "--explain", "--json"])
    assert result.exit_code == 0, result.output
    (words,) = json.loads(result.stdout.splitlines()[-1])["words"]
    assert [each["word"] for each in words] == ["You", "filthy", "thief!"]
    assert all(-1.0 <= each["weight"] <= 1.0 for each in words)
    assert any(each["weight"] != 0.0 for each in words)
    shown = CliRunner().invoke(app, ["classify", "You filthy thief!", "--explain"]).stdout
    assert "filthy" in shown.split("\n", 1)[1]
