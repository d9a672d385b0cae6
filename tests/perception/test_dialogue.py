"""Rules of reading dialogue files and of what counts as context."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.conversation import Conversations
from emotion_runtime.perception.dialogue import dialogue_jobs, read_dialogue
from emotion_runtime.perception.results import Line

HEADER = "Sr No.,Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID,Extra\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "talk.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_come_in_the_order_of_the_file_and_other_columns_are_ignored(tmp_path: Path) -> None:
    rows = '1,"Hi, you",Ann,Joy,7,1,x\n2,"Two\nlines",Bob,,7,0,\n\n3,Bye,Ann,neutral,8,0\n'
    lines = read_dialogue(write(tmp_path, HEADER + rows))
    assert [(one.conversation, one.number, one.speaker, one.text, one.emotion, one.row) for one in lines] == [
        ("7", 1, "Ann", "Hi, you", "joy", 2),
        ("7", 0, "Bob", "Two\nlines", "", 3),
        ("8", 0, "Ann", "Bye", "neutral", 6),
    ]


def test_the_emotion_column_may_be_missing(tmp_path: Path) -> None:
    path = write(tmp_path, "Speaker,Utterance,Dialogue_ID,Utterance_ID\nAnn,Hi,inn-1,0\n")
    assert [(one.conversation, one.emotion) for one in read_dialogue(path)] == [("inn-1", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_curly_quotes_survive_either_encoding(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, HEADER + "1,It’s Señor,Ann,joy,0,0,\r\n", encoding)
    assert read_dialogue(path)[0].text == "It’s Señor"


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "dialogue_column", ":1: the header lacks Utterance, Speaker, Dialogue_ID, Utterance_ID"),
        ("Utterance,Speaker\nHi,Ann\n", "dialogue_column", ":1: the header lacks Dialogue_ID, Utterance_ID"),
        (HEADER, "dialogue_empty", ":1: "),
        (HEADER + "1,Hi,Ann,joy,0,0,\n2,Hi,Ann\n", "dialogue_row", ":3: has only 3 cells"),
        (HEADER + "1,Hi,Ann,joy,0,first,\n", "dialogue_row", ":2: Utterance_ID 'first'"),
        (HEADER + "1,Hi,,joy,0,0,\n", "dialogue_row", ":2: Speaker is empty"),
        (HEADER + '1,"a\nb",Ann,joy,0,0,\n2,Hi,Ann,hungry,0,1,\n', "dialogue_emotion", ":4: unknown emotion 'hungry'"),
        (HEADER + '1,"Hi"x,Ann,joy,0,0,\n', "dialogue_broken", ":2: "),
        (HEADER + f"1,{'a' * 200_000},Ann,joy,0,0,\n", "dialogue_broken", ":2: field larger"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, text: str, code: str, where: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_dialogue(path, ["joy", "neutral"])
    assert caught.value.code == code
    assert caught.value.message.startswith(f"{path}{where}")
    assert caught.value.remedy


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_dialogue(tmp_path / "none.csv")
    assert caught.value.code == "dialogue_missing"


def test_context_is_what_was_said_before_in_the_same_conversation(tmp_path: Path) -> None:
    rows = "1,A,Ann,,0,0\n2,B,Bob,,0,1\n3,C,Ann,,1,0\n4,D,Bob,,0,2\n"
    jobs = list(dialogue_jobs(read_dialogue(write(tmp_path, HEADER + rows)), context_lines=2, first_ticket=5))
    assert [job.ticket for job in jobs] == [5, 6, 7, 8]
    assert [job.context for job in jobs] == [
        (),
        (Line("A", same_speaker=False),),
        (),
        (Line("A", same_speaker=False), Line("B", same_speaker=True)),
    ]


def test_the_conversation_silent_longest_is_forgotten_first() -> None:
    talks = Conversations(keep=1, most=2)
    talks.say("one", "ann", "A")
    talks.say("two", "ann", "B")
    talks.say("one", "ann", "C")
    talks.say("three", "ann", "D")
    assert talks.context("two", "ann") == ()
    assert talks.context("one", "ann") == (Line("C", same_speaker=True),)
    talks.forget("one")
    assert talks.context("one", "ann") == ()


def test_nothing_is_remembered_where_nothing_is_to_be_kept() -> None:
    talks = Conversations(keep=0)
    talks.say("one", "ann", "A")
    assert talks.say("one", "ann", "B") == ()
