"""Owns `branch-shadowed`: a branch of a selector that can never start, because one to its left is always chosen."""

from __future__ import annotations

from typing import TypeAlias

from behaviors.trees import Modifier
from emotion_runtime.proofs.formulas import Formula, both, either, opposite
from emotion_runtime.proofs.study import Study, several
from emotion_runtime.scene.diagnostics import Place
from emotion_runtime.scene.nodes import Map
from emotion_runtime.scene.resolved import Character
from emotion_runtime.scene.sketches import Sketch

STEADY = (Modifier.RETRY,)
"""Modifiers under which a child that does not fail stays a branch that does not fail."""


Finding: TypeAlias = tuple[Sketch, Sketch, bool, list[str]]
"""A branch, the one before it that is always chosen, whether that one never fails, and for which characters."""


def check_shadows(study: Study) -> frozenset[tuple[str, str]]:
    """A proof for every state, given that the engine reports no failure and no timeout.

    Returns every (character, rule) that stands in shadowed branches only, and so never starts.
    """
    found: dict[int, Finding] = {}
    idle: set[tuple[str, str]] = set()
    for character in study.scene.characters:
        if character.tree is not None:
            open_leaves: set[str] = set()
            _tree(study, character, study.subject.sketches[character.tree], (), found, open_leaves)
            idle |= {(character.id, rule) for rule in character.can if rule not in open_leaves}
    for branch, culprit, forced, characters in found.values():
        _tell(study, branch, culprit, forced, characters)
    return frozenset(idle)


def _tree(
    study: Study,
    character: Character,
    sketch: Sketch,
    around: tuple[Map, ...],
    found: dict[int, Finding],
    open_leaves: set[str],
) -> None:
    """Look at all selectors; collect findings, and the leaves that no finding covers."""
    sketches = study.subject.sketches
    inside = (*around, sketch.node) if isinstance(sketch.node, Map) else around
    if sketch.form == "leaf":
        if sketch.name in sketches:
            _tree(study, character, sketches[sketch.name], inside, found, open_leaves)
        else:
            open_leaves.add(sketch.name)
        return
    for index, branch in enumerate(sketch.children):
        before = sketch.children[:index] if sketch.form == "selector" else []
        culprit = _culprit(study, character, before, branch) if before else None
        if culprit is None:
            _tree(study, character, branch, inside, found, open_leaves)
            continue
        nodes = (*inside, branch.node) if isinstance(branch.node, Map) else inside
        if not any([study.allowances.allows(node, "branch-shadowed") for node in nodes]):  # noqa: C419  (mark all as used)
            forced = must(study, character, culprit) is True
            found.setdefault(id(branch), (branch, culprit, forced, []))[3].append(character.id)


def _culprit(study: Study, character: Character, left: list[Sketch], branch: Sketch) -> Sketch | None:
    """The branch to the left that is always chosen, or the last of several that are between them; None if none is."""
    starts = may(study, character, branch)
    sure = [must(study, character, each) for each in left]
    covered = either(sure)
    if covered is False or starts is False or not study.possible(starts, branch.place):
        return None
    if study.possible(both([starts, opposite(covered)]), branch.place) is not False:
        return None
    for each, chosen in zip(left, sure, strict=True):
        if study.possible(both([starts, opposite(chosen)]), branch.place) is False:
            return each
    return next(each for each, chosen in zip(reversed(left), reversed(sure), strict=True) if chosen is not False)


def may(study: Study, character: Character, sketch: Sketch) -> Formula:
    """True in every state in which some leaf of the branch can start (and perhaps in more)."""
    if sketch.form == "leaf":
        if sketch.name in study.subject.sketches:
            return may(study, character, study.subject.sketches[sketch.name])
        return study.meanings.reading(character, study.scene.rules[sketch.name]).starts
    below = [may(study, character, child) for child in sketch.children]
    match sketch.form:
        case "sequence":
            return below[0]
        case "selector" | "choose" | "parallel":
            return either(below)
        case "filter":
            assert sketch.condition is not None
            return both([study.meanings.condition(character, sketch.condition), below[0]])
    return both([*_guards(study, character, sketch), below[0]])


def must(study: Study, character: Character, sketch: Sketch) -> Formula:
    """True only in states in which the branch surely does not fail, as long as the engine reports no failure."""
    if sketch.form == "leaf":
        if sketch.name in study.subject.sketches:
            return must(study, character, study.subject.sketches[sketch.name])
        reading = study.meanings.reading(character, study.scene.rules[sketch.name])
        return reading.starts if reading.sure and sketch.name in character.can else False
    below = [must(study, character, child) for child in sketch.children]
    match sketch.form:
        case "selector":
            return either(below)
        case "sequence" | "choose" | "parallel":
            return both(below)
        case "filter":
            assert sketch.condition is not None
            return both([study.meanings.condition(character, sketch.condition), below[0]])
        case "repeat":
            # with `until: failure` a child that fails ends it well, and with `until: success` it goes on
            return below[0] if sketch.until is None else True
    return _modified(study, character, sketch, below[0])


def _modified(study: Study, character: Character, sketch: Sketch, child: Formula) -> Formula:
    result = child
    for modifier, _, condition, _ in reversed(sketch.wraps):
        if modifier is Modifier.FORCE_SUCCESS:
            result = True
        elif modifier is Modifier.GUARD and condition is not None:
            result = both([study.meanings.condition(character, condition), result])
        elif modifier not in STEADY:
            result = False
    return result


def _guards(study: Study, character: Character, sketch: Sketch) -> list[Formula]:
    return [
        study.meanings.condition(character, condition)
        for modifier, _, condition, _ in sketch.wraps
        if modifier is Modifier.GUARD and condition is not None
    ]


def shown(study: Study, sketch: Sketch) -> str:
    """A branch in a few words: a leaf by its name, anything else by its form and its leaves."""
    if sketch.form == "leaf":
        return sketch.name
    names = dict.fromkeys(each.name for each in sketch.walk() if each.form == "leaf")
    return f"{sketch.form}({several(list(names))})"


def _tell(study: Study, branch: Sketch, culprit: Sketch, forced: bool, characters: list[str]) -> None:
    never = "never reaches" if len(characters) == 1 else "never reach"
    place: Place = branch.place
    study.tell(
        "error" if forced else "warning", "branch-shadowed", place,
        f"{several(characters)} {never} `{shown(study, branch)}`: "
        + (f"`{shown(study, culprit)}` to its left never fails" if forced else
           f"whenever it could start, `{shown(study, culprit)}` to its left is already chosen"),
        see=[culprit.place],
        notes=[] if forced else ["proved for every state; only a failure reported by the engine lets it through"],
        remedy="move it to the left" + ("" if forced else ", or make the left trigger narrower"),
    )  # fmt: skip
