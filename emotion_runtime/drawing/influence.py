"""Owns pictures of which rules push which: characters as columns, rules as boxes, coloured arrows for the emotions."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot

from behaviors.rules import Change
from emotion_runtime.drawing.svg import FAINT, FORMS, Canvas, colour, width_of
from emotion_runtime.drawing.trees import mermaid_text
from emotion_runtime.proofs.bounds import reach
from emotion_runtime.proofs.influence import Influence, Node, circles, influence
from emotion_runtime.proofs.shadow import check_shadows
from emotion_runtime.proofs.study import Study
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.checks import Subject
from emotion_runtime.scene.diagnostics import Report
from emotion_runtime.scene.resolved import Scene

ROW, COLUMN_GAP, TOP, LEFT = 54.0, 150.0, 56.0, 24.0
HEIGHT = 30.0
BULGE = 60.0
"""Room to the right of the last column for arrows within it."""


class Influences:
    """Collects the graph of a scene: use it as the `proofs` of `scene_report`."""

    def __init__(self) -> None:
        self.graph = Influence()

    def __call__(self, scene: Scene, subject: Subject, allowances: Allowances, report: Report) -> frozenset[str]:
        """Build the graph; nothing is reported."""
        study = Study(scene, subject, allowances, Report())
        self.graph = influence(study, reach(study), check_shadows(study))
        return frozenset()


def influence_svg(scene: Scene, graph: Influence) -> str:
    """The graph as SVG; what lies on a circle has a thick frame. Rules that touch no other are left out."""
    edges = _touching(graph.edges)
    looping = {node for circle in circles(edges) for node in circle}
    people = [person.id for person in scene.characters if any(who == person.id for who, _ in edges)]
    columns = {who: [node for node in sorted(edges) if node[0] == who] for who in people}
    widths = {who: max(width_of(rule, 12.0) + 26.0 for _, rule in nodes) for who, nodes in columns.items()}
    places: dict[Node, tuple[float, float, float]] = {}
    canvas = Canvas()
    x = LEFT
    for who in people:
        canvas.text(x + widths[who] / 2, TOP - 22.0, who, anchor="middle", bold=True, size=13.0)
        for row, node in enumerate(columns[who]):
            places[node] = (x, TOP + row * ROW, widths[who])
        x += widths[who] + COLUMN_GAP
    for source in sorted(edges):
        for target, change in sorted(edges[source].items()):
            _arrow(canvas, places[source], places[target], source, target, change)
    for node, (left, top, wide) in places.items():
        orientation = colour(scene.rules[node[1]].orientation)
        stroke = "#c0392b" if node in looping else FAINT
        title = scene.rules[node[1]].shown(node[0])
        canvas.rectangle(left, top, wide, HEIGHT, FORMS["leaf"], stroke=stroke, title=title)
        canvas.rectangle(left, top, 5.0, HEIGHT, orientation, stroke="none", radius=2.0)
        canvas.text(left + wide / 2, top + 19.0, node[1], anchor="middle", title=title)
    if not places:
        canvas.text(LEFT, TOP, "no rule pushes another one's trigger", fill=FAINT)
        return canvas.finish(360.0, 100.0, f"influence of rules in {scene.name}")
    height = TOP + ROW * max(len(nodes) for nodes in columns.values()) + 20.0
    legend = sorted({change.label for targets in edges.values() for change in targets.values() if change is not None})
    _legend(canvas, legend, height)
    return canvas.finish(
        max(x - COLUMN_GAP + LEFT + BULGE, 360.0), height + 24.0, f"influence of rules in {scene.name}"
    )


def _touching(edges: Mapping[Node, Mapping[Node, Change | None]]) -> dict[Node, dict[Node, Change | None]]:
    """Without arrows from a rule to itself, and without rules that have no arrow left."""
    others = {node: {to: why for to, why in targets.items() if to != node} for node, targets in edges.items()}
    touched = {node for node, targets in others.items() if targets} | {to for t in others.values() for to in t}
    return {node: others[node] for node in sorted(touched)}


def _arrow(
    canvas: Canvas,
    source: tuple[float, float, float],
    target: tuple[float, float, float],
    one: Node,
    other: Node,
    change: Change | None,
) -> None:
    (x0, y0, w0), (x1, y1, w1) = source, target
    down = y0 + HEIGHT / 2 + (5.0 if x1 >= x0 else -5.0), y1 + HEIGHT / 2 + (5.0 if x1 >= x0 else -5.0)
    stroke = FAINT if change is None else colour(change.label)
    title = f"{one[0]} {one[1]} ({change if change is not None else 'sets a variable'}) -> {other[0]} {other[1]}"
    if x0 == x1:
        edge = x0 + w0
        bend = edge + 26.0 + 6.0 * abs(y1 - y0) / ROW
        points = (edge, down[0]), (bend, down[0]), (bend, down[1]), (edge + 3.0, down[1])
    else:
        start, end = (x0 + w0, x1 - 3.0) if x1 > x0 else (x0, x1 + w1 + 3.0)
        pull = min(120.0, hypot(end - start, down[1] - down[0]) / 2) * (1.0 if x1 > x0 else -1.0)
        points = (start, down[0]), (start + pull, down[0]), (end - pull, down[1]), (end, down[1])
    first, *curve = (f"{x:.1f} {y:.1f}" for x, y in points)
    path = f"M{first} C{' '.join(curve)}"
    canvas.path(path, stroke=stroke, arrow=True, title=title)


def _legend(canvas: Canvas, labels: list[str], y: float) -> None:
    x = LEFT
    for label in labels:
        canvas.line([(x, y), (x + 18.0, y)], stroke=colour(label))
        canvas.text(x + 24.0, y + 4.0, label, size=11.0, fill=FAINT)
        x += 44.0 + width_of(label, 11.0)


def influence_mermaid(scene: Scene, graph: Influence) -> str:
    """The graph as a Mermaid flow chart, a box a character."""
    edges = _touching(graph.edges)
    number = {node: f"r{index}" for index, node in enumerate(sorted(edges))}
    lines = ["flowchart LR"]
    for person in scene.characters:
        mine = [node for node in sorted(edges) if node[0] == person.id]
        if mine:
            lines.append(f"  subgraph {person.id}")
            lines += [f'    {number[node]}["{mermaid_text(node[1])}"]' for node in mine]
            lines.append("  end")
    for source in sorted(edges):
        for target, change in sorted(edges[source].items()):
            text = mermaid_text(str(change)) if change is not None else "sets"
            lines.append(f'  {number[source]} -->|"{text}"| {number[target]}')
    return "\n".join(lines) + "\n"
