"""Owns the timing formats of speech services: Azure, Polly, ElevenLabs, Cartesia, Rhubarb, and a plain one of our own.

Formats as their public documentation describes them (read 2026-11). Each importer takes parsed JSON and gives a track.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from emotion_runtime.errors import InputError
from emotion_runtime.expression.speech.durations import timed
from emotion_runtime.expression.speech.pronounce import Dictionary, words
from emotion_runtime.expression.speech.track import MAX_SEGMENTS, Phone, Segment, VisemeTrack, track_of_phones
from emotion_runtime.expression.visemes import NUMBER

LAST_MS: Final = 120.0
"""How long the last viseme lasts where a format tells only when visemes begin."""

AZURE: Final = "sil aa aa oh E RR ih ou oh aa+ou oh+ih aa+ih kk RR nn SS CH TH FF DD kk PP".split()
"""Viseme id 0..21 -> ours; the ids are those of SAPI 5. 9, 10 and 11 are diphthongs."""

POLLY: Final = {
    "sil": "sil", "p": "PP", "t": "DD", "S": "CH", "T": "TH", "f": "FF", "k": "kk", "i": "ih", "r": "RR", "s": "SS",
    "u": "ou", "@": "aa", "a": "aa", "e": "E", "E": "E", "o": "oh", "O": "oh", "J": "nn", "B": "PP", "x": "kk",
}  # fmt: skip
RHUBARB: Final = {
    "A": "PP", "B": "SS", "C": "E", "D": "aa", "E": "oh", "F": "ou", "G": "FF", "H": "nn", "X": "sil",
}  # fmt: skip
"""Mouth shapes of Hanna-Barbera as Rhubarb names them."""

TICKS_PER_MS: Final = 10_000.0


def azure(data: Any) -> VisemeTrack:
    """Azure Speech `VisemeReceived` events: a list of {audio_offset (100 ns), viseme_id}; camel case is taken too."""
    marks = []
    for index, event in enumerate(_list(data, "$")):
        where = f"$[{index}]"
        ticks = _number(_any(event, ("audio_offset", "audioOffset", "AudioOffset", "privAudioOffset"), where), where)
        number = _any(event, ("viseme_id", "visemeId", "VisemeId", "privVisemeId"), where)
        if not isinstance(number, int) or not 0 <= number < len(AZURE):
            raise InputError("bad_timing", f"{where}: viseme id {number!r} is not in 0..21")
        marks.append((ticks / TICKS_PER_MS, AZURE[number]))
    return _from_marks(marks)


def polly(data: Any) -> VisemeTrack:
    """Amazon Polly speech marks: objects {time (ms), type, value}; those of another type than viseme are skipped."""
    marks = []
    for index, mark in enumerate(_list(data, "$")):
        where = f"$[{index}]"
        if _any(mark, ("type",), where) != "viseme":
            continue
        value = _any(mark, ("value",), where)
        marks.append((_number(_any(mark, ("time",), where), where), POLLY.get(str(value), "sil")))
    return _from_marks(marks)


def rhubarb(data: Any) -> VisemeTrack:
    """Rhubarb Lip Sync: {mouthCues: [{start, end (seconds), value A-H or X}]}."""
    segments = []
    for index, cue in enumerate(_list(_any(data, ("mouthCues",), "$"), "$.mouthCues")):
        where = f"$.mouthCues[{index}]"
        start, end = (1000.0 * _number(_any(cue, (key,), where), where) for key in ("start", "end"))
        if end > start:
            segments.append(Segment(start, end, RHUBARB.get(str(_any(cue, ("value",), where)), "sil")))
    return VisemeTrack(segments, "timings")


def cartesia(data: Any) -> VisemeTrack:
    """Cartesia `phoneme_timestamps`: {phonemes (IPA), start, end (seconds)}, one message or a list of them."""
    phones = []
    for index, message in enumerate(data if isinstance(data, list) else [data]):
        where = f"$[{index}]"
        inner = message.get("phoneme_timestamps", message) if isinstance(message, Mapping) else message
        columns = [_list(_any(inner, (key,), where), where) for key in ("phonemes", "start", "end")]
        _same_length(columns, where)
        phones += [
            Phone(str(symbol), 1000.0 * _number(start, where), 1000.0 * _number(end, where))
            for symbol, start, end in zip(*columns, strict=True)
        ]
    return track_of_phones(phones)


def elevenlabs(data: Any, dictionary: Dictionary | None = None) -> VisemeTrack:
    """ElevenLabs alignment of characters: words get their measured time, their sounds share it by the duration model.

    {alignment: {characters, character_start_times_seconds, character_end_times_seconds}} or, from the WebSocket,
    {chars, charStartTimesMs, charDurationsMs}.
    """
    inner = data.get("alignment") or data.get("normalized_alignment") or data if isinstance(data, Mapping) else data
    if isinstance(inner, Mapping) and "chars" in inner:
        columns = [
            _list(_any(inner, (key,), "$"), f"$.{key}") for key in ("chars", "charStartTimesMs", "charDurationsMs")
        ]
        _same_length(columns, "$")
        starts = [_number(value, "$.charStartTimesMs") for value in columns[1]]
        ends = [start + _number(value, "$.charDurationsMs") for start, value in zip(starts, columns[2], strict=True)]
    else:
        keys = ("characters", "character_start_times_seconds", "character_end_times_seconds")
        columns = [_list(_any(inner, (key,), "$"), f"$.{key}") for key in keys]
        _same_length(columns, "$")
        starts, ends = ([1000.0 * _number(value, "$") for value in column] for column in columns[1:])
    phones: list[Phone] = []
    characters = [str(character) for character in columns[0]]
    first: int | None = None
    for at, character in enumerate([*characters, " "]):
        if character.isalnum() or character in "'’":
            first = at if first is None else first
        elif first is not None:
            spoken = words("".join(characters[first:at]), dictionary)
            if ends[at - 1] > starts[first]:
                phones += timed(spoken, total=ends[at - 1] - starts[first], start=starts[first])
            first = None
    return track_of_phones(phones)


def plain(data: Any) -> VisemeTrack:
    """Our own form, in ms: {phonemes: [[symbol, start, end], ...]} (ARPAbet or IPA) or {visemes: the same}."""
    key = "visemes" if isinstance(data, Mapping) and "visemes" in data else "phonemes"
    rows = []
    for index, row in enumerate(_list(_any(data, (key,), "$"), f"$.{key}")):
        where = f"$.{key}[{index}]"
        if len(_list(row, where)) != 3:
            raise InputError("bad_timing", f"{where}: three values are meant: name, start, end")
        rows.append((str(row[0]), _number(row[1], where), _number(row[2], where)))
    if key == "phonemes":
        return track_of_phones(Phone(*row) for row in rows)
    for index, (name, _, _) in enumerate(rows):
        if name not in NUMBER:
            raise InputError("bad_timing", f"$.visemes[{index}]: '{name}' is no viseme")
    return VisemeTrack((Segment(start, end, name) for name, start, end in rows), "timings")


FORMATS: Final[Mapping[str, Callable[[Any], VisemeTrack]]] = {
    "azure": azure, "polly": polly, "elevenlabs": elevenlabs, "cartesia": cartesia, "rhubarb": rhubarb, "plain": plain,
}  # fmt: skip


def track_of_timings(text: str, form: str) -> VisemeTrack:
    """A track from a vendor's JSON (for Polly: one object a line). Raises InputError `bad_timing` with the place."""
    if form not in FORMATS:
        raise InputError("bad_timing", f"'{form}' is no known form", f"use one of {', '.join(FORMATS)}")
    try:
        if form == "polly" and not text.lstrip().startswith("["):
            data: Any = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("bad_timing", f"the timings are no JSON: {error}") from None
    return FORMATS[form](data)


def track_of_values(timings: Mapping[str, Any]) -> VisemeTrack:
    """A track from `form` and `data`, where data is the vendor's JSON as text or read. Raises InputError."""
    form, data = timings.get("form"), timings.get("data")
    extra = sorted(set(timings) - {"form", "data"})
    if not isinstance(form, str) or data is None or extra:
        what = f"`{str(extra[0])[:40]}` is not known" if extra else "`form` and `data` are meant"
        raise InputError("bad_timing", f"timings: {what}")
    if isinstance(data, str):
        return track_of_timings(data, form)
    if form not in FORMATS:
        raise InputError("bad_timing", f"'{form[:40]}' is no known form", f"use one of {', '.join(FORMATS)}")
    return FORMATS[form](data)


def _from_marks(marks: Sequence[tuple[float, str]]) -> VisemeTrack:
    if len(marks) > MAX_SEGMENTS:
        raise InputError("bad_timing", f"{len(marks)} marks are too many")
    ordered = sorted(marks, key=lambda mark: mark[0])
    segments = []
    for (start, viseme), (end, _) in pairwise([*ordered, (ordered[-1][0] + LAST_MS, "sil")] if ordered else []):
        parts = viseme.split("+")
        for number, part in enumerate(parts):
            low = start + (end - start) * number / len(parts)
            high = start + (end - start) * (number + 1) / len(parts)
            if high > low and part != "sil":
                segments.append(Segment(low, high, part))
    return VisemeTrack(segments, "timings")


def _any(holder: Any, keys: tuple[str, ...], where: str) -> Any:
    if isinstance(holder, Mapping):
        for key in keys:
            if key in holder:
                return holder[key]
    raise InputError("bad_timing", f"{where}: '{keys[0]}' is missing")


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError("bad_timing", f"{where}: a list is meant, not {type(value).__name__}")
    if len(value) > MAX_SEGMENTS:
        raise InputError("bad_timing", f"{where}: {len(value)} entries are too many")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1e13:
        raise InputError("bad_timing", f"{where}: {value!r} is no time")
    return float(value)


def _same_length(columns: Sequence[list[Any]], where: str) -> None:
    if len({len(column) for column in columns}) > 1:
        raise InputError("bad_timing", f"{where}: the lists are not equally long")
