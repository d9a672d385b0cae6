"""Rules of baked lines: found again as written, with context before without, resumed, overridden, never run through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.errors import UsageError
from emotion_runtime.perception.baked import Baked, BakedModel, key, shares
from emotion_runtime.perception.baking import Progressing, read_overrides, read_script, write_baked
from emotion_runtime.perception.results import Line

LABELS = ("calm", "angry", "afraid")


class Counting:
    labels = LABELS

    def __init__(self) -> None:
        self.asked = 0

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        self.asked += 1
        return (1.0, 0.0, 0.0)


def script(path: Path, *rows: str) -> Path:
    path.write_text("text,speaker,conversation\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_baked_line_is_found_again_without_running_the_network(tmp_path: Path) -> None:
    said = (Line("Who is there?", same_speaker=False),)
    lines = {key("It is me."): shares((0.2, 0.7, 0.1)), key("It is me.", said): shares((0.1, 0.1, 0.8))}
    write_baked(tmp_path / "b.msgpack", "0" * 64, LABELS, lines)
    baked = Baked.read(tmp_path / "b.msgpack")
    network = Counting()
    model = BakedModel(network, baked)
    assert model.classify("It is me.") == pytest.approx((0.2, 0.7, 0.1), abs=1e-4)
    assert model.classify("It  is me.", said) == pytest.approx((0.1, 0.1, 0.8), abs=1e-4)
    assert model.classify("It is me.", (Line("Something else.", same_speaker=True),))[1] == pytest.approx(0.7, abs=1e-4)
    assert network.asked == 0
    assert model.classify("It is you.") == (1.0, 0.0, 0.0)
    assert (network.asked, model.found) == (1, 3)


def test_an_interrupted_run_goes_on_and_drops_a_torn_record(tmp_path: Path) -> None:
    path = tmp_path / "b.progress"
    first = Progressing(path, "mark")
    first.add([(key("a"), (1, 2, 3))])
    first.add([(key("b"), (4, 5, 6))])
    path.write_bytes(path.read_bytes()[:-3])
    again = Progressing(path, "mark")
    assert again.done == {key("a"): (1, 2, 3)}
    again.add([(key("c"), (7, 8, 9))])
    assert set(Progressing(path, "mark").done) == {key("a"), key("c")}
    assert Progressing(path, "another model").done == {}


def test_each_different_line_is_read_once_alone_and_once_in_its_context(tmp_path: Path) -> None:
    path = script(tmp_path / "s.csv", '"Hey!",anna,1', '"Hey!",bert,1', '"  Hey! ",anna,2', '"",anna,2')
    lines = read_script(path)
    said = (Line("Hey!", same_speaker=False),)
    assert [(line.text, line.context) for line in lines] == [("Hey!", ()), ("Hey!", said)]
    assert len(read_script(path, context_lines=0)) == 1


def test_a_line_is_kept_after_as_many_lines_as_its_model_looks_at(tmp_path: Path) -> None:
    path = script(tmp_path / "s.csv", "one,anna,1", "two,bert,1", "three,anna,1")
    one, two = Line("one", same_speaker=False), Line("two", same_speaker=False)
    contexts = {line.context for line in read_script(path, context_lines=2)}
    assert contexts == {(), (one,), (Line("one", same_speaker=True), two)}
    lines = {key("x"): shares((1.0, 0.0, 0.0)), key("x", (two,)): shares((0.0, 1.0, 0.0))}
    lines[key("x", (one, two))] = shares((0.0, 0.0, 1.0))
    write_baked(tmp_path / "b.msgpack", "0" * 64, LABELS, lines, 2)
    baked = Baked.read(tmp_path / "b.msgpack")
    other = Line("other", same_speaker=True)
    assert baked.find("x", (other, one, two)) == (0.0, 0.0, 1.0)
    assert baked.find("x", (other, two)) == (0.0, 1.0, 0.0)
    assert baked.find("x", (two, other)) == (1.0, 0.0, 0.0)


def test_a_file_of_the_first_format_was_annotated_after_one_line(tmp_path: Path) -> None:
    said = Line("Who?", same_speaker=False)
    old = {"format": 1, "model": "0" * 64, "labels": LABELS, "lines": {key("x", (said,)): shares((0.0, 1.0, 0.0))}}
    (tmp_path / "b.msgpack").write_bytes(msgspec.msgpack.encode(old))
    baked = Baked.read(tmp_path / "b.msgpack")
    assert baked.context_lines == 1
    assert baked.find("x", (Line("before", same_speaker=True), said)) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "script_column"), (b"name\nx\n", "script_column"), (b"text\n\n", "script_empty"), (None, "script_missing")],
)
def test_what_is_no_script_is_refused(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "s.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_script(path)
    assert caught.value.code == code


def test_an_override_of_an_unknown_label_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("text,label\nHey!,furious\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"o\.csv:2"):
        read_overrides(path, LABELS)


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x80", b'{"format": 1}'])
def test_what_is_no_baked_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.msgpack"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        Baked.read(path)
    assert caught.value.code == "baked_broken"


def test_the_command_bakes_asks_a_human_and_takes_the_answer(tmp_path: Path) -> None:
    lines = script(tmp_path / "s.csv", "You thief!,anna,1", "What a lovely day.,bert,1", "Hm.,anna,1")
    output, asked = tmp_path / "b.msgpack", tmp_path / "ask.csv"
    command = ["bake", str(lines), "-o", str(output), "--json"]
    result = CliRunner().invoke(app, [*command, "--uncertain", str(asked), "--least", "2"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["lines"] == 5
    assert sum(report["counts"].values()) == 5
    assert len(report["least_certain"]) == 2
    assert asked.read_text(encoding="utf-8").startswith("text,label,guess,share")
    assert not output.with_name("b.msgpack.progress").exists()
    decided = tmp_path / "o.csv"
    decided.write_text("text,label\nHm.,surprise\n", encoding="utf-8")
    result = CliRunner().invoke(app, [*command, "--overrides", str(decided)])
    assert json.loads(result.stdout.splitlines()[-1])["overridden"] == 2
    baked = Baked.read(output)
    assert (baked.find("Hm.") or ())[baked.labels.index("surprise")] == 1.0
