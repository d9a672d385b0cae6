"""Proves that no scene text, however broken, ends in anything but diagnostics, each at a place that exists."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotion_runtime.scene import bundled_scene, scene_report, yaml_reader
from emotion_runtime.scene.diagnostics import split_lines
from emotion_runtime.scene.slugs import SLUGS
from tests.scene.scenes import SOUND

TAVERN = bundled_scene().read_text(encoding="utf-8")
PEOPLE = (bundled_scene().parent / "people.yaml").read_text(encoding="utf-8")
PIECES = [
    "", "{", "}", "[", "]", ":", ": ", "- ", "\n", "\n  ", "\t", "'", '"', "#", "!", "&a", "*a", "<<: ", "|", ">", "%",
    "@", "\x00", "\ufeff", "\u2028", "not", "and", "(", ")", ",", "max(", "self", "self.", "bearer.", "0", "-1",
    "1e999", "9" * 400, " within 5 m", "/s", "+0.1", "true", "null", "~", "---\n", "...", "? ", "感", "watch", "person",
    "[[[[", "fear > 0.6",
]  # fmt: skip


def hold(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.yaml"
        path.write_bytes(text)
        (Path(folder) / "people.yaml").write_text(PEOPLE, encoding="utf-8")
        scene, report = scene_report(path)
    faults = report.sorted()
    assert (scene is None) == any(each.level == "error" for each in faults)
    lines = {file: split_lines(source) for file, source in report.sources.items()}
    for fault in faults:
        assert fault.slug in SLUGS
        assert fault.message
        assert fault.line >= 1
        assert fault.col >= 1
        if fault.file in lines:
            assert fault.line <= len(lines[fault.file])
            assert fault.col <= len(lines[fault.file][fault.line - 1]) + 1
    assert report.text().count("\n\n") == max(0, len(faults) - 1)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text with one to four chunks deleted, doubled, moved or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        chunk = text[start:end]
        place = draw(st.integers(0, len(text)))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end] + chunk + text[end:]
            case 2:
                text = text[:place] + chunk + text[place:]
            case _:
                text = text[:start] + draw(st.sampled_from(PIECES)) + text[end:]
    return text


EXAMPLES = int(os.environ.get("EMOTION_RUNTIME_FUZZ", "150"))
"""Examples of each property; the long command sets thousands."""

common = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@common
@given(mutated(TAVERN))
def test_a_mutated_tavern_gives_diagnostics(text: str) -> None:
    hold(text.encode("utf-8", "replace"))


@common
@given(mutated(SOUND))
def test_a_mutated_small_scene_gives_diagnostics(text: str) -> None:
    hold(text.encode("utf-8", "replace"))


@common
@given(st.data())
def test_a_word_swapped_for_another_gives_diagnostics(data: st.DataObject) -> None:
    words = SOUND.split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words) - 1))
        words[at] = data.draw(st.sampled_from(words + PIECES))
    hold(" ".join(words).encode())


@common
@given(st.binary(max_size=300))
def test_random_bytes_give_diagnostics(data: bytes) -> None:
    hold(data)


@common
@given(st.data())
def test_random_bytes_inside_the_tavern_give_diagnostics(data: st.DataObject) -> None:
    raw = TAVERN.encode()
    at = data.draw(st.integers(0, len(raw)))
    hold(raw[:at] + data.draw(st.binary(min_size=1, max_size=20)) + raw[at:])


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "? [a]\n: b\n",
        "? {a: b}\n: b\n",
        "- a\n- b\n",
        "just text",
        "a:b",
        "{a: {a: {a: {a: {}}}}}",
        "scene: [[]]\nlanguage: {}\nrules: 3\ntrees: []\nappraisal: {}\ncharacters: [a]\n",
        "scene: x\nlanguage: 1\ncharacters:\n  a: \n  b: ''\n  c: ~\n",
        "scene: x\nlanguage: 1\ntrees: {a: {selector: []}, b: {modify: a, with: x}, c: {repeat: , times: 0}}\n",
        "scene: x\nlanguage: 1\nrules: {a: {bearer: 'all(', trigger: '', lasts: '', aim: [], sets: x}}\n",
        "scene: x\nlanguage: 1\nobjects: {o: {at: [], vars: {v: 1 in 1..1}, rules: {r: {}}}}\n",
    ],
)
def test_odd_shapes_give_diagnostics(text: str) -> None:
    hold(text.encode())


def test_the_pure_python_parser_finds_the_same_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        SOUND,
        SOUND.replace("joy > 0.3", "!joy"),
        SOUND.replace("lasts: 2 s", "lasts: 2"),
        SOUND.replace("0.3}", "0.3"),
    ]
    texts += [
        SOUND.replace("joy > 0.3", "> 0.6"),
        SOUND.replace("[flee, wave]", "[flee, wave"),
        SOUND.replace("    aim", "\taim"),
    ]
    for text in texts:
        path = tmp_path / "main.yaml"
        path.write_text(text, encoding="utf-8")
        fast = [(each.slug, each.line) for each in scene_report(path)[1].sorted()]
        with monkeypatch.context() as patch:
            patch.setattr(yaml_reader, "_LOADER", yaml.BaseLoader)
            slow = [(each.slug, each.line) for each in scene_report(path)[1].sorted()]
        assert slow == fast
