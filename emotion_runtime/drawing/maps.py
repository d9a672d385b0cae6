"""Owns the map of a scene from above: areas, characters with their hearing, objects with their ranges."""

from __future__ import annotations

from math import inf

from emotion_runtime.drawing.svg import FAINT, INK, Canvas, colour, width_of
from emotion_runtime.scene.resolved import Scene, SmartObject

WIDEST = 900.0
MARGIN = 28.0
LARGEST_SCALE = 60.0
"""Pixels a metre, at most."""


def map_svg(scene: Scene, *, hearing: bool = False) -> str:
    """The floor (x to the right, z up) in metres. `hearing`: also how far each character hears."""
    low, high = _extent(scene)
    scale = min(LARGEST_SCALE, (WIDEST - 2 * MARGIN) / max(1.0, high[0] - low[0], high[1] - low[1]))
    canvas = Canvas()
    view = _View(low, high, scale)
    for area in scene.areas:
        (x0, y1), (x1, y0) = view.at(*area.low), view.at(*area.high)
        canvas.rectangle(x0, y0, x1 - x0, y1 - y0, "#f4f6f8", radius=3.0, title=f"area {area.name}")
        canvas.text(x0 + 8.0, y0 + 18.0, area.name, fill=FAINT, bold=True)
    for thing in scene.objects:
        _ranges(canvas, view, thing)
    if hearing:
        for person in scene.characters:
            x, y = view.at(person.at[0], person.at[2])
            title = f"{person.id} hears {person.hearing:g} m far"
            canvas.circle(x, y, person.hearing * scale, "none", stroke="#b3c0cc", dash=True, title=title)
    places = [person.at for person in scene.characters] + [thing.at for thing in scene.objects]
    labels = _Labels([view.at(x, z) for x, _, z in places])
    for thing in scene.objects:
        x, y = view.at(thing.at[0], thing.at[2])
        canvas.rectangle(x - 6.0, y - 6.0, 12.0, 12.0, "#7b8794", stroke=INK, radius=2.0, title=thing.id)
        labels.write(canvas, x, y, thing.id, 11.0, bold=False)
    for person in scene.characters:
        x, y = view.at(person.at[0], person.at[2])
        roams = f", roams {', '.join(person.roams)}" if person.roams else ", may stand anywhere"
        canvas.circle(x, y, 8.0, "#2c6fbb", stroke=INK, title=f"{person.id}{roams}")
        labels.write(canvas, x, y, person.id, 12.0, bold=True)
    width, height = view.size
    _scale_bar(canvas, scale, height)
    _legend(canvas, scene, height)
    return canvas.finish(width, height + 44.0, f"map of {scene.name}")


class _Labels:
    """Puts names beside their marks where they cover no other mark and no other name, as far as that can be done."""

    def __init__(self, marks: list[tuple[float, float]]) -> None:
        self._taken = [(x - 8.0, y - 8.0, x + 8.0, y + 8.0) for x, y in marks]

    def write(self, canvas: Canvas, x: float, y: float, text: str, size: float, *, bold: bool) -> None:
        """One name: to the right of its mark if there is room, else to the left, above or below."""
        wide = width_of(text, size, bold=bold)
        choices = [(x + 12.0, y + 4.0), (x - 12.0 - wide, y + 4.0), (x - wide / 2, y - 13.0), (x - wide / 2, y + 21.0)]
        left, base = min(choices, key=lambda at: (self._covered(at, wide, size), choices.index(at)))
        self._taken.append((left, base - size, left + wide, base + 3.0))
        canvas.text(left, base, text, size=size, bold=bold)

    def _covered(self, at: tuple[float, float], wide: float, size: float) -> int:
        left, top, right, low = at[0], at[1] - size, at[0] + wide, at[1] + 3.0
        return sum(left < x1 and x0 < right and top < y1 and y0 < low for x0, y0, x1, y1 in self._taken)


class _View:
    """From metres to pixels."""

    def __init__(self, low: tuple[float, float], high: tuple[float, float], scale: float) -> None:
        self.low, self.high, self.scale = low, high, scale

    def at(self, x: float, z: float) -> tuple[float, float]:
        return MARGIN + (x - self.low[0]) * self.scale, MARGIN + (self.high[1] - z) * self.scale

    @property
    def size(self) -> tuple[float, float]:
        width = (self.high[0] - self.low[0]) * self.scale + 2 * MARGIN
        return max(360.0, width), (self.high[1] - self.low[1]) * self.scale + 2 * MARGIN


def _extent(scene: Scene) -> tuple[tuple[float, float], tuple[float, float]]:
    points = [(p.at[0], p.at[2]) for p in scene.characters] + [(t.at[0], t.at[2]) for t in scene.objects]
    points += [corner for area in scene.areas for corner in (area.low, area.high)]
    for thing in scene.objects:
        reach = max((rule.bearer.within for rule in thing.rules if rule.bearer.within < inf), default=0.0)
        points += [(thing.at[0] + s * reach, thing.at[2] + t * reach) for s, t in ((1, 1), (-1, -1))]
    points = points or [(0.0, 0.0), (1.0, 1.0)]
    low = (min(x for x, _ in points) - 0.5, min(z for _, z in points) - 0.5)
    return low, (max(x for x, _ in points) + 0.5, max(z for _, z in points) + 0.5)


def _ranges(canvas: Canvas, view: _View, thing: SmartObject) -> None:
    x, y = view.at(thing.at[0], thing.at[2])
    for rule in sorted(thing.rules, key=lambda each: -each.bearer.within):
        if rule.bearer.within < inf:
            # what it raises says more than what it soothes
            strongest = (
                max(rule.effect, key=lambda c: (c.amount > 0, abs(c.amount))).label if rule.effect else "neutral"
            )
            effect = ", ".join(str(change) for change in rule.effect)
            title = f"{thing.id}.{rule.name}: {effect} within {rule.bearer.within:g} m, if {rule.trigger}"
            shade = colour(strongest)
            canvas.circle(x, y, rule.bearer.within * view.scale, shade, stroke=shade, opacity=0.10, title=title)


def _scale_bar(canvas: Canvas, scale: float, y: float) -> None:
    metres = next((each for each in (1, 2, 5, 10, 20, 50, 100, 500, 1000) if each * scale >= 60.0), 5000)
    canvas.line([(MARGIN, y), (MARGIN + metres * scale, y)], stroke=INK)
    canvas.text(MARGIN, y + 16.0, f"{metres} m", size=11.0)


def _legend(canvas: Canvas, scene: Scene, y: float) -> None:
    shown = sorted({change.label for t in scene.objects for rule in t.rules for change in rule.effect})
    x = MARGIN
    for label in shown:
        canvas.circle(x + 5.0, y + 30.0, 5.0, colour(label), stroke="none")
        canvas.text(x + 14.0, y + 34.0, label, size=11.0, fill=FAINT)
        x += 30.0 + width_of(label, 11.0)
