"""Owns triggers: for all slots at once, who may start, on whom, and which running actions may go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from behaviors.columns import Bound, Frame, Pairs, Rows, Split, as_slice
from behaviors.crowd import Crowd, Fits
from behaviors.errors import RuleError
from behaviors.expressions import compile
from behaviors.forest import Slots
from behaviors.looking import Looker
from behaviors.nearby import smallest
from behaviors.rules import AutonomousRule, Who
from behaviors.senses import Cast, Flags, Floats, Ints, Senses

SMALL_CAST = 64
"""Up to so many characters a rule is evaluated for all of them: cheaper than picking out those that have it."""

CROWD_PAIRS = 1 << 18
"""Above so many pairs of inflicter and candidate, a rule looks only at those near each other."""

EVERYONE = slice(None)


class Sight:
    """What the triggers say in one tick, one row a slot; lent until the next look.

    `ready`: the slot does not run, and its trigger holds for some candidate. `bearer`: the subject chosen where ready;
    elsewhere it means nothing. `holds`: the slot runs and may go on with its fixed bearer.
    """

    __slots__ = ("_fits", "_metres", "_owner", "bearer", "holds", "ready")

    def __init__(self, size: int, owner: Mapping[int, _Group]) -> None:
        self.ready: Flags = np.zeros(size, np.bool_)
        self.bearer: Ints = np.full(size, -1, np.int32)
        self.holds: Flags = np.zeros(size, np.bool_)
        self._owner = owner
        self._metres: dict[_Group, Floats] = {}
        self._fits: dict[_Group, tuple[Ints, Fits]] = {}

    def clear(self) -> None:
        """Forget the last tick."""
        self.ready.fill(False)
        self.holds.fill(False)
        self._metres.clear()
        self._fits.clear()

    def keep_fits(self, group: _Group, slots: Ints, fits: Fits) -> None:
        """Keep what a crowd of an `all` group found: `fits` counts places in `slots`."""
        self._fits[group] = slots, fits

    def keep(self, group: _Group, metres: Floats) -> None:
        """Keep the distances of an `all` group, infinite where the trigger does not hold, for `all_bearers`."""
        self._metres[group] = metres

    def all_bearers(self, slot: int) -> Ints:
        """All subjects in range for which the trigger of a ready slot held, ascending distance, then index.

        More than one only for `all`; empty for a slot that is not ready.
        """
        if not self.ready[slot]:
            return np.zeros(0, np.int32)
        group = self._owner.get(slot)
        if group is None:
            return self.bearer[slot : slot + 1].copy()
        if group in self._fits:
            slots, fits = self._fits[group]
            return fits.of(int(np.searchsorted(slots, slot)))
        row = self._metres[group][group.row_of(slot)]
        order = np.argsort(row, kind="stable")
        subjects: Ints = group.candidates[order[row[order] < np.inf]]
        return subjects


class _Group:
    """All slots of one rule (or a part of them, when their candidates would be too many at once)."""

    def __init__(self, rule: AutonomousRule, slots: Ints, characters: Ints, cast: Cast) -> None:
        where = f"rule `{rule.name}`"
        self.who = rule.bearer.who
        self.within = rule.bearer.within
        self.slots = slots
        self.characters = characters
        self.trigger = Bound(compile(rule.trigger), cast, where, rule.bearer)
        self.release = None if rule.release is None else Bound(compile(rule.release), cast, where, rule.bearer)
        self.mine: Bound | None = None
        self.people_only = self.trigger.whole_bearer or (self.release is not None and self.release.whole_bearer)
        self.count = len(cast.characters)
        dense = self.count <= SMALL_CAST
        self.place = as_slice(slots)
        self.rows = EVERYONE if dense else as_slice(characters)
        self.local: Rows = characters if dense else EVERYONE
        self.fixed = self.who is Who.SELF or self.who is Who.NAMED
        self.crowd: Crowd | None = None
        self.label = -1
        self.candidates: Ints = np.zeros(0, np.int32)
        self.named = -1
        self._resolve(rule, cast, where)
        if not self.fixed and self.crowd is None:
            self.mine = Split(rule.trigger, cast, where, rule.bearer).mine

    def _resolve(self, rule: AutonomousRule, cast: Cast, where: str) -> None:
        """Find what the bearer selector names, and prepare the pairs that never change."""
        name = rule.bearer.name
        everyone = np.arange(self.count, dtype=np.int32)[self.rows]
        match self.who:
            case Who.SELF:
                self.pairs = Pairs(self.rows, everyone, everyone)
            case Who.NAMED:
                named = subject_of(cast, name)
                if named is None:
                    raise RuleError("unknown_bearer", f"there is nobody and nothing called `{name}`", "", where)
                self.named = named
                self.pairs = Pairs(self.rows, self.named, self.named if self.named < self.count else 0)
            case Who.NEAREST | Who.ALL:
                if name not in cast.tagged:
                    raise RuleError("unknown_tag", f"nobody has the tag `{name}`", "give it to somebody", where)
                self.candidates = np.asarray(cast.tagged[name], np.int32)
                if len(everyone) * len(self.candidates) > CROWD_PAIRS:
                    self.crowd = Crowd(rule, cast, self.candidates)
                    return
                columns = (
                    slice(self.count) if np.array_equal(self.candidates, np.arange(self.count)) else self.candidates
                )
                self.pairs = Pairs(self.rows, columns, columns, grid=True)
                self.others = everyone[:, None] != self.candidates
            case Who.CAUSE:
                if name not in cast.labels:
                    raise RuleError("unknown_label", f"`{name}` is not an emotion of this scene", "", where)
                self.label = cast.labels.index(name)
            case _:
                pass

    def row_of(self, slot: int) -> int:
        """The row of a slot's character in a matrix over `rows`."""
        place = int(np.searchsorted(self.slots, slot))
        return int(self.local[place]) if isinstance(self.local, np.ndarray) else place

    def settle(self, bearer: Ints) -> None:
        """Fill in the bearers that never change."""
        if self.fixed:
            bearer[self.place] = self.characters if self.who is Who.SELF else self.named

    def look(self, frame: Frame, sight: Sight, starts: bool, goes_on: bool) -> None:
        """A rule whose bearer never changes: the same answer for who may start and, without a release, who goes on."""
        near = frame.distance(self.pairs) <= self.within if self.within < np.inf else None
        if starts or self.release is None:
            fits = self.trigger(frame, self.pairs)
            fits = fits if near is None else fits & near
            fits = fits[self.local] if fits.ndim else fits
            sight.ready[self.place] = fits
            if goes_on and self.release is None:
                sight.holds[self.place] = fits
        if goes_on and self.release is not None:
            held = ~self.release(frame, self.pairs)
            held = held if near is None else held & near
            sight.holds[self.place] = held[self.local] if held.ndim else held

    def start(self, frame: Frame, sight: Sight, running: Flags) -> None:
        """Fill in `ready` and `bearer` for the slots of this group.

        Nobody's bearer is looked at when nobody fulfils what the trigger asks of the inflicter alone.
        """
        if self.crowd is not None:
            self._choose_in_crowd(self.crowd, frame, sight, running)
            return
        if self.mine is not None and not self.mine(frame, Pairs(self.rows)).any():
            return
        if self.who is Who.NEAREST or self.who is Who.ALL:
            self._choose(frame, sight)
            return
        subjects = self._pointed(frame.senses)
        holds = self._may(subjects)
        if not holds.any():
            return
        pairs = _pairs_of(self.rows, subjects, self.count)
        holds = holds & self.trigger(frame, pairs)
        if self.within < np.inf:
            holds = holds & (frame.distance(pairs) <= self.within)
        sight.bearer[self.place] = subjects[self.local]
        sight.ready[self.place] = holds[self.local]

    def _choose_in_crowd(self, crowd: Crowd, frame: Frame, sight: Sight, running: Flags) -> None:
        idle = np.flatnonzero(~running[self.place])
        slots = self.slots[idle]
        fits = crowd.choose(frame, self.characters[idle])
        if not len(fits.place):
            return
        if self.who is Who.ALL:
            sight.keep_fits(self, slots, fits)
            begins = np.flatnonzero(np.diff(fits.place, prepend=-1))
            _, nearest = smallest(fits.metres, fits.subject, begins)
            chosen = slots[fits.place[begins]]
        else:
            nearest, chosen = fits.subject, slots[fits.place]
        sight.bearer[chosen] = nearest
        sight.ready[chosen] = True

    def _pointed(self, senses: Senses) -> Ints:
        """Whom the senses point at, a subject or -1 for each row."""
        match self.who:
            case Who.CAUSE:
                column = senses.cause[self.rows, self.label]
            case Who.SPEAKER:
                column = senses.speaker[self.rows]
            case _:
                column = senses.target[self.rows]
        return column

    def _may(self, subjects: Ints) -> Flags:
        """Which subjects can be bearers at all: somebody, and a character if the rule reads the bearer's emotions."""
        there: Flags = subjects >= 0
        return there & (subjects < self.count) if self.people_only else there

    def _choose(self, frame: Frame, sight: Sight) -> None:
        if not len(self.candidates):
            return
        fits = self.trigger(frame, self.pairs)
        if not fits.any():
            return
        metres = frame.distance(self.pairs)
        fits = fits & self.others
        if self.within < np.inf:
            fits &= metres <= self.within
        metres = np.where(fits, metres, np.inf)
        metres_of = metres[self.local]
        nearest = metres_of.argmin(axis=1)
        sight.bearer[self.place] = self.candidates[nearest]
        sight.ready[self.place] = metres_of[np.arange(len(nearest)), nearest] < np.inf
        if self.who is Who.ALL:
            sight.keep(self, metres)

    def go_on(self, frame: Frame, running: Flags, bearer: Ints, sets: Mapping[int, Ints], holds: Flags) -> None:
        """Fill in `holds` for the slots of this group that run."""
        local = np.flatnonzero(running[self.place])
        slots = self.slots[local]
        rows = self.characters[local]
        if self.who is not Who.ALL:
            holds[slots] = self._held(frame, rows, bearer[slots])
            return
        several = [sets[slot] for slot in slots.tolist()]
        sizes = [len(each) for each in several]
        pairs_hold = self._held(frame, np.repeat(rows, sizes), np.concatenate(several))
        owner = np.repeat(np.arange(len(slots)), sizes)
        holds[slots] = np.bincount(owner[pairs_hold], minlength=len(slots)) > 0

    def _held(self, frame: Frame, rows: Ints, subjects: Ints) -> Flags:
        pairs = _pairs_of(rows, subjects, self.count)
        held = self.trigger(frame, pairs) if self.release is None else ~self.release(frame, pairs)
        held = self._may(subjects) & held
        return held & (frame.distance(pairs) <= self.within) if self.within < np.inf else held


def subject_of(cast: Cast, name: str) -> int | None:
    """The subject called so."""
    if name in cast.characters:
        return cast.characters.index(name)
    return len(cast.characters) + cast.objects.index(name) if name in cast.objects else None


def _pairs_of(rows: Ints | slice, subjects: Ints, count: int) -> Pairs:
    characters = np.where((subjects >= 0) & (subjects < count), subjects, 0)
    return Pairs(rows, np.maximum(subjects, 0), characters)


class Triggers:
    """Evaluates the triggers and releases of all slots. Keeps nothing from tick to tick.

    Raises `RuleError` at construction for a name, tag, label or subject the cast does not have.
    """

    def __init__(self, cast: Cast, slots: Slots, rules: Sequence[AutonomousRule]) -> None:
        self._size = len(slots)
        order = np.argsort(slots.rule, kind="stable").astype(np.int32)
        self._groups: list[_Group] = []
        present, first = np.unique(slots.rule[order], return_index=True)
        for number, mine in zip(present.tolist(), np.split(order, first[1:]), strict=False):
            self._groups.append(_Group(rules[number], mine, slots.character[mine], cast))
        self.looker = Looker(cast)
        """Those that read the inflicter's own columns only, wherever the compiled form is there."""
        self._others = [group for group in self._groups if not self._taken(rules, slots, group)]
        owner = {slot: group for group in self._groups if group.who is Who.ALL for slot in group.slots.tolist()}
        self._sight = Sight(self._size, owner)
        for group in self._groups:
            group.settle(self._sight.bearer)

    def _taken(self, rules: Sequence[AutonomousRule], slots: Slots, group: _Group) -> bool:
        rule = rules[int(slots.rule[group.slots[0]])]
        alone = group.who is Who.SELF and group.within >= 0.0
        return alone and self.looker.take(rule.trigger, rule.release, group.characters, group.slots)

    @property
    def settled(self) -> Sight:
        """What never changes: the bearers of rules that name them. For who sees by itself what may start."""
        return self._sight

    def look(self, senses: Senses, running: Flags, bearer: Ints, sets: Mapping[int, Ints]) -> Sight:
        """Evaluate one tick.

        `running` (S,) and `bearer` (S,) are the columns of `Actions`: which slots run, with which fixed bearer;
        `sets` the fixed bearers of running `all` slots.
        """
        frame = Frame(senses)
        sight = self._sight
        sight.clear()
        groups = self._groups
        if self.looker.look(senses, running, sight.ready, sight.holds):
            groups = self._others
        if not groups:
            return sight
        for group in groups:
            size = len(group.slots)
            count = int(np.count_nonzero(running[group.place]))
            if group.fixed:
                group.look(frame, sight, count < size, count > 0)
                continue
            if count < size:
                group.start(frame, sight, running)
            if count:
                group.go_on(frame, running, bearer, sets, sight.holds)
        np.greater(sight.ready, running, out=sight.ready)
        np.logical_and(sight.holds, running, out=sight.holds)
        return sight
