"""Owns trees: from nodes to the six forms with places kept, sub-trees found by name, recursion and size refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from behaviors import trees as forms
from behaviors.expressions import Expression, ExpressionFault, parse
from behaviors.trees import Modifier
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.definitions import Definitions
from emotion_runtime.scene.diagnostics import Place, Report, did_you_mean
from emotion_runtime.scene.nodes import Items, Map, Node, Scalar
from emotion_runtime.scene.quantities import QuantityError, count, duration
from emotion_runtime.scene.scopes import Scopes, check_names
from emotion_runtime.scene.values import Formula

KEYS = {
    "sequence": (),
    "selector": (),
    "parallel": ("succeed",),
    "filter": ("while",),
    "repeat": ("times", "until"),
    "modify": ("with",),
}
"""The six form words and the keys that go with each; `allow` goes with all."""
MODIFIERS = (
    "invert, force success, force failure, timeout 6 s, cooldown 10 s, retry 3, once, delay 2 s, guard fear < 0.5"
)
MOST_LEVELS = 64
MOST_NODES = 10_000
"""Limits of one tree with its sub-trees inlined."""

Wrap = tuple[Modifier, float, Expression | None]


@dataclass(slots=True)
class Sketch:
    """A tree node with its place. `form` is a form word, or `leaf` for the name of a rule or a tree."""

    form: str
    place: Place
    node: Node
    name: str = ""
    children: list[Sketch] = field(default_factory=list)
    condition: Expression | None = None
    succeed: Literal["all", "one"] | int = "all"
    times: int | None = None
    until: Literal["success", "failure"] | None = None
    wraps: list[Wrap] = field(default_factory=list)

    def walk(self) -> Iterator[Sketch]:
        """Yield the node and all below it, in pre-order; sub-trees are leaves here."""
        yield self
        for child in self.children:
            yield from child.walk()


class TreeReader:
    """Reads tree nodes; every fault goes to the report, and a faulty node gives None."""

    def __init__(self, defined: Definitions, scopes: Scopes, allowances: Allowances, report: Report) -> None:
        self.defined, self.scopes, self.allowances, self.report = defined, scopes, allowances, report

    def sketch(self, node: Node) -> Sketch | None:
        """One node and all below it."""
        if isinstance(node, Scalar):
            return self._leaf(node)
        if isinstance(node, Items):
            self.report.error(
                "tree-form", node.place, "a list needs a form word that says how it is run", remedy="selector: [...]"
            )
            return None
        words = [word for word in node.entries if word in KEYS]
        if len(words) != 1:
            self._not_one_form(node, words)
            return None
        self._check_keys(node, words[0])
        return self._form(node, words[0])

    def _leaf(self, node: Scalar) -> Sketch | None:
        if node.damaged:
            return None
        if node.text not in self.defined.rules and node.text not in self.defined.trees:
            known = (*self.defined.rules, *self.defined.trees)
            message = f"there is no rule or tree `{node.text[:80]}`" if node.text else "a leaf is missing here"
            remedy = "put a space after the colon" if ":" in node.text else did_you_mean(node.text, known)
            self.report.error("unknown-name", node.place, message, remedy=remedy)
            return None
        return Sketch("leaf", node.place, node, node.text)

    def _not_one_form(self, node: Map, words: list[str]) -> None:
        if len(words) > 1:
            message = f"a tree node has exactly one form word, and this one has {len(words)}: {', '.join(words)}"
            first, second = (node.key_place(word) for word in words[:2])
            self.report.error("tree-form", second, message, see=[first], remedy="put one inside the other")
            return
        key = next(iter(node.entries), "")
        place = node.key_place(key)
        message = f"a tree node needs one of: {', '.join(KEYS)}"
        self.report.error("tree-form", place, message, remedy=did_you_mean(key, KEYS) if key else "selector: [...]")

    def _check_keys(self, node: Map, word: str) -> None:
        known = (word, *KEYS[word], "allow")
        for key in node.entries:
            if key not in known:
                message = f"`{word}` has no field `{key}`"
                self.report.error("unknown-key", node.key_place(key), message, remedy=did_you_mean(key, known))
        allow = node.get("allow")
        if isinstance(allow, Items):
            self.allowances.note(node, [each for each in allow.items if isinstance(each, Scalar)])
        elif allow is not None:
            self._shape(allow, "allow", "a list", "allow: [cannot-do]")

    def _shape(self, node: Node, name: str, wanted: str, remedy: str) -> None:
        if not (isinstance(node, Scalar) and node.damaged):
            self.report.error("wrong-shape", node.place, f"`{name}` must be {wanted}", remedy=remedy)

    def _form(self, node: Map, word: str) -> Sketch | None:
        sketch = Sketch(word, node.key_place(word), node)
        below = node.entries[word]
        if word in ("sequence", "selector", "parallel"):
            if not isinstance(below, Items) or not below.items:
                self._shape(below, word, "a list of nodes", f"{word}: [flee, hide]")
                return None
            several = [self.sketch(each) for each in below.items]
        else:
            several = [self.sketch(below)]
        sketch.children = [each for each in several if each is not None]
        if word == "parallel":
            self._succeed(node, sketch)
        elif word == "filter":
            sketch.condition = self._condition(node)
        elif word == "repeat":
            self._repeat(node, sketch)
        elif word == "modify":
            self._modify(node, sketch)
        return sketch if len(sketch.children) == len(several) else None

    def _option(self, node: Map, key: str) -> Scalar | None:
        """The text of an option; None when absent or reported."""
        value = node.get(key)
        if value is None or (isinstance(value, Scalar) and value.damaged):
            return None
        if not isinstance(value, Scalar) or not value.text:
            self._shape(value, key, "one value", f"{key}: {_OPTION_EXAMPLES[key]}")
            return None
        return value

    def _succeed(self, node: Map, sketch: Sketch) -> None:
        at = self._option(node, "succeed")
        if at is None:
            return
        names = [child.name for child in sketch.children if child.form == "leaf"]
        if at.text in _POLICIES:
            sketch.succeed = _POLICIES[at.text]
        elif at.text in names:
            whole = [child.name if child.form == "leaf" else "" for child in sketch.children]
            sketch.succeed = whole.index(at.text)
        else:
            message = f"`{at.text[:60]}` is not one of the children of this parallel"
            remedy = did_you_mean(at.text, ("all", "one", *names))
            self.report.error("unknown-name", at.place, message, remedy=remedy)

    def _condition(self, node: Map) -> Expression | None:
        if "while" not in node.entries:
            self.report.error("missing-key", node.place, "`filter` needs `while`", remedy="while: fear < 0.7")
            return None
        at = self._option(node, "while")
        return self._expression(at, 0) if at is not None else None

    def _expression(self, at: Scalar, offset: int) -> Expression | None:
        """An expression that starts at `offset` of a scalar."""
        try:
            expression = parse(at.text[offset:])
        except ExpressionFault as fault:
            place = at.span(offset + fault.offset, fault.width)
            self.report.error(fault.slug, place, fault.message, remedy=fault.remedy)
            return None
        check_names(Formula(expression, at, offset), self.scopes.condition, "this condition", self.scopes, self.report)
        return expression

    def _repeat(self, node: Map, sketch: Sketch) -> None:
        if ("times" in node.entries) == ("until" in node.entries):
            message = "`repeat` needs either `times` or `until`"
            self.report.error("missing-key", node.place, message, remedy="times: 3, times: forever, or until: success")
            return
        times, until = self._option(node, "times"), self._option(node, "until")
        if times is not None and times.text != "forever":
            try:
                sketch.times = count(times.text, "`times`")
            except QuantityError as fault:
                remedy = f"{fault.remedy}, or forever"
                self.report.error(fault.slug, times.place, fault.message, remedy=remedy)
        if until is not None:
            sketch.until = _ENDS.get(until.text)
            if sketch.until is None:
                self.report.error("not-a-word", until.place, "`until` is one of: success, failure", remedy="success")

    def _modify(self, node: Map, sketch: Sketch) -> None:
        value = node.get("with")
        if isinstance(value, Scalar) and value.text and not value.damaged:
            message = "`with` must be a list, outermost first"
            self.report.error("wrong-shape", value.place, message, remedy=f"with: [{value.text}]")
            return
        if not isinstance(value, Items) or not value.items:
            if value is None or not (isinstance(value, Scalar) and value.damaged):
                message = "`modify` needs `with`, a list"
                self.report.error("missing-key", node.place, message, remedy="with: [cooldown 10 s]")
            return
        for item in value.items:
            if not isinstance(item, Scalar):
                self.report.error("modifier", item.place, "a modifier is one value", remedy=MODIFIERS)
            elif not item.damaged and (wrap := self._wrap(item)) is not None:
                sketch.wraps.append(wrap)

    def _wrap(self, at: Scalar) -> Wrap | None:
        text = " ".join(at.text.split())
        plain = {each.value: each for each in _PLAIN}
        if text in plain:
            return plain[text], 0.0, None
        word, _, rest = at.text.strip().partition(" ")
        offset = len(at.text) - len(rest)
        if word == "guard":
            condition = self._expression(at, offset)
            return (Modifier.GUARD, 0.0, condition) if condition else None
        try:
            if word in ("timeout", "cooldown", "delay"):
                return Modifier(word), duration(rest.strip(), f"`{word}`"), None
            if word == "retry":
                return Modifier.RETRY, float(count(rest.strip(), "`retry`")), None
        except QuantityError as fault:
            remedy = f"{word} {fault.remedy}"
            self.report.error(fault.slug, at.place, fault.message, remedy=remedy)
            return None
        remedy = did_you_mean(word, [each.value.split()[0] for each in Modifier])
        remedy = remedy if remedy.startswith("did you") else MODIFIERS
        self.report.error("modifier", at.place, f"`{at.text[:60]}` is not a modifier", remedy=remedy)
        return None


_POLICIES: dict[str, Literal["all", "one"]] = {"all": "all", "one": "one"}
_ENDS: dict[str, Literal["success", "failure"]] = {"success": "success", "failure": "failure"}
_PLAIN = (Modifier.INVERT, Modifier.FORCE_SUCCESS, Modifier.FORCE_FAILURE, Modifier.ONCE)
_OPTION_EXAMPLES = {"succeed": "all", "while": "fear < 0.7", "times": "3", "until": "success"}


def inline(sketch: Sketch, sketches: dict[str, Sketch]) -> forms.Node:
    """The finished node, with every sub-tree in its place. Call it for trees without faults."""
    below = tuple(inline(child, sketches) for child in sketch.children)
    match sketch.form:
        case "leaf":
            return inline(sketches[sketch.name], sketches) if sketch.name in sketches else forms.Leaf(sketch.name)
        case "sequence":
            return forms.Sequence(below)
        case "selector":
            return forms.Selector(below)
        case "parallel":
            return forms.Parallel(below, sketch.succeed)
        case "filter":
            assert sketch.condition is not None
            return forms.Filter(below[0], sketch.condition)
        case "repeat":
            return forms.Repeat(below[0], sketch.times, sketch.until)
    node = below[0]
    for modifier, value, condition in reversed(sketch.wraps):
        node = forms.Modify(node, modifier, value, condition)
    return node


def check_inlining(sketches: dict[str, Sketch], report: Report) -> bool:
    """Report trees that hold themselves, or that grow too large or deep when inlined; True when all is well."""
    sizes: dict[str, tuple[int, int] | None] = {}
    for name in sorted(sketches):
        _measure(name, sketches, (), sizes, report)
    return None not in sizes.values()


def _measure(
    name: str,
    sketches: dict[str, Sketch],
    trail: tuple[str, ...],
    sizes: dict[str, tuple[int, int] | None],
    report: Report,
) -> tuple[int, int] | None:
    """Nodes and levels of a tree, or None when it cannot be inlined. Each tree is measured, and reported, once."""
    if name in sizes:
        return sizes[name]
    trail = (*trail, name)
    total, deepest, good = 0, 0, len(trail) <= MOST_LEVELS
    waiting = [(sketches[name], 1)] if good else []
    while waiting:
        sketch, level = waiting.pop()
        own = max(1, len(sketch.wraps))
        waiting += [(child, level + own) for child in sketch.children]
        inner: tuple[int, int] | None = (own, own - 1)
        if sketch.form == "leaf" and sketch.name in trail:
            loop = " -> ".join((*trail[trail.index(sketch.name) :], sketch.name))
            message = f"this tree would hold itself: {loop}"
            report.error("tree-recursion", sketch.place, message, remedy="`repeat` does something again and again")
            inner = None
        elif sketch.form == "leaf" and sketch.name in sketches:
            inner = _measure(sketch.name, sketches, trail, sizes, report)
        if inner is None:
            good = False
        else:
            total, deepest = total + inner[0], max(deepest, level + inner[1])
    if len(trail) > MOST_LEVELS or (good and (total > MOST_NODES or deepest > MOST_LEVELS)):
        message = f"with its sub-trees `{name}` has more than {MOST_NODES} nodes or {MOST_LEVELS} levels"
        report.error("too-large", sketches[name].place, message, remedy="use fewer or smaller sub-trees")
        good = False
    sizes[name] = (total, deepest) if good else None
    return sizes[name]
