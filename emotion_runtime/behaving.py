"""Owns the behavior part of a tick: triggers, trees, aims and commands, between the world and `behaviors`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from behaviors import executor_for
from behaviors.actions import Actions, Changed, Played, Sighted
from behaviors.adopt import foreign
from behaviors.chance import draws
from behaviors.compiled import CompiledExecutor
from behaviors.compiled.seeing import Seer
from behaviors.conditions import NOTHING, Conditions
from behaviors.executor import CONDITIONS_SEEN, TRIGGERS_SEEN, Ended, Outcomes
from behaviors.forest import Forest
from behaviors.rules import AutonomousRule, Change
from behaviors.triggers import Triggers
from emotion_runtime.affect.ledger import covered
from emotion_runtime.affect.stimuli import Stimuli
from emotion_runtime.driving import Driving
from emotion_runtime.explain import why_all_started, why_started
from emotion_runtime.expression.chance import keys
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.kernels.tables import Drives
from emotion_runtime.outputs import Start, Stop
from emotion_runtime.scene.digest import tree_marks
from emotion_runtime.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NO_SLOTS: Final[Ints] = np.zeros(0, np.int32)
NONE: Final = Played([], [])
UNCHANGED: Final = Changed(NO_SLOTS, [], [], [], [], NONE, NO_SLOTS, range(0), [], NONE)
MANY: Final = 12
"""From so many starts in one tick on it is cheaper to ask why for all at once."""
REASONS: Final = {int(reason): reason.name.lower() for reason in Ended}


@dataclass(frozen=True, slots=True)
class RunningAction:
    """One action under way. `bearers` are names, nearest first; `lasts` nominal and `elapsed` simulated seconds."""

    action: int
    character: str
    rule: str
    bearers: tuple[str, ...]
    lasts: float
    elapsed: float
    payload: dict[str, str | float | bool]


class Behaving:
    """The forest of a scene on an executor, with its actions. One tick: `begin`, then `end`."""

    def __init__(self, world: World, seed: int = 0, kernels: Kernels | None = None) -> None:
        scene = world.scene
        self._world, self._kernels = world, kernels
        trees = [None if person.tree is None else scene.trees[person.tree] for person in scene.characters]
        self.forest = Forest(trees, scene.rules, scene.pad)
        self.actions = Actions(self.forest)
        drawing = draws(tree.root for tree in scene.trees.values())
        self.streams = keys(world.names if drawing else (), seed, "behavior")
        """(n,) each character's stream of chance, part of the state; none in a scene that leaves nothing to chance."""
        self.executor = executor_for(self.forest, self.streams if drawing else None)
        self._triggers = Triggers(world.cast, self.forest.slots, self.forest.rules)
        self._conditions = Conditions(world.cast, self.forest)
        if kernels is not None and isinstance(self.executor, CompiledExecutor):
            self.executor.seer = Seer(world.cast, self.forest, self.executor.blocks)
            if kernels.wanted == "numpy":
                self.executor.form = "numpy"
                self._triggers.looker.compiled = self._conditions.looker.compiled = self.actions.compiled = False
            self.executor.both = self._triggers.looker.both = self._conditions.looker.both = kernels.both
        self._names = world.names + world.objects
        self.rule_names = ("", *dict.fromkeys(rule.name for rule in self.forest.rules))
        self._number = {name: number for number, name in enumerate(self.rule_names)}
        self._driving = Driving(world, self.forest)
        self._acted: NDArray[np.uint16] | None = None
        can = [frozenset(person.can) for person in scene.characters]
        owners = self.forest.slots.character.tolist()
        able = [self.forest.rule(slot).name in can[who] for slot, who in enumerate(owners)]
        self._unable = np.flatnonzero(~np.array(able, dtype=np.bool_)).astype(np.int32)
        """Slots of rules that are not in their character's sub-list: such a leaf fails (the check warns of it)."""
        self._consequent = any(rule.sets or not all(c.per_second for c in rule.aim) for rule in self.forest.rules)
        """Whether success has consequences anywhere."""
        self.written: set[int] = set()
        """Rows of variables that rules gave another value in the last tick."""

    @cached_property
    def kinds(self) -> tuple[tuple[tuple[str, int, tuple[str, ...]], ...], NDArray[np.int64]]:
        """The trees there are (see `scene.digest.tree_marks`), and which of them each character has (n,)."""
        scene = self._world.scene
        marks = tree_marks(scene)
        number = {name: place for place, name in enumerate(marks)}
        kind = np.array([number[person.tree] for person in scene.characters], np.int64)
        return tuple(marks.values()), kind

    @cached_property
    def strangers(self) -> tuple[str, ...]:
        """Names of py_trees behaviours in the trees: what they remember is not ours to save."""
        return tuple(name for tree in self._world.scene.trees.values() for name in foreign(tree))

    def drives(self) -> Drives:
        """The per-second aims of all running actions: what they did not hold until the tick before."""
        return self._driving.drives(self.actions)

    def changed(self) -> None:
        """The actions under way are others than after the last tick."""
        self._driving.forget()
        self._acted = None

    def is_running(self, action: int) -> bool:
        """Whether an action of this number is under way."""
        return action in self.actions

    def report(self, action: int, ok: bool) -> None:
        """The engine's result for a running action, for the coming tick. Raises ReportError for any other."""
        self.actions.report(action, ok)

    def tick(self, now_us: int, stimuli: Stimuli) -> Changed:
        """Examine triggers, tick the trees, apply the aims of what succeeded. Stops come before starts."""
        if not len(self.forest.slots):
            self.written.clear()
            return UNCHANGED
        senses = self._world.senses(self._kernels)
        actions = self.actions
        resting = actions.resting(now_us)
        barred = np.concatenate((self._unable, resting)) if len(resting) else self._unable
        seen = self.executor.attend(senses, TRIGGERS_SEEN | CONDITIONS_SEEN, barred)
        sight = self._triggers.settled
        if not seen & TRIGGERS_SEEN:
            sight = self._triggers.look(senses, actions.running, actions.bearer, actions.sets)
            sight.ready[barred] = False
        conditions = NOTHING if seen & CONDITIONS_SEEN else self._conditions.look(senses)
        outcomes = self.executor.tick(now_us, sight.ready, sight.holds, actions.reported(now_us), conditions)
        return self.finish(now_us, outcomes, sight, stimuli)

    def finish(self, now_us: int, outcomes: Outcomes, sight: Sighted, stimuli: Stimuli) -> Changed:
        """What follows from what the trees did: actions begin and end, and those that succeeded reach their aims."""
        self.written.clear()
        changed = self.actions.change(now_us, outcomes, sight)
        if self._consequent:
            for slot, bearers, reason in zip(changed.over.tolist(), changed.of, changed.reasons, strict=True):
                if reason == Ended.SUCCESS:
                    self._succeed(slot, bearers, stimuli)
        if changed.events:
            self._driving.follow(changed.begun)
            self._act_out(changed.begun, changed.over)
        if len(stimuli):
            self._world.settle(stimuli.apply(self._world.emotion, self._world.ledger))
        return changed

    def column(self) -> NDArray[np.uint16]:
        """(n,) number of the rule each character acts out, the last of several by slot; 0 for none; lent."""
        if self._acted is None:
            self._acted = np.zeros(self._world.n, np.uint16)
            slots = np.flatnonzero(self.actions.running)
            self._acted[self.forest.slots.character[slots]] = self.forest.slots.rule[slots] + 1
        return self._acted

    def _act_out(self, begun: Ints, over: Ints) -> None:
        """Bring the column up to date where it is known: for the characters of slots that began or ended."""
        if self._acted is None:
            return
        slots, start = self.forest.slots, self.forest.slot_start
        if len(begun) + len(over) >= MANY and self._kernels is not None and self._kernels.is_compiled:
            columns = slots.character, start, self.actions.running, slots.rule, self._acted
            for several in (begun, over):
                self._kernels.form.act_out(several, *columns)
            return
        changed = np.concatenate((slots.character[begun], slots.character[over]))
        if len(changed) < MANY:
            for one in changed.tolist():
                low = int(start[one])
                last = np.flatnonzero(self.actions.running[low : int(start[one + 1])])[-1:]
                self._acted[one] = slots.rule[low + int(last[0])] + 1 if len(last) else 0
            return
        first = start[changed]
        sizes = start[changed + 1] - first
        place = np.arange(int(sizes.max()))
        mine = np.minimum(first[:, None] + place, len(self.actions.running) - 1)
        plays = self.actions.running[mine] & (place < sizes[:, None])
        last = len(place) - 1 - plays[:, ::-1].argmax(axis=1)
        self._acted[changed] = np.where(plays.any(axis=1), slots.rule[first + np.minimum(last, sizes - 1)] + 1, 0)

    def running(self, now_us: int) -> tuple[RunningAction, ...]:
        """All actions under way, by slot."""
        return tuple(self._running(slot, now_us) for slot in np.flatnonzero(self.actions.running).tolist())

    def acting(self, character: int, now_us: int) -> tuple[RunningAction, ...]:
        """The actions of one character under way, by slot."""
        first, last = self.forest.slot_start[character : character + 2].tolist()
        slots = np.flatnonzero(self.actions.running[first:last]) + first
        return tuple(self._running(slot, now_us) for slot in slots.tolist())

    def numbers(self) -> NDArray[np.uint64]:
        """Numbers of all actions under way, by slot."""
        return self.actions.action[self.actions.running]

    def columns(self, tick: int) -> Sequence[NDArray[np.generic]]:
        """What the digest of this tick covers: all state arrays, in a crowd those of actions for a sixteenth of it."""
        rows, start = covered(tick, self._world.n), self.forest.slot_start
        first, last = int(start[rows.start]), int(start[rows.stop])
        return (*self.executor.columns(), *self.actions.columns(first, last))

    def _bearers(self, slot: int) -> tuple[int, ...]:
        several = self.actions.sets.get(slot)
        return (int(self.actions.bearer[slot]),) if several is None else tuple(several.tolist())

    def _reached(self, change: Change, me: int, bearers: tuple[int, ...]) -> Ints:
        """Whose emotions a change moves: the inflicter's, or those of the bearers that are characters."""
        who = (me,) if change.on_self else tuple(each for each in bearers if 0 <= each < self._world.n)
        return np.array(who, dtype=np.int32)

    def _succeed(self, slot: int, bearers: tuple[int, ...], stimuli: Stimuli) -> None:
        world, rule = self._world, self.forest.rule(slot)
        me = int(self.forest.slots.character[slot])
        for change in rule.aim:
            if not change.per_second:
                cause = world.ledger.number("action", me, rule.name)
                for character in self._reached(change, me, bearers).tolist():
                    stimuli.add(character, world.channel[change.label], change.amount, cause)
        for name, value in rule.sets:
            for bearer in bearers:
                row = world.variable.get(f"{self._names[bearer]}.{name}")
                if row is not None:
                    if world.variables[row] != value:
                        self.written.add(row)
                    world.variables[row] = value

    def commands(self, changed: Changed) -> list[Start | Stop]:
        """What the engine is told of a tick: stops, then starts. Only reads the state: another thread may do it."""
        rules, names = self.forest.rules, self._names
        told: list[Start | Stop] = []
        if changed.ended:
            who = [names[each] for each in changed.played.characters]
            played = [rules[each].name for each in changed.played.rules]
            told.extend(map(Stop, changed.ended, who, played, map(REASONS.__getitem__, changed.reasons)))
        if changed.on:
            who = [names[each] for each in changed.plays.characters]
            playing = [rules[each] for each in changed.plays.rules]
            bearers = [tuple([names[each] for each in several]) for several in changed.on]
            whys = self._whys(changed.plays.characters, playing)
            for start in zip(changed.started, who, playing, bearers, whys, strict=True):
                action, name, rule, on, why = start
                told.append(Start(action, name, rule.name, on, rule.lasts, why, rule.payload))
        return told

    def _whys(self, characters: Sequence[int], rules: Sequence[AutonomousRule]) -> Iterator[str]:
        """Why each character's action begins; many are asked at once, a few one by one."""
        world, texts = self._world, [rule.trigger.text for rule in rules]
        if len(rules) >= MANY:
            return iter(why_all_started(world, characters, texts, [rule.orientation for rule in rules], self._kernels))
        return (
            why_started(world, who, text, rule.orientation)
            for who, text, rule in zip(characters, texts, rules, strict=True)
        )

    def _running(self, slot: int, now_us: int) -> RunningAction:
        rule = self.forest.rule(slot)
        return RunningAction(
            action=int(self.actions.action[slot]),
            character=self._world.names[int(self.forest.slots.character[slot])],
            rule=rule.name,
            bearers=tuple(self._names[bearer] for bearer in self._bearers(slot)),
            lasts=rule.lasts,
            elapsed=(now_us - int(self.actions.started_us[slot])) * 1e-6,
            payload=dict(rule.payload),
        )
