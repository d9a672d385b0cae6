"""Owns the change of a scene between two ticks: what of the old world lives on in the new one, found by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from behaviors.actions import ActionsState
from behaviors.executor import ExecutorState
from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.behaving import Behaving
from emotion_runtime.kernels import accounts
from emotion_runtime.outputs import Stop
from emotion_runtime.past import Past, PastActs
from emotion_runtime.world import World

Longs = NDArray[np.int64]


class Carrying:
    """Rows of a past in a new world, by the names of characters, objects, labels and variables."""

    def __init__(self, old: Past, new: World) -> None:
        self.old, self.new = old, new
        self.subjects: Longs = np.array(
            [new.subject.get(name, NOBODY) for name in (*old.names, *old.objects)], np.int64
        )
        """New subject of each old one, or NOBODY; a name that changed between character and object is another."""
        people = np.arange(len(self.subjects)) < old.n
        self.subjects[people != (self.subjects < new.n)] = NOBODY
        self.stay = np.flatnonzero(self.subjects[: old.n] != NOBODY)
        """Old rows of the characters that are in both worlds."""
        self.rows = self.subjects[self.stay]

    def carry(self) -> None:
        """Emotions, moods, their causes, places, and the values of variables that are still in range."""
        old, new = self.old, self.new
        for label in new.channels:
            if label in old.channel:
                channel = new.channel[label]
                new.emotion[self.rows, channel] = old.emotion[self.stay, old.channel[label]]
                self._carry_causes(old.channel[label], channel)
        new.settle(np.arange(new.n, dtype=np.int32))
        new.mood[self.rows] = old.mood[self.stay]
        there = np.flatnonzero(self.subjects != NOBODY)
        new.position[self.subjects[there]] = old.position[there]
        for name, row in new.variable.items():
            declared = new.declared(name)
            value = float(old.variables[old.variable[name]]) if name in old.variable else declared.initial
            fits = declared.low <= value <= declared.high and (not declared.boolean or value in (0.0, 1.0))
            new.variables[row] = value if fits else declared.initial
        for thing, seen in zip(old.watched, old.sight, strict=True):
            there_now = int(self.subjects[old.n + thing]) - new.n
            if there_now in new.watched:
                new.sight[new.watched.index(there_now), self.rows] = seen[self.stay]
        for column in ("speaker", "target"):
            getattr(new, column)[self.rows] = self.subject_of(getattr(old, column)[self.stay])

    def subject_of(self, subjects: NDArray[np.integer]) -> Longs:
        """New subjects of old ones, NOBODY staying NOBODY."""
        return np.where(subjects == NOBODY, NOBODY, self.subjects[subjects])

    def _carry_causes(self, before: int, after: int) -> None:
        """The ledger of one label. A cause that the new scene does not know joins the forgotten ones."""
        old, new = self.old, self.new.ledger.columns
        cause, amount = old.cause[before, self.stay], old.amount[before, self.stay]
        numbers, place = np.unique(cause, return_inverse=True)
        known = np.array([self._number(number) for number in numbers.tolist()], np.int32)[place.reshape(cause.shape)]
        lost = known == NOBODY
        other = old.other[before, self.stay].copy()
        for slot in range(cause.shape[1]):
            other += np.where(lost[:, slot], amount[:, slot], 0.0)
        new.cause[after, self.rows] = known
        new.amount[after, self.rows] = np.where(lost, 0.0, amount)
        new.other[after, self.rows] = other
        new.scale[after, self.rows] = old.scale[before, self.stay]
        accounts.find_strongest(new, self.rows, np.full(len(self.rows), after))

    def _number(self, number: int) -> int:
        if number == NOBODY:
            return NOBODY
        cause = self.old.codes.cause(number)
        subject = NOBODY if cause.subject == NOBODY else int(self.subjects[cause.subject])
        if cause.subject != NOBODY and subject == NOBODY:
            return NOBODY
        try:
            return self.new.ledger.number(cause.kind, subject, cause.detail)
        except KeyError:
            return NOBODY

    def carry_actions(self, was: PastActs, after: Behaving) -> list[Stop]:
        """Let trees that are the same go on where they are; returns the stops of all actions that cannot go on.

        A character's tree goes on when it and all its rules are unchanged and everybody its actions are aimed at is
        still there; otherwise it begins anew.
        """
        now, tree, acts = after.forest, was.tree, was.acts
        new_tree, new_acts = after.executor.state(), after.actions.state()
        slot_start, node_start = was.starts()
        kinds, kind = after.kinds
        before = [was.kinds[each].mark for each in was.kind[self.stay].tolist()]
        marks = [kinds[each][0] for each in kind[self.rows].tolist()]
        bearers = self.subject_of(acts.bearer)
        aimed = acts.running & (acts.bearer != NOBODY)
        lost = np.zeros(len(aimed), np.bool_)
        lost[aimed] = bearers[aimed] == NOBODY
        lost[acts.set_slot[self.subject_of(acts.set_bearer) == NOBODY]] = True
        moved = np.full(len(aimed), -1, np.int64)
        for row, target, mark, same in zip(self.stay.tolist(), self.rows.tolist(), before, marks, strict=True):
            mine = slice(int(slot_start[row]), int(slot_start[row + 1]))
            if mark != same or lost[mine].any():
                continue
            moved[mine] = np.arange(now.slot_start[target], now.slot_start[target + 1])
            nodes = slice(int(node_start[row]), int(node_start[row + 1]))
            there = slice(int(now.node_start[target]), int(now.node_start[target + 1]))
            for name in ("status", "counter", "deadline_us"):
                getattr(new_tree, name)[there] = getattr(tree, name)[nodes]
        self._write(acts, bearers, moved, new_tree, new_acts, after)
        ended = np.flatnonzero(acts.running & (moved < 0)).tolist()
        stops = []
        for slot in ended:
            row, rule = was.who(slot)
            stops.append(Stop(int(acts.action[slot]), self.old.names[row], rule, "reload"))
        return stops

    def _write(
        self,
        acts: ActionsState,
        bearers: Longs,
        moved: Longs,
        new_tree: ExecutorState,
        new_acts: ActionsState,
        after: Behaving,
    ) -> None:
        kept = np.flatnonzero(moved >= 0)
        for name in ("running", "action", "started_us", "rest_until_us", "reported"):
            getattr(new_acts, name)[moved[kept]] = getattr(acts, name)[kept]
        new_acts.bearer[moved[kept]] = bearers[kept]
        new_acts.next_action[:] = acts.next_action
        held = moved[acts.set_slot] >= 0
        after.actions.restore(
            ActionsState(
                new_acts.running,
                new_acts.action,
                new_acts.bearer,
                new_acts.started_us,
                new_acts.rest_until_us,
                new_acts.reported,
                new_acts.next_action,
                moved[acts.set_slot[held]].astype(np.int32),
                self.subject_of(acts.set_bearer[held]).astype(np.int32),
            )
        )
        after.executor.restore(new_tree)
