"""Random trees of all forms and modifiers, and random inputs for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from behaviors.executor import Codes, Executor, Outcomes
from behaviors.expressions import parse
from behaviors.forest import Forest
from behaviors.senses import Flags
from behaviors.trees import Choose, Filter, Leaf, Modifier, Modify, Node, Parallel, Repeat, Selector, Sequence, Tree
from tests.behaviors.stage import PAD, rule

RULES = {name: rule(name, "self", "true") for name in "abcd"}
CONDITION = parse("fear < 0.5")
SPANS = (0.1, 0.25, 0.4)
STEP_US = 100_000
TICKS = 24

leaf_forms = st.sampled_from("abcd").map(Leaf)


def grown(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(below, min_size=1, max_size=3).map(tuple)
    timed = st.sampled_from((Modifier.TIMEOUT, Modifier.COOLDOWN, Modifier.DELAY))
    plain = st.sampled_from((Modifier.INVERT, Modifier.FORCE_SUCCESS, Modifier.FORCE_FAILURE, Modifier.ONCE))
    return st.one_of(
        st.builds(Sequence, several),
        st.builds(Selector, several),
        several.flatmap(
            lambda some: st.builds(Choose, st.just(some), st.tuples(*(st.sampled_from((1.0, 2.0, 5.0)) for _ in some)))
        ),
        st.builds(Filter, below, st.just(CONDITION)),
        several.flatmap(
            lambda some: st.builds(
                Parallel, st.just(some), st.one_of(st.sampled_from(("all", "one")), st.integers(0, len(some) - 1))
            )
        ),
        st.builds(Repeat, below, st.one_of(st.none(), st.integers(1, 3))),
        st.builds(Repeat, below, st.none(), st.sampled_from(("success", "failure"))),
        st.builds(Modify, below, plain),
        st.builds(Modify, below, timed, st.sampled_from(SPANS)),
        st.builds(Modify, below, timed, st.sampled_from(SPANS), st.none(), st.just(0.6)),
        st.builds(Modify, below, st.just(Modifier.RETRY), st.integers(1, 3).map(float)),
        st.builds(Modify, below, st.just(Modifier.GUARD), st.just(0.0), st.just(CONDITION)),
    )


forms = grown(st.one_of(leaf_forms, grown(st.one_of(leaf_forms, grown(leaf_forms)))))
several_trees = st.lists(st.one_of(st.none(), forms), min_size=1, max_size=3)
kinds = st.lists(forms, min_size=1, max_size=3)
crowds = st.sampled_from((1, 2, 30, 70))
"""How often each tree is in a cast: often enough that characters of one shape fill more than a word."""


@dataclass
class Inputted:
    now_us: int
    ready: Flags
    holds: Flags
    reported: Codes
    conditions: Flags

    def give(self, executor: Executor) -> Outcomes:
        return executor.tick(self.now_us, self.ready, self.holds, self.reported, self.conditions)


def forest_of(roots: Iterable[Node | None]) -> Forest:
    """Each character has a tree of its own, but equal roots are one object."""
    trees: dict[int, Tree] = {}
    several = [None if root is None else trees.setdefault(id(root), Tree("tree", root)) for root in roots]
    return Forest(several, RULES, PAD)


def script(forest: Forest, seed: int, restless: float) -> list[Inputted]:
    """Random inputs that stay as they are on most ticks, as in a game; `restless` is the share that changes."""
    chance = np.random.default_rng(seed)
    slots, rows = len(forest.slots), len(forest.conditions)
    ready, holds, conditions = (chance.random(size) < 0.7 for size in (slots, slots, rows))
    ticks = []
    now = 0
    for _ in range(TICKS):
        now += STEP_US * int(chance.integers(1, 3))
        for column, share in ((ready, 0.7), (holds, 0.8), (conditions, 0.7)):
            fresh = chance.random(len(column)) < restless
            column[fresh] = chance.random(int(fresh.sum())) < share
        reported = np.where(chance.random(slots) < 0.3, chance.integers(1, 4, slots), 0).astype(np.uint8)
        ticks.append(Inputted(now, ready.copy(), holds.copy(), reported, conditions.copy()))
    return ticks


seeds = st.integers(0, 2**32 - 1)
shares = st.sampled_from((0.05, 0.5))


def examples(count: int, shrink: bool = True) -> settings:
    """So many random cases, however long each takes."""
    phases = tuple(Phase) if shrink else (Phase.generate,)
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)


def crowd(roots: list[Node], times: int) -> list[Node | None]:
    """A cast: somebody without a tree and one of each kind, so many times."""
    return [None, *roots] * times
