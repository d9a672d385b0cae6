"""Owns the behavior benchmark: first that all contenders do the same work, then what it costs, side by side."""

from __future__ import annotations

import gc
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from behaviors import compiled
from emotion_runtime.bench import contenders, peers, workload
from emotion_runtime.bench.contenders import Contender
from emotion_runtime.errors import EmotionRuntimeError

COUNTS = (100, 1_000, 10_000, 100_000)
PEERS_UP_TO = 10_000
"""py_trees would need about 1 GB and 5 s a tick at 100,000."""
LENGTH = 60
"""Ticks of the walk; it starts over."""
QUICK = 10
"""The compiled forms have so many ticks in their turn for one of the others: a turn is still the shortest."""
OWN = {
    "reference": contenders.reference,
    "numpy": contenders.numpy,
    "numba": contenders.numba,
    "numba x 2": contenders.two_threads,
}
"""The last is the third in two threads: a row of its own, never the headline where a crowd of that size gets one."""
COMPILED = ("numpy", "numba", "numba x 2")
PEERS: dict[str, tuple[str, Callable[[int], Contender]]] = {
    "py_trees": ("py_trees", peers.PyTrees),
    "behaviortreepy": ("behaviortreepy", peers.BehaviorTreePy),
    "bonsai-bt": ("bonsai_bt", peers.Bonsai),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One contender at one size: nanoseconds a character-tick (median of cycles), and py_trees' over it.

    `faster` maps a peer to how many times as long it took, per cycle: median, least, most.
    """

    contender: str
    count: int
    nanoseconds: float
    microseconds: float
    faster: dict[str, tuple[float, float, float]]


def present() -> dict[str, Callable[[int], Contender]]:
    """The contenders that are installed here."""
    found = {name: make for name, (module, make) in PEERS.items() if importlib.util.find_spec(module)}
    return found | {name: make for name, make in OWN.items() if "numba" not in name or compiled.available()}


def check_equal_work() -> dict[str, tuple[int, int]]:
    """Character-ticks in flight and events of each contender in the known run; peers have no events.

    Raises `EmotionRuntimeError` when one of them differs: then no time is worth anything.
    """
    inputs = workload.walk(workload.KNOWN_COUNT, workload.KNOWN_TICKS)
    found: dict[str, tuple[int, int]] = {}
    for name, make in present().items():
        contender = make(workload.KNOWN_COUNT)
        for tick in inputs:
            contender.tick(tick)
        found[name] = contender.flee, contender.events
    events = {found[name][1] for name in OWN if name in found}
    if {flee for flee, _ in found.values()} != {workload.KNOWN_FLEE} or len(events) != 1:
        raise EmotionRuntimeError("unequal_work", f"the contenders did different work: {found}", "")
    return found


def measure(count: int, cycles: int, ticks: int) -> list[Row]:
    """All contenders one after the other in short slices, so many cycles; peers only up to `PEERS_UP_TO`."""
    makers = {name: make for name, make in present().items() if count <= PEERS_UP_TO or name in COMPILED}
    everyone = {name: make(count) for name, make in makers.items()}
    inputs = workload.walk(count, LENGTH)
    gc.collect()
    gc.freeze()
    for contender in everyone.values():
        contender.tick(inputs[0])
        contender.tick(inputs[1])
    took: dict[str, list[float]] = {name: [] for name in everyone}
    turns = dict.fromkeys(everyone, 2)
    for _ in range(cycles):
        for name, contender in everyone.items():
            first, turns[name] = turns[name], turns[name] + ticks * (QUICK if name in COMPILED else 1)
            took[name].append(median(contender.tick(inputs[each % LENGTH]) for each in range(first, turns[name])))
    gc.unfreeze()
    return [_row(name, count, took) for name in everyone]


def _row(name: str, count: int, took: dict[str, list[float]]) -> Row:
    faster: dict[str, tuple[float, float, float]] = {}
    for peer in PEERS:
        if peer in took and peer != name:
            ratios = [theirs / mine for theirs, mine in zip(took[peer], took[name], strict=True)]
            faster[peer] = median(ratios), min(ratios), max(ratios)
    middle = median(took[name])
    return Row(name, count, middle / count * 1e9, middle * 1e6, faster)
