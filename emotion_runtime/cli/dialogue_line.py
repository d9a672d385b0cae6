"""Owns reading one typed line of `play`: what somebody says, an event, a move, a variable, or a word of command."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from emotion_runtime.errors import UsageError
from emotion_runtime.scene.diagnostics import did_you_mean

WORDS = ("event", "move", "set", "run", "until", "who", "why", "doing", "save", "help", "quit")
_SPOKEN = re.compile(r"(?P<who>[a-z][a-z0-9_]*)\s*(?:>\s*(?P<to>[a-z][a-z0-9_]*)\s*)?:\s*(?P<text>.*)")
_HEARD = re.compile(r"\s*\[(?P<heard>[a-z0-9_ .,:]+)\]\s*$")


@dataclass(frozen=True, slots=True)
class Command:
    """One line, read. Which fields are set depends on the word."""

    word: str
    subject: str = ""
    target: str | None = None
    text: str = ""
    place: list[float] = field(default_factory=list)
    value: float = 0.0
    heard: dict[str, float] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)


def read_line(line: str) -> Command:
    """Read a line. Raises UsageError for one that cannot be read."""
    line = line.strip()
    spoken = _SPOKEN.fullmatch(line)
    if spoken:
        return _spoken(spoken)
    word, *rest = line.split() or ["run"]
    if word not in WORDS:
        raise UsageError("unknown_word", f"`{word}` is not understood", did_you_mean(word, WORDS) or "help")
    text = line[len(word) :].strip()
    match word:
        case "event":
            return Command(word, _first(word, rest), rest[1] if len(rest) > 1 else None)
        case "move":
            return _move(rest)
        case "set":
            return Command(word, _first(word, rest), value=_value(rest[1:]))
        case "why":
            return Command(word, _first(word, rest), rest[1] if len(rest) > 1 else None)
        case _:
            return Command(word, text=text, rest=rest)


def _spoken(found: re.Match[str]) -> Command:
    """`guard>child: Out! [anger: 0.9]`: the brackets stand in for the model."""
    text, heard = found["text"], {}
    given = _HEARD.search(text)
    if given:
        text = text[: given.start()]
        for part in given["heard"].split(","):
            label, _, level = part.partition(":")
            heard[label.strip()] = _value([level.strip()])
    return Command("say", found["who"], found["to"], text.strip(), heard=heard)


def _first(word: str, rest: list[str]) -> str:
    if not rest:
        raise UsageError("missing_word", f"`{word}` needs a name", "help")
    return rest[0]


def _move(rest: list[str]) -> Command:
    who = _first("move", rest)
    if len(rest) == 2:
        return Command("move", who, rest[1])
    return Command("move", who, place=[_value([each]) for each in rest[1:]])


def _value(rest: list[str]) -> float:
    text = rest[0] if rest else ""
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(text)
    except ValueError:
        raise UsageError("bad_value", f"`{text}` is no value", "0.8, or true") from None
