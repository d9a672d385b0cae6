"""Owns utterances on their way: the context each line is understood in, jobs in flight, and answers that are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.inputs import Speech
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.perception.fusion import TEXT
from emotion_runtime.perception.label_maps import in_labels
from emotion_runtime.perception.moments import Sound
from emotion_runtime.perception.results import Line, TextJob, TextResult
from emotion_runtime.perception.service import TextService
from emotion_runtime.world import World

LOCKSTEP_PATIENCE_S: Final = 60.0
"""Wall seconds a lock-step tick waits for the model before it reports the perception as failed."""

JOBS: Final = 2**53
"""More tickets than there ever are."""

SPARE_LINES: Final = 256
"""Lines nobody remembers any more that are kept until it is worth looking for them."""

MOST_CONTEXT: Final = 4
"""Earlier lines handed to a model."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance with its names resolved. `addressed` is a character index or NOBODY."""

    speaker: int
    addressed: int
    text: str
    number: int
    conversation: str
    heard: Mapping[str, float] | None
    source: int
    speech: Speech | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """An answer that enters this tick: probabilities in the order of the world's labels, or empty with `failed`."""

    ticket: int
    spoken: Spoken
    probabilities: tuple[float, ...]
    seconds: float = 0.0
    failed: str = ""
    modality: str = TEXT
    partial: bool = False
    confidence: float = 0.0
    age: float = 0.0
    known: tuple[bool, ...] = ()
    """Which labels the model can tell; empty: all."""
    sound: Sound | None = None
    """What was heard, kept for a cross-modal network only."""
    lasts: float = 0.0
    """Seconds that the sound lasted."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A line, and the number of the one that its speaker knew before it in the same conversation; 0: none."""

    speaker: int
    text: str
    conversation: str
    before: int


@dataclass(frozen=True, slots=True, eq=False)
class HearingState:
    """All that is remembered of lines: those not answered yet, with the context each is understood in; the last ones.

    `lines`: (speaker, text, conversation, number of the line before) by number; `last` (n,): the number of the line
    each character knows last.
    """

    next_ticket: int
    waiting: dict[int, tuple[Spoken, tuple[Line, ...]]]
    lines: dict[int, tuple[int, str, str, int]]
    last: NDArray[np.int64]


class Hearing:
    """Hands lines to perception and gives the answers back in the order in which the lines were spoken.

    The context of a line is the last line its speaker said or heard in the same conversation, what was known to the
    speaker of that one before it, and so on: `MOST_CONTEXT` lines, of which a model takes the newest it wants. Without
    a service every line that brings no `heard` of its own fails with `perception_failed`.
    """

    def __init__(self, world: World, service: TextService | None, kernels: Kernels) -> None:
        self._world = world
        self._kernels = kernels
        self._service = service
        self._next_ticket = 1
        self._waiting: dict[int, Spoken] = {}
        self._contexts: dict[int, tuple[Line, ...]] = {}
        self._jobs = 0
        """Added to tickets in what is asked of the service: it may still owe answers to a state that was left."""
        self._answered: dict[int, TextResult] = {}
        self._lines: dict[int, _Remembered] = {}
        self._last = np.zeros(world.n, np.int64)

    @property
    def waiting(self) -> int:
        """Lines whose answer has not entered a tick yet."""
        return len(self._waiting)

    def ticket(self) -> int:
        """The number of the next line or piece of a voice: 1, 2, 3 ..."""
        ticket, self._next_ticket = self._next_ticket, self._next_ticket + 1
        return ticket

    def take(self, spoken: Spoken) -> None:
        """A line was spoken: remember it for all in hearing, and have it understood. Never blocks."""
        ticket = self.ticket()
        self._waiting[ticket] = spoken
        context = self._context(spoken)
        self._remember(ticket, spoken)
        self._ask(ticket, spoken, context)

    def due(self, *, wait: bool) -> list[Understood]:
        """Answers for this tick, in the order spoken. `wait`: all of them (lock-step); else those that have arrived."""
        if not self._waiting:
            return []
        if self._service is not None:
            missing = len(self._waiting) - len(self._answered)
            if wait and missing:
                self._keep(self._service.wait(missing, LOCKSTEP_PATIENCE_S))
                for ticket in self._waiting.keys() - self._answered.keys():
                    self._answered[ticket] = TextResult(ticket, (), failed="perception_failed")
            else:
                self._keep(self._service.collect())
        return [self._enter(ticket) for ticket in sorted(self._answered)]

    def carry(self, before: Hearing, subjects: NDArray[np.int64], stay: NDArray[np.int64]) -> None:
        """Take over lines and answers from the hearing of an old world; `subjects` are new rows of old ones, or -1.

        Lines of speakers who are gone are dropped; answers to them will be, too.
        """
        self.take_over(before.state(), subjects, stay)
        self._jobs = before._jobs
        self._answered = {ticket: each for ticket, each in before._answered.items() if ticket in self._waiting}

    def state(self) -> HearingState:
        """What a save keeps; lines nobody remembers are left out."""
        known = self._known()
        return HearingState(
            self._next_ticket,
            {ticket: (spoken, self._contexts.get(ticket, ())) for ticket, spoken in self._waiting.items()},
            {
                number: (line.speaker, line.text, line.conversation, line.before)
                for number, line in self._lines.items()
                if number in known
            },
            self._last.copy(),
        )

    def take_over(self, state: HearingState, subjects: NDArray[np.int64], stay: NDArray[np.int64]) -> list[Spoken]:
        """Remember the lines of another hearing; returns the unanswered ones of speakers who are gone. See `carry`."""
        gone = []
        self._next_ticket = state.next_ticket
        for ticket, (spoken, context) in state.waiting.items():
            speaker = int(subjects[spoken.speaker])
            if speaker == NOBODY:
                gone.append(spoken)
                continue
            to = NOBODY if spoken.addressed == NOBODY else int(subjects[spoken.addressed])
            self._waiting[ticket] = replace(spoken, speaker=speaker, addressed=to)
            if context:
                self._contexts[ticket] = context
        self._last[subjects[stay]] = state.last[stay]
        self._lines = {
            number: _Remembered(NOBODY if speaker == NOBODY else int(subjects[speaker]), text, conversation, before)
            for number, (speaker, text, conversation, before) in state.lines.items()
        }
        return gone

    def ask_again(self, before: Hearing) -> None:
        """Have all lines understood that wait. What `before` asked of the service belongs to a state now left."""
        owed = before._service is not None and len(before._waiting) > len(before._answered)
        self._jobs = before._jobs + JOBS if owed else before._jobs
        for ticket, spoken in self._waiting.items():
            self._ask(ticket, spoken, self._contexts.get(ticket, ()))

    def _ask(self, ticket: int, spoken: Spoken, context: tuple[Line, ...]) -> None:
        if spoken.heard is not None:
            given = tuple(spoken.heard.get(label, 0.0) for label in self._world.labels)
            self._answered[ticket] = TextResult(ticket, given)
            return
        if self._service is None:
            self._answered[ticket] = TextResult(ticket, (), failed="perception_failed")
        elif not self._service.submit(TextJob(ticket + self._jobs, spoken.text, context, spoken.addressed != NOBODY)):
            self._answered[ticket] = TextResult(ticket, (), failed="perception_shed")
        elif context:
            self._contexts[ticket] = context

    def _keep(self, results: list[TextResult]) -> None:
        """Store answers; one that comes after its line was given up is dropped."""
        for result in results:
            ticket = result.ticket - self._jobs
            if ticket in self._waiting:
                self._answered[ticket] = result

    def _enter(self, ticket: int) -> Understood:
        spoken, result = self._waiting.pop(ticket), self._answered.pop(ticket)
        self._contexts.pop(ticket, None)
        if result.failed:
            return Understood(ticket, spoken, (), result.seconds, result.failed)
        if spoken.heard is not None:
            return Understood(ticket, spoken, result.probabilities)
        return Understood(ticket, spoken, self._in_scene_labels(result.probabilities), result.seconds)

    def _in_scene_labels(self, probabilities: tuple[float, ...]) -> tuple[float, ...]:
        """The model's probabilities in the order of the scene's labels.

        Names meet as in `label_maps`; what the model puts on labels the scene does not have counts as `neutral`.
        """
        assert self._service is not None
        labels = self._world.labels
        known = self._service.health().labels
        return probabilities if known == labels else in_labels(known, probabilities, labels)

    def _context(self, spoken: Spoken) -> tuple[Line, ...]:
        chain = self._chain(int(self._last[spoken.speaker]), spoken.conversation)
        return tuple(Line(line.text, line.speaker == spoken.speaker) for line in reversed(chain))

    def _chain(self, number: int, conversation: str | None = None) -> list[_Remembered]:
        """A line and those before it, newest first, as far as they are one conversation (None: the line's own)."""
        chain: list[_Remembered] = []
        while len(chain) < MOST_CONTEXT:
            line = self._lines.get(number)
            if line is None or conversation not in {None, line.conversation}:
                break
            chain.append(line)
            number, conversation = line.before, line.conversation
        return chain

    def _known(self) -> set[int]:
        """Numbers of the lines that may yet be somebody's context."""
        known = set(self._last.tolist())
        reached = set(known)
        for _ in range(MOST_CONTEXT - 1):
            reached = {self._lines[number].before for number in reached if number in self._lines} - known
            known |= reached
        return known

    def _remember(self, ticket: int, spoken: Spoken) -> None:
        """The line is the last one that its speaker and all in hearing know of; what nobody knows of is dropped."""
        world = self._world
        before = int(self._last[spoken.speaker])
        told = self._lines.get(before)
        if told is None or told.conversation != spoken.conversation:
            before = 0
        x, y, z = world.position[spoken.speaker].tolist()
        self._last[self._kernels.form.near(world.position, x, y, z, world.hearing_squared)] = ticket
        self._last[spoken.speaker] = ticket
        self._lines[ticket] = _Remembered(spoken.speaker, spoken.text, spoken.conversation, before)
        if len(self._lines) > (1 + MOST_CONTEXT) * self._world.n + SPARE_LINES:
            known = self._known()
            self._lines = {number: line for number, line in self._lines.items() if number in known}
