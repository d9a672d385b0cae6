"""Owns why each node of a character's tree stands as it does: the numbers its condition reads, timers and counters."""

from __future__ import annotations

from typing import Any

import numpy as np

from behaviors.columns import Bound, Frame, Pairs
from behaviors.executor import ExecutorState
from behaviors.expressions import compile
from behaviors.forms import condition_of
from behaviors.rules import AutonomousRule, Who
from behaviors.trees import Leaf
from behaviors.triggers import subject_of
from emotion_runtime.simulation import Simulation

Plain = dict[str, Any]


class Reasons:
    """Reads a simulation between two ticks. Made anew after a reload."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._world = sim.world
        self._forest = sim.behaving.forest
        self._triggers: dict[str, tuple[Bound, Bound | None]] = {}
        self._conditions: dict[str, Bound] = {}

    def of(self, character: int, state: ExecutorState, frame: Frame) -> list[Plain | None]:
        """For each node in pre-order: `reads` [[name, value]], `holds`, `bearer`, `left` seconds, `count`; or None."""
        forest = self._forest
        first, slot = int(forest.node_start[character]), int(forest.slot_start[character])
        now_us = round(self._sim.time * 1e6)
        found: list[Plain | None] = []
        for place, node in enumerate(forest.nodes(character)):
            row = first + place
            said: Plain = {}
            if isinstance(node, Leaf):
                said = self._leaf(character, slot, frame)
                slot += 1
            elif (condition := condition_of(node)) is not None:
                text = str(condition)
                bound = self._conditions.get(text)
                if bound is None:
                    bound = Bound(compile(condition), self._world.cast, f"condition `{text}`", None)
                    self._conditions[text] = bound
                said = _read(bound, frame, Pairs(np.array([character])))
            if int(state.deadline_us[row]) > now_us:
                said["left"] = round((int(state.deadline_us[row]) - now_us) * 1e-6, 2)
            if int(state.counter[row]):
                said["count"] = int(state.counter[row])
            found.append(said or None)
        return found

    def _leaf(self, character: int, slot: int, frame: Frame) -> Plain:
        rule, actions = self._forest.rule(slot), self._sim.behaving.actions
        running = bool(actions.running[slot])
        bearer = int(actions.bearer[slot]) if running else self._bearer(rule, character)
        said: Plain = {}
        if bearer < 0:
            return {"bearer": ""}
        trigger, release = self._bound(rule)
        n = self._world.n
        pairs = Pairs(np.array([character]), np.array([bearer]), np.array([bearer if bearer < n else 0]))
        use = release if running and release is not None else trigger
        if not (use.whole_bearer and bearer >= n):
            said = _read(use, frame, pairs)
            said["release"] = use is release
        if bearer != character:
            said["bearer"] = (self._world.names + self._world.objects)[bearer]
        return said

    def _bound(self, rule: AutonomousRule) -> tuple[Bound, Bound | None]:
        known = self._triggers.get(rule.name)
        if known is None:
            cast, where = self._world.cast, f"rule `{rule.name}`"
            release = None if rule.release is None else Bound(compile(rule.release), cast, where, rule.bearer)
            known = self._triggers[rule.name] = Bound(compile(rule.trigger), cast, where, rule.bearer), release
        return known

    def _bearer(self, rule: AutonomousRule, character: int) -> int:
        """Whom a rule that does not run would look at first: a subject, or -1 for nobody."""
        world, name = self._world, rule.bearer.name
        match rule.bearer.who:
            case Who.SELF:
                return character
            case Who.NAMED:
                found = subject_of(world.cast, name)
                return -1 if found is None else found
            case Who.NEAREST | Who.ALL:
                others = world.tagged[name][world.tagged[name] != character]
                if not len(others):
                    return -1
                gap = world.position[others] - world.position[character]
                return int(others[(gap * gap).sum(axis=1).argmin()])
            case Who.CAUSE:
                return int(world.senses().cause[character, world.rows.index(name)])
            case Who.SPEAKER:
                return int(world.speaker[character])
            case _:
                return int(world.target[character])


def _read(bound: Bound, frame: Frame, pairs: Pairs) -> Plain:
    values = bound.values(frame, pairs)
    reads = [[name, round(float(np.asarray(value).ravel()[0]), 3)] for name, value in values.items()]
    return {"reads": reads, "holds": bool(np.asarray(bound(frame, pairs)).ravel()[0])}
