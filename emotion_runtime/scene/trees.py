"""Owns the reading of trees: from nodes of a file to sketches of the six forms, with a fault for all that is none."""

from __future__ import annotations

from typing import Literal

from behaviors.expressions import Expression, ExpressionFault, parse
from behaviors.trees import Modifier
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.definitions import Definitions
from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.nodes import Items, Map, Node, Scalar
from emotion_runtime.scene.quantities import QuantityError, count, number, time_or_range
from emotion_runtime.scene.scopes import Scopes, check_names
from emotion_runtime.scene.sharing import Sharing
from emotion_runtime.scene.sketches import Sketch, Wrap
from emotion_runtime.scene.values import Formula

KEYS = {
    "sequence": (),
    "selector": ("order",),
    "choose": ("weights",),
    "parallel": ("succeed",),
    "filter": ("while",),
    "repeat": ("times", "until"),
    "modify": ("with",),
    "use": ("with",),
}
"""The form words and the keys that go with each; `allow` goes with all. `choose` is a selector by chance; `use` puts a
tree with parameters in its place."""
SEVERAL = ("sequence", "selector", "choose", "parallel")
"""Form words with a list of children."""
MODIFIERS = (
    "invert, force success, force failure, timeout 6 s, cooldown 10 s, cooldown 8..12 s, retry 3, once, delay 2 s, "
    "guard fear < 0.5"
)


class TreeReader:
    """Reads tree nodes; every fault goes to the report, and a faulty node gives None."""

    def __init__(self, defined: Definitions, scopes: Scopes, allowances: Allowances, report: Report) -> None:
        self.defined, self.scopes, self.allowances, self.report = defined, scopes, allowances, report
        self.sharing = Sharing(defined, report)

    def all(self) -> dict[str, Sketch]:
        """Every tree of the scene, and every different use of one with parameters; faulty ones are left out."""
        made: dict[str, Sketch | None] = {}
        for name, each in sorted(self.defined.trees.items()):
            template = self.sharing.templates.get(name)
            if template is None:
                made[name] = self.sketch(self.sharing.filled(each.node, {}))
                continue
            self._note(each.node)
            self.sketch(self.sharing.filled(template.body, dict.fromkeys(template.takes)))
            if None not in template.takes.values() and (use := self.sharing.ask(name, None, each.place)):
                made[name] = Sketch("leaf", each.place, each.node, use)
        while waiting := [each for name, each in self.sharing.uses.items() if name not in made]:
            for asked in waiting:
                with self.sharing.told_of(asked):
                    made[asked.shown] = self.sketch(self.sharing.body(asked))
        return {name: sketch for name, sketch in made.items() if sketch is not None}

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
        return self._use(node) if words[0] == "use" else self._form(node, words[0])

    def _leaf(self, node: Scalar) -> Sketch | None:
        if node.damaged:
            return None
        if node.text not in self.defined.rules and node.text not in self.defined.trees:
            known = (*self.defined.rules, *self.defined.trees)
            message = f"there is no rule or tree `{node.text[:80]}`" if node.text else "a leaf is missing here"
            remedy = "put a space after the colon" if ":" in node.text else did_you_mean(node.text, known)
            self.report.error("unknown-name", node.place, message, remedy=remedy)
            return None
        name: str | None = node.text
        if node.text in self.sharing.templates:
            name = self.sharing.ask(node.text, None, node.place)
        return None if name is None else Sketch("leaf", node.place, node, name)

    def _use(self, node: Map) -> Sketch | None:
        named = node.entries["use"]
        if not isinstance(named, Scalar) or not named.text:
            self._shape(named, "use", "the name of a tree", "use: react")
            return None
        if named.damaged:
            return None
        if named.text not in self.defined.trees:
            remedy = did_you_mean(named.text, self.defined.trees)
            self.report.error("unknown-name", named.place, f"there is no tree `{named.text[:80]}`", remedy=remedy)
            return None
        given = node.get("with")
        if named.text not in self.sharing.templates:
            if given is not None:
                message = f"the tree `{named.text}` takes no parameters"
                self.report.error("unknown-key", node.key_place("with"), message, remedy="leave `with` out")
            return Sketch("leaf", named.place, node, named.text)
        name = self.sharing.ask(named.text, given, named.place)
        return None if name is None else Sketch("leaf", named.place, node, name)

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
        self._note(node)

    def _note(self, node: Node) -> None:
        """Remember what is allowed at a node."""
        allow = node.get("allow") if isinstance(node, Map) else None
        if isinstance(allow, Items) and isinstance(node, Map):
            self.allowances.note(node, [each for each in allow.items if isinstance(each, Scalar)])
        elif allow is not None:
            self._shape(allow, "allow", "a list", "allow: [cannot-do]")

    def _shape(self, node: Node, name: str, wanted: str, remedy: str) -> None:
        if not (isinstance(node, Scalar) and node.damaged):
            self.report.error("wrong-shape", node.place, f"`{name}` must be {wanted}", remedy=remedy)

    def _form(self, node: Map, word: str) -> Sketch | None:
        sketch = Sketch(word, node.key_place(word), node)
        below = node.entries[word]
        if word in SEVERAL:
            if not isinstance(below, Items) or not below.items:
                self._shape(below, word, "a list of nodes", f"{word}: [flee, hide]")
                return None
            several = [self.sketch(each) for each in below.items]
        else:
            several = [self.sketch(below)]
        sketch.children = [each for each in several if each is not None]
        if word == "selector":
            self._order(node, sketch)
        elif word == "choose":
            self._weights(node, sketch)
        elif word == "parallel":
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

    def _order(self, node: Map, sketch: Sketch) -> None:
        at = self._option(node, "order")
        if at is None:
            return
        sketch.ranked = at.text == "priority"
        if at.text not in ("priority", "listed"):
            self.report.error("not-a-word", at.place, "`order` is one of: listed, priority", remedy="priority")

    def _weights(self, node: Map, sketch: Sketch) -> None:
        sketch.weights = (1.0,) * len(sketch.children)
        value = node.get("weights")
        if value is None or (isinstance(value, Scalar) and value.damaged):
            return
        wanted = node.entries["choose"]
        size = len(wanted.items) if isinstance(wanted, Items) else 0
        if not isinstance(value, Items) or len(value.items) != size:
            example = f"weights: [{', '.join(['1'] * size)}]"
            self._shape(value, "weights", "a list with one number for each child", example)
            return
        weights = [weight for item in value.items if (weight := self._weight(item)) is not None]
        if len(weights) == size and sum(weights) <= 0.0:
            self.report.error("out-of-range", value.place, "one weight at least must be above 0", remedy="3")
        elif len(weights) == size:
            sketch.weights = tuple(weights)

    def _weight(self, item: Node) -> float | None:
        if not isinstance(item, Scalar):
            self._shape(item, "weights", "a list of numbers", "weights: [3, 1]")
        elif not item.damaged:
            try:
                return number(item.text, "a weight", 0.0, 1000.0)
            except QuantityError as fault:
                self.report.error(fault.slug, item.place, fault.message, remedy=fault.remedy)
        return None

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
            return Wrap(plain[text])
        word, _, rest = at.text.strip().partition(" ")
        offset = len(at.text) - len(rest)
        if word == "guard":
            condition = self._expression(at, offset)
            return Wrap(Modifier.GUARD, 0.0, condition) if condition else None
        try:
            if word in ("timeout", "cooldown", "delay"):
                least, most = time_or_range(rest.strip(), f"`{word}`")
                return Wrap(Modifier(word), least, None, most)
            if word == "retry":
                return Wrap(Modifier.RETRY, float(count(rest.strip(), "`retry`")))
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
_OPTION_EXAMPLES = {"succeed": "all", "while": "fear < 0.7", "times": "3", "until": "success", "order": "priority"}
