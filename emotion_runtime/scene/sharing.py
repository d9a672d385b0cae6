"""Owns trees with parameters: what a tree takes, what a use of it gives, and the tree that comes of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import is_

from emotion_runtime.scene.definitions import NAME, Definitions
from emotion_runtime.scene.diagnostics import Place, Report, did_you_mean
from emotion_runtime.scene.nodes import Items, Map, Node, Scalar
from emotion_runtime.scene.quantities import LONGEST

MOST_USES = 1000
"""Different uses of trees with parameters in one scene."""

_PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*)")
_TAKEN = re.compile(r"(?P<name>[^=]*?)\s*(?:=\s*(?P<value>.*))?")

Values = Mapping[str, Scalar | None]
"""What each parameter stands for; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Template:
    """A tree that takes parameters: each with its value when a use gives none, and the tree without `takes`."""

    takes: Mapping[str, Scalar | None]
    body: Map


@dataclass(frozen=True, slots=True)
class Use:
    """A tree with values for all its parameters, and the place that asked for it first."""

    name: str
    shown: str
    values: Mapping[str, Scalar]
    place: Place


class Sharing:
    """The trees with parameters of a scene, and every different use of them."""

    def __init__(self, defined: Definitions, report: Report) -> None:
        self.report = report
        self.templates = {
            name: self._template(each.node)
            for name, each in sorted(defined.trees.items())
            if isinstance(each.node, Map) and "takes" in each.node.entries
        }
        self.uses: dict[str, Use] = {}

    def _template(self, node: Map) -> Template:
        takes: dict[str, Scalar | None] = {}
        listed = node.entries["takes"]
        if not isinstance(listed, Items) or not listed.items:
            if not (isinstance(listed, Scalar) and listed.damaged):
                message = "`takes` must be a list of names"
                self.report.error("wrong-shape", listed.place, message, remedy="takes: [what, level = 0.6]")
        else:
            for item in listed.items:
                self._take(item, takes)
        entries = {key: each for key, each in node.entries.items() if key != "takes"}
        return Template(takes, replace(node, entries=entries))

    def _take(self, item: Node, takes: dict[str, Scalar | None]) -> None:
        found = _TAKEN.fullmatch(item.text.strip()) if isinstance(item, Scalar) else None
        if not isinstance(item, Scalar) or found is None or not NAME.fullmatch(found["name"]):
            if not (isinstance(item, Scalar) and item.damaged):
                message = "a parameter is a name: small letters, digits and _, a letter first"
                self.report.error("bad-name", item.place, message, remedy="level, or level = 0.6")
        elif found["name"] in takes:
            self.report.error("listed-twice", item.place, f"`{found['name']}` is taken twice", remedy="remove one")
        else:
            default = found["value"]
            takes[found["name"]] = None if default is None else replace(item, text=default)

    def ask(self, name: str, given: Node | None, at: Place) -> str | None:
        """Note a use of a tree with parameters; gives the name of what comes of it, or None when it was reported."""
        takes = self.templates[name].takes
        values = {key: value for key, value in takes.items() if value is not None}
        if given is not None and not self._given(name, given, values):
            return None
        missing = [key for key in takes if key not in values]
        if missing:
            several = ", ".join(f"`{key}`" for key in missing)
            remedy = f"{{use: {name}, with: {{{', '.join(f'{key}: ...' for key in missing)}}}}}"
            self.report.error("missing-key", at, f"the tree `{name}` needs {several}", remedy=remedy)
            return None
        use = f"{name}({', '.join(f'{key}={values[key].text}' for key in takes)})"
        if use not in self.uses:
            if len(self.uses) >= MOST_USES:
                message = f"there are more than {MOST_USES} different uses of trees with parameters"
                self.report.error("too-large", at, message, remedy="a tree that uses itself with other values?")
                return None
            self.uses[use] = Use(name, use, {key: values[key] for key in takes}, at)
        return use

    def _given(self, name: str, given: Node, values: dict[str, Scalar]) -> bool:
        takes = self.templates[name].takes
        if not isinstance(given, Map):
            if not (isinstance(given, Scalar) and given.damaged):
                remedy = f"with: {{{', '.join(f'{key}: ...' for key in takes)}}}"
                self.report.error("wrong-shape", given.place, "`with` must be a map of parameters", remedy=remedy)
            return False
        clean = True
        for key, value in given.entries.items():
            if key not in takes:
                message = f"the tree `{name}` takes no `{key[:60]}`"
                self.report.error("unknown-key", given.key_place(key), message, remedy=did_you_mean(key, takes))
            elif not isinstance(value, Scalar):
                message = f"`{key}` is one value: the name of a rule or a tree, an emotion, a number, a time"
                self.report.error("wrong-shape", value.place, message)
            elif value.damaged:
                clean = False
            elif not value.text or len(value.text) > LONGEST:
                self.report.error("missing-value", value.place, f"`{key}` needs 1 to {LONGEST} characters")
            else:
                values[key] = value
                continue
            clean = False
        return clean

    def body(self, use: Use) -> Node:
        """The tree that comes of a use."""
        return self.filled(self.templates[use.name].body, use.values)

    def filled(self, node: Node, values: Values) -> Node:
        """The tree with every `$name` replaced: itself where there is none. What stands for nothing is reported."""
        if isinstance(node, Scalar):
            return self._scalar(node, values)
        if isinstance(node, Items):
            items = [self.filled(each, values) for each in node.items]
            return node if all(map(is_, items, node.items)) else replace(node, items=items)
        entries = {key: self.filled(each, values) for key, each in node.entries.items()}
        same = all(map(is_, entries.values(), node.entries.values()))
        return node if same else replace(node, entries=entries)

    def _scalar(self, at: Scalar, values: Values) -> Scalar:
        if "$" not in at.text or at.damaged:
            return at
        text, last = "", 0
        for found in _PARAMETER.finditer(at.text):
            name = found[1]
            if name not in values:
                message = f"`${name}` is not a parameter of this tree"
                remedy = did_you_mean(name, values) or f"takes: [{name}], beside the form word of the whole tree"
                place = at.span(found.start(), len(found[0]))
                self.report.error("unknown-name", place, message, remedy=remedy)
                return replace(at, damaged=True)
            value = values[name]
            if value is None:
                return replace(at, damaged=True)
            if found[0] == at.text:
                return value
            text, last = text + at.text[last : found.start()] + value.text, found.end()
        return replace(at, text=text + at.text[last:])

    @contextmanager
    def told_of(self, use: Use) -> Iterator[None]:
        """Faults found meanwhile that lie elsewhere than the use itself get its place as the second one."""
        before = self.report.mark()
        yield
        self.report.add_place(before, use.place)
