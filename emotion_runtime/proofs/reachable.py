"""Owns `trigger-unreachable`: a trigger that asks for more than anything in the scene can drive a character to."""

from __future__ import annotations

from fractions import Fraction

from emotion_runtime.proofs.bounds import Reach, narrowed_box
from emotion_runtime.proofs.formulas import Bound, atoms
from emotion_runtime.proofs.meaning import MOODS
from emotion_runtime.proofs.study import Study, Use, number, several


def check_reachable(study: Study, found: Reach) -> None:
    """A proof, given the scene's stimuli: in an open scene all emotions can be talked into, but moods have limits."""
    boxes = {person.id: found.box(study, person) for person in study.scene.characters}
    for name, uses in study.by_rule().items():
        place = study.trigger_place(name)
        stuck = []
        for use in uses:
            starts = study.reading(use).starts
            if study.possible(starts, place) is not True:
                continue  # never true at all, or not known: said elsewhere
            if study.possible(starts, place, narrowed_box(study, use, boxes)) is False:
                stuck.append(use)
        stuck = [use for use in stuck if not study.allows("trigger-unreachable", use)]
        if not stuck:
            continue
        everybody = len(stuck) == len(uses)
        study.tell(
            "error" if everybody else "warning", "trigger-unreachable", place,
            f"{several([use.character.id for use in stuck])} can never get there: "
            "nothing in the scene drives anybody that far",
            notes=[_highest(use, study, found) for use in stuck[:3]],
            remedy="lower the threshold, or add a stimulus: an appraisal row, an object in reach, an aim",
        )  # fmt: skip


def _highest(use: Use, study: Study, found: Reach) -> str:
    """How far the feelings that the trigger reads can go."""
    box = found.box(study, use.character)
    shown = []
    for atom in atoms(study.reading(use).starts):
        for name, weight in atom.terms if isinstance(atom, Bound) else ():
            if name not in box:
                continue
            low, high = box[name]
            end = high if weight < 0 else low
            word = "at most" if weight < 0 else "at least"
            if end is not None and (name in MOODS or end[0] not in (Fraction(0), Fraction(1))):
                shown.append(f"{name} {word} {number(end[0])}")
    return f"{use.character.id}: " + (", ".join(dict.fromkeys(shown)) or "not all of it at once")
