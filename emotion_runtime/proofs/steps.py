"""Owns `step-cannot-follow`: what one step of a sequence does on success takes away what the next one needs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from behaviors.rules import AutonomousRule, Change, Who
from emotion_runtime.proofs.formulas import Flag, Formula, both, opposite
from emotion_runtime.proofs.meaning import Case
from emotion_runtime.proofs.reading import exact
from emotion_runtime.proofs.simplex import Range
from emotion_runtime.proofs.study import Study, several
from emotion_runtime.proofs.triggers import everywhere
from emotion_runtime.scene.nodes import Map
from emotion_runtime.scene.resolved import Character
from emotion_runtime.scene.sketches import Sketch

Image = tuple[Mapping[str, Range], tuple[Formula, ...]]
"""What is known right after a step has succeeded: ranges, and flags that were set."""


def check_steps(study: Study) -> None:
    """A proof, as long as nothing else pushes the same emotion at that very moment.

    The next step starts in the tick in which the step before it succeeds, and is examined again one tick later, when
    the aim of the step before has acted: if it cannot go on from there, it is stopped every time.
    """
    found: dict[tuple[int, int], tuple[Sketch, Sketch, list[str]]] = {}
    for character in study.scene.characters:
        if character.tree is None:
            continue
        for sketch in everywhere(study, study.subject.sketches[character.tree]):
            if sketch.form != "sequence":
                continue
            node = sketch.node
            silent = isinstance(node, Map) and study.allowances.allows(node, "step-cannot-follow")
            for first, second in zip(sketch.children, sketch.children[1:], strict=False):
                if not silent and _cut(study, character, first, second):
                    found.setdefault((id(first), id(second)), (first, second, []))[2].append(character.id)
    for first, second, characters in found.values():
        study.tell(
            "warning", "step-cannot-follow", second.place,
            f"`{first.name}` takes away what `{second.name}` needs: for {several(characters)} it is stopped at once",
            see=[study.trigger_place(second.name), study.trigger_place(first.name)],
            remedy=f"a smaller aim in `{first.name}`, a `release` for `{second.name}`, or the other order",
        )  # fmt: skip


def _cut(study: Study, character: Character, first: Sketch, second: Sketch) -> bool:
    rules = study.scene.rules
    if first.name not in rules or second.name not in rules or not {first.name, second.name} <= set(character.can):
        return False
    box, facts = _image(study, character, rules[first.name])
    if not box and not facts:
        return False
    reading = study.meanings.reading(character, rules[second.name])
    place = study.trigger_place(second.name)
    if not study.possible(reading.starts, place):
        return False
    return all(study.possible(both([_goes_on(case), *facts]), place, box) is False for case in reading.cases)


def _goes_on(case: Case) -> Formula:
    return case.trigger if case.release is None else opposite(case.release)


def _image(study: Study, character: Character, rule: AutonomousRule) -> Image:
    box: dict[str, Range] = {}
    prefix = study.meanings.reading(character, rule).bearer
    for change in rule.aim:
        if change.per_second:
            continue
        known = change.on_self or not prefix or (rule.bearer.who is Who.NAMED and prefix == f"{rule.bearer.name}.")
        if known:
            name = change.label if change.on_self or not prefix else prefix + change.label
            box[name] = _after(change)
    facts: list[Formula] = []
    for key, value in rule.sets:
        name = f"{rule.bearer.name}.{key}"
        if name in study.meanings.box:
            box[name] = (exact(value), Fraction(0)), (exact(value), Fraction(0))
        else:
            facts.append(Flag(name, value != 0.0))
    return box, tuple(facts)


def _after(change: Change) -> Range:
    """Where an emotion can be after an impulse: up leaves at least s, down at most 1 - s."""
    amount = exact(change.amount)
    edge = Fraction(1)
    if amount >= 0:
        return (amount, edge), (Fraction(1), -edge)
    return (Fraction(0), edge), (1 + amount, -edge)
