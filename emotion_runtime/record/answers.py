"""Owns which answer belongs to which utterance: told apart while recording, released at the same tick in a replay."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Sequence

import msgspec

from emotion_runtime.errors import InputError
from emotion_runtime.inputs import Utterance, Voice
from emotion_runtime.joining import JOINED, Joint
from emotion_runtime.outputs import Answered
from emotion_runtime.perception import PerceptionHealth, TextResult
from emotion_runtime.perception.results import Job
from emotion_runtime.record.format import Answer, JointHeader


class Tickets:
    """Counts utterances as the simulation does, to tell which answers came with the utterance itself.

    Utterances get their numbers, from 1 on without a gap, when the tick takes them in.
    """

    def __init__(self) -> None:
        self._last = 0
        self._queued: list[Utterance | Voice] = []

    def take(self, utterance: Utterance | Voice) -> None:
        """A line or a piece of a voice was accepted for the coming tick."""
        self._queued.append(utterance)

    def reloaded(self, characters: Collection[str]) -> None:
        """The scene is another one: what was said by somebody who is gone is not taken in."""
        self._queued = [each for each in self._queued if each.speaker in characters]

    def settle(self, answers: Sequence[Answered]) -> list[Answer]:
        """The answers to record of a tick. Raises LookupError for an answer to a line that was not recorded."""
        first, self._last = self._last + 1, self._last + len(self._queued)
        brought = {
            ticket
            for ticket, each in enumerate(self._queued, first)
            if isinstance(each, Utterance) and each.heard is not None
        }
        self._queued = []
        for each in answers:
            if not 0 < each.ticket % JOINED <= self._last:
                raise LookupError(f"an answer to line {each.ticket}, but {self._last} lines were recorded")
        return [
            Answer(each.ticket, pack(each.probabilities), each.seconds, each.failed)
            for each in answers
            if each.ticket not in brought
        ]


class RecordedAnswers:
    """A `TextService` that answers nothing by itself: it hands over what was recorded, in the tick it was recorded."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        """`labels`: the scene's, in whose order probabilities are recorded."""
        self.labels = labels
        self._due: list[TextResult] = []
        self._submitted = 0
        self._answered = 0
        self._closed = False

    def release(self, answers: Iterable[Answer]) -> None:
        """These enter the coming tick. Raises InputError for probabilities that are none of this scene's."""
        self._due = []
        for each in answers:
            probabilities = unpack(each.probabilities)
            if not each.failed and len(probabilities) != len(self.labels):
                raise InputError(
                    "bad_value", f"an answer of {len(probabilities)} numbers for {len(self.labels)} labels"
                )
            self._due.append(TextResult(each.ticket, probabilities, each.seconds, each.failed))

    def submit(self, job: Job) -> bool:
        """Takes the job."""
        self._submitted += 1
        return True

    def collect(self) -> list[TextResult]:
        """What was released for this tick."""
        due, self._due = self._due, []
        self._answered += len(due)
        return due

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        """The same as `collect`: nothing else will come."""
        return self.collect()

    def cancel(self, ticket: int) -> None:
        """Does nothing: what was recorded of the job comes."""

    def health(self) -> PerceptionHealth:
        """Counters."""
        state = "closed" if self._closed else "ready"
        return PerceptionHealth(state, self._submitted, self._answered, 0, 0, 0, 0.0, "", self.labels)

    def close(self) -> None:
        """Nothing to end."""
        self._closed = True


def pack(probabilities: Sequence[float]) -> bytes:
    """Float64, little-endian."""
    return struct.pack(f"<{len(probabilities)}d", *probabilities)


def unpack(data: bytes) -> tuple[float, ...]:
    """The numbers again. Raises InputError when the bytes are not whole numbers of eight."""
    if len(data) % 8:
        raise InputError("bad_value", f"{len(data)} bytes are no float64")
    return struct.unpack(f"<{len(data) // 8}d", data)


def joint_header(joint: Joint | None) -> JointHeader | None:
    """What a file says of a simulation's cross-modal network."""
    if joint is None:
        return None
    return msgspec.convert(
        {"modalities": joint.modalities, "steps": joint.steps, "reliability": joint.reliability}, JointHeader
    )


class Answering:
    """Stands for all models of a recorded simulation: what they said is handed over in its tick."""

    def __init__(self, labels: tuple[str, ...], joint: JointHeader | None) -> None:
        """`labels`: the scene's; `joint`: what the file says of a cross-modal network."""
        self.text, self.voice, self._both = RecordedAnswers(labels), RecordedAnswers(labels), RecordedAnswers(labels)
        self.joint = None if joint is None else Joint(self._both, joint.modalities, joint.steps, joint.reliability)

    def release(self, answers: Sequence[Answer]) -> None:
        """These enter the coming tick. Raises InputError for probabilities that are none of this scene's."""
        for each in (self.text, self.voice, self._both):
            each.release(answers)

    def relabel(self, labels: tuple[str, ...]) -> None:
        """The scene is another one."""
        self.text.labels = self.voice.labels = self._both.labels = labels
