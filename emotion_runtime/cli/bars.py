"""Owns small pictures made of characters: bars in eighths of a block, and the colour of each emotion."""

from __future__ import annotations

from typing import Final

from rich.text import Text

EIGHTHS: Final = " ▏▎▍▌▋▊▉█"

COLOURS: Final = {
    "anger": "#e5484d",
    "disgust": "#8f7d2f",
    "fear": "#9b6dd6",
    "joy": "#f5c542",
    "neutral": "#8b8d98",
    "sadness": "#4a90d9",
    "surprise": "#3fb8a8",
}
"""One colour an emotion, the same in every picture."""

OTHER_COLOUR: Final = "#b0b4ba"


def colour(label: str) -> str:
    """The colour of a label; grey for one that is not among the default seven."""
    return COLOURS.get(label, OTHER_COLOUR)


def bar(value: float, width: int) -> str:
    """A bar for a value in 0..1, `width` cells wide, in steps of an eighth of a cell, filled up with spaces."""
    eighths = round(min(1.0, max(0.0, value)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(width)


def meter(label: str, value: float, width: int) -> Text:
    """A coloured bar on a dark ground."""
    return Text(bar(value, width), style=f"{colour(label)} on #25262b")
