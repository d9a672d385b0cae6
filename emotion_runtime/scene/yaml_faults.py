"""Owns the translation of a YAML parser's jargon into what a designer did, where, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from emotion_runtime.scene.diagnostics import Place, Report

# What YAML 1.1 forbids in a file, after libyaml's own table.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_FLOW = re.compile(r"flow (mapping|sequence)")


@dataclass(frozen=True, slots=True)
class _Fault:
    message: str
    remedy: str
    place: Place
    see: tuple[Place, ...] = ()


def find_unprintable(text: str, shown: str, lines: list[str], report: Report) -> bool:
    """Report the first character that YAML forbids."""
    found = _UNPRINTABLE.search(text)
    if found is None:
        return False
    row = 0
    while row < len(lines) and not _UNPRINTABLE.search(lines[row]):
        row += 1
    at = _UNPRINTABLE.search(lines[row]) if row < len(lines) else None
    place = Place(shown, row + 1, at.start() + 1 if at else 1)
    report.error("not-yaml", place, f"the character U+{ord(found[0]):04X} is not allowed in a file", remedy="remove it")
    return True


def explain(error: yaml.YAMLError, lines: list[str], shown: str, report: Report) -> None:
    """Report a parser's error in the designer's words."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        report.error("not-yaml", Place(shown, 1, 1), f"this is not YAML: {' '.join(str(error).split())[:200]}")
        return
    mark, context = error.problem_mark, error.context_mark
    row, column = mark.line, mark.column
    if row >= len(lines) or not lines[row].strip():
        # The end of the file says nothing; the last line with text on it does.
        row = next((r for r in range(min(row, len(lines) - 1), -1, -1) if lines[r].strip()), 0)
        column = len(lines[row].rstrip())
    here = Place(shown, row + 1, column + 1)
    opened = Place(shown, context.line + 1, context.column + 1) if context is not None else None
    line = lines[row] if row < len(lines) else ""
    fault = _translate(error, line, column, here, opened)
    report.error("not-yaml", fault.place, fault.message, see=fault.see, remedy=fault.remedy)


def _translate(error: yaml.MarkedYAMLError, line: str, column: int, here: Place, opened: Place | None) -> _Fault:
    problem, context = error.problem or "", error.context or ""
    character = line[column : column + 1]
    indent = line[: len(line) - len(line.lstrip())]
    if character == "\t" or "\t" in indent:
        return _Fault("a tab is not allowed here", "indent with spaces, not tabs", here)
    if "block scalar" in context and opened is not None:
        return _Fault(
            "a value that starts with `>` or `|` means a block of text in YAML",
            "write the left side (`fear > 0.6`), or put the value in quotes",
            opened,
        )
    if found := re.search(r"!\s*[a-z(][^,}\]]*", line[: column + 1]):
        place = Place(here.file, here.line, found.start() + 1)
        return _Fault("`!` starts a YAML tag", "write `not` instead of `!`", place)
    if character and character in "@`%":
        return _Fault(f"a value cannot start with `{character}`", "put the value in quotes", here)
    if "quoted scalar" in context and opened is not None:
        if "escape" in problem:
            return _Fault("this `\\` sequence is not known", "use single quotes, where `\\` is just a letter", here)
        return _Fault("this quote is never closed", "add the closing quote", opened)
    if _FLOW.search(context) and opened is not None:
        bracket = "{" if "mapping" in context else "["
        close = "}" if bracket == "{" else "]"
        return _Fault(
            f"this `{bracket}` is not closed, or a comma is missing in it", f"add `{close}` or `,`", opened, (here,)
        )
    if "mapping values" in problem:
        if re.search(r":\s", line[:column]):
            return _Fault("there is a second `: ` in this line", "a value with `: ` in it needs quotes", here)
        return _Fault("this key is indented deeper than the line above allows", "line it up with its neighbours", here)
    if "sequence entries" in problem:
        return _Fault("a list with dashes starts on a line of its own", "write `[a, b]`, or start a new line", here)
    if "node content" in problem or "flow node" in context:
        return _Fault(f"a value is missing before this `{character}`", "write the value, or remove the bracket", here)
    if "block" in context or "<document start>" in problem:
        return _Fault("this line does not line up with the ones above", "give neighbours the same indentation", here)
    return _Fault(f"this is not YAML: {problem}", "", here)
