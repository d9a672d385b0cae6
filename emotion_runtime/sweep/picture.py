"""Owns the picture of a sweep: shares as bars with their intervals, and how strongly each character ever felt."""

from __future__ import annotations

from typing import Final

from emotion_runtime.drawing.svg import FAINT, INK, Canvas, colour
from emotion_runtime.sweep.report import Findings, Peak, Rate

ROW: Final = 24.0
LEFT: Final = 250.0
BAR: Final = 330.0
CELL_W, CELL_H = 96.0, 54.0


def picture(findings: Findings) -> str:
    """One SVG: outcomes, rules, and a small histogram of the strongest moment for each character and emotion."""
    canvas = Canvas()
    y = 28.0
    canvas.text(16, y, f"{findings.scene}: {findings.lives} lives", size=17, bold=True)
    y += 30
    for title, rates in (("Outcomes", findings.outcomes), ("Rules that started", findings.rules)):
        if rates:
            y = _rates(canvas, y, title, rates)
    y = _feelings(canvas, y, findings.peaks)
    return canvas.finish(LEFT + BAR + 190, y + 10, f"sweep of {findings.scene}")


def _rates(canvas: Canvas, y: float, title: str, rates: tuple[Rate, ...]) -> float:
    canvas.text(16, y, f"{title}: share of lives, with its 95 % interval", size=13, bold=True)
    y += 12
    for rate in rates:
        middle = y + ROW / 2
        canvas.text(LEFT - 10, middle + 4, rate.name, size=12, anchor="end")
        canvas.rectangle(LEFT, y + 5, BAR, ROW - 10, "#eef1f4", stroke="none", radius=3)
        canvas.rectangle(LEFT, y + 5, max(1.0, rate.share * BAR), ROW - 10, "#5f8fc9", stroke="none", radius=3)
        canvas.line([(LEFT + rate.low * BAR, middle), (LEFT + rate.high * BAR, middle)], stroke=INK)
        when = f", first at {rate.median_s:.3g} s" if rate.median_s is not None else ""
        canvas.text(LEFT + BAR + 10, middle + 4, f"{rate.share:.1%}{when}", size=11, fill=FAINT)
        y += ROW
    return y + 26


def _feelings(canvas: Canvas, y: float, peaks: tuple[Peak, ...]) -> float:
    people = list(dict.fromkeys(peak.character for peak in peaks))
    labels = list(dict.fromkeys(peak.emotion for peak in peaks))
    canvas.text(16, y, "Strongest moment in a life, from 0 to 1: how many lives", size=13, bold=True)
    y += 22
    for column, label in enumerate(labels):
        canvas.text(120 + column * CELL_W + (CELL_W - 10) / 2, y, label, size=12, anchor="middle")
    y += 8
    for row, who in enumerate(people):
        top = y + row * CELL_H
        canvas.text(110, top + CELL_H / 2 + 4, who, size=12, anchor="end")
        for peak in peaks:
            if peak.character == who:
                _histogram(canvas, 120 + labels.index(peak.emotion) * CELL_W, top, peak)
    return y + len(people) * CELL_H


def _histogram(canvas: Canvas, x: float, y: float, peak: Peak) -> None:
    width, height = CELL_W - 10, CELL_H - 12
    base = y + height + 4
    tallest = max(peak.histogram) or 1
    each = width / len(peak.histogram)
    tip = f"{peak.character} {peak.emotion}: median {peak.quantiles[2]:.2f}, most {peak.most:.2f} in seed {peak.seed}"
    canvas.rectangle(x, y + 4, width, height, "#f6f7f9", stroke="none", radius=2, title=tip)
    for index, count in enumerate(peak.histogram):
        if count:
            tall = max(1.0, height * count / tallest)
            left = x + index * each
            canvas.rectangle(left, base - tall, each, tall, colour(peak.emotion), stroke="none", radius=0, title=tip)
