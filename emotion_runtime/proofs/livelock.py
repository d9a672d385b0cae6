"""Owns `rules-feed-for-ever`: looking for a start from which rules keep each other going with nobody acting on them.

Many random starts run side by side in a coarse copy of the world (all in reach of each other, trees as lists of
priorities); whatever keeps going there is run again in the real simulation, and only what that confirms is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from behaviors.expressions import Columns, Program, compile
from behaviors.rules import AutonomousRule
from emotion_runtime.affect.dynamics import LN2
from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.affect.personality import baseline, channels, default_mood
from emotion_runtime.proofs.aims import pause
from emotion_runtime.proofs.confirm import Run, calm_rules, run_on
from emotion_runtime.proofs.influence import Influence, Node, circles, parts, within
from emotion_runtime.proofs.study import Study
from emotion_runtime.scene.resolved import TRAITS
from emotion_runtime.steering import starts

STARTS: Final = 256
SECONDS: Final = 240.0
LATE: Final = 30.0
"""What still happens in the last seconds of a run counts as going on for ever."""
STEP: Final = 0.5
NEAR: Final = 2.0
"""Metres between everybody in the coarse copy."""
MOST_TRIED: Final = 3
"""Starts of one circle that are run in the real simulation."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Witness:
    """A start that never settles: a circle of rules that it keeps going, and the run of the real simulation."""

    circle: tuple[Node, ...]
    seed: int
    start: int
    run: Run

    def text(self) -> str:
        """The start in words."""
        return (
            f"witness: {starts(self.run.start)} (seed {self.seed}, start {self.start}); still going after "
            f"{SECONDS:g} s in the simulation with nobody acting from outside"
        )


def simulate(study: Study, graph: Influence, seed: int) -> list[Witness]:
    """At most one witness for each part of the graph in which rules can set each other off; silence proves nothing."""
    candidates = parts(graph.edges)
    calm = calm_rules(study.scene) if candidates else frozenset()
    candidates = [part - calm for part in candidates]
    if not any(circles(within(graph.edges, part)) for part in candidates):
        return []
    crowd = _Crowd(study, seed)
    late = crowd.run()
    witnesses = []
    for part in candidates:
        for start in _promising(graph, part, late):
            run = run_on(study.scene, crowd.start(start), SECONDS, LATE)
            going = circles(within(graph.edges, part & run.late))
            if going:
                witnesses.append(Witness(tuple(going[0]), seed, start, run))
                break
    return witnesses


def _promising(graph: Influence, part: set[Node], late: dict[Node, Flags]) -> list[int]:
    """The first starts in which a whole circle still goes on late in the coarse copy."""
    found = []
    for start in range(STARTS):
        going = {node for node in part if node in late and late[node][start]}
        if len(going) > 1 and circles(within(graph.edges, going)):
            found.append(start)
            if len(found) == MOST_TRIED:
                break
    return found


@dataclass(slots=True)
class _Leaf:
    """One rule of one character in the coarse copy, with its columns over all starts."""

    me: int
    place: int
    rule: AutonomousRule
    others: list[int]
    trigger: Program
    release: Program | None
    pause: float
    ready_at: Floats
    bearer: NDArray[np.int64]


class _Crowd:
    def __init__(self, study: Study, seed: int) -> None:
        scene = study.scene
        self.study = study
        self.names = [person.id for person in scene.characters]
        self.labels = channels(scene.labels)
        people = scene.characters
        self.calm = np.array([[baseline(c, p.personality) for c in self.labels] for p in people])
        self.decay = np.array([[LN2 / p.half_life[c] for c in self.labels] for p in people])
        self.home = np.array([default_mood(p.personality) for p in people])
        self.slow = np.array([LN2 / p.mood_half_life for p in people])[:, None]
        self.pad = np.array([scene.pad[c] for c in self.labels])
        self.traits = np.array([[p.personality[t] for t in TRAITS] for p in people])
        self.likes = np.array([[p.likes.get(o, 0.0) for o in self.names] for p in people])
        self.gains = self._contagion()
        self.variables = {f"world.{v.name}": v.initial for v in scene.world}
        for thing in scene.objects:
            self.variables.update({f"{thing.id}.{v.name}": v.initial for v in thing.variables})
        dice = np.random.default_rng(seed)
        self.first: Floats = np.clip(dice.random((STARTS, *self.calm.shape)) ** 1.5, 0.01, 0.99)
        self.emotion = self.first.copy()
        self.mood = np.repeat(self.home[None], STARTS, 0)
        self.acting = np.full((STARTS, len(self.names)), -1)
        self.ends = np.zeros((STARTS, len(self.names)))
        self.leaves = self._leaves()

    def start(self, number: int) -> dict[str, dict[str, float]]:
        """The emotions of one start."""
        return {
            name: dict(zip(self.labels, self.first[number, row].tolist(), strict=True))
            for row, name in enumerate(self.names)
        }

    def _contagion(self) -> Floats:
        gains = np.zeros((len(self.labels), len(self.names), len(self.names)))
        for row, person in enumerate(self.study.scene.characters):
            for each in person.contagion:
                gains[self.labels.index(each.label), row] = each.gain
                gains[self.labels.index(each.label), row, row] = 0.0
        return gains

    def _leaves(self) -> list[_Leaf]:
        found = []
        for place, use in enumerate(self.study.uses):
            others = [self.names.index(each.id) for each in self.study.meanings.bearers(use.character, use.rule)]
            release = None if use.rule.release is None else compile(use.rule.release)
            found.append(
                _Leaf(
                    self.names.index(use.character.id), place, use.rule, others, compile(use.rule.trigger), release,
                    pause(self.study, use.character, use.rule.name), np.zeros(STARTS), np.full(STARTS, -1),
                )
            )  # fmt: skip
        return found

    def run(self) -> dict[Node, Flags]:
        """(STARTS,) for each rule of each character: whether it still happened late."""
        late: dict[Node, Flags] = {}
        for step in range(int(SECONDS / STEP)):
            now = step * STEP
            excite = np.einsum("cij,sjc->sic", self.gains, self.emotion)
            inhibit = np.zeros_like(self.emotion)
            up, down = np.ones_like(self.emotion), np.ones_like(self.emotion)
            busy = np.zeros(self.acting.shape, np.bool_)
            for leaf in self.leaves:
                running = self._play(leaf, now, busy, excite, inhibit, up, down)
                if now >= SECONDS - LATE:
                    node = (self.names[leaf.me], leaf.rule.name)
                    late[node] = late.get(node, np.zeros(STARTS, np.bool_)) | running
            self._flow(excite, inhibit, up, down)
        return late

    def _play(
        self, leaf: _Leaf, now: float, busy: Flags, excite: Floats, inhibit: Floats, up: Floats, down: Floats
    ) -> Flags:
        """Start, keep or stop one rule in all starts, and collect what it does; returns where it ran."""
        me, acting = leaf.me, self.acting[:, leaf.me]
        running = acting == leaf.place
        holds, bearer = self._chosen(leaf)
        if leaf.release is None:
            keeps = holds
        else:
            keeps = ~self._read(leaf, leaf.release, leaf.bearer)
        lost = running & (~keeps | busy[:, me])
        acting[lost] = -1
        running &= ~lost
        free = ~busy[:, me] & ((acting == -1) | (acting > leaf.place))
        begins = holds & free & ~running & (leaf.ready_at <= now)
        acting[begins], self.ends[begins, me], leaf.bearer[begins] = leaf.place, now + leaf.rule.lasts, bearer[begins]
        running |= begins
        busy[:, me] |= running
        done = running & (self.ends[:, me] <= now)
        acting[done] = -1
        leaf.ready_at[done] = now + leaf.pause + STEP
        for change in leaf.rule.aim:
            where = running if change.per_second else done
            rows = np.flatnonzero(where)
            on = np.full(len(rows), me) if change.on_self else leaf.bearer[rows]
            rows, on = rows[on >= 0], on[on >= 0]
            column = self.labels.index(change.label)
            if change.per_second:
                (excite if change.amount > 0 else inhibit)[rows, on, column] += abs(change.amount)
            else:
                (up if change.amount > 0 else down)[rows, on, column] *= 1.0 - abs(change.amount)
        ran: Flags = running
        return ran

    def _chosen(self, leaf: _Leaf) -> tuple[Flags, NDArray[np.int64]]:
        """Where the trigger holds, and for which bearer: the first for whom it does."""
        bearer = np.full(STARTS, -1)
        if not leaf.others:
            return self._read(leaf, leaf.trigger, bearer), bearer
        holds = np.zeros(STARTS, np.bool_)
        for other in leaf.others:
            fits = self._read(leaf, leaf.trigger, np.full(STARTS, other)) & ~holds
            bearer[fits] = other
            holds |= fits
        return holds, bearer

    def _read(self, leaf: _Leaf, program: Program, bearer: NDArray[np.int64]) -> Flags:
        columns = self._columns(leaf.rule, leaf.me, np.maximum(bearer, 0))
        flags: Flags = np.broadcast_to(program(columns), (STARTS,))
        return flags

    def _columns(self, rule: AutonomousRule, me: int, bearer: NDArray[np.int64]) -> Columns:
        rows = np.arange(STARTS)

        def column(name: str) -> Floats | float:
            if name == "distance":
                return NEAR
            if name == "likes":
                liked: Floats = self.likes[me, bearer]
                return liked
            if name in self.variables:
                return self.variables[name]
            if not name.startswith("bearer."):
                return self._feeling(name, self.emotion[:, me], self.mood[:, me], me)
            rest = name.removeprefix("bearer.")
            if rest in TRAITS:
                traits: Floats = self.traits[bearer, TRAITS.index(rest)]
                return traits
            if rest not in self.labels and rest != NEUTRAL and not rest.startswith("mood."):
                return self.variables[f"{rule.bearer.name}.{rest}"]
            return self._feeling(rest, self.emotion[rows, bearer], self.mood[rows, bearer], 0)

        return column

    def _feeling(self, name: str, emotion: Floats, mood: Floats, me: int) -> Floats | float:
        if name in self.labels:
            column: Floats = emotion[:, self.labels.index(name)]
            return column
        if name == NEUTRAL:
            rest: Floats = 1.0 - emotion.max(1)
            return rest
        if name in TRAITS:
            return float(self.traits[me, TRAITS.index(name)])
        axis: Floats = mood[:, ("mood.pleasure", "mood.arousal", "mood.dominance").index(name)]
        return axis

    def _flow(self, excite: Floats, inhibit: Floats, up: Floats, down: Floats) -> None:
        rate = self.decay + excite + inhibit
        rest = (excite + self.decay * self.calm) / rate
        self.emotion = rest + (self.emotion - rest) * np.exp(-rate * STEP)
        self.emotion = (1.0 - (1.0 - self.emotion) * up) * down
        pulled = np.einsum("snc,ca->sna", self.emotion - self.calm, self.pad)
        self.mood += (self.home + pulled - self.mood) * (1.0 - np.exp(-self.slow * STEP))
