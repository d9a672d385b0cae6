"""Owns how long sounds last when only the text is known: inherent durations, stress, position, and pauses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from emotion_runtime.errors import InputError
from emotion_runtime.expression.speech.letters import VOWELS
from emotion_runtime.expression.speech.pronounce import Word
from emotion_runtime.expression.speech.track import Phone

_INHERENT: Final = (
    "AA 125 60 AE 130 65 AH 95 45 AO 130 60 AW 165 85 AY 160 80 EH 100 55 ER 120 60 EY 140 75 IH 85 45 IY 110 55 "
    "OW 140 75 OY 180 90 UH 90 50 UW 115 55 "
    "B 70 50 CH 105 70 D 60 40 DH 50 35 F 95 70 G 70 50 HH 60 35 JH 85 60 K 75 50 L 70 45 M 70 50 N 65 40 NG 75 50 "
    "P 80 50 R 65 40 S 105 70 SH 110 75 T 70 40 TH 95 65 V 60 45 W 65 45 Y 60 40 Z 85 55 ZH 80 60"
).split()
INHERENT: Final = {
    phone: (float(full), float(least))
    for phone, full, least in zip(_INHERENT[::3], _INHERENT[1::3], _INHERENT[2::3], strict=True)
}
"""ARPAbet -> milliseconds in a stressed, non-final place, and the least it shrinks to: the scheme of Klatt 1976."""

UNSTRESSED: Final = 0.7
"""Factor on what lies above the least, of a vowel without stress and the consonants of its syllable's onset."""
FINAL_VOWEL: Final = 1.45
FINAL_CONSONANT: Final = 1.25
"""Factors in the last syllable before a pause."""
CLUSTER: Final = 0.75
"""Factor of a consonant beside another one."""
VOICELESS_AFTER: Final = 0.8
"""Factor of a vowel before a voiceless stop or fricative of the same word."""
LONG_WORD: Final = 0.85
"""Factor of each sound in words of three syllables or more."""

PAUSES: Final = {",": 180.0, ";": 250.0, ":": 250.0, "-": 200.0, "—": 250.0, "…": 400.0, "\n": 400.0}
FULL_STOP: Final = 380.0
"""Milliseconds of `.`, `!` and `?` between sentences."""
_VOICELESS: Final = frozenset("P T K F TH S SH CH".split())


def timed(words: Sequence[Word], *, total: float | None = None, start: float = 0.0, rate: float = 1.0) -> list[Phone]:
    """Sounds with milliseconds. `total`: the known length of the speech, which everything is scaled to.

    Without it `rate` speeds the talk up (2 is twice as fast). A pause at either end of the line is left out.
    Raises InputError for a total or a rate that cannot be.
    """
    if (total is not None and not 0.0 < total <= 3.6e6) or not 0.1 <= rate <= 10.0 or not 0.0 <= start <= 3.6e6:
        raise InputError("bad_value", f"speech cannot last {total!r} ms at rate {rate!r} from {start!r} ms")
    lengths = _lengths(words)
    whole = sum(length for _, length in lengths)
    factor = (total / whole if total is not None else 1.0 / rate) if whole > 0.0 else 1.0
    phones, at = [], start
    for symbol, length in lengths:
        end = at + length * factor
        if symbol:
            phones.append(Phone(symbol, at, end))
        at = end
    return phones


def _lengths(words: Sequence[Word]) -> list[tuple[str, float]]:
    lengths: list[tuple[str, float]] = []
    for number, word in enumerate(words):
        if word.phones:
            before_pause = number + 1 == len(words) or not words[number + 1].phones
            lengths += _word(word.phones, before_pause)
        elif lengths and any(each.phones for each in words[number + 1 :]):
            lengths.append(("", PAUSES.get(word.text[0], FULL_STOP)))
    return lengths


def _word(phones: tuple[str, ...], before_pause: bool) -> list[tuple[str, float]]:
    bare = [phone.rstrip("012") for phone in phones]
    vowels = [index for index, phone in enumerate(bare) if phone in VOWELS]
    last_vowel = vowels[-1] if vowels else 0
    result = []
    for index, phone in enumerate(bare):
        full, least = INHERENT.get(phone, (80.0, 50.0))
        factor = LONG_WORD if len(vowels) >= 3 else 1.0
        following = bare[index + 1] if index + 1 < len(bare) else ""
        if phone in VOWELS:
            if phones[index].endswith("0"):
                factor *= UNSTRESSED
            if following in _VOICELESS:
                factor *= VOICELESS_AFTER
        else:
            beside = (index > 0 and bare[index - 1] not in VOWELS) or (following and following not in VOWELS)
            if beside:
                factor *= CLUSTER
        length = least + (full - least) * factor
        if before_pause and index >= last_vowel:
            length *= FINAL_VOWEL if phone in VOWELS else FINAL_CONSONANT
        result.append((phones[index], length))
    return result
