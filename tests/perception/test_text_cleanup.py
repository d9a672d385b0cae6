"""Rules of cleaning a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.perception.text_cleanup import MAX_CHARACTERS, clean_text


def test_typographic_marks_become_ascii() -> None:
    assert clean_text("‘It’s’ “so”\u2014well\u2026 5\u22123 «no»") == '\'It\'s\' "so"-well... 5-3 "no"'


def test_bytes_of_cp1252_read_as_latin1_become_what_they_meant() -> None:
    assert clean_text("It\x92s \x93so\x94 \x96 well\x85") == 'It\'s "so" - well...'


def test_any_white_space_is_one_space() -> None:
    assert clean_text("\t Run,\r\n\u00a0\u2003 now! \x81") == "Run, now!"


def test_letters_of_other_languages_stay() -> None:
    assert clean_text("Señor, это 本当?") == "Señor, это 本当?"


def test_half_a_surrogate_pair_cannot_reach_the_tokenizer() -> None:
    assert clean_text("a\ud800b") == "a?b"


@given(st.text(alphabet=st.characters(), max_size=80))
def test_cleaning_twice_changes_nothing_and_the_result_can_be_encoded(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert once == " ".join(once.split())
    once.encode("utf-8")


def test_an_endless_line_is_cut() -> None:
    assert len(clean_text("ha " * 1_000_000)) <= MAX_CHARACTERS
