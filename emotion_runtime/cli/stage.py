"""Owns where the demo's actors stand: the part of a game engine that walks them about as their actions demand."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WALK: Final = 1.2
RUN: Final = 3.0
ARM_LENGTH: Final = 1.2
"""Metres: whoever goes to somebody stops here."""

AWAY: Final = frozenset({"flee"})
TOWARDS: Final = frozenset(
    {"confront", "arrest", "comfort", "rock_baby", "sell", "chat", "steal", "dance", "cry", "gloat"}
)
WANDER: Final = frozenset({"patrol", "look_around"})
FLOOR: Final = ((0.5, 13.5), (0.5, 8.5))
"""Where one can stand: x and z from, to."""


@dataclass(slots=True)
class _Actor:
    at: tuple[float, float]
    action: int = 0
    rule: str = ""
    bearer: str = ""
    goal: tuple[float, float] | None = None


class Stage:
    """Positions on a floor (x, z in metres, y = 0), stepped by the demo. All chance comes from `seed`."""

    def __init__(self, characters: Sequence[str], places: Mapping[str, tuple[float, float, float]], seed: int) -> None:
        self._characters = tuple(characters)
        self._random = random.Random(seed)
        self._actors = {name: _Actor((places[name][0], places[name][2])) for name in characters}
        self._things = {name: (at[0], at[2]) for name, at in places.items() if name not in self._actors}

    def start(self, action: int, character: str, rule: str, bearers: Sequence[str]) -> None:
        """An actor begins an action."""
        actor = self._actors[character]
        actor.action, actor.rule, actor.goal = action, rule, None
        actor.bearer = bearers[0] if bearers else ""

    def stop(self, action: int, character: str) -> None:
        """An actor ends an action; a later one it began meanwhile goes on."""
        actor = self._actors[character]
        if actor.action == action:
            actor.action, actor.rule, actor.bearer, actor.goal = 0, "", "", None

    def step(self, dt: float) -> bool:
        """Walk everybody for `dt` seconds. Returns whether anybody moved."""
        moved = False
        for actor in self._actors.values():
            target, speed = self._wish(actor)
            if target is not None:
                moved |= _walk(actor, target, speed * dt)
        return moved

    def xyz(self) -> NDArray[np.float32]:
        """(n, 3) in the order of the roster."""
        places = [self._actors[name].at for name in self._characters]
        return np.array([(x, 0.0, z) for x, z in places], dtype=np.float32)

    def _wish(self, actor: _Actor) -> tuple[tuple[float, float] | None, float]:
        there = self._place(actor.bearer)
        if actor.rule in AWAY and there is not None:
            dx, dz = actor.at[0] - there[0], actor.at[1] - there[1]
            length = math.hypot(dx, dz) or 1.0
            return (actor.at[0] + 4.0 * dx / length, actor.at[1] + 4.0 * dz / length), RUN
        if actor.rule in TOWARDS and there is not None:
            close = math.dist(actor.at, there) <= ARM_LENGTH
            return (None if close else there), WALK
        if actor.rule in WANDER:
            if actor.goal is None or math.dist(actor.at, actor.goal) < 0.2:
                actor.goal = tuple(self._random.uniform(*span) for span in FLOOR)  # type: ignore[assignment]
            return actor.goal, WALK
        return None, 0.0

    def _place(self, name: str) -> tuple[float, float] | None:
        actor = self._actors.get(name)
        return actor.at if actor is not None else self._things.get(name)


def _walk(actor: _Actor, target: tuple[float, float], reach: float) -> bool:
    distance = math.dist(actor.at, target)
    if distance < 1e-6:
        return False
    part = min(1.0, reach / distance)
    x = actor.at[0] + part * (target[0] - actor.at[0])
    z = actor.at[1] + part * (target[1] - actor.at[1])
    (left, right), (near, far) = FLOOR
    actor.at = (min(right, max(left, x)), min(far, max(near, z)))
    return True
