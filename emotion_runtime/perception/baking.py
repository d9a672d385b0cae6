"""Owns annotating a script ahead of time: the lines, their answers piece by piece, overrides, and what to look at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.baked import FORMAT, SCALE, BakedFile, key, shares
from emotion_runtime.perception.bundled import load_text_model
from emotion_runtime.perception.conversation import Conversations
from emotion_runtime.perception.dialogue import MAX_FILE_BYTES
from emotion_runtime.perception.results import CACHED_LINES, Line
from emotion_runtime.perception.text_cleanup import clean_text
from emotion_runtime.spreading import in_processes, on_ray

TEXT_COLUMNS: Final = ("text", "Utterance", "line", "utterance", "Text")
MAX_SCRIPT_CONVERSATIONS: Final = 1 << 20
"""Conversations of a script that may be open at once; a file holds no more lines than that by far."""
PIECE: Final = 512
"""Lines annotated between two looks at the clock, and written at once."""

Answer = tuple[bytes, tuple[int, ...]]
_MODELS: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A line of the script, `row` of its file; `context` the lines said before it, the oldest first, or none."""

    text: str
    context: tuple[Line, ...]
    row: int


def read_script(path: Path, *, context_lines: int = 1) -> list[ScriptLine]:
    """The different lines of a CSV file with a column `text` (or MELD's columns).

    A line of a known conversation (`Dialogue_ID` or `conversation`, and `Speaker` or `speaker`) is kept both alone and
    after up to `context_lines` lines before it: as many as the model looks at. Raises UsageError.
    """
    found: dict[bytes, ScriptLine] = {}
    conversations = Conversations(context_lines, most=MAX_SCRIPT_CONVERSATIONS)
    for number, row in _rows(path):
        text = _first(row, TEXT_COLUMNS)
        if not clean_text(text):
            continue
        found.setdefault(key(text), ScriptLine(text, (), number))
        where = _first(row, ("Dialogue_ID", "conversation"))
        if context_lines and where:
            before = conversations.say(where, _first(row, ("Speaker", "speaker")), text)
            if before:
                found.setdefault(key(text, before), ScriptLine(text, before, number))
    if not found:
        raise UsageError("script_empty", f"{path}: holds no line", f"name a column {TEXT_COLUMNS[0]} in its header")
    return list(found.values())


def read_overrides(path: Path, labels: Sequence[str]) -> dict[bytes, tuple[int, ...]]:
    """What people decided: a CSV with `text` and `label`, the label surely meant. Raises UsageError."""
    decided: dict[bytes, tuple[int, ...]] = {}
    for number, row in _rows(path):
        text, label = _first(row, TEXT_COLUMNS), _first(row, ("label", "Emotion", "emotion")).lower()
        if not label:
            continue
        if label not in labels:
            raise UsageError(
                "unknown_label", f"{path}:{number}: there is no label {label!r}", f"use {', '.join(labels)}"
            )
        decided[key(text)] = tuple(SCALE if each == label else 0 for each in labels)
    return decided


def annotate(model: str, lines: Sequence[ScriptLine]) -> list[Answer]:
    """The answers to a piece, by the model in the folder `model` ('': the bundled one), which a process loads once."""
    if model not in _MODELS:
        _MODELS[model] = load_text_model(Path(model) if model else None, cached_lines=CACHED_LINES)
    loaded = _MODELS[model]
    return [(key(line.text, line.context), shares(loaded.classify(line.text, line.context))) for line in lines]


class Progressing:
    """The answers so far in a file beside the output, one record a piece, so that an interrupted run goes on.

    A record that was not written to its end is dropped. Answers of another model are not taken.
    """

    def __init__(self, path: Path, mark: str) -> None:
        """`mark`: what the model is told apart by."""
        self._path = path
        self._mark = mark
        self.done: dict[bytes, tuple[int, ...]] = {}
        self._read()

    def _read(self) -> None:
        if not self._path.exists():
            return
        data = self._path.read_bytes()
        whole = 0
        for end, record in _records(data):
            if record[0] != self._mark:
                self._path.unlink()
                self.done = {}
                return
            self.done.update({each: tuple(row) for each, row in record[1]})
            whole = end
        if whole < len(data):
            with self._path.open("r+b") as file:
                file.truncate(whole)

    def add(self, answers: Sequence[Answer]) -> None:
        """A piece is done."""
        self.done.update(answers)
        record = msgspec.msgpack.encode((self._mark, answers))
        with self._path.open("ab") as file:
            file.write(len(record).to_bytes(4, "little") + record)

    def finish(self) -> None:
        """The output is written: nothing to go on with."""
        self._path.unlink(missing_ok=True)


def _records(data: bytes) -> Iterator[tuple[int, Any]]:
    """End and contents of each whole record."""
    place = 0
    while place + 4 <= len(data):
        end = place + 4 + int.from_bytes(data[place : place + 4], "little")
        if end > len(data):
            return
        try:
            yield end, msgspec.msgpack.decode(data[place + 4 : end], type=tuple[str, list[tuple[bytes, list[int]]]])
        except msgspec.DecodeError:
            return
        place = end


def write_baked(
    path: Path, model: str, labels: Sequence[str], lines: Mapping[bytes, tuple[int, ...]], context_lines: int = 1
) -> None:
    """Writes the baked file, all of it or nothing."""
    file = BakedFile(format=FORMAT, model=model, labels=tuple(labels), lines=dict(lines), context_lines=context_lines)
    part = path.with_name(path.name + ".part")
    part.write_bytes(msgspec.msgpack.encode(file))
    part.replace(path)


def pieces(lines: Sequence[ScriptLine], size: int = PIECE) -> list[Sequence[ScriptLine]]:
    """The script cut up."""
    return [lines[first : first + size] for first in range(0, len(lines), size)]


def run_pieces(
    work: Sequence[Sequence[ScriptLine]], model: str, processes: int, *, ray: bool
) -> Iterable[list[Answer]]:
    """The answers of every piece, as they come: here, in several processes, or on a Ray cluster; the same answers."""
    task = partial(annotate, model)
    if ray:
        return on_ray(task, work)
    return in_processes(task, work, processes) if processes > 1 else map(task, work)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    remedy = "save it as CSV in UTF-8 with a header"
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UsageError("script_too_large", f"{path}: is larger than {MAX_FILE_BYTES:,} bytes", "split it")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError("script_missing", f"{path}: cannot be read ({error.strerror or error})", remedy) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if not set(reader.fieldnames or ()) & set(TEXT_COLUMNS):
            raise UsageError("script_column", f"{path}:1: the header has no column {TEXT_COLUMNS[0]}", remedy)
        return [(reader.line_num, {k: v or "" for k, v in row.items() if k and isinstance(v, str)}) for row in reader]
    except csv.Error as error:
        raise UsageError("script_broken", f"{path}:{reader.line_num}: {error}", remedy) from error


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")
