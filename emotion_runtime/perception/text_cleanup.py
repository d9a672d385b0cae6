"""Owns the form in which a line reaches a text model: typographic marks as ASCII, one space between words."""

from __future__ import annotations

import re
from typing import Final

MAX_CHARACTERS: Final = 4096
"""Longer lines are cut here before anything else: no model reads so far, and cleaning must stay cheap."""

_TYPOGRAPHIC: Final = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u2032": "'",
    "\u2039": "'",
    "\u203a": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u201f": '"',
    "\u2033": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    "\u2026": "...",
    "\ufeff": "",
    "\u200b": "",
}


def _table() -> dict[int, str]:
    """Typographic marks, and the control characters that remain where cp1252 was read as Latin-1."""
    table = {ord(mark): plain for mark, plain in _TYPOGRAPHIC.items()}
    for byte in range(0x80, 0xA0):
        meant = bytes((byte,)).decode("cp1252", errors="replace")
        table[byte] = " " if meant == "\ufffd" else _TYPOGRAPHIC.get(meant, meant)
    # Half of a surrogate pair cannot be encoded, so the tokenizer would raise on it.
    table.update(dict.fromkeys(range(0xD800, 0xE000), "?"))
    return table


_TABLE: Final = _table()
_SPACE: Final = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """The line as a model was trained to read it; cleaning twice changes nothing."""
    return _SPACE.sub(" ", text[:MAX_CHARACTERS].translate(_TABLE)).strip()
