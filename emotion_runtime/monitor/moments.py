"""Owns one moment of a scene as a page shows it beside the stream: causes, tree reasons, places and variables."""

from __future__ import annotations

from collections.abc import Iterable
from math import log
from typing import Any, Final

import numpy as np

from behaviors.columns import Frame
from emotion_runtime.behaving import RunningAction
from emotion_runtime.explain import Reason, why_emotion
from emotion_runtime.monitor.reasons import Reasons
from emotion_runtime.simulation import Simulation

Plain = dict[str, Any]

FADED: Final = 0.01
"""A contribution of this size is as good as gone: `left` counts down to it."""
MOST_PLACES: Final = 4096
"""Subjects whose places are told; the map of more would be one colour."""
MOST_CAUSES: Final = 6


class Moments:
    """Takes moments of one simulation. It remembers when each cause last grew; made anew after a reload."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._reasons = Reasons(sim)
        self._grew: dict[tuple[int, str, str], tuple[float, int, bool]] = {}

    def take(self, characters: Iterable[int]) -> Plain:
        """The scene after its last tick, with all that explains these characters (rows)."""
        sim, world = self._sim, self._sim.world
        state = sim.behaving.executor.state()
        frame = Frame(world.senses())
        who = {}
        for row in characters:
            name = world.names[row]
            who[name] = {
                "mood": sim[name].mood.name,
                "why": {label: self._why(row, label) for label in world.channels},
                "nodes": self._reasons.of(row, state, frame),
                "acts": [_act(action) for action in sim.behaving.acting(row, round(sim.time * 1e6))],
            }
        places = world.position[:MOST_PLACES, [0, 2]] if len(world.position) <= MOST_PLACES else np.empty((0, 2))
        return {
            "type": "moment",
            "tick": sim.tick,
            "time": round(sim.time, 6),
            "places": np.round(places, 2).tolist(),
            "variables": {name: round(value, 4) for name, value in sim.variables().items()},
            "who": who,
        }

    def _why(self, row: int, label: str) -> list[Plain]:
        reasons = why_emotion(self._sim.world, row, label).reasons[:MOST_CAUSES]
        return [self._moodlet(row, label, reason) for reason in reasons if abs(reason.amount) > FADED / 4]

    def _moodlet(self, row: int, label: str, reason: Reason) -> Plain:
        """A cause with its share, the seconds until it has faded, and the tick since which it counts."""
        world, key = self._sim.world, (row, label, reason.cause)
        before, since, acting = self._grew.get(key, (0.0, self._sim.tick, False))
        size = abs(reason.amount)
        if size > before + 1e-9:
            if size > before + FADED or not acting:
                since = self._sim.tick
            acting = True
        elif size < before:
            acting = False
        self._grew[key] = size, since, acting
        left = log(size / FADED) / float(world.constants.decay[row, world.channel[label]]) if size > FADED else 0.0
        return {
            "cause": reason.cause,
            "kind": reason.kind,
            "subject": reason.subject,
            "amount": round(reason.amount, 4),
            "share": round(reason.share, 4),
            "left": round(left, 1),
            "acting": acting,
            "since": since,
        }


def _act(action: RunningAction) -> Plain:
    return {
        "rule": action.rule,
        "bearers": [each for each in action.bearers if each != action.character],
        "elapsed": round(action.elapsed, 2),
        "lasts": action.lasts,
    }
