"""Owns the oracle: the same questions put to z3, an independent solver with exact rational arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from emotion_runtime.proofs.decide import Box
from emotion_runtime.proofs.formulas import All, Bound, Flag, Formula
from emotion_runtime.proofs.formulas import Any as Either

z3: Any = pytest.importorskip("z3", reason="z3-solver, of the extra [test], is not installed")


def satisfiable(formula: Formula, box: Box) -> bool:
    """What z3 says."""
    numbers: dict[str, Any] = {}
    solver = z3.Solver()
    solver.add(_translate(formula, numbers))
    for name, variable in numbers.items():
        low, high = box.get(name, (None, None))
        if low is not None:
            edge = z3.Q(low[0].numerator, low[0].denominator)
            solver.add(variable > edge if low[1] else variable >= edge)
        if high is not None:
            edge = z3.Q(high[0].numerator, high[0].denominator)
            solver.add(variable < edge if high[1] else variable <= edge)
    return bool(solver.check() == z3.sat)


def _translate(formula: Formula, numbers: dict[str, Any]) -> Any:
    match formula:
        case bool():
            return z3.BoolVal(formula)
        case Flag(name=name, holds=holds):
            flag = z3.Bool(f"flag {name}")
            return flag if holds else z3.Not(flag)
        case Bound(terms=terms, constant=constant, strict=strict):
            weighted = [weight * numbers.setdefault(name, z3.Real(name)) for name, weight in terms]
            total = z3.Sum(weighted) + constant
            return total < 0 if strict else total <= 0
        case All(parts=parts):
            return z3.And([_translate(part, numbers) for part in parts])
        case Either(parts=parts):
            return z3.Or([_translate(part, numbers) for part in parts])
