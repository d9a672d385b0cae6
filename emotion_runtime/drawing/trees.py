"""Owns pictures of behavior trees: the layout of a tidy tree, drawn as SVG or written as Mermaid text."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Several
from dataclasses import dataclass, field

from behaviors.expressions.syntax import number_text
from behaviors.trees import (
    Choose,
    Filter,
    Leaf,
    Modifier,
    Modify,
    Node,
    Parallel,
    Repeat,
    Selector,
    Sequence,
    Tree,
    children,
)
from emotion_runtime.drawing.svg import FAINT, FORMS, INK, Canvas, colour, width_of
from emotion_runtime.scene.quantities import LARGEST
from emotion_runtime.scene.resolved import Scene

GAP_X, GAP_Y = 14.0, 34.0
HEIGHT = 40.0
MARGIN = 16.0
LONGEST = 46
"""Characters of one line in a box; the rest is shown on hovering."""

SEEN, PARTLY, UNSEEN = "#2f9e5f", "#d08a00", "#c4ccd4"
Covered = Mapping[str, Several[str]]
"""The rules that tests have started, and what of each they have not seen: its comparisons both ways, its endings."""


@dataclass(slots=True)
class Box:
    """One node of the picture. `x` is the middle, `y` the top."""

    form: str
    lines: tuple[str, str]
    title: str
    rule: str = ""
    below: list[Box] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        """As wide as its longer line needs."""
        return max(64.0, width_of(self.lines[0], 12.0, bold=True) + 20.0, width_of(self.lines[1], 10.0) + 20.0)


def boxes(scene: Scene, tree: Tree) -> Box:
    """The tree as boxes, without places. Modifiers around one child are joined into one box."""
    return _box(scene, tree.root)


def _box(scene: Scene, node: Node) -> Box:
    below = [_box(scene, child) for child in children(node)]
    match node:
        case Leaf(rule=name):
            rule = scene.rules[name]
            return Box("leaf", (name, _short(str(rule.trigger))), rule.shown(), name)
        case Sequence():
            return Box("sequence", ("sequence", "then, then"), "left to right until one fails", "", below)
        case Selector():
            return Box("selector", ("selector", "the first that can"), "the first that does not fail", "", below)
        case Choose(weights=weights):
            odds = " : ".join(number_text(weight) for weight in weights)
            return Box("choose", ("choose", _short(odds)), f"one drawn, weights {odds}", "", below)
        case Parallel(succeed=succeed):
            word = succeed if isinstance(succeed, str) else f"child {succeed + 1}"
            return Box("parallel", ("parallel", f"succeed: {word}"), "all at once", "", below)
        case Filter(condition=condition):
            return Box("filter", ("filter", _short(f"while {condition}")), f"while {condition}", "", below)
        case Repeat(times=times, until=until):
            text = f"until {until}" if until else ("forever" if times is None else f"{times} times")
            return Box("repeat", ("repeat", text), f"repeat {text}", "", below)
    assert isinstance(node, Modify)
    return _modified(node, below)


def _modified(node: Modify, below: list[Box]) -> Box:
    word = modifier_text(node)
    child = below[0]
    if child.form == "modify":
        text = f"{word}, {child.lines[1]}"
        return Box("modify", ("modify", _short(text)), f"{word}, {child.title}", "", child.below)
    return Box("modify", ("modify", _short(word)), word, "", below)


def modifier_text(node: Modify) -> str:
    """A modifier as the scene writes it: `cooldown 20 s`."""
    if node.modifier is Modifier.GUARD:
        return f"guard {node.condition}"
    if node.modifier is Modifier.RETRY:
        return f"retry {int(node.value)}"
    timed = node.modifier in (Modifier.TIMEOUT, Modifier.COOLDOWN, Modifier.DELAY)
    most = f"..{number_text(min(node.most, LARGEST))}" if node.most else ""
    return f"{node.modifier.value} {number_text(min(node.value, LARGEST))}{most} s" if timed else node.modifier.value


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def layout(root: Box) -> tuple[float, float]:
    """Give every box its place so that none overlap and parents stand over their children; returns the size."""
    contour: list[float] = []
    _place(root, 0, contour)
    left = min(box.x - box.width / 2 for box in _all(root))
    for box in _all(root):
        box.x += MARGIN - left
    right = max(box.x + box.width / 2 for box in _all(root))
    low = max(box.y for box in _all(root)) + HEIGHT
    return right + MARGIN, low + MARGIN


def _place(box: Box, level: int, contour: list[float]) -> None:
    """Post-order: children first; `contour` holds how far to the right each level is taken."""
    while len(contour) <= level:
        contour.append(0.0)
    for child in box.below:
        _place(child, level + 1, contour)
    box.y = MARGIN + level * (HEIGHT + GAP_Y)
    free = contour[level] + box.width / 2
    middle = (box.below[0].x + box.below[-1].x) / 2 if box.below else free
    box.x = max(free, middle)
    for child in box.below:
        _shift(child, box.x - middle, level + 1, contour)
    contour[level] = box.x + box.width / 2 + GAP_X


def _shift(box: Box, by: float, level: int, contour: list[float]) -> None:
    if by:
        box.x += by
        contour[level] = max(contour[level], box.x + box.width / 2 + GAP_X)
        for child in box.below:
            _shift(child, by, level + 1, contour)


def _all(box: Box) -> list[Box]:
    return [box, *(each for child in box.below for each in _all(child))]


def tree_svg(scene: Scene, name: str, covered: Covered | None = None) -> str:
    """The tree as SVG. `covered`: what tests have seen of it; boxes are framed by that, leaves say what is missing."""
    root = boxes(scene, scene.trees[name])
    width, height = layout(root)
    canvas = Canvas()
    for box in _all(root):
        for child in box.below:
            middle = box.y + HEIGHT + GAP_Y / 2
            points = [(box.x, box.y + HEIGHT), (box.x, middle), (child.x, middle), (child.x, child.y)]
            canvas.line(points, stroke=FAINT)
    for box in _all(root):
        _draw(canvas, scene, box, covered)
    return canvas.finish(width, height, f"behavior tree {name}")


def _draw(canvas: Canvas, scene: Scene, box: Box, covered: Covered | None) -> None:
    stroke, title = FAINT, box.title
    left = box.x - box.width / 2
    if covered is not None:
        inside = {each.rule for each in _all(box) if each.rule}
        missing = covered.get(box.rule, ())
        stroke = UNSEEN if not inside & set(covered) else PARTLY if missing else SEEN
        if stroke == UNSEEN:
            title = f"never started in tests; {box.title}"
        elif missing:
            title = f"not seen in tests: {', '.join(missing)}; {box.title}"
    canvas.rectangle(left, box.y, box.width, HEIGHT, FORMS[box.form], stroke=stroke, title=title,
                     dash=covered is not None and stroke == UNSEEN)  # fmt: skip
    if box.rule:
        canvas.rectangle(left, box.y, 5.0, HEIGHT, colour(scene.rules[box.rule].orientation), stroke="none", radius=2.0)
    if covered is not None and stroke == PARTLY:
        right = left + box.width
        canvas.circle(right - 4.0, box.y + 4.0, 8.0, PARTLY, stroke="none", title=title)
        canvas.text(
            right - 4.0, box.y + 8.0, str(len(missing)), size=10.0, fill="#ffffff", anchor="middle", title=title
        )
    canvas.text(box.x, box.y + 17.0, box.lines[0], anchor="middle", bold=True, title=title)
    canvas.text(box.x, box.y + 31.0, box.lines[1], size=10.0, anchor="middle", fill=INK, title=title)


def tree_mermaid(scene: Scene, name: str) -> str:
    """The tree as a Mermaid flow chart, which GitHub and many editors draw."""
    lines = ["flowchart TD"]
    _mermaid(boxes(scene, scene.trees[name]), "n", lines)
    return "\n".join(lines) + "\n"


def _mermaid(box: Box, name: str, lines: list[str]) -> None:
    text = f"<b>{mermaid_text(box.lines[0])}</b><br/>{mermaid_text(box.lines[1])}"
    lines.append(f'  {name}["{text}"]' if box.form != "leaf" else f'  {name}(["{text}"])')
    for number, child in enumerate(box.below):
        lines.append(f"  {name} --> {name}_{number}")
        _mermaid(child, f"{name}_{number}", lines)


def mermaid_text(text: str) -> str:
    """A text that Mermaid does not take for markup."""
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
