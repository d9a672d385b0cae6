"""Owns the exact feasibility of linear comparisons over a box: simplex over rationals with an infinitesimal.

After B. Dutertre and L. de Moura, A fast linear-arithmetic solver for DPLL(T), CAV 2006: bounds are pairs (value,
multiple of an arbitrarily small positive number), so strict comparisons need no tolerance; the smallest index enters
and leaves first (Bland), so it always ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from emotion_runtime.proofs.formulas import Bound

Limit: TypeAlias = tuple[Fraction, Fraction]
"""A value and how many infinitesimals it lies above that value."""
Range: TypeAlias = tuple[Limit | None, Limit | None]
"""Lower and upper limit; None is no limit."""

ORIGIN: Limit = (Fraction(0), Fraction(0))


def feasible(bounds: Sequence[Bound], box: Mapping[str, Range]) -> bool:
    """True when one point of the box satisfies all comparisons. Names absent from the box have no limits."""
    return _Tableau(bounds, box).solve()


class _Tableau:
    """Columns 0..n-1 are the names, the rest one slack for each comparison; `rows` express basic columns in others."""

    def __init__(self, bounds: Sequence[Bound], box: Mapping[str, Range]) -> None:
        order = sorted({name for bound in bounds for name, _ in bound.terms})
        number = {name: index for index, name in enumerate(order)}
        ranges = [box.get(name, (None, None)) for name in order]
        self.low: list[Limit | None] = [low for low, _ in ranges] + [None] * len(bounds)
        self.high: list[Limit | None] = [high for _, high in ranges] + [
            (Fraction(-bound.constant), Fraction(-1 if bound.strict else 0)) for bound in bounds
        ]
        self.rows = [{number[name]: Fraction(weight) for name, weight in bound.terms} for bound in bounds]
        self.basic = [len(order) + index for index in range(len(bounds))]
        self.value: list[Limit] = [low or high or ORIGIN for low, high in ranges]
        self.value += [self._sum(row) for row in self.rows]

    def _sum(self, row: Mapping[int, Fraction]) -> Limit:
        first = sum((weight * self.value[column][0] for column, weight in row.items()), Fraction(0))
        second = sum((weight * self.value[column][1] for column, weight in row.items()), Fraction(0))
        return first, second

    def solve(self) -> bool:
        while True:
            wrong = [(self.basic[index], index) for index in range(len(self.rows)) if self._outside(self.basic[index])]
            if not wrong:
                return True
            column, index = min(wrong)
            low = self.low[column]
            rising = low is not None and self.value[column] < low
            target = low if rising else self.high[column]
            assert target is not None
            entering = self._entering(self.rows[index], rising)
            if entering is None:
                return False
            self._move(index, entering, target)
            self._pivot(index, entering)

    def _outside(self, column: int) -> bool:
        low, high, value = self.low[column], self.high[column], self.value[column]
        return (low is not None and value < low) or (high is not None and value > high)

    def _entering(self, row: Mapping[int, Fraction], rising: bool) -> int | None:
        """The first column that can move the row the right way without leaving its own limits."""
        for column in sorted(row):
            up = (row[column] > 0) == rising
            limit = self.high[column] if up else self.low[column]
            if limit is None or (self.value[column] < limit if up else self.value[column] > limit):
                return column
        return None

    def _move(self, index: int, entering: int, target: Limit) -> None:
        leaving = self.basic[index]
        weight = self.rows[index][entering]
        step = ((target[0] - self.value[leaving][0]) / weight, (target[1] - self.value[leaving][1]) / weight)
        self.value[leaving] = target
        self.value[entering] = _added(self.value[entering], step, Fraction(1))
        for other, row in enumerate(self.rows):
            if other != index and entering in row:
                self.value[self.basic[other]] = _added(self.value[self.basic[other]], step, row[entering])

    def _pivot(self, index: int, entering: int) -> None:
        row, leaving = self.rows[index], self.basic[index]
        weight = row[entering]
        fresh = {column: -each / weight for column, each in row.items() if column != entering}
        fresh[leaving] = 1 / weight
        self.rows[index], self.basic[index] = fresh, entering
        for other, each in enumerate(self.rows):
            if other == index or entering not in each:
                continue
            factor = each.pop(entering)
            for column, add in fresh.items():
                total = each.get(column, 0) + factor * add
                if total:
                    each[column] = Fraction(total)
                else:
                    each.pop(column, None)


def _added(value: Limit, step: Limit, factor: Fraction) -> Limit:
    return value[0] + step[0] * factor, value[1] + step[1] * factor
