"""Owns the checks of single triggers: never true, always true, release that overlaps, two branches for the same."""

from __future__ import annotations

from collections.abc import Iterator

from behaviors.expressions import Expression
from behaviors.rules import Who
from behaviors.trees import Modifier
from emotion_runtime.proofs.formulas import Formula, both, opposite
from emotion_runtime.proofs.study import Study, Use, ranges, several
from emotion_runtime.scene.diagnostics import Place
from emotion_runtime.scene.nodes import Map, Scalar
from emotion_runtime.scene.resolved import Character
from emotion_runtime.scene.sketches import Sketch


def check_triggers(study: Study) -> None:
    """`trigger-never-true`, `trigger-always-true`, `release-overlaps-trigger`, `same-trigger`: each is a proof."""
    for uses in study.by_rule().values():
        _rule(study, uses)
    for thing in study.scene.objects:
        for rule in thing.rules:
            form = study.subject.defined.objects[thing.id].form
            trigger = (form.rules or {})[rule.name].trigger if form else None
            if trigger is not None:
                formula = study.meanings.object_trigger(rule)
                if study.possible(formula, trigger.at.place) is False:
                    _never(study, trigger.at.place, formula, [], [f"{thing.id}.{rule.name}"])
    _conditions(study)
    _same(study)


def _rule(study: Study, uses: list[Use]) -> None:
    name = uses[0].rule.name
    place = study.trigger_place(name)
    lonely = [use for use in uses if not study.reading(use).cases]
    able = [use for use in uses if study.reading(use).cases]
    for use in lonely:
        study.tell(
            "warning", "trigger-never-true", place,
            f"`{name}` never happens for {use.character.id}: there is nobody who could be its bearer",
            remedy=_more_people(use),
        )  # fmt: skip
    never = [use for use in able if study.possible(study.reading(use).starts, place) is False]
    if never:
        users = [] if len(never) == len(uses) else [use.character.id for use in never]
        _never(study, place, _written(study, never[0]), users, [use.character.id for use in never])
    always = [use for use in able if use not in never and _always(study, use, place)]
    silent = [study.allows("trigger-always-true", use) for use in always]
    if always and not all(silent):
        who = "" if len(always) == len(uses) else f" for {several([use.character.id for use in always])}"
        study.tell(
            "warning", "trigger-always-true", place, f"every state makes this trigger true{who}",
            notes=_notes(study, study.reading(always[0]).starts),
            remedy="leave the part that is always true out, or mend its threshold",
        )  # fmt: skip
    for use in able:
        if use not in never and _overlaps(study, use):
            return


def _more_people(use: Use) -> str:
    if use.rule.bearer.who in (Who.NEAREST, Who.ALL):
        return f"give somebody else the tag `{use.rule.bearer.name}`"
    return "add another character"


def _written(study: Study, use: Use) -> Formula:
    """The trigger with its names, for the ranges in a message."""
    cases = [case.trigger for case in study.reading(use).cases if not isinstance(case.trigger, bool)]
    return cases[0] if cases else False


def _always(study: Study, use: Use, place: Place) -> bool:
    cases = study.reading(use).cases
    return all(study.possible(opposite(case.trigger), place) is False for case in cases)


def _never(study: Study, place: Place, formula: Formula, users: list[str], who: list[str]) -> None:
    partly = f"for {several(users)} no" if users else "no"
    study.tell(
        "warning" if users else "error", "trigger-never-true", place, f"{partly} state makes this trigger true",
        notes=_notes(study, formula),
        remedy="check the direction of the comparisons and the thresholds" if not users else
        f"take it out of the tree of {several(who)}, or widen the trigger",
    )  # fmt: skip


def _notes(study: Study, formula: Formula) -> list[str]:
    text = ranges(formula, study.meanings.box)
    return [text] if text else []


def _overlaps(study: Study, use: Use) -> bool:
    place = study.release_place(use.rule.name)
    for case in study.reading(use).cases:
        if case.release is not None and study.possible(both([case.trigger, case.release]), place):
            study.tell(
                "error", "release-overlaps-trigger", place,
                f"for {use.character.id}, `release` can be true while the trigger is: "
                "the action would start and stop at once",
                see=[study.trigger_place(use.rule.name)], remedy="leave a gap between the two thresholds",
            )  # fmt: skip
            return True
    return False


def _conditions(study: Study) -> None:
    """Filters and guards, for the characters that run their tree."""
    owners: dict[int, tuple[Sketch, Expression, Place, list[Character]]] = {}
    for character in study.scene.characters:
        if character.tree is None:
            continue
        for sketch in everywhere(study, study.subject.sketches[character.tree]):
            for number, (expression, place) in enumerate(_written_conditions(sketch)):
                owners.setdefault(id(sketch) * 64 + number, (sketch, expression, place, []))[3].append(character)
    for sketch, expression, place, characters in owners.values():
        formulas = {each.id: study.meanings.condition(each, expression) for each in characters}
        never = [name for name, formula in formulas.items() if study.possible(formula, place) is False]
        if never:
            _never(study, place, formulas[never[0]], [] if len(never) == len(formulas) else never, never)
            continue
        always = [name for name, formula in formulas.items() if study.possible(opposite(formula), place) is False]
        node = sketch.node
        if len(always) == len(formulas):
            if isinstance(node, Map) and study.allowances.allows(node, "trigger-always-true"):
                continue
            study.tell(
                "warning", "trigger-always-true", place, "every state makes this condition true",
                notes=_notes(study, formulas[always[0]]), remedy="leave it out, or mend its threshold",
            )  # fmt: skip


def everywhere(study: Study, sketch: Sketch) -> Iterator[Sketch]:
    """A tree's nodes in pre-order, those of its sub-trees included."""
    if sketch.form == "leaf" and sketch.name in study.subject.sketches:
        yield from everywhere(study, study.subject.sketches[sketch.name])
        return
    yield sketch
    for child in sketch.children:
        yield from everywhere(study, child)


def _written_conditions(sketch: Sketch) -> Iterator[tuple[Expression, Place]]:
    node = sketch.node
    if not isinstance(node, Map):
        return
    if sketch.condition is not None:
        at = node.get("while")
        yield sketch.condition, at.place if isinstance(at, Scalar) else sketch.place
    for modifier, _, condition, _ in sketch.wraps:
        if modifier is Modifier.GUARD and condition is not None:
            yield condition, node.key_place("with")


def _same(study: Study) -> None:
    """Two branches of one selector whose first rules start in exactly the same states (a note)."""
    told: set[tuple[Place, Place]] = set()
    for character in study.scene.characters:
        if character.tree is None:
            continue
        for selector in everywhere(study, study.subject.sketches[character.tree]):
            if selector.form != "selector":
                continue
            firsts = [
                leaf for child in selector.children if (leaf := _only_leaf(child)) and leaf.name in study.scene.rules
            ]
            for index, right in enumerate(firsts):
                for left in firsts[:index]:
                    pair = (left.place, right.place)
                    if pair not in told and _agree(study, character, left, right, selector):
                        told.add(pair)


def _only_leaf(sketch: Sketch) -> Sketch | None:
    """The leaf of a branch that is a leaf, perhaps with a cooldown, timeout, once or retry around it."""
    while sketch.form == "modify" and all(
        wrap[0] in (Modifier.COOLDOWN, Modifier.TIMEOUT, Modifier.ONCE, Modifier.RETRY) for wrap in sketch.wraps
    ):
        sketch = sketch.children[0]
    return sketch if sketch.form == "leaf" else None


def _agree(study: Study, character: Character, left: Sketch, right: Sketch, selector: Sketch) -> bool:
    rules = study.scene.rules
    first, second = rules[left.name], rules[right.name]
    if first is second or str(first.bearer) != str(second.bearer):
        return False
    one = study.meanings.reading(character, first)
    other = study.meanings.reading(character, second)
    if one.bearer != other.bearer:  # private names: the same question is asked of two bearers
        return False
    place = study.trigger_place(second.name)
    if not study.same(one.starts, other.starts, place):
        return False
    nodes = [selector.node] if isinstance(selector.node, Map) else []
    if any(study.allowances.allows(node, "same-trigger") for node in nodes):
        return True
    study.tell(
        "note", "same-trigger", place,
        f"`{second.name}` has its turn in exactly the states in which `{first.name}` to its left has",
        see=[study.trigger_place(first.name)], remedy="tell the two apart by their triggers",
    )  # fmt: skip
    return True
