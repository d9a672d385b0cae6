"""Owns utterances that a cross-modal network judges: what it is asked, its window of earlier ones, late answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.hearing import LOCKSTEP_PATIENCE_S, Spoken, Understood
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.perception.label_maps import told_in
from emotion_runtime.perception.moments import JointJob, JointService, Moment, Sound
from emotion_runtime.perception.results import TextResult
from emotion_runtime.world import World

JOINED: Final = 2**52
"""Added to an utterance's ticket it is that of the network's answer: in recordings both have a number of their own."""
PATIENCE_US: Final = 1_000_000
"""Simulated microseconds that an utterance waits for the network; then the rule of `fusion` decides."""
MOST_PENDING: Final = 64
"""Utterances with the network at once, so that their sound is bounded; more are decided by the rule."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A cross-modal network at work: the modalities (of `fusion`) it knows, utterances it looks at, its reliability."""

    service: JointService
    modalities: tuple[str, ...]
    steps: int
    reliability: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """An utterance as all modalities have it, before the network: `ruled` is what `fusion` makes of it.

    `has`: the modalities it has. `finish`: the network's probabilities in the scene's labels and which of these it
    knows -> what enters.
    """

    ruled: Understood
    text: str
    sound: Sound | None
    face: tuple[float, ...] | None
    has: tuple[str, ...]
    finish: Callable[[tuple[float, ...], tuple[bool, ...]], Understood]


@dataclass(frozen=True, slots=True)
class _Asked:
    evidence: Evidence
    since_us: int


@dataclass(frozen=True, slots=True)
class _Window:
    conversation: str
    moments: tuple[Moment, ...]


class Joining:
    """Asks where at least two of the network's modalities are there. Deterministic but for when answers come.

    The window of an utterance: those before it that its speaker said or heard in the same conversation. When the
    network fails or takes too long, the rule's answer enters, and `fell_back` counts.
    """

    def __init__(self, world: World, joint: Joint | None, kernels: Kernels) -> None:
        self._world = world
        self._joint = joint
        self._kernels = kernels
        self._pending: dict[int, _Asked] = {}
        self._answered: dict[int, TextResult] = {}
        self._windows: dict[int, _Window] = {}
        self.answers: list[Understood] = []
        """What the network said in this tick, by tickets from JOINED on, for recordings."""
        self.judged = self.fell_back = 0

    @property
    def waiting(self) -> int:
        """Utterances with the network."""
        return len(self._pending)

    @property
    def active(self) -> bool:
        """Whether there is a network."""
        return self._joint is not None

    @property
    def knows(self) -> tuple[str, ...]:
        """The modalities of the network."""
        return () if self._joint is None else self._joint.modalities

    @property
    def reliability(self) -> float:
        """How far the network's word is to be trusted, 0..1."""
        return 0.0 if self._joint is None else self._joint.reliability

    def take(self, evidence: Evidence, now_us: int) -> Understood | None:
        """None: the network is asked about it. Else what enters now, by the rule."""
        joint, ruled = self._joint, evidence.ruled
        if joint is None:
            return ruled
        moment = Moment(evidence.text, evidence.sound, evidence.face)
        window = self._remember(ruled.spoken, moment.without_sound(), joint.steps)
        known = [each for each in evidence.has if each in joint.modalities]
        if len(known) < 2:
            return ruled
        if len(self._pending) >= MOST_PENDING:
            self.fell_back += 1
            return ruled
        ticket = JOINED + ruled.ticket
        self._pending[ticket] = _Asked(evidence, now_us)
        if not joint.service.submit(JointJob(ticket, (*window, moment))):
            self._answered[ticket] = TextResult(ticket, (), failed="perception_shed")
        return None

    def due(self, now_us: int, *, wait: bool) -> list[Understood]:
        """What enters in this tick. `wait`: for all answers (lock-step)."""
        self.answers = []
        joint = self._joint
        if joint is None or not self._pending:
            return []
        missing = len(self._pending) - len(self._answered)
        if missing:
            found = joint.service.wait(missing, LOCKSTEP_PATIENCE_S) if wait else joint.service.collect()
            self._answered.update({each.ticket: each for each in found if each.ticket in self._pending})
        if wait:
            for ticket in self._pending.keys() - self._answered.keys():
                self._answered[ticket] = TextResult(ticket, (), failed="perception_failed")
        entering = [self._enter(ticket, joint) for ticket in sorted(self._answered)]
        for ticket, asked in list(self._pending.items()):
            if now_us - asked.since_us >= PATIENCE_US:
                joint.service.cancel(ticket)
                del self._pending[ticket]
                self.fell_back += 1
                entering.append(asked.evidence.ruled)
        return entering

    def unfinished(self) -> list[Understood]:
        """What the rule makes of the utterances that are with the network."""
        return [asked.evidence.ruled for asked in self._pending.values()]

    def carry(self, before: Joining, subjects: NDArray[np.int64]) -> list[Understood]:
        """Take over the windows; returns, with the old rows, what is decided by the rule now that the scene changed."""
        self.judged, self.fell_back = before.judged, before.fell_back + len(before._pending)
        for row, window in before._windows.items():
            if int(subjects[row]) != NOBODY:
                self._windows[int(subjects[row])] = window
        return before.unfinished()

    def health(self) -> Mapping[str, int]:
        """Utterances judged by the network, decided by the rule although the network was asked, and under way."""
        return {"judged": self.judged, "fell_back": self.fell_back, "under_way": len(self._pending)}

    def _enter(self, ticket: int, joint: Joint) -> Understood:
        asked, result = self._pending.pop(ticket), self._answered.pop(ticket)
        evidence = asked.evidence
        if result.failed:
            self.fell_back += 1
            self.answers.append(replace(evidence.ruled, ticket=ticket, probabilities=(), failed=result.failed))
            return evidence.ruled
        self.judged += 1
        probabilities, known = told_in(joint.service.health().labels, result.probabilities, self._world.labels)
        whole = evidence.finish(probabilities, known)
        seconds = max(whole.seconds, result.seconds)
        self.answers.append(replace(whole, ticket=ticket, probabilities=probabilities, seconds=result.seconds))
        return replace(whole, seconds=seconds)

    def _remember(self, spoken: Spoken, moment: Moment, steps: int) -> tuple[Moment, ...]:
        """The window before this utterance; from now on it is the last one of its speaker and of all in hearing."""
        world = self._world
        before = self._windows.get(spoken.speaker)
        earlier = before.moments if before is not None and before.conversation == spoken.conversation else ()
        window = _Window(spoken.conversation, (*earlier, moment)[-steps + 1 :] if steps > 1 else ())
        x, y, z = world.position[spoken.speaker].tolist()
        for row in self._kernels.form.near(world.position, x, y, z, world.hearing_squared):
            self._windows[int(row)] = window
        self._windows[spoken.speaker] = window
        return earlier
