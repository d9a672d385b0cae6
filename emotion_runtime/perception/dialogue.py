"""Owns reading dialogues from CSV files in the columns of MELD, and the jobs that follow from them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.conversation import Conversations
from emotion_runtime.perception.results import TextJob

REQUIRED: Final = ("Utterance", "Speaker", "Dialogue_ID", "Utterance_ID")
EMOTION: Final = "Emotion"
MAX_FILE_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class DialogueLine:
    """One row, line `row` of the file: `conversation` is its Dialogue_ID, `emotion` in lower case, '' if not stated."""

    conversation: str
    number: int
    speaker: str
    text: str
    emotion: str
    row: int


def read_dialogue(path: Path, labels: Sequence[str] | None = None) -> list[DialogueLine]:
    """The rows of a CSV file, in the order of the file. The whole file is checked before the first row is used.

    Columns Utterance, Speaker, Dialogue_ID, Utterance_ID and perhaps Emotion; others are ignored. UTF-8, or cp1252
    where it is not UTF-8. With `labels`, an Emotion that is none of them is refused. Raises UsageError, whose
    message begins with file:line.
    """
    text = _decode(_read(path))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next(reader, None)
        places = _places(path, header or [])
        lines = []
        row = reader.line_num + 1
        for cells in reader:
            if cells:
                lines.append(_line(path, row, cells, places, labels))
            row = reader.line_num + 1
    except csv.Error as error:
        raise _fault("dialogue_broken", path, reader.line_num, str(error), "save the file as CSV again") from error
    if not lines:
        raise _fault("dialogue_empty", path, 1, "there are no lines below the header", "add some")
    return lines


def dialogue_jobs(lines: Iterable[DialogueLine], context_lines: int = 1, first_ticket: int = 0) -> Iterator[TextJob]:
    """A job for each line, tickets counting up, the context from earlier lines of the same conversation only."""
    conversations = Conversations(context_lines)
    for ticket, line in enumerate(lines, first_ticket):
        yield TextJob(ticket, line.text, conversations.say(line.conversation, line.speaker, line.text))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read() if size <= MAX_FILE_BYTES else b""
    except OSError as error:
        raise UsageError(
            "dialogue_missing", f"{path}: cannot be read ({error.strerror or error})", "name a CSV file"
        ) from error
    if size > MAX_FILE_BYTES:
        raise UsageError("dialogue_too_large", f"{path}: is larger than {MAX_FILE_BYTES:,} bytes", "split it")
    return data


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _places(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Column -> place in a row."""
    places = {name.strip(): place for place, name in reversed(list(enumerate(header)))}
    missing = [name for name in REQUIRED if name not in places]
    if missing:
        raise _fault(
            "dialogue_column",
            path,
            1,
            f"the header lacks {', '.join(missing)}; it has {', '.join(header)[:200] or 'nothing'}",
            f"name the columns {', '.join(REQUIRED)} and, if known, {EMOTION}",
        )
    return places


def _line(
    path: Path, row: int, cells: Sequence[str], places: dict[str, int], labels: Sequence[str] | None
) -> DialogueLine:
    if len(cells) <= max(places[name] for name in REQUIRED):
        raise _fault("dialogue_row", path, row, f"has only {len(cells)} cells", "an unquoted comma or line break?")
    values = {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
    number = values["Utterance_ID"]
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise _fault("dialogue_row", path, row, f"Utterance_ID {number[:40]!r} is no whole number", "count from 0")
    for name in ("Speaker", "Dialogue_ID"):
        if not values[name]:
            raise _fault("dialogue_row", path, row, f"{name} is empty", "fill it in")
    emotion = values.get(EMOTION, "").lower()
    if emotion and labels is not None and emotion not in labels:
        raise _fault("dialogue_emotion", path, row, f"unknown emotion {emotion[:40]!r}", f"use {', '.join(labels)}")
    return DialogueLine(values["Dialogue_ID"], int(number), values["Speaker"], cells[places["Utterance"]], emotion, row)


def _fault(code: str, path: Path, row: int, what: str, remedy: str) -> UsageError:
    return UsageError(code, f"{path}:{row}: {what}", remedy)
