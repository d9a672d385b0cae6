"""Owns the pictures of an evaluation as SVG: a confusion matrix, and the weights of words (figure 4)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

CELL: Final = 56
MARGIN: Final = 92
_INK, _PAPER = "#1c1d22", "#ffffff"


def confusion_svg(confusion: NDArray[np.int64], labels: Sequence[str], title: str) -> str:
    """Rows are what it was, columns what was said; a cell shows how many and, by its shade, the share of its row."""
    size = CELL * len(labels)
    share = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    parts = [_text(MARGIN, 22, title, 15), _text(MARGIN, 44, "rows: what it was; columns: what was said", 11)]
    for row, label in enumerate(labels):
        y = 80 + row * CELL
        parts.append(_text(MARGIN - 8, y + CELL // 2 + 4, label, 12, "end"))
        parts.append(_text(MARGIN + row * CELL + CELL // 2, 74, label[:8], 11, "middle"))
        for column in range(len(labels)):
            x = MARGIN + column * CELL
            part = float(share[row, column])
            ink = _PAPER if part > 0.5 else _INK
            parts.append(
                f'<rect x="{x}" y="{y}" width="{CELL - 2}" height="{CELL - 2}" fill="#2a5bd7" '
                f'fill-opacity="{0.06 + 0.94 * part:.3f}"/>'
            )
            parts.append(_text(x + CELL // 2 - 1, y + CELL // 2, f"{100 * part:.0f} %", 12, "middle", ink))
            parts.append(
                _text(x + CELL // 2 - 1, y + CELL // 2 + 15, str(int(confusion[row, column])), 10, "middle", ink)
            )
    return _svg(MARGIN + size + 12, 92 + size, parts)


def words_svg(words: Sequence[str], weights: NDArray[np.float64], title: str) -> str:
    """A bar for each word; `weights` (heads, words): the bar is their mean, a dot marks each head."""
    mean = weights.mean(axis=0)
    top = max(float(weights.max()), 1e-9)
    width, wide = 420, 150
    parts = [_text(12, 22, title, 14)]
    for at, word in enumerate(words):
        y = 40 + at * 24
        parts.append(_text(wide - 8, y + 13, word, 12, "end"))
        parts.append(
            f'<rect x="{wide}" y="{y}" width="{width * float(mean[at]) / top:.1f}" height="16" fill="#2a5bd7"/>'
        )
        parts += [
            f'<circle cx="{wide + width * float(value) / top:.1f}" cy="{y + 8}" r="2.5" fill="#e5484d"/>'
            for value in weights[:, at]
        ]
        parts.append(_text(wide + width + 10, y + 13, f"{mean[at]:.3f}", 11))
    return _svg(wide + width + 60, 52 + 24 * len(words), parts)


def _text(x: float, y: float, content: str, size: int, anchor: str = "start", ink: str = _INK) -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{ink}">{escape(content)}</text>'
    )


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    ground = f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>'
    return "\n".join((head, ground, *parts, "</svg>")) + "\n"
