"""Owns formulas: and/or of linear comparisons and flags in one canonical form, over exact rational numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Bound:
    """`sum of weight * name + constant < 0` when `strict`, else `<= 0`.

    `terms` are sorted by name, weights are whole numbers without a common factor: equal comparisons are equal values.
    """

    terms: tuple[tuple[str, int], ...]
    constant: int
    strict: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A true-or-false variable, or its opposite."""

    name: str
    holds: bool


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when one part is."""

    parts: tuple[Formula, ...]


Formula: TypeAlias = bool | Bound | Flag | All | Any


def below_zero(terms: Mapping[str, Fraction], constant: Fraction, *, strict: bool) -> Formula:
    """The comparison of a weighted sum with 0, in canonical form; True or False when it has no names."""
    weights = [(name, weight) for name, weight in sorted(terms.items()) if weight]
    if not weights:
        return constant < 0 or (constant == 0 and not strict)
    scale = lcm(constant.denominator, *(weight.denominator for _, weight in weights))
    whole = [int(weight * scale) for _, weight in weights]
    fixed = int(constant * scale)
    shared = gcd(fixed, *whole)
    named = zip(weights, whole, strict=True)
    return Bound(tuple((name, weight // shared) for (name, _), weight in named), fixed // shared, strict)


def both(parts: Iterable[Formula]) -> Formula:
    """The conjunction: flat, without repeats, short-cut where it is plain."""
    return _join(parts, All, True)


def either(parts: Iterable[Formula]) -> Formula:
    """The disjunction: flat, without repeats, short-cut where it is plain."""
    return _join(parts, Any, False)


def _join(parts: Iterable[Formula], kind: type[All] | type[Any], idle: bool) -> Formula:
    kept: dict[Formula, None] = {}
    for part in parts:
        if isinstance(part, bool):
            if part is not idle:
                return part
        elif isinstance(part, kind):
            kept.update(dict.fromkeys(part.parts))
        else:
            kept[part] = None
    if not kept:
        return idle
    return next(iter(kept)) if len(kept) == 1 else kind(tuple(kept))


def opposite(formula: Formula) -> Formula:
    """The negation, pushed down to the comparisons."""
    match formula:
        case bool():
            return not formula
        case Bound(terms=terms, constant=constant, strict=strict):
            return Bound(tuple((name, -weight) for name, weight in terms), -constant, not strict)
        case Flag(name=name, holds=holds):
            return Flag(name, not holds)
        case All(parts=parts):
            return either(opposite(part) for part in parts)
        case Any(parts=parts):
            return both(opposite(part) for part in parts)


def atoms(formula: Formula) -> Iterator[Bound | Flag]:
    """All comparisons and flags, left to right, repeats included."""
    match formula:
        case Bound() | Flag():
            yield formula
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from atoms(part)


def names(formula: Formula) -> frozenset[str]:
    """Every name the formula reads."""
    found: set[str] = set()
    for atom in atoms(formula):
        found.update([atom.name] if isinstance(atom, Flag) else [name for name, _ in atom.terms])
    return frozenset(found)


def value(formula: Formula, state: Mapping[str, Fraction]) -> bool:
    """The truth of a formula in one state; flags are true where not 0. Raises KeyError for a name it lacks."""
    match formula:
        case bool():
            return formula
        case Bound(terms=terms, constant=constant, strict=strict):
            total = sum((weight * state[name] for name, weight in terms), Fraction(constant))
            return total < 0 or (total == 0 and not strict)
        case Flag(name=name, holds=holds):
            return (state[name] != 0) is holds
        case All(parts=parts):
            return all(value(part, state) for part in parts)
        case Any(parts=parts):
            return any(value(part, state) for part in parts)
