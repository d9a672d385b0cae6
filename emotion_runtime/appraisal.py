"""Owns cognition: turns what is heard or happens into impulses on the speaker and on everybody who notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.affect.ledger import NOBODY, Ledger
from emotion_runtime.affect.stimuli import Stimuli
from emotion_runtime.scene.resolved import AppraisalRow
from emotion_runtime.world import World

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

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

    def __init__(self, rows: Sequence[AppraisalRow], world: World) -> None:
        self._world = world
        self._heard: dict[str, list[AppraisalRow]] = {}
        self._events: dict[str, list[AppraisalRow]] = {}
        for row in rows:
            if row.heard is not None:
                self._heard.setdefault(row.heard, []).append(row)
            if row.event is not None:
                self._events.setdefault(row.event, []).append(row)

    def hear(
        self, speaker: int, addressed: int, probabilities: Mapping[str, float], stimuli: Stimuli, ledger: Ledger
    ) -> Flags:
        """`speaker` was understood as `probabilities` (label -> 0..1). Returns who noticed, (n,).

        The speaker's own emotions rise by EXPRESSED x probability. Each listener within its own hearing range feels
        the first matching row's emotions x probability x attention x closeness x temperament. `addressed` is a
        character or NOBODY.
        """
        world = self._world
        attention = self._attention(world.position[speaker])
        attention[speaker] = 0.0
        weight = attention * (1.0 + CLOSENESS * np.abs(world.likes[:, speaker]))
        told = np.zeros(world.n, dtype=np.bool_)
        if addressed != NOBODY:
            told[addressed] = True
        for label, probability in probabilities.items():
            if label == NEUTRAL or probability < FAINT:
                continue
            cause = ledger.number("said", speaker, label)
            stimuli.add(speaker, world.channel[label], EXPRESSED * probability, cause)
            rows = self._heard.get(label, ())
            self._feel(rows, speaker, told, weight * probability, cause, stimuli)
        return attention > 0.0

    def happen(
        self,
        event: str,
        cause_subject: int,
        at: tuple[float, float, float] | None,
        strength: float,
        stimuli: Stimuli,
        ledger: Ledger,
    ) -> Flags:
        """A declared event happened. Returns who noticed it, (n,): everybody, or those in hearing of `at`."""
        world = self._world
        attention = np.ones(world.n) if at is None else self._attention(np.array(at))
        nobody_told = np.zeros(world.n, dtype=np.bool_)
        number = ledger.number("event", cause_subject, event)
        self._feel(self._events.get(event, ()), cause_subject, nobody_told, attention * strength, number, stimuli)
        return attention > 0.0

    def _attention(self, at: Floats) -> Floats:
        """1 in the nearer half of each listener's hearing range, falling to 0 at its end."""
        world = self._world
        offset = world.position[: world.n] - at
        distance = np.sqrt(offset[:, 0] * offset[:, 0] + offset[:, 1] * offset[:, 1] + offset[:, 2] * offset[:, 2])
        return np.clip(2.0 * (1.0 - distance / world.hearing), 0.0, 1.0)

    def _feel(
        self,
        rows: Sequence[AppraisalRow],
        source: int,
        told: Flags,
        weight: Floats,
        cause: int,
        stimuli: Stimuli,
    ) -> None:
        world = self._world
        open_to = weight > 0.0
        for row in rows:
            matched = open_to & self._matches(row, source, told)
            if not matched.any():
                continue
            open_to &= ~matched
            for label, amount in row.feels.items():
                channel = world.channel[label]
                strengths = amount * weight * world.temperament[:, channel]
                for character in np.flatnonzero(matched).tolist():
                    stimuli.add(character, channel, float(strengths[character]), cause)

    def _matches(self, row: AppraisalRow, source: int, told: Flags) -> Flags:
        world = self._world
        matched = np.ones(world.n, dtype=np.bool_) if row.who is None else world.is_a(row.who).copy()
        from_character = 0 <= source < world.n
        if row.source is not None:
            matched &= from_character and bool(world.is_a(row.source)[source])
        if row.attitude is not None:
            likes = world.likes[:, source] if from_character else np.zeros(world.n)
            matched &= likes > ATTITUDE if row.attitude == "liked" else likes < -ATTITUDE
        if row.addressed is not None:
            matched &= told == row.addressed
        return matched
