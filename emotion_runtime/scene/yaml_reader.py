"""Owns the step from YAML text to marked nodes: scalars stay text; anchors, tags and the like are refused."""

from __future__ import annotations

import re

import yaml

from behaviors.expressions import MAX_CHARS
from emotion_runtime.scene.diagnostics import Place, Report, split_lines
from emotion_runtime.scene.nodes import Items, Map, Node, Scalar, Source
from emotion_runtime.scene.yaml_faults import explain, find_unprintable

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

DEEPEST = 40
"""Levels of nesting in one file; a scene needs about ten."""
MOST_NODES = 200_000
"""Keys and values in one file."""


def parse(text: str, shown: str, report: Report) -> Map | None:
    """Turn one file into nodes. Faults go to `report`; None when nothing can be made of the file."""
    source = Source(shown, split_lines(text))
    if find_unprintable(text, shown, source.lines, report):
        return None
    builder = _Builder(source, report)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if not builder.take(event):
                return None
    except yaml.YAMLError as error:
        explain(error, source.lines, shown, report)
        return None
    root = builder.root
    if root is None or (isinstance(root, Scalar) and not root.text):
        report.error("empty-file", Place(shown, 1, 1), "there is nothing in this file", remedy="language: 1")
        return None
    if not isinstance(root, Map):
        remedy = "put a space after the colon" if isinstance(root, Scalar) and ":" in root.text else "language: 1"
        report.error("wrong-shape", root.place, "a scene file is made of `key: value` lines", remedy=remedy)
        return None
    return root


class _Builder:
    """Builds nodes from events with a stack of its own, so that no depth of nesting can exhaust Python's."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source, self.report = source, report
        self.root: Node | None = None
        self.stack: list[Items | Map] = []
        self.count = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> bool:
        """Use one event; False when the file is given up."""
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.report.error(
                        "one-document",
                        self._at(event),
                        "a second YAML document starts here: a file holds one scene",
                        remedy="remove the `---`, or use a file of its own and `include` it",
                    )
                    return False
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()
            case yaml.NodeEvent():
                return self._node(event)
        return True

    def _node(self, event: yaml.NodeEvent) -> bool:
        self.count += 1
        if self.count > MOST_NODES or len(self.stack) >= DEEPEST:
            limit = f"{MOST_NODES} values" if self.count > MOST_NODES else f"{DEEPEST} levels of nesting"
            self.report.error("too-large", self._at(event), f"this file has more than {limit}", remedy="split it")
            return False
        damaged = self._refuse_yaml_features(event)
        line, col, _, _ = _marks(event)
        node: Node
        match event:
            case yaml.MappingStartEvent():
                node = Map({}, {}, self.source, line, col, bool(event.flow_style))
            case yaml.SequenceStartEvent():
                node = Items([], self.source, line, col)
            case _:
                node = self._scalar(event, damaged)
        if not self._place(node):
            return False
        if not isinstance(node, Scalar):
            self.stack.append(node)
        return True

    def _scalar(self, event: yaml.NodeEvent, damaged: bool) -> Scalar:
        text = str(getattr(event, "value", ""))
        style = getattr(event, "style", None) or ""
        parent = self.stack[-1] if self.stack else None
        in_braces = isinstance(parent, Map) and parent.flow
        return Scalar(text, self.source, *_marks(event), style, in_braces, damaged)

    def _refuse_yaml_features(self, event: yaml.NodeEvent) -> bool:
        """Report anchors, aliases and tags; True when the value is not what the designer meant."""
        if event.anchor is not None:
            self.report.error(
                "no-anchors",
                self._at(event),
                "anchors and aliases are not part of the scene language",
                remedy="give the shared part a name: an archetype, a rule or a tree",
            )
            return isinstance(event, yaml.AliasEvent)
        tag = getattr(event, "tag", None)
        if tag is None:
            return False
        meant = re.fullmatch(r"!([a-z_].*)", tag)
        self.report.error(
            "no-tags",
            self._at(event),
            f"`{tag}` is a YAML tag, so the value would silently be lost",
            remedy=f"write `not {meant[1]}` instead of `{tag}`" if meant else "put the value in quotes",
        )
        return True

    def _place(self, node: Node) -> bool:
        if not self.stack:
            self.root = node
            return True
        parent = self.stack[-1]
        if isinstance(parent, Items):
            parent.items.append(node)
            return True
        if parent.pending is None:
            if not isinstance(node, Scalar):
                self.report.error("wrong-shape", node.place, "a key is a name, not a list or a map")
                return False
            parent.pending = node
            return True
        key, parent.pending = parent.pending, None
        self._entry(parent, key, node)
        return True

    def _entry(self, parent: Map, key: Scalar, value: Node) -> None:
        if parent.flow and _is_rest_of_cut(parent, key, value):
            self._cut(parent, key)
            return
        if parent.flow and _is_rest_of_decimal(parent, key, value):
            self._decimal(parent, key)
            return
        if key.text == "<<":
            self.report.error(
                "no-anchors",
                key.place,
                "merge keys are not part of the scene language",
                remedy="give the shared part a name: an archetype, a rule or a tree",
            )
            return
        if key.text in parent.entries:
            first = parent.keys[key.text].place
            self.report.error("duplicate-key", key.place, f"`{key.text}` is given twice", see=[first])
        parent.entries[key.text], parent.keys[key.text] = value, key

    def _cut(self, parent: Map, key: Scalar) -> None:
        last = next(reversed(parent.entries))
        value = parent.entries[last]
        assert isinstance(value, Scalar)
        if not value.cut:
            self.report.error(
                "comma-in-braces",
                key.place,
                f"inside {{ }} a comma ends a value, so this {last} was cut in two",
                remedy=f"put the {last} in quotes, or on a line of its own",
            )
        value.cut = True
        value.text += ", " + key.text
        value.end_line, value.end_col = key.end_line, key.end_col

    def _decimal(self, parent: Map, key: Scalar) -> None:
        value = parent.entries[next(reversed(parent.entries))]
        assert isinstance(value, Scalar)
        value.text = f"{value.text}.{key.text}"
        self.report.error(
            "comma-in-braces",
            key.place,
            "inside { } a comma ends a value, and numbers have a decimal point",
            remedy=value.text,
        )

    def _at(self, event: yaml.Event) -> Place:
        line, col, end_line, end_col = _marks(event)
        return Place(self.source.shown, line, col, max(1, end_col - col) if end_line == line else 1)


def _marks(event: yaml.Event) -> tuple[int, int, int, int]:
    """First line and column, and the line and column after the last, from 1."""
    start, end = event.start_mark, event.end_mark
    assert start is not None
    assert end is not None
    return start.line + 1, start.column + 1, end.line + 1, end.column + 1


def _is_rest_of_decimal(parent: Map, key: Scalar, value: Node) -> bool:
    """True for `0,5`: the last value is a whole number, and this key without a value goes on with digits."""
    if not (isinstance(value, Scalar) and not value.text and key.plain and parent.entries):
        return False
    last = parent.entries[next(reversed(parent.entries))]
    whole = isinstance(last, Scalar) and last.plain and re.fullmatch(r"[+-]?[0-9]{1,9}", last.text)
    return bool(whole and re.match(r"[0-9]", key.text))


def _is_rest_of_cut(parent: Map, key: Scalar, value: Node) -> bool:
    """True when the last value has an open bracket, and this key without a value goes on with it."""
    if not (isinstance(value, Scalar) and not value.text and key.plain and parent.entries):
        return False
    last = parent.entries[next(reversed(parent.entries))]
    if not isinstance(last, Scalar) or not last.plain or len(last.text) > MAX_CHARS:
        return False
    return last.text.count("(") > last.text.count(")")
