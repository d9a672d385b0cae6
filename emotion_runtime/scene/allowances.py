"""Owns `allow`: which warnings are silenced where, and which of these silences were of no use."""

from __future__ import annotations

from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.nodes import Map, Scalar

ALLOWABLE = ("cannot-do", "rule-not-in-tree", "rule-unused", "timeout-too-short", "tree-unused")
"""Slugs that `allow` can silence: all of them warnings about what may well be meant."""


class Allowances:
    """Every `allow` of a scene, by the map it stands in."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._words: dict[int, list[Scalar]] = {}
        self._unused: dict[int, Scalar] = {}
        self._keep: list[Map] = []

    def note(self, node: Map, allow: list[Scalar] | None) -> None:
        """Remember the `allow` of a rule or a tree node."""
        if id(node) in self._words:
            return
        self._keep.append(node)  # the id of a live object only
        self._words[id(node)] = allow or []
        for word in allow or []:
            if word.text in ALLOWABLE:
                self._unused[id(word)] = word
            else:
                message = f"`{word.text[:60]}` is not a warning that can be allowed"
                self.report.error("unknown-name", word.place, message, remedy=did_you_mean(word.text, ALLOWABLE))

    def allows(self, node: Map, slug: str) -> bool:
        """True when `slug` is silenced at `node`; that silence then counts as used."""
        silenced = False
        for word in self._words.get(id(node), []):
            if word.text == slug:
                self._unused.pop(id(word), None)
                silenced = True
        return silenced

    def report_unused(self) -> None:
        """Warn of every silence that silenced nothing."""
        for word in self._unused.values():
            message = f"`{word.text}` does not occur here, so there is nothing to allow"
            self.report.warning("allow-unused", word.place, message, remedy="remove it")
