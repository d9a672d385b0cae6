"""Owns how far emotions and moods can be driven: least fixpoint of upper limits over all that moves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from behaviors.rules import Change
from emotion_runtime.affect.dynamics import EPSILON, LN2
from emotion_runtime.affect.personality import baseline, channels, default_mood
from emotion_runtime.proofs.formulas import names
from emotion_runtime.proofs.geometry import nearest_approach
from emotion_runtime.proofs.meaning import MOODS
from emotion_runtime.proofs.simplex import Range
from emotion_runtime.proofs.study import Study, Use
from emotion_runtime.scene.resolved import Character

ROUNDS = 200
"""Rounds of the fixpoint; what still moves after them may go all the way."""
SETTLED = 1e-12
MARGIN = 1e-6
"""Added to every limit below 1, far above all rounding."""

Cell = tuple[str, str]
"""A character and a label."""


@dataclass(slots=True)
class Reach:
    """Upper limits of every emotion (0..1), and what is known to push it: `impulses` by cell, `rates` per second."""

    highest: dict[Cell, float]
    lowered: set[Cell] = field(default_factory=set)
    impulses: set[Cell] = field(default_factory=set)
    rates: dict[Cell, float] = field(default_factory=dict)
    live: set[tuple[str, str]] = field(default_factory=set)
    """(character, rule) whose trigger can come true."""

    def box(self, study: Study, character: Character) -> dict[str, Range]:
        """Ranges of the character's own emotions and moods."""
        box: dict[str, Range] = {}
        for label in channels(study.scene.labels):
            top = self.highest[character.id, label]
            high = (Fraction(1), Fraction(-1)) if top >= 1.0 else (_up(top), Fraction(0))
            box[label] = (Fraction(0), Fraction(1)), high
        return box | self._moods(study, character)

    def _moods(self, study: Study, character: Character) -> dict[str, Range]:
        """Mood is pulled to default + sum of place x (emotion - baseline), so it stays in the hull of these."""
        box: dict[str, Range] = {}
        for axis, name in enumerate(MOODS):
            low = high = default_mood(character.personality)[axis]
            for label in channels(study.scene.labels):
                weight = study.scene.pad[label][axis]
                calm = baseline(label, character.personality)
                least = -calm if (character.id, label) in self.lowered else 0.0
                ends = (weight * least, weight * (self.highest[character.id, label] - calm))
                low, high = low + min(ends), high + max(ends)
            box[name] = (max(Fraction(-1), _down(low)), Fraction(0)), (min(Fraction(1), _up(high)), Fraction(0))
        return box


def _up(value: float) -> Fraction:
    return Fraction(ceil((value + MARGIN) * 1e9), 10**9)


def _down(value: float) -> Fraction:
    return Fraction(floor((value - MARGIN) * 1e9), 10**9)


def reach(study: Study) -> Reach:
    """The least fixpoint: a rule's aims count only once its trigger can come true in the limits so far."""
    people = study.scene.characters
    found = Reach({(p.id, c): _calm(p, c) for p in people for c in channels(study.scene.labels)})
    _stimuli(study, found)
    _objects(study, found)
    waiting = list(study.uses)
    while True:
        _settle(study, found)
        boxes = {person.id: found.box(study, person) for person in people}
        asleep: list[Use] = []
        woken: list[Use] = []
        for use in waiting:
            (woken if _can_start(study, use, boxes) else asleep).append(use)
        if not woken:
            return found
        for use in woken:
            found.live.add((use.character.id, use.rule.name))
            for change in use.rule.aim:
                targets = [use.character] if change.on_self else study.meanings.bearers(use.character, use.rule)
                for target in targets:
                    _push(found, target.id, change)
        waiting = asleep


def _calm(person: Character, label: str) -> float:
    return max(EPSILON, baseline(label, person.personality))


def _stimuli(study: Study, found: Reach) -> None:
    for row in study.scene.appraisal:
        for person in study.scene.characters:
            if row.who is None or row.who in person.tags:
                for label, amount in row.feels.items():
                    (found.impulses if amount > 0 else found.lowered).add((person.id, label))
    if study.speech:
        found.impulses.update(found.highest)


def _objects(study: Study, found: Reach) -> None:
    for thing in study.scene.objects:
        for rule in thing.rules:
            form = study.subject.defined.objects[thing.id].form
            place = (form.rules or {})[rule.name].node.place if form else study.subject.defined.objects[thing.id].place
            if study.possible(study.meanings.object_trigger(rule), place) is False:
                continue
            for person in study.meanings.reached(rule):
                if nearest_approach(study.scene, person, thing.at)[0] <= rule.bearer.within:
                    for change in rule.effect:
                        _push(found, person.id, change)


def _push(found: Reach, who: str, change: Change) -> None:
    cell = (who, change.label)
    if change.amount < 0:
        found.lowered.add(cell)
    elif change.per_second:
        found.rates[cell] = found.rates.get(cell, 0.0) + change.amount
    elif change.amount > 0:
        found.impulses.add(cell)


def _settle(study: Study, found: Reach) -> None:
    """Raise all limits to the fixpoint under the pushes known so far. Contagion counts everybody as near."""
    people = study.scene.characters
    for cell in found.impulses:
        found.highest[cell] = 1.0
    known = {person.id: person for person in people}
    catching = [(person, each) for person in people for each in person.contagion]
    spreading = sorted({each.label for _, each in catching})
    caught: dict[Cell, float] = {}
    for _ in range(ROUNDS):
        moved = 0.0
        totals = {label: sum(found.highest[person.id, label] for person in people) for label in spreading}
        for person, each in catching:
            cell = (person.id, each.label)
            caught[cell] = each.gain * (totals[each.label] - found.highest[cell])
        for cell in {**found.rates, **caught}:
            if found.highest[cell] >= 1.0:
                continue
            limit = _limit(known[cell[0]], cell, found.rates.get(cell, 0.0) + caught.get(cell, 0.0))
            moved = max(moved, limit - found.highest[cell])
            found.highest[cell] = max(found.highest[cell], limit)
        if moved <= SETTLED:
            return
    for cell in caught:
        found.highest[cell] = 1.0


def _limit(person: Character, cell: Cell, rate: float) -> float:
    """Where e' = rate (1 - e) - k (e - b) comes to rest (docs/emotions.md)."""
    decay = LN2 / person.half_life[cell[1]]
    return (rate + decay * _calm(person, cell[1])) / (rate + decay)


def _can_start(study: Study, use: Use, boxes: Mapping[str, Mapping[str, Range]]) -> bool:
    narrowed = narrowed_box(study, use, boxes)
    return study.possible(study.reading(use).starts, study.trigger_place(use.rule.name), narrowed) is not False


def narrowed_box(study: Study, use: Use, boxes: Mapping[str, Mapping[str, Range]]) -> dict[str, Range]:
    """Ranges of one's own feelings and of the bearer's; of several possible bearers, what any of them can reach."""
    narrowed = dict(boxes[use.character.id])
    prefix = study.reading(use).bearer
    read = [name for name in names(study.reading(use).starts) if prefix and name.startswith(prefix)]
    read = [name for name in read if name[len(prefix) :] in narrowed]
    if not read:
        return narrowed
    others = study.meanings.bearers(use.character, use.rule)
    for name in read if others else ():
        feeling = name[len(prefix) :]
        lows = [low for other in others if (low := boxes[other.id][feeling][0]) is not None]
        highs = [high for other in others if (high := boxes[other.id][feeling][1]) is not None]
        narrowed[name] = min(lows), max(highs)
    return narrowed
