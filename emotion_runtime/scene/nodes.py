"""Owns marked nodes: scalars, lists and maps of a YAML file that know their file, line, column and width."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from emotion_runtime.scene.diagnostics import Place

_BLANK = re.compile(r"\s*")


@dataclass(slots=True)
class Source:
    """One file: its name as shown in messages and its lines."""

    shown: str
    lines: list[str]


@dataclass(slots=True, eq=False)
class Scalar:
    """A piece of text. `plain`: not quoted. `flow`: inside { } or [ ]. `damaged`: a fault was already reported."""

    text: str
    source: Source
    line: int
    col: int
    end_line: int
    end_col: int
    style: str = ""
    flow: bool = False
    damaged: bool = False
    cut: bool = False

    @property
    def place(self) -> Place:
        """The whole scalar, as far as its first line goes."""
        if self.end_line == self.line:
            return Place(self.source.shown, self.line, self.col, max(1, self.end_col - self.col))
        width = len(self.source.lines[self.line - 1].rstrip()) - self.col + 1
        return Place(self.source.shown, self.line, self.col, max(1, width))

    @property
    def plain(self) -> bool:
        """True when it is written without quotes."""
        return self.style == ""

    def span(self, offset: int, width: int) -> Place:
        """The place of `width` characters at `offset` of the text; the whole scalar where YAML has rewritten it.

        Folding only changes white space, so the text is followed through the source, skipping white space.
        """
        line, col = self.line, self.col
        if self.style in ("|", ">"):
            line, col = line + 1, 1
        elif self.style:
            col += 1
        for character in self.text[:offset]:
            if character.isspace():
                continue
            line, col = self._skip_space(line, col)
            if self._at(line, col) != character:
                return self.place
            col += 1
        if offset < len(self.text):
            line, col = self._skip_space(line, col)
            if self._at(line, col) != self.text[offset]:
                return self.place
        room = len(self.source.lines[line - 1]) - col + 1
        return Place(self.source.shown, line, col, max(1, min(width, room)))

    def _at(self, line: int, col: int) -> str:
        return self.source.lines[line - 1][col - 1 : col]

    def _skip_space(self, line: int, col: int) -> tuple[int, int]:
        while True:
            row = self.source.lines[line - 1]
            blank = _BLANK.match(row, col - 1)
            col = (blank.end() if blank else len(row)) + 1
            if col <= len(row) or line >= min(self.end_line, len(self.source.lines)):
                return line, col
            line, col = line + 1, 1


@dataclass(slots=True, eq=False)
class Items:
    """A YAML list."""

    items: list[Node]
    source: Source
    line: int
    col: int

    @property
    def place(self) -> Place:
        """Its first character."""
        return Place(self.source.shown, self.line, self.col)


@dataclass(slots=True, eq=False)
class Map:
    """A YAML map with the places of its keys."""

    entries: dict[str, Node]
    keys: dict[str, Scalar]
    source: Source
    line: int
    col: int
    flow: bool = False
    pending: Scalar | None = field(default=None, repr=False)

    @property
    def place(self) -> Place:
        """Its first character."""
        return Place(self.source.shown, self.line, self.col)

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        return self.entries.get(key)

    def key_place(self, key: str) -> Place:
        """The place of a key, or of the map where the key is absent."""
        return self.keys[key].place if key in self.keys else self.place

    def map(self, key: str) -> Map | None:
        """The value of a key where it is a map."""
        value = self.entries.get(key)
        return value if isinstance(value, Map) else None


Node: TypeAlias = Scalar | Items | Map


def place_at(node: Node, path: tuple[str | int, ...]) -> tuple[Place, Node]:
    """Follow a path of keys and indices as far as it goes: the place of the last step and the node there."""
    place = node.place
    for step in path:
        if isinstance(node, Map) and isinstance(step, str) and step in node.entries:
            place, node = node.keys[step].place, node.entries[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            place = node.place
        else:
            break
    return (node.place if isinstance(node, Scalar) and node.text else place), node
