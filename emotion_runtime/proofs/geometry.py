"""Owns places: the areas a character roams, and `out-of-reach`, what nobody can ever be near enough for."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, inf, sqrt

from behaviors.rules import AutonomousRule, Bearer, Who
from emotion_runtime.proofs.study import Study, Use, number
from emotion_runtime.scene.diagnostics import Place
from emotion_runtime.scene.resolved import Area, Character, Scene


def grounds(scene: Scene, character: Character) -> list[Area]:
    """The areas a character can stand in; empty when it can stand anywhere."""
    areas = {area.name: area for area in scene.areas}
    return [areas[name] for name in character.roams]


def nearest_approach(scene: Scene, character: Character, at: tuple[float, float, float]) -> tuple[float, str]:
    """How near the character can come to a place, in metres, and in which area; 0 when it can stand anywhere."""
    areas = grounds(scene, character)
    if not areas:
        return 0.0, ""
    return min((_to_area(area, at[0], at[2]), area.name) for area in areas)


def _to_area(area: Area, x: float, z: float) -> float:
    dx = max(area.low[0] - x, 0.0, x - area.high[0])
    dz = max(area.low[1] - z, 0.0, z - area.high[1])
    return sqrt(dx * dx + dz * dz)


def nearest_meeting(scene: Scene, one: Character, other: Character) -> float:
    """How near two characters can come to each other, in metres; 0 when one of them can stand anywhere."""
    if not one.roams or not other.roams:
        return 0.0
    return _nearest(scene.areas, one.roams, other.roams)


@lru_cache(maxsize=4096)
def _nearest(areas: tuple[Area, ...], one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How near two sets of areas come; a crowd has few different ones."""
    first, second = ([area for area in areas if area.name in names] for names in (one, other))
    return min(_between(a, b) for a in first for b in second)


def _between(one: Area, other: Area) -> float:
    dx = max(other.low[0] - one.high[0], 0.0, one.low[0] - other.high[0])
    dz = max(other.low[1] - one.high[1], 0.0, one.low[1] - other.high[1])
    return sqrt(dx * dx + dz * dz)


def check_reach(study: Study) -> None:
    """`out-of-reach`: a proof, given that characters stay in their `roams` and objects where they are."""
    for thing in study.scene.objects:
        form = study.subject.defined.objects[thing.id].form
        for rule in thing.rules:
            written = (form.rules or {})[rule.name].bearer if form and form.rules else None
            near = [(*nearest_approach(study.scene, each, thing.at), each) for each in study.meanings.reached(rule)]
            if written is None or not near or min(each[0] for each in near) <= rule.bearer.within:
                continue
            best = min(near, key=lambda each: each[0])
            at = form.node.get("at") if form else None
            _tell(study, written.place, thing.id, rule.bearer, best[0], best[1], at.place if at else None)
    for uses in study.by_rule().values():
        if uses[0].rule.bearer.within < inf:
            _rule(study, uses[0].rule, uses)


def _rule(study: Study, rule: AutonomousRule, uses: list[Use]) -> None:
    """A rule's bearers against its range, for every character that has it."""
    nearest = inf
    # of many with the same areas two are enough: whoever is not the bearer of one is that of the other
    alike: dict[tuple[str, ...], list[Use]] = {}
    for use in uses:
        alike.setdefault(use.character.roams, []).append(use)
    for use in (each for several in alike.values() for each in several[:2]):
        others = {other.roams: other for other in study.meanings.bearers(use.character, rule)}
        nearest = min([nearest, *(nearest_meeting(study.scene, use.character, other) for other in others.values())])
    form = study.subject.defined.rules[rule.name].form
    if form is not None and form.bearer is not None and rule.bearer.within < nearest < inf:
        message = f"nobody who can `{rule.name}` can ever be within {number(rule.bearer.within)} m of {_whom(rule)}"
        study.tell(
            "error", "out-of-reach", form.bearer.place, message,
            notes=[f"their areas are at least {number(nearest, 1)} m apart"],
            remedy=f"within {ceil(nearest + 1)} m, or let them roam nearer to each other",
        )  # fmt: skip


def _whom(rule: AutonomousRule) -> str:
    return f"a `{rule.bearer.name}`" if rule.bearer.who in (Who.NEAREST, Who.ALL) else f"`{rule.bearer.name}`"


def _tell(study: Study, place: Place, thing: str, bearer: Bearer, metres: float, area: str, at: Place | None) -> None:
    study.tell(
        "error", "out-of-reach", place, f"nobody can ever be within {number(bearer.within)} m of `{thing}`",
        see=[at] if at else [],
        notes=[f"the nearest point where anybody can stand is {number(metres, 1)} m away (area {area})"],
        remedy=f"within {ceil(metres + 1)} m, or move it",
    )  # fmt: skip
