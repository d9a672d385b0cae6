"""Owns the checks of aims on one's own trigger: one that defeats it, flickers with it, or feeds it for ever."""

from __future__ import annotations

from fractions import Fraction
from math import exp, inf, log

from behaviors.rules import Change
from behaviors.trees import Modifier
from emotion_runtime.affect.dynamics import LN2
from emotion_runtime.affect.personality import baseline
from emotion_runtime.proofs.formulas import All, Any, Bound, Formula
from emotion_runtime.proofs.meaning import Case
from emotion_runtime.proofs.study import Study, Use, number
from emotion_runtime.scene.resolved import Character
from emotion_runtime.scene.sketches import Sketch


def check_aims(study: Study) -> None:
    """Each rule is judged for the first character for whom something is wrong with it.

    `aim-defeats-trigger` and `aim-feeds-trigger` are computed from the exact decay of that emotion alone, with nothing
    else that moves it; `aim-flickers` is a rule of thumb.
    """
    for uses in study.by_rule().values():
        for use in uses:
            told = [_judge(study, use, change) for change in use.rule.aim]
            if any(told):
                break


def _judge(study: Study, use: Use, change: Change) -> bool:
    reading = study.reading(use)
    own = change.on_self or not reading.bearer
    who = use.character
    if not own:
        others = study.meanings.bearers(use.character, use.rule)
        if not others:
            return False
        who = others[0]
    name = change.label if own else reading.bearer + change.label
    limits = [limit for case in reading.cases if (limit := _keeps_up(case, name)) is not None]
    if len(limits) < len(reading.cases) or not limits:
        return False
    least = float(min(limits))
    if change.amount < 0:
        return change.per_second and _lowers(study, use, change, who, least)
    return own and _feeds(study, use, change, least)


def _keeps_up(case: Case, name: str) -> Fraction | None:
    """The value below which the action surely stops: that of its release, else that of its trigger."""
    if case.release is not None:
        return _released_below(case.release, name)
    return _needs_above(case.trigger, name)


def _needs_above(formula: Formula, name: str) -> Fraction | None:
    """The greatest x with: formula implies name > x, as far as single comparisons say so."""
    match formula:
        case Bound(terms=((only, weight),), constant=constant) if only == name and weight < 0:
            return Fraction(constant, -weight)
        case All(parts=parts):
            return max((x for part in parts if (x := _needs_above(part, name)) is not None), default=None)
        case Any(parts=parts):
            found = [_needs_above(part, name) for part in parts]
            known = [x for x in found if x is not None]
            return min(known) if len(known) == len(found) else None
    return None


def _released_below(formula: Formula, name: str) -> Fraction | None:
    """The greatest x with: name < x implies formula, as far as single comparisons say so."""
    match formula:
        case Bound(terms=((only, weight),), constant=constant) if only == name and weight > 0:
            return Fraction(-constant, weight)
        case Any(parts=parts):
            return max((x for part in parts if (x := _released_below(part, name)) is not None), default=None)
    return None


def _lowers(study: Study, use: Use, change: Change, who: Character, limit: float) -> bool:
    rule, label = use.rule, change.label
    place = study.aim_place(rule.name, label, change.on_self)
    decay = LN2 / who.half_life[label]
    speed = -change.amount + decay
    rest = decay * baseline(label, who.personality) / speed
    lasts = log((1.0 - rest) / (limit - rest)) / speed if limit > rest else inf
    if lasts < rule.lasts:
        if study.allows("aim-defeats-trigger", use):
            return True
        safe = rest + (1.0 - rest) * exp(-speed * rule.lasts)
        study.tell(
            "error", "aim-defeats-trigger", place,
            f"`{rule.name}` always stops itself: at this rate even {label} = 1 falls to {number(limit)} in "
            f"{number(lasts, 1)} s, but the action lasts {number(rule.lasts, 1)} s",
            see=[study.trigger_place(rule.name)],
            notes=["it is aborted every time, unless something else raises it meanwhile"],
            remedy=f"a weaker rate, a shorter `lasts`, or `release: {label} < {number(max(0.01, safe - 0.005))}`",
        )  # fmt: skip
        return True
    if rule.release is None:
        if study.allows("aim-flickers", use):
            return True
        study.tell(
            "warning", "aim-flickers", place,
            f"`{rule.name}` lowers the very {label} that keeps it running and has no `release`",
            see=[study.trigger_place(rule.name)], remedy=f"add `release: {label} < {number(limit * 0.6)}`",
        )  # fmt: skip
        return True
    return False


def _feeds(study: Study, use: Use, change: Change, limit: float) -> bool:
    who, rule, label = use.character, use.rule, change.label
    decay = LN2 / who.half_life[label]
    calm = baseline(label, who.personality)
    idle = pause(study, who, rule.name)
    if change.per_second:
        if idle > 0.0:
            return False
        low = (change.amount + decay * calm) / (change.amount + decay)
    else:
        low = lowest(calm, decay, change.amount, rule.lasts + idle)
    if low <= limit or study.allows("aim-feeds-trigger", use):
        return False
    wait = _cooldown(who, rule.lasts, change, limit)
    study.tell(
        "warning", "aim-feeds-trigger", study.aim_place(rule.name, label, change.on_self),
        f"`{rule.name}` raises the {label} that keeps it running: repeated by {who.id}, {label} never falls below "
        f"{number(low)} > {number(limit)}",
        see=[study.trigger_place(rule.name)],
        notes=["so it ends only when something else stops it"],
        remedy=f"lower the aim, or put it in `modify: {rule.name}` with `cooldown {wait}`",
    )  # fmt: skip
    return True


def lowest(calm: float, decay: float, impulse: float, every: float) -> float:
    """Low point of the limit cycle of an impulse every so many seconds: x = (b (1 - q) + q s) / (1 - q (1 - s))."""
    kept = exp(-decay * every)
    return (calm * (1.0 - kept) + kept * impulse) / (1.0 - kept * (1.0 - impulse))


def _cooldown(who: Character, lasts: float, change: Change, limit: float) -> str:
    """The shortest cooldown, in steps of 5 s, after which it dies down; `10 s` where none would do."""
    decay, calm = LN2 / who.half_life[change.label], baseline(change.label, who.personality)
    for seconds in range(5, 305, 5):
        if not change.per_second and lowest(calm, decay, change.amount, lasts + seconds) <= limit:
            return f"{seconds} s"
    return "10 s"


def pause(study: Study, who: Character, rule: str) -> float:
    """Least time between two runs of a rule in the character's tree, seconds: cooldowns, delays, and other steps."""
    assert who.tree is not None
    found = _pauses(study, study.subject.sketches[who.tree], rule)
    return min(found, default=0.0)


def _pauses(study: Study, sketch: Sketch, rule: str) -> list[float]:
    if sketch.form == "leaf":
        if sketch.name in study.subject.sketches:
            return _pauses(study, study.subject.sketches[sketch.name], rule)
        return [0.0] if sketch.name == rule else []
    found = []
    for child in sketch.children:
        inside = _pauses(study, child, rule)
        others = [each for each in sketch.children if each is not child] if sketch.form == "sequence" else []
        found += [each + sum(_shortest(study, other) for other in others) for each in inside]
    waits = [wrap.value for wrap in sketch.wraps if wrap.modifier in (Modifier.COOLDOWN, Modifier.DELAY)]
    if any(wrap.modifier is Modifier.ONCE for wrap in sketch.wraps):
        waits.append(inf)
    return [each + sum(waits) for each in found]


def _shortest(study: Study, sketch: Sketch) -> float:
    """The least time a step can take: that of its leaf; 0 for anything composed."""
    rule = study.scene.rules.get(sketch.name) if sketch.form == "leaf" else None
    return rule.lasts if rule else 0.0
