"""Owns from text to sounds: words, numbers and pauses of a line, looked up in a dictionary or guessed by rule."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.speech.letters import sounds
from emotion_runtime.expression.speech.lexicon import LEXICON
from emotion_runtime.expression.visemes import ARPABET

Dictionary = Mapping[str, tuple[str, ...]]

MAX_WORD: Final = 64
MAX_DICTIONARY_BYTES: Final = 16 << 20
UNITS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS: Final = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
PIECE: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+|[.!?;:,…—-]+|\n")
ENDINGS: Final = (
    ("'s", ("Z",)), ("s", ("Z",)), ("ing", ("IH0", "NG")), ("ed", ("D",)), ("er", ("ER0",)), ("ly", ("L", "IY0")),
)  # fmt: skip
VOICELESS: Final = frozenset("P T K F TH S SH CH".split())


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its sounds (ARPAbet with stress), or a pause: no sounds, `text` the punctuation."""

    text: str
    phones: tuple[str, ...]


def words(text: str, dictionary: Dictionary | None = None) -> tuple[Word, ...]:
    """The words and pauses of an English line. What is neither a letter, a digit nor a pause is skipped."""
    found = []
    for match in PIECE.finditer(text.lower().replace("’", "'")):
        piece = match.group()
        if piece.isdigit():
            found += [Word(each, pronounce(each, dictionary)) for each in number_words(piece)]
        elif piece[0].isalpha():
            found.append(Word(piece, pronounce(piece[:MAX_WORD], dictionary)))
        elif piece != "-":
            found.append(Word(piece, ()))
    return tuple(found)


def pronounce(word: str, dictionary: Dictionary | None = None) -> tuple[str, ...]:
    """ARPAbet of one lower-case word: dictionary, our lexicon, those with an ending taken off, letter rules."""
    word = word.strip("'")
    known = _known(word, dictionary)
    if known:
        return known
    for ending, added in ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 2:
            continue
        for candidate in (stem, stem + "e", stem[:-1] if stem[-1] == stem[-2] else stem):
            known = _known(candidate, dictionary)
            if known:
                return (*known, *_joined(known[-1], added))
    return sounds(word.replace("'", ""))


def _joined(last: str, added: tuple[str, ...]) -> tuple[str, ...]:
    if added == ("Z",):
        return ("AH0", "Z") if last in {"S", "Z", "SH", "ZH", "CH", "JH"} else ("S",) if last in VOICELESS else added
    if added == ("D",):
        return ("AH0", "D") if last in {"T", "D"} else ("T",) if last in VOICELESS else added
    return added


def _known(word: str, dictionary: Dictionary | None) -> tuple[str, ...]:
    return LEXICON.get(word) or (dictionary.get(word, ()) if dictionary else ())


def number_words(digits: str) -> list[str]:
    """A whole number below a million in words; a longer one digit by digit."""
    if len(digits) > 6 or (len(digits) > 1 and digits[0] == "0"):
        return [UNITS[int(digit)] for digit in digits]
    number = int(digits)
    if number < 20:
        return [UNITS[number]]
    if number < 100:
        return [TENS[number // 10], *([UNITS[number % 10]] if number % 10 else [])]
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = number_words(str(number % size)) if number % size else []
    return [*number_words(str(number // size)), name, *rest]


def read_dictionary(path: str | Path) -> dict[str, tuple[str, ...]]:
    """A pronouncing dictionary in the form of CMUdict: `word PH ON EM1` a line; `word(2)` is skipped.

    Raises UsageError `no_such_file` or `bad_dictionary`.
    """
    try:
        if Path(path).stat().st_size > MAX_DICTIONARY_BYTES:
            raise UsageError("bad_dictionary", f"{path} is over {MAX_DICTIONARY_BYTES} bytes")
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise UsageError("no_such_file", f"{path} cannot be read: {error.strerror}") from None
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        parts = line.split(" #")[0].split()
        if len(parts) < 2 or line.startswith(";;;") or "(" in parts[0]:
            continue
        phones = tuple(parts[1:])
        if all(phone.rstrip("012") in ARPABET for phone in phones):
            found.setdefault(parts[0].lower(), phones)
    if not found:
        raise UsageError("bad_dictionary", f"{path} holds no word with ARPAbet sounds", "use cmudict.dict")
    return found


@cache
def installed_dictionary() -> Dictionary | None:
    """CMUdict out of an installed `pocketsphinx` package (MIT; its dictionary is BSD), or None without one."""
    spec = importlib.util.find_spec("pocketsphinx")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(place) / "model" / "en-us" / "cmudict-en-us.dict"
        if file.exists():
            return read_dictionary(file)
    return None
