"""Owns writing SVG: shapes and texts as safe markup, in a few fixed styles that read well on light and dark pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"
INK, FAINT, PAPER = "#1f2933", "#7b8794", "#ffffff"
FORMS = {
    "selector": "#d9e8fb",
    "choose": "#d3eef2",
    "sequence": "#dff3e3",
    "parallel": "#f9e6cf",
    "filter": "#efe3f8",
    "repeat": "#e3eef0",
    "modify": "#f3f3e0",
    "leaf": "#ffffff",
}
EMOTIONS = {
    "anger": "#d64545",
    "disgust": "#7c9a2e",
    "fear": "#7d5bd0",
    "joy": "#e8a30c",
    "sadness": "#3d7dca",
    "surprise": "#22a699",
    "neutral": "#9aa5b1",
}
OTHERS = ("#a8557a", "#5b8c85", "#b5762a", "#6b705c", "#4f6d9a")
"""Colours of labels of a scene's own."""


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, in the same unit as its size."""
    each = 0.64 if bold else 0.56
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else each for c in text) * size


def colour(label: str) -> str:
    """The colour of an emotion, the same wherever it is drawn."""
    return EMOTIONS.get(label) or OTHERS[sum(map(ord, label)) % len(OTHERS)]


class Canvas:
    """Collects shapes; `finish` gives the SVG text. Units are pixels, y goes down."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._heads: dict[str, str] = {}

    def rectangle(
        self, x: float, y: float, w: float, h: float, fill: str, *, stroke: str = FAINT, radius: float = 6.0,
        title: str = "", dash: bool = False, opacity: float = 1.0,
    ) -> None:  # fmt: skip
        """A box; `title` is shown on hovering."""
        style = f"fill='{fill}' stroke='{stroke}' fill-opacity='{opacity:g}'" + (
            " stroke-dasharray='4 3'" if dash else ""
        )
        self._shape(f"<rect x='{_n(x)}' y='{_n(y)}' width='{_n(w)}' height='{_n(h)}' rx='{_n(radius)}' {style}", title)

    def circle(
        self, x: float, y: float, r: float, fill: str, *, stroke: str = FAINT, title: str = "", dash: bool = False,
        opacity: float = 1.0,
    ) -> None:  # fmt: skip
        """A disc."""
        style = f"fill='{fill}' stroke='{stroke}' fill-opacity='{opacity:g}'" + (
            " stroke-dasharray='4 3'" if dash else ""
        )
        self._shape(f"<circle cx='{_n(x)}' cy='{_n(y)}' r='{_n(r)}' {style}", title)

    def line(
        self, points: Sequence[tuple[float, float]], *, stroke: str = FAINT, arrow: bool = False, title: str = ""
    ) -> None:
        """A line through points; with an arrow head at its end."""
        path = "M" + " L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self.path(path, stroke=stroke, arrow=arrow, title=title)

    def path(self, path: str, *, stroke: str, arrow: bool = False, title: str = "", wide: float = 1.5) -> None:
        """Any path."""
        head = ""
        if arrow:
            name = self._heads.setdefault(stroke, f"head{len(self._heads)}")
            head = f" marker-end='url(#{name})'"
        self._shape(f"<path d='{path}' fill='none' stroke='{stroke}' stroke-width='{wide:g}'{head}", title)

    def text(
        self, x: float, y: float, text: str, *, size: float = 12.0, fill: str = INK, anchor: str = "start",
        bold: bool = False, title: str = "",
    ) -> None:  # fmt: skip
        """A text; `y` is its base line."""
        weight = " font-weight='600'" if bold else ""
        style = f"font-size='{size:g}' fill='{fill}' text-anchor='{anchor}'{weight}"
        hover = f"<title>{_clean(title)}</title>" if title else ""
        self._parts.append(f"<text x='{_n(x)}' y='{_n(y)}' {FONT} {style}>{hover}{_clean(text)}</text>")

    def _shape(self, start: str, title: str) -> None:
        self._parts.append(
            f"{start}><title>{_clean(title)}</title></{start[1:].split(maxsplit=1)[0]}>" if title else f"{start}/>"
        )

    def finish(self, width: float, height: float, name: str) -> str:
        """The whole picture on white paper, with a name for screen readers."""
        heads = "".join(
            f"<marker id='{name}' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' orient='auto'>"
            f"<path d='M0 0 L8 4 L0 8 z' fill='{fill}'/></marker>"
            for fill, name in self._heads.items()
        )
        lines = [
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{_n(width)}' height='{_n(height)}' "
            f"viewBox='0 0 {_n(width)} {_n(height)}' role='img' aria-label={quoteattr(_plain(name))}>",
            f"<defs>{heads}</defs>",
            f"<rect width='100%' height='100%' fill='{PAPER}'/>",
            *self._parts,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _plain(text: str) -> str:
    return "".join(c if c >= " " else " " for c in text)


def _clean(text: str) -> str:
    return escape(_plain(text))
