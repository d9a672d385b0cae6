"""Owns `allow`: which warnings are silenced where, and which of these silences were of no use."""

from __future__ import annotations

from collections.abc import Collection

from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.nodes import Map, Scalar

READ = frozenset(("cannot-do", "rule-not-in-tree", "rule-unused", "timeout-too-short", "tree-unused"))
"""What reading a scene finds and `allow` can silence: warnings about what may well be meant."""

PROVED = frozenset(
    (
        "aim-defeats-trigger", "aim-feeds-trigger", "aim-flickers", "branch-shadowed", "rules-feed-each-other",
        "rules-feed-for-ever", "same-trigger", "step-cannot-follow", "trigger-always-true", "trigger-unreachable",
    )
)  # fmt: skip
"""What the proofs find and `allow` can silence."""

ALLOWABLE = tuple(sorted(READ | PROVED))


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

    def report_unused(self, looked_for: Collection[str]) -> None:
        """Warn of every silence that silenced nothing, of those slugs that were looked for."""
        for word in self._unused.values():
            if word.text not in looked_for:
                continue
            message = f"`{word.text}` does not occur here, so there is nothing to allow"
            self.report.warning("allow-unused", word.place, message, remedy="remove it")
