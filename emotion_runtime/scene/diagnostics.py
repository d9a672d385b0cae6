"""Owns diagnostics: what is wrong, where, the second place, one remedy; sorted, and shown as text or as JSON."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

Level: TypeAlias = Literal["error", "warning", "note"]
Json: TypeAlias = "str | int | list[Json] | dict[str, Json]"

MOST_FAULTS = 1000
"""Faults in one report; after that many the rest of the scene is not looked at."""
WIDEST_LINE = 200
"""Characters of a source line that are shown; a longer one is cut around the caret."""

MOST_COMPARED = 500
"""Known names an unknown one is compared with: comparing is slow."""

_LINE_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one source line: `line` and `col` count from 1, `col` and `width` in characters."""

    file: str
    line: int
    col: int
    width: int = 1


class Located(Protocol):
    """Anything that knows its place in a source file."""

    @property
    def place(self) -> Place:
        """Where it stands."""
        ...


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault. `see` lists the other places that matter, `notes` facts, `remedy` one thing to do (or empty)."""

    level: Level
    slug: str
    file: str
    line: int
    col: int
    width: int
    message: str
    see: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    remedy: str = ""

    def as_json(self) -> dict[str, Json]:
        """The fault as a JSON object; lines and columns count from 1, columns in characters."""
        return {
            "level": self.level,
            "slug": self.slug,
            "file": self.file,
            "line": self.line,
            "col": self.col,
            "width": self.width,
            "message": self.message,
            "see": [{"file": p.file, "line": p.line, "col": p.col, "width": p.width} for p in self.see],
            "notes": list(self.notes),
            "remedy": self.remedy,
        }


class TooManyFaults(Exception):  # noqa: N818  (a stop signal, not a failure)
    """Raised when a report is full: what is wrong then is the file as a whole."""


@dataclass(slots=True)
class Report:
    """Collects diagnostics and the text of the files they point into."""

    sources: dict[str, str] = field(default_factory=dict)
    _items: dict[Diagnostic, None] = field(default_factory=dict)

    def add(
        self,
        level: Level,
        slug: str,
        at: Place,
        message: str,
        *,
        see: Iterable[Place] = (),
        notes: Iterable[str] = (),
        remedy: str = "",
    ) -> None:
        """Add one fault; the very same fault counts once."""
        if len(self._items) >= MOST_FAULTS:
            raise TooManyFaults
        item = Diagnostic(level, slug, at.file, at.line, at.col, at.width, message, tuple(see), tuple(notes), remedy)
        self._items[item] = None

    def mark(self) -> int:
        """How many faults there are."""
        return len(self._items)

    def add_place(self, mark: int, see: Place) -> None:
        """Give faults added since a mark a second place, but for those that stand on the same line."""
        for item in list(self._items)[mark:]:
            if (item.file, item.line) != (see.file, see.line):
                del self._items[item]
                self._items[replace(item, see=(*item.see, see))] = None

    def overflow(self, file: str) -> None:
        """Say that there are more faults than are shown."""
        message = f"there are more than {MOST_FAULTS} faults; the others are not shown"
        item = Diagnostic("error", "too-large", file, 1, 1, 1, message, remedy="mend the first ones, and check again")
        self._items[item] = None

    def error(self, slug: str, at: Place, message: str, *, see: Iterable[Place] = (), remedy: str = "") -> None:
        """Add an error."""
        self.add("error", slug, at, message, see=see, remedy=remedy)

    def warning(self, slug: str, at: Place, message: str, *, see: Iterable[Place] = (), remedy: str = "") -> None:
        """Add a warning."""
        self.add("warning", slug, at, message, see=see, remedy=remedy)

    @property
    def broken(self) -> bool:
        """True when there is an error."""
        return any(item.level == "error" for item in self._items)

    def sorted(self) -> list[Diagnostic]:
        """All faults by file, line and column; the same order on every run."""
        return sorted(self._items, key=lambda d: (d.file, d.line, d.col, d.slug, d.message))

    def text(self) -> str:
        """All faults as a designer reads them."""
        return render(self.sorted(), self.sources)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for an unknown name: the nearest known one, else the first twelve known ones."""
    options = sorted(set(known))
    near = difflib.get_close_matches(word[:80], options, 1, 0.6) if len(options) <= MOST_COMPARED else []
    if near:
        return f"did you mean `{near[0]}`?"
    if not options:
        return ""
    return "known here: " + ", ".join(options[:12]) + (", ..." if len(options) > 12 else "")


def split_lines(text: str) -> list[str]:
    """The lines of a file as YAML counts them (it knows more line breaks than most editors)."""
    return _LINE_BREAKS.split(text)


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """Show each fault with its source line, a caret, the second place, notes and a remedy."""
    lines = {file: split_lines(text) for file, text in sources.items()}
    return "\n".join(_one(item, lines) for item in diagnostics)


def _one(item: Diagnostic, lines: Mapping[str, list[str]]) -> str:
    out = [f"{item.file}:{item.line}:{item.col}: {item.level}[{item.slug}]: {item.message}"]
    source = _line(lines, item.file, item.line)
    if source is not None:
        gutter = f"{item.line:>4}"
        shown, pad, carets = _window(source, item.col - 1, item.width)
        out += [f"{gutter} | {shown}", f"{' ' * len(gutter)} | {pad}{carets}"]
    for place in item.see:
        there = (_line(lines, place.file, place.line) or "").strip()
        out.append(f"     = see {place.file}:{place.line}:{place.col}: {_printable(there[:90])}".rstrip())
    out += [f"     = {note}" for note in item.notes]
    if item.remedy:
        out.append(f"     = try: {item.remedy}")
    return "\n".join(out) + "\n"


def _line(lines: Mapping[str, list[str]], file: str, number: int) -> str | None:
    text = lines.get(file)
    return text[number - 1] if text is not None and 0 < number <= len(text) else None


def _window(source: str, start: int, width: int) -> tuple[str, str, str]:
    """The line as shown, the padding before the caret, and the carets."""
    source = source.rstrip()
    left = max(0, start - WIDEST_LINE // 2) if len(source) > WIDEST_LINE else 0
    cut = source[left : left + WIDEST_LINE]
    before = "..." if left else ""
    after = "..." if left + WIDEST_LINE < len(source) else ""
    marked = cut[start - left : start - left + width]
    pad = " " * len(before) + "".join(_blank(c) for c in cut[: start - left])
    return before + _printable(cut) + after, pad, "^" * max(1, sum(len(_blank(c)) for c in marked))


def _blank(character: str) -> str:
    """White space as wide as the character is on a terminal."""
    if character == "\t":
        return "\t"
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "


def _printable(text: str) -> str:
    """The text with control characters replaced: a scene must not steer the reader's terminal."""
    return "".join(
        c if c == "\t" or unicodedata.category(c) not in ("Cc", "Cf") else "\N{REPLACEMENT CHARACTER}" for c in text
    )
