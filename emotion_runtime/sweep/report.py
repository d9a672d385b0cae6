"""Owns what a sweep found: how often each thing happened, how strongly anybody felt, and the seeds of what is rare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from emotion_runtime.scene.resolved import Scene
from emotion_runtime.sweep.life import NEVER, Life
from emotion_runtime.sweep.plan import Plan

RARE: Final = 0.01
SEEDS: Final = 5
"""Seeds that are named for each rare thing."""
BINS: Final = 20
WIDTH: Final = 20


@dataclass(frozen=True, slots=True)
class Rate:
    """How many lives had something, with the 95 % Wilson interval of its share, and when it first came (median)."""

    name: str
    lives: int
    share: float
    low: float
    high: float
    median_s: float | None
    seeds: tuple[int, ...]
    """The first few of them; for what is common, of those that did not have it."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Strongest moments of one emotion of one character: quantiles, a histogram over 0..1, and the seed of the most."""

    character: str
    emotion: str
    quantiles: tuple[float, float, float, float, float]
    """5 %, 25 %, 50 %, 75 %, 95 %."""
    histogram: tuple[int, ...]
    most: float
    seed: int


@dataclass(frozen=True, slots=True)
class Findings:
    """All of it. `never`: rules that some character has in its tree and that started in no life."""

    scene: str
    lives: int
    simulated_s: float
    outcomes: tuple[Rate, ...]
    rules: tuple[Rate, ...]
    peaks: tuple[Peak, ...]
    never: tuple[str, ...]
    faults: tuple[tuple[int, str], ...]

    def rare(self, below: float = RARE) -> list[Rate]:
        """Outcomes and rules that came in fewer lives than that share, the rarest first."""
        found = [rate for rate in (*self.outcomes, *self.rules) if 0.0 < rate.share < below]
        return sorted(found, key=lambda rate: (rate.share, rate.name))

    def plain(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {"type": "sweep", **asdict(self), "rare": [asdict(rate) for rate in self.rare()]}

    def text(self) -> str:
        """For the terminal."""
        lines = [f"{self.scene}: {self.lives} lives, {self.simulated_s / 3600.0:.1f} simulated hours"]
        for title, rates in (("outcomes", self.outcomes), ("rules", self.rules)):
            lines += [f"{title}: lives that had it, 95 % interval, first at (median)"] if rates else []
            width = max((len(rate.name) for rate in rates), default=0)
            lines += [f"  {rate.name:<{width}} {_bar(rate.share)} {_words(rate)}" for rate in rates]
        rare = self.rare()
        lines += [f"rare, in fewer than {RARE:.0%} of lives:"] if rare else []
        lines += [f"  {rate.name}: {rate.lives}, seeds {', '.join(map(str, rate.seeds))}" for rate in rare]
        lines += [f"never started: {', '.join(self.never)}"] if self.never else []
        lines += [f"FAULT in seed {seed}: {what}" for seed, what in self.faults[:10]]
        lines += [f"... and {len(self.faults) - 10} faults more"] if len(self.faults) > 10 else []
        return "\n".join(lines) + "\n"


def found(plan: Plan, scene: Scene, lives: Sequence[Life]) -> Findings:
    """Add up lives of the same plan."""
    happened: dict[str, dict[int, float]] = {}
    for life in lives:
        for who, rule, _, first in life.started:
            happened.setdefault(f"{who} does {rule}", {})[life.seed] = first
    can = [f"{person.id} does {rule}" for person in scene.characters for rule in person.can]
    seeds = [life.seed for life in lives]
    outcomes = [
        _rate(text, seeds, {life.seed: life.held[index] for life in lives if life.held[index] != NEVER})
        for index, text in enumerate(plan.outcomes)
    ]
    return Findings(
        scene.name,
        len(lives),
        plan.ticks * plan.tick * len(lives),
        tuple(outcomes),
        tuple(_rate(name, seeds, happened[name]) for name in sorted(happened)),
        tuple(_peaks(scene, lives)),
        tuple(name for name in sorted(set(can)) if name not in happened) if lives else (),
        tuple((life.seed, life.fault) for life in lives if life.fault),
    )


def wilson(hits: int, of: int, z: float = 1.959964) -> tuple[float, float]:
    """Interval of a share (Wilson 1927); 0..1 when nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _rate(name: str, seeds: Sequence[int], when: dict[int, float]) -> Rate:
    share = len(when) / len(seeds) if seeds else 0.0
    wanted = [seed for seed in seeds if (seed in when) is (share <= 0.5)]
    times = sorted(when.values())
    median = times[len(times) // 2] if times else None
    return Rate(name, len(when), share, *wilson(len(when), len(seeds)), median, tuple(wanted[:SEEDS]))


def _peaks(scene: Scene, lives: Sequence[Life]) -> list[Peak]:
    if not lives:
        return []
    all_of = np.array([life.peak for life in lives])
    peaks = []
    for row, person in enumerate(scene.characters):
        for column, label in enumerate(scene.labels):
            if label == "neutral":
                continue
            values = all_of[:, row, column]
            low, quarter, middle, upper, high = (
                round(float(q), 4) for q in np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))
            )
            counts = tuple(int(count) for count in np.histogram(values, BINS, (0.0, 1.0))[0])
            most = int(values.argmax())
            quantiles = (low, quarter, middle, upper, high)
            peaks.append(Peak(person.id, label, quantiles, counts, round(float(values[most]), 4), lives[most].seed))
    return peaks


def _bar(share: float) -> str:
    full = round(share * WIDTH)
    return "█" * full + "·" * (WIDTH - full)


def _words(rate: Rate) -> str:
    when = f", {rate.median_s:.3g} s" if rate.median_s is not None else ""
    return f"{rate.share:6.1%} [{rate.low:.1%}, {rate.high:.1%}]{when}"
