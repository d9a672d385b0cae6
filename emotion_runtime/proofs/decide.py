"""Owns the decision procedure: can a formula be true in a box, does one follow from another, are two the same.

Exact over rational numbers. A search over the branches of `or`, with interval pruning, unit propagation and semantic
branching (a later branch may assume that the earlier ones are false); comparisons of several names that are left over
go to the simplex. A budget of nodes bounds the time; beyond it the answer is None, which is never taken for a proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from emotion_runtime.proofs.formulas import All, Any, Bound, Flag, Formula, both, names, opposite
from emotion_runtime.proofs.simplex import ORIGIN, Limit, Range, feasible

Box = Mapping[str, Range]

BUDGET = 20_000
"""Nodes of one search; ordinary triggers need fewer than 50."""


def interval(low: Fraction | None, high: Fraction | None, *, open_ends: bool = False) -> Range:
    """The range of a name; None is no limit. `open_ends`: the ends themselves are left out."""
    edge = Fraction(1 if open_ends else 0)
    return None if low is None else (low, edge), None if high is None else (high, -edge)


def satisfiable(formula: Formula, box: Box, budget: int = BUDGET) -> bool | None:
    """True when some state of the box makes the formula true, False when none does, None when undecided."""
    if isinstance(formula, bool):
        return formula
    own = {name: box[name] for name in names(formula) if name in box}
    try:
        return _Search(budget).run([formula], own, frozenset(), {})
    except _OutOfBudget:
        return None


def implies(left: Formula, right: Formula, box: Box, budget: int = BUDGET) -> bool | None:
    """True when `right` holds in every state of the box in which `left` does; None when undecided."""
    found = satisfiable(both([left, opposite(right)]), box, budget)
    return None if found is None else not found


def equivalent(left: Formula, right: Formula, box: Box, budget: int = BUDGET) -> bool | None:
    """True when both have the same truth in every state of the box; None when undecided."""
    first = implies(left, right, box, budget)
    return implies(right, left, box, budget) if first else first


class _OutOfBudget(Exception):  # noqa: N818  (a stop signal, not a failure)
    pass


class _Search:
    def __init__(self, budget: int) -> None:
        self.left = budget

    def run(
        self,
        todo: list[Formula],
        box: dict[str, Range],
        bounds: frozenset[Bound],
        flags: dict[str, bool],
    ) -> bool:
        """True when `todo` can hold on top of what is known. Takes the lists and maps over."""
        self.left -= 1
        if self.left < 0:
            raise _OutOfBudget
        choices: list[Any] = []
        while todo:
            taken = self._take(todo, choices, box, bounds, flags)
            if taken is None or not all(_possible(each, box) for each in taken):
                return False
            bounds = taken
            reduced = _reduce(choices, box, bounds, flags)
            if reduced is None:
                return False
            choices, todo = reduced
        if bounds and not feasible(_ordered(bounds), box):
            return False
        if not choices:
            return True
        choices.sort(key=lambda choice: len(choice.parts))
        rest: list[Formula] = list(choices[1:])
        before: list[Formula] = []
        for part in choices[0].parts:
            if self.run([*rest, part, *before], dict(box), bounds, dict(flags)):
                return True
            before.append(opposite(part))
        return False

    @staticmethod
    def _take(
        todo: list[Formula],
        choices: list[Any],
        box: dict[str, Range],
        bounds: frozenset[Bound],
        flags: dict[str, bool],
    ) -> frozenset[Bound] | None:
        """Assert what needs no choice; None at a contradiction, else all comparisons of several names."""
        several = set(bounds)
        while todo:
            match todo.pop():
                case bool() as truth:
                    if not truth:
                        return None
                case All(parts=parts):
                    todo.extend(parts)
                case Any() as choice:
                    choices.append(choice)
                case Flag(name=name, holds=holds):
                    if flags.setdefault(name, holds) is not holds:
                        return None
                case Bound() as bound:
                    if len(bound.terms) > 1:
                        several.add(bound)
                    elif not _tighten(box, bound):
                        return None
        return frozenset(several)


def _ordered(bounds: frozenset[Bound]) -> list[Bound]:
    return sorted(bounds, key=lambda bound: (bound.terms, bound.constant, bound.strict))


def _tighten(box: dict[str, Range], bound: Bound) -> bool:
    """Narrow the range of the only name of a comparison; False when nothing is left of it."""
    ((name, weight),) = bound.terms
    low, high = box.get(name, (None, None))
    limit = Fraction(-bound.constant, weight)
    edge = Fraction(1 if bound.strict else 0)
    if weight > 0:
        upper = (limit, -edge)
        high = upper if high is None or upper < high else high
    else:
        lower = (limit, edge)
        low = lower if low is None or lower > low else low
    box[name] = low, high
    # with both ends open, equal limits leave nothing: (x, 1) > (x, -1)
    return low is None or high is None or low <= high


def _least(bound: Bound, box: Box, sign: int) -> Limit | None:
    """The least value of `sign` * (weighted sum + constant) in the box; None when it has no limit."""
    first, second = Fraction(bound.constant * sign), Fraction(0)
    for name, each in bound.terms:
        weight = each * sign
        limit = box.get(name, (None, None))[0 if weight > 0 else 1]
        if limit is None:
            return None
        first += weight * limit[0]
        second += weight * limit[1]
    return first, second


def _possible(bound: Bound, box: Box) -> bool:
    least = _least(bound, box, 1)
    return least is None or (least < ORIGIN if bound.strict else least <= ORIGIN)


def _certain(bound: Bound, box: Box) -> bool:
    least = _least(bound, box, -1)
    return least is not None and (least > ORIGIN if bound.strict else least >= ORIGIN)


def _reduce(
    choices: list[Any], box: Box, bounds: frozenset[Bound], flags: Mapping[str, bool]
) -> tuple[list[Any], list[Formula]] | None:
    """Drop what is settled: None when a choice has no part left, else open choices and parts now without one."""
    still: list[Any] = []
    forced: list[Formula] = []
    for choice in choices:
        parts: list[Formula] = []
        settled = False
        for part in choice.parts:
            truth = _follows(part, box, bounds, flags)
            if truth:
                settled = True
                break
            if truth is None:
                parts.append(part)
        if settled:
            continue
        if not parts:
            return None
        if len(parts) == 1:
            forced.append(parts[0])
        else:
            still.append(Any(tuple(parts)))
    return still, forced


def _follows(formula: Formula, box: Box, bounds: frozenset[Bound], flags: Mapping[str, bool]) -> bool | None:
    """True or False when the formula is already settled, None when it is open."""
    match formula:
        case bool():
            return formula
        case Flag(name=name, holds=holds):
            return None if name not in flags else flags[name] is holds
        case Bound():
            if formula in bounds or _certain(formula, box):
                return True
            return False if opposite(formula) in bounds or not _possible(formula, box) else None
        case All(parts=parts):
            found = [_follows(part, box, bounds, flags) for part in parts]
            return False if False in found else True if None not in found else None
        case Any(parts=parts):
            found = [_follows(part, box, bounds, flags) for part in parts]
            return True if True in found else False if None not in found else None
