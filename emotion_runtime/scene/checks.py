"""Owns the checks across rules, trees and characters: opposed parallels, leaves nobody can do, things nobody uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from behaviors.orientation import OPPOSED_BELOW, cosine
from behaviors.rules import AutonomousRule
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.definitions import Definitions
from emotion_runtime.scene.diagnostics import Place, Report
from emotion_runtime.scene.nodes import Map
from emotion_runtime.scene.resolved import AppraisalRow, Character
from emotion_runtime.scene.sketches import Sketch


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at: a scene whose parts are sound one by one."""

    defined: Definitions
    characters: tuple[Character, ...]
    rules: Mapping[str, AutonomousRule]
    sketches: Mapping[str, Sketch]
    appraisal: tuple[AppraisalRow, ...]
    rows: tuple[Place, ...] = ()
    """Where each appraisal row stands."""


def check_all(subject: Subject, allowances: Allowances, report: Report) -> None:
    """Run every check."""
    _opposed(subject, report)
    _cannot_do(subject, allowances, report)
    _not_in_tree(subject, allowances, report)
    _unused(subject, allowances, report)


def leaves(
    sketch: Sketch, sketches: Mapping[str, Sketch], around: tuple[Map, ...]
) -> Iterator[tuple[Sketch, tuple[Map, ...]]]:
    """All leaves that are rules, sub-trees included, each with the maps it lies in."""
    inside = (*around, sketch.node) if isinstance(sketch.node, Map) else around
    if sketch.form != "leaf":
        for child in sketch.children:
            yield from leaves(child, sketches, inside)
    elif sketch.name in sketches:
        yield from leaves(sketches[sketch.name], sketches, inside)
    else:
        yield sketch, around


def _opposed(subject: Subject, report: Report) -> None:
    pad = subject.defined.pad
    for root in subject.sketches.values():
        for parallel in root.walk():
            if parallel.form != "parallel":
                continue
            sides = [[leaf for leaf, _ in leaves(child, subject.sketches, ())] for child in parallel.children]
            for index, side in enumerate(sides):
                before = [leaf for earlier in sides[:index] for leaf in earlier]
                for leaf in side:
                    _compare(leaf, before, subject.rules, pad, report)


def _compare(
    leaf: Sketch,
    before: list[Sketch],
    rules: Mapping[str, AutonomousRule],
    pad: Mapping[str, tuple[float, float, float]],
    report: Report,
) -> None:
    mine = rules[leaf.name].orientation
    for other in before:
        theirs = rules[other.name].orientation
        angle = cosine(pad[mine], pad[theirs])
        if angle < OPPOSED_BELOW:
            report.add(
                "error",
                "parallel-opposed",
                leaf.place,
                f"`{leaf.name}` is {mine}-oriented and cannot run beside `{other.name}`, which is {theirs}-oriented",
                see=[other.place],
                notes=[f"cosine of {theirs} and {mine} in PAD space is {angle:.2f} (limit {OPPOSED_BELOW:.2f})"],
                remedy="put them in a selector, or state `orientation:` in the rule",
            )
            return


def _cannot_do(subject: Subject, allowances: Allowances, report: Report) -> None:
    lacking: dict[tuple[str, Place], list[str]] = {}
    for character in subject.characters:
        if character.tree is None:
            continue
        able = set(character.can)
        for leaf, around in leaves(subject.sketches[character.tree], subject.sketches, ()):
            if leaf.name in able:
                continue
            if not any([allowances.allows(node, "cannot-do") for node in around]):  # noqa: C419  (mark all as used)
                names = lacking.setdefault((leaf.name, leaf.place), [])
                names += [] if character.id in names else [character.id]
    for (rule, place), names in lacking.items():
        who, each = _several(names), "him or her" if len(names) == 1 else "them"
        message = (
            f"{who} run{'s' if len(names) == 1 else ''} this tree but cannot `{rule}`: the leaf always fails for {each}"
        )
        report.warning("cannot-do", place, message, remedy=f"add {rule} to `can` of {who}")


def _several(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _not_in_tree(subject: Subject, allowances: Allowances, report: Report) -> None:
    for character in subject.characters:
        form = subject.defined.characters[character.id].form
        if form is None or character.tree is None:
            continue
        used = {leaf.name for leaf, _ in leaves(subject.sketches[character.tree], subject.sketches, ())}
        for word in form.can or []:
            rule = subject.defined.rules[word.text].form
            if word.text in used or (rule is not None and allowances.allows(rule.node, "rule-not-in-tree")):
                continue
            message = f"{character.id} can `{word.text}`, but it is in no branch of the tree `{character.tree}`"
            report.warning("rule-not-in-tree", word.place, message, remedy="add it to the tree, or remove it here")


def _unused(subject: Subject, allowances: Allowances, report: Report) -> None:
    """Only the main file is looked at: an included file is a library of which a scene uses what it needs."""
    defined = subject.defined
    able = {rule for character in subject.characters for rule in character.can}
    for name, rule in defined.rules.items():
        if rule.main and rule.form and name not in able and not allowances.allows(rule.form.node, "rule-unused"):
            message = f"nobody can `{name}`"
            report.warning("rule-unused", rule.place, message, remedy="add it to somebody's `can`, or remove it")
    grown = {character.tree for character in subject.characters}
    grown |= {
        each.name.partition("(")[0]
        for sketch in subject.sketches.values()
        for each in sketch.walk()
        if each.form == "leaf"
    }
    for name, tree in defined.trees.items():
        silent = isinstance(tree.node, Map) and allowances.allows(tree.node, "tree-unused")
        if tree.main and name not in grown and not silent:
            message = f"nobody runs the tree `{name}`"
            report.warning("tree-unused", tree.place, message, remedy=f"tree: {name}, in a character")
    felt = {row.event for row in subject.appraisal}
    for name, event in defined.events.items():
        if event.main and name not in felt:
            message = f"nobody feels anything when `{name}` happens"
            remedy = f"a row in `appraisal`: {{event: {name}, feels: {{surprise: +0.3}}}}"
            report.warning("event-unused", event.place, message, remedy=remedy)
