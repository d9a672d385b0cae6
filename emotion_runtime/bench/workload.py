"""Owns the common work of the behavior benchmark: one tree, two inputs that wander, and how long actions take.

In py_trees' words the tree has 12 nodes:

    Selector(memory=False)
      Sequence(memory=False)   fear > 0.6, flee (runs for ever)
      Sequence(memory=True)    Inverter(anger <= 0.5), confront (succeeds in its 5th tick)
      Parallel(SuccessOnAll)   idle (runs for ever), Repeat(1000)(look, which succeeds in its 2nd tick)

In ours it has 9 nodes and 2 conditions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from behaviors import AutonomousRule, Bearer, Forest, Who
from behaviors.expressions import parse
from behaviors.trees import Filter, Leaf, Modifier, Modify, Parallel, Repeat, Selector, Tree

FEAR, ANGER = 0.6, 0.5
CONFRONT_TICKS, LOOK_TICKS, LOOKS = 5, 2, 1000
SEED, STEP = 7, 0.02
KNOWN_TICKS, KNOWN_COUNT, KNOWN_FLEE = 60, 1000, 25_295
"""In 60 ticks 1,000 characters spend so many character-ticks in flight, whoever ticks them."""
LABELS = ("anger", "fear")
LEAVES = ("flee", "confront", "idle", "look")
LASTS = (None, CONFRONT_TICKS, None, LOOK_TICKS)

Walk = NDArray[np.float32]


def walk(count: int, ticks: int) -> Walk:
    """(ticks, 2, count): fear and anger, a random walk with steps of about 0.02 that turns round at 0 and 1."""
    chance = np.random.default_rng(SEED)
    value = chance.random((2, count), dtype=np.float32)
    found = np.empty((ticks, 2, count), np.float32)
    for tick in range(ticks):
        value = np.abs(value + chance.normal(0, STEP, (2, count)).astype(np.float32))
        value = np.where(value > 1, 2 - value, value).astype(np.float32)
        found[tick] = value
    return found


def forest(count: int) -> Forest:
    """The tree for so many characters."""
    tree = Tree(
        "common",
        Selector(
            (
                Filter(Leaf("flee"), parse(f"fear > {FEAR}")),
                Modify(Leaf("confront"), Modifier.GUARD, 0.0, parse(f"anger > {ANGER}")),
                Parallel((Leaf("idle"), Repeat(Leaf("look"), LOOKS))),
            )
        ),
    )
    rules = {name: AutonomousRule(name, Bearer(Who.SELF), parse("true"), 1.0) for name in LEAVES}
    return Forest([tree] * count, rules, {"neutral": (0.0, 0.0, 0.0)})
