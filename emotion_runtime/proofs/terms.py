"""Owns terms: weighted sums with `max` inside, and comparing them exactly by taking each `max` apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from emotion_runtime.proofs.formulas import Formula, below_zero, both, either

ZERO = Fraction(0)


@dataclass(frozen=True)
class Term:
    """`sum of weight * name + constant + sum of weight * max(terms)`."""

    weights: Mapping[str, Fraction]
    constant: Fraction
    extremes: tuple[tuple[Fraction, tuple[Term, ...]], ...] = ()

    def plus(self, other: Term) -> Term:
        """The sum of two terms."""
        weights = dict(self.weights)
        for name, weight in other.weights.items():
            weights[name] = weights.get(name, ZERO) + weight
        return Term(weights, self.constant + other.constant, self.extremes + other.extremes)

    def times(self, factor: Fraction) -> Term:
        """The term multiplied by a number."""
        return Term(
            {name: weight * factor for name, weight in self.weights.items()},
            self.constant * factor,
            tuple((weight * factor, several) for weight, several in self.extremes),
        )

    def minus(self, other: Term) -> Term:
        """The difference of two terms."""
        return self.plus(other.times(Fraction(-1)))

    @property
    def fixed(self) -> bool:
        """True when it is a number."""
        return not self.extremes and not any(self.weights.values())


def number(value: Fraction) -> Term:
    """A term that is a number."""
    return Term({}, value)


def variable(name: str) -> Term:
    """A term that is one name."""
    return Term({name: Fraction(1)}, ZERO)


def largest(several: Sequence[Term]) -> Term:
    """`max` of terms; a number when all are numbers."""
    if all(each.fixed for each in several):
        return number(max(each.constant for each in several))
    return Term({}, ZERO, ((Fraction(1), tuple(several)),))


def smallest(several: Sequence[Term]) -> Term:
    """`min` of terms, as the opposite of `max` of their opposites."""
    return largest([each.times(Fraction(-1)) for each in several]).times(Fraction(-1))


def negative(term: Term, *, strict: bool) -> Formula:
    """`term < 0` when `strict`, else `term <= 0`: exact, with no case left out.

    A `max` with a positive weight is below a limit when all its terms are; with a negative one, when one of them is.
    """
    if not term.extremes:
        return below_zero(term.weights, term.constant, strict=strict)
    (weight, several), rest = term.extremes[0], Term(term.weights, term.constant, term.extremes[1:])
    if not weight:
        return negative(rest, strict=strict)
    cases = [negative(rest.plus(each.times(weight)), strict=strict) for each in several]
    return both(cases) if weight > 0 else either(cases)


def compare(op: str, left: Term, right: Term) -> Formula:
    """One link of a comparison as a formula. `op` is one of < <= > >= == !=."""
    gap = left.minus(right)
    back = right.minus(left)
    match op:
        case "<" | "<=":
            return negative(gap, strict=op == "<")
        case ">" | ">=":
            return negative(back, strict=op == ">")
        case "==":
            return both([negative(gap, strict=False), negative(back, strict=False)])
        case _:
            return either([negative(gap, strict=True), negative(back, strict=True)])
