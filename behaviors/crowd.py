"""Owns the choice of bearers in a crowd: `nearest` and `all` for one rule, without looking at every pair.

The same answers, ties included, as looking at all of them. What only the inflicter decides is asked of inflicters, what
only the bearer decides of bearers; the rest of pairs within reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from behaviors.columns import Frame, Pairs, Split
from behaviors.nearby import Grid, Longs, smallest
from behaviors.rules import AutonomousRule, Who
from behaviors.senses import Cast, Floats, Ints

FIRST_REACH = 8
"""Without a stated range, the first search reaches so far that about so many candidates are near everybody."""


@dataclass(frozen=True, slots=True)
class Fits:
    """Pairs for which the rule's trigger holds: places in the characters asked for, ascending; bearers; metres."""

    place: Longs
    subject: Ints
    metres: Floats

    def of(self, place: int) -> Ints:
        """The bearers of one character, nearest first, then by index."""
        low, high = np.searchsorted(self.place, [place, place + 1])
        return self.subject[low:high][np.lexsort((self.subject[low:high], self.metres[low:high]))]


class Crowd:
    """One rule with `nearest(tag)` or `all(tag)` among many."""

    def __init__(self, rule: AutonomousRule, cast: Cast, candidates: Ints) -> None:
        self.everyone = rule.bearer.who is Who.ALL
        self.within = rule.bearer.within
        self.candidates = candidates
        self.split = Split(rule.trigger, cast, f"rule `{rule.name}`", rule.bearer)

    def choose(self, frame: Frame, characters: Ints) -> Fits:
        """For each of the characters: the nearest that fits, or (`all`) every one that fits."""
        split = self.split
        places = np.arange(len(characters))
        if split.mine is not None:
            places = places[np.broadcast_to(split.mine(frame, Pairs(characters)), len(characters))]
        others = self.candidates
        if split.theirs is not None:
            others = others[np.broadcast_to(split.theirs(frame, Pairs(0, others, others)), len(others))]
        if not len(places) or not len(others):
            return NOBODY
        if self.everyone:
            return self._reach(frame, characters, places, others, self.within)
        return self._nearest(frame, characters, places, others)

    def _nearest(self, frame: Frame, characters: Ints, places: Longs, others: Ints) -> Fits:
        """Look near first, then twice as far for those that found nobody."""
        position = frame.senses.position
        here, there = position[characters[places]], position[others]
        span = float((np.maximum(here.max(axis=0), there.max(axis=0)) - np.minimum(here.min(0), there.min(0))).max())
        farthest = min(self.within, 2.0 * span + 1.0)
        reach = min(farthest, max(1e-6, span * (FIRST_REACH / len(others)) ** 0.5))
        found: list[Fits] = []
        while True:
            fits = self._reach(frame, characters, places, others, reach)
            found.append(fits)
            if reach >= farthest:
                break
            places = np.setdiff1d(places, fits.place, assume_unique=True)
            if not len(places):
                break
            reach = min(farthest, 2.0 * reach)
        order = np.argsort(np.concatenate([each.place for each in found]), kind="stable")
        return Fits(
            np.concatenate([each.place for each in found])[order],
            np.concatenate([each.subject for each in found])[order],
            np.concatenate([each.metres for each in found])[order],
        )

    def _reach(self, frame: Frame, characters: Ints, places: Longs, others: Ints, reach: float) -> Fits:
        position = frame.senses.position
        here, there = position[characters[places]], position[others]
        found: list[Fits] = []
        for rows, columns, begins in Grid(there, reach).around(here):
            if not len(rows):
                continue
            gap = here[rows] - there[columns]
            x, y, z = gap[:, 0], gap[:, 1], gap[:, 2]
            metres = np.sqrt(x * x + y * y + z * z)
            mine, subject = characters[places[rows]], others[columns]
            fits = (metres <= reach) & (mine != subject)
            if self.split.between is not None:
                near = np.flatnonzero(fits)
                pairs = Pairs(mine[near], subject[near], subject[near])
                fits[near] = self.split.between(frame, pairs)
            if self.everyone:
                found.append(Fits(places[rows[fits]], subject[fits], metres[fits]))
                continue
            best, who = smallest(np.where(fits, metres, np.inf), subject, begins)
            some = best < np.inf
            found.append(Fits(places[rows[begins[some]]], who[some], best[some]))
        if not found:
            return NOBODY
        return Fits(
            np.concatenate([each.place for each in found]),
            np.concatenate([each.subject for each in found]),
            np.concatenate([each.metres for each in found]),
        )


NOBODY = Fits(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0))
