"""Owns cognition: turns what is heard or happens into impulses on the speaker and on everybody who notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.affect.ledger import NOBODY, Ledger
from emotion_runtime.affect.stimuli import Stimuli
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.scene.resolved import AppraisalRow
from emotion_runtime.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
NONE: Final = np.zeros(0, np.int32)

EXPRESSED: Final = 0.5
"""Share of an emotion heard in one's own words that one comes to feel: saying it makes it more so."""

FAINT: Final = 0.05
"""Probabilities below this are noise of the model, not something heard."""

CLOSENESS: Final = 0.5
"""Who is liked or disliked with strength 1 moves us this much more than a stranger does."""

ATTITUDE: Final = 0.3
"""From here on somebody counts as liked; from minus this as disliked."""


class Appraisal:
    """The scene's table (first match wins for each listener and each label heard) over the world's columns."""

    def __init__(self, rows: Sequence[AppraisalRow], world: World, kernels: Kernels) -> None:
        self._world = world
        self._kernels = kernels
        self._heard: dict[str, list[AppraisalRow]] = {}
        self._events: dict[str, list[AppraisalRow]] = {}
        for row in rows:
            if row.heard is not None:
                self._heard.setdefault(row.heard, []).append(row)
            if row.event is not None:
                self._events.setdefault(row.event, []).append(row)

    def hear(
        self, speaker: int, addressed: int, probabilities: Mapping[str, float], stimuli: Stimuli, ledger: Ledger
    ) -> Ints:
        """`speaker` was understood as `probabilities` (label -> 0..1). Returns who noticed, ascending.

        The speaker's own emotions rise by EXPRESSED x probability. Each listener within its own hearing range feels
        the first matching row's emotions x probability x attention x closeness x temperament. `addressed` is a
        character or NOBODY.
        """
        world = self._world
        rows, attention = self._listeners(world.position[speaker])
        others = rows != speaker
        listeners: Ints = rows[others]
        attention = attention[others]
        likes = world.attitudes.pairs(listeners, speaker)
        weight = attention * (1.0 + CLOSENESS * np.abs(likes))
        for label, probability in probabilities.items():
            if label == NEUTRAL or probability < FAINT:
                continue
            cause = ledger.number("said", speaker, label)
            stimuli.add(speaker, world.channel[label], EXPRESSED * probability, cause)
            table = self._heard.get(label, ())
            self._feel(table, speaker, addressed, listeners, likes, weight * probability, cause, stimuli)
        return listeners

    def happen(
        self,
        event: str,
        cause_subject: int,
        at: tuple[float, float, float] | None,
        strength: float,
        stimuli: Stimuli,
        ledger: Ledger,
    ) -> Ints:
        """A declared event happened. Returns who noticed it, ascending: everybody, or those in hearing of `at`."""
        world = self._world
        if at is None:
            rows, attention = np.arange(world.n, dtype=np.int32), np.ones(world.n)
        else:
            rows, attention = self._listeners(np.array(at))
        likes = np.zeros(len(rows))
        if 0 <= cause_subject < world.n:
            likes = world.attitudes.pairs(rows, cause_subject)
        number = ledger.number("event", cause_subject, event)
        table = self._events.get(event, ())
        self._feel(table, cause_subject, NOBODY, rows, likes, attention * strength, number, stimuli)
        return rows

    def _listeners(self, at: Floats) -> tuple[Ints, Floats]:
        """Who hears what is said there, ascending, and how well: 1 in the nearer half of the range, 0 at its end."""
        world = self._world
        rows = self._kernels.form.near(world.position, *at.tolist(), world.hearing_squared)
        gap = world.position[rows] - at
        metres = np.sqrt(gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1] + gap[:, 2] * gap[:, 2])
        attention = np.clip(2.0 * (1.0 - metres / world.hearing[rows]), 0.0, 1.0)
        heard = attention > 0.0
        found: Ints = rows[heard]
        return found, attention[heard]

    def _feel(
        self,
        table: Sequence[AppraisalRow],
        source: int,
        addressed: int,
        rows: Ints,
        likes: Floats,
        weight: Floats,
        cause: int,
        stimuli: Stimuli,
    ) -> None:
        world = self._world
        undecided = weight > 0.0
        for row in table:
            matched = undecided & self._matches(row, source, addressed, rows, likes)
            if not matched.any():
                continue
            undecided &= ~matched
            who = rows[matched]
            for label, amount in row.feels.items():
                channel = world.channel[label]
                strengths = amount * weight[matched] * world.temperament[who, channel]
                stimuli.add_many(who, channel, strengths, cause)

    def _matches(self, row: AppraisalRow, source: int, addressed: int, rows: Ints, likes: Floats) -> Flags:
        world = self._world
        matched = np.ones(len(rows), dtype=np.bool_)
        if row.who is not None:
            matched &= np.isin(rows, world.tagged.get(row.who, NONE))
        if row.source is not None:
            matched &= bool((world.tagged.get(row.source, NONE) == source).any())
        if row.attitude is not None:
            matched &= likes > ATTITUDE if row.attitude == "liked" else likes < -ATTITUDE
        if row.addressed is not None:
            matched &= (rows == addressed) == row.addressed
        return matched
