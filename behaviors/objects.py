"""Owns smart objects: while an object's condition holds, it acts without a break on all characters in range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np

from behaviors.columns import Bound, Frame, Pairs
from behaviors.errors import RuleError
from behaviors.expressions import compile
from behaviors.rules import Change, Fade, InteractiveRule, Who
from behaviors.senses import Cast, Flags, Floats, Ints, Senses

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """One effect of one active rule in one tick, for the ledger of causes.

    `rule` is the index into the rules given, `inflicter` the object's subject, `characters` (k,) ascending rows,
    `label` the column of the emotion, `rates` (k,) per second, with the sign of the change and faded by distance.
    """

    rule: int
    inflicter: int
    characters: Ints
    label: int
    rates: Floats


class Influence:
    """The interactive rules of all objects of a scene.

    Raises `RuleError` at construction for a bearer other than `all(tag)`, `nearest(tag)` or a named character, for an
    effect that is not a rate on a bearer's emotion, and for names the cast does not have.
    """

    def __init__(self, cast: Cast, rules: Sequence[InteractiveRule]) -> None:
        self.rules = tuple(rules)
        self._active = [_Active(number, rule, cast) for number, rule in enumerate(self.rules)]
        claiming = [active for active in self._active if active.claims]
        self.claims: Flags = np.zeros((len(claiming), len(cast.characters)), np.bool_)
        """(k, n) who holds a place, for each rule with `claims`, in order; part of the state."""
        self.claiming = tuple((self.rules[each.number].inflicter, self.rules[each.number].name) for each in claiming)
        """The object and the name of each of them."""
        for active, held in zip(claiming, self.claims, strict=True):
            active.held = held

    def act(self, senses: Senses, excite: Floats, inhibit: Floats) -> list[Effect]:
        """Add this tick's rates to `excite` and `inhibit` (n, L), both per second and never negative.

        Rules act in the order given, so the sums are the same on every run.
        """
        frame = Frame(senses)
        effects: list[Effect] = []
        for rule in self._active:
            if rule.condition(frame, NOBODY):
                effects.extend(rule.act(senses, excite, inhibit))
            elif rule.claims:
                rule.held[:] = False
        return effects


NOBODY = Pairs(0)


class _Active:
    """One rule, resolved: whose position it acts from, on whom, and on which columns."""

    def __init__(self, number: int, rule: InteractiveRule, cast: Cast) -> None:
        self.where = f"rule `{rule.inflicter}.{rule.name}`"
        if rule.inflicter not in cast.objects:
            raise RuleError("unknown_object", f"there is no object `{rule.inflicter}`", "declare it", self.where)
        self.number = number
        self.subject = cast.subjects[rule.inflicter]
        self.condition = Bound(compile(rule.trigger), cast, self.where, None, rule.inflicter)
        self.nearest = rule.bearer.who is Who.NEAREST
        self.within = rule.bearer.within
        self.fade = rule.fade if rule.fade is Fade.CURVE or 0 < self.within < inf else Fade.NONE
        self.curve = self._curve(rule)
        self.object = cast.objects.index(rule.inflicter)
        self.in_sight = rule.in_sight
        self.capacity = 1 if self.nearest else rule.capacity
        self.claims = rule.claims and self.capacity > 0
        self.held: Flags = np.zeros(0, np.bool_)
        self.candidates = self._candidates(rule, cast)
        self.changes = [(self._label(change, cast), change.amount) for change in rule.effect]

    def _candidates(self, rule: InteractiveRule, cast: Cast) -> Ints:
        who, name = rule.bearer.who, rule.bearer.name
        if who in (Who.NEAREST, Who.ALL):
            if name not in cast.tagged:
                raise RuleError("unknown_tag", f"nobody has the tag `{name}`", "give it to somebody", self.where)
            return np.asarray(cast.tagged[name], np.int32)
        if who is Who.NAMED and name in cast.characters:
            return np.array([cast.characters.index(name)], np.int32)
        raise RuleError(
            "wrong_bearer",
            f"an object cannot act on `{rule.bearer}`",
            "use all(tag) within 5 m, nearest(tag) within 5 m, or the name of a character",
            self.where,
        )

    def _curve(self, rule: InteractiveRule) -> tuple[Floats, Floats]:
        """The points of a custom fade as two columns."""
        points = rule.curve
        metres = [point[0] for point in points]
        rising = all(left < right for left, right in pairwise(metres))
        if (rule.fade is Fade.CURVE) != bool(points) or not rising or any(not 0 <= share <= 1 for _, share in points):
            raise RuleError(
                "wrong_curve",
                f"the curve of a fade is points of rising metres and shares from 0 to 1, not {points}",
                "0 m: 1, 4 m: 0.5, 6 m: 0",
                self.where,
            )
        return np.array(metres, np.float64), np.array([share for _, share in points], np.float64)

    def _label(self, change: Change, cast: Cast) -> int:
        if change.on_self or not change.per_second:
            raise RuleError(
                "wrong_effect", f"an object's effect is a rate on its bearer, not `{change}`", "+0.1/s", self.where
            )
        if change.label not in cast.labels or change.label == NEUTRAL:
            raise RuleError("unknown_label", f"`{change.label}` cannot be changed", "name another emotion", self.where)
        return cast.labels.index(change.label)

    def act(self, senses: Senses, excite: Floats, inhibit: Floats) -> list[Effect]:
        characters, metres = self._reached(senses.position, senses.sees.get(self.object))
        if not len(characters):
            return []
        strength = self._strength(metres)
        effects = []
        for label, amount in self.changes:
            rates = strength * abs(amount)
            into = inhibit if amount < 0 else excite
            into[characters, label] += rates
            effects.append(Effect(self.number, self.subject, characters, label, -rates if amount < 0 else rates))
        return effects

    def _reached(self, position: Floats, sees: Flags | None) -> tuple[Ints, Floats]:
        """Characters in range, ascending, and their distances in metres."""
        gap = position[self.candidates] - position[self.subject]
        x, y, z = gap[:, 0], gap[:, 1], gap[:, 2]
        metres: Floats = np.sqrt(x * x + y * y + z * z)
        fits = metres <= self.within
        if self.in_sight and sees is not None:
            fits &= sees[self.candidates]
        near = np.flatnonzero(fits)
        if 0 < self.capacity < len(near):
            waits = ~self.held[self.candidates[near]] if self.claims else np.zeros(len(near), np.bool_)
            near = np.sort(near[np.lexsort((metres[near], waits))[: self.capacity]])
        if self.claims:
            self.held[:] = False
            self.held[self.candidates[near]] = True
        return self.candidates[near], metres[near]

    def _strength(self, metres: Floats) -> Floats:
        if self.fade is Fade.NONE:
            return np.ones(len(metres))
        if self.fade is Fade.CURVE:
            return along(metres, *self.curve)
        share: Floats = metres / self.within
        return 1.0 - share if self.fade is Fade.LINEAR else 1.0 / (1.0 + 4.0 * share * share)


def along(metres: Floats, at: Floats, share: Floats) -> Floats:
    """The share at each distance: straight lines between the points, level before the first and after the last."""
    if len(at) == 1:
        return np.full(len(metres), share[0])
    right = np.minimum(np.maximum(np.searchsorted(at, metres), 1), len(at) - 1)
    low, high = at[right - 1], at[right]
    part = (np.minimum(np.maximum(metres, at[0]), at[-1]) - low) / (high - low)
    found: Floats = share[right - 1] + part * (share[right] - share[right - 1])
    return found
