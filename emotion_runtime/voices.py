"""Owns voices on their way: pieces of sound gathered per speaker, partial and final answers to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.hearing import LOCKSTEP_PATIENCE_S, Spoken, Understood
from emotion_runtime.perception.fusion import VOICE
from emotion_runtime.perception.label_maps import told_in
from emotion_runtime.perception.moments import Sound
from emotion_runtime.perception.results import TextResult, VoiceJob
from emotion_runtime.perception.service import VoiceService
from emotion_runtime.world import World

WINDOW_S: Final = 8.0
"""Sound kept of an utterance: its end. Longer ones are judged by that."""
PARTIAL_S: Final = 1.0
"""New sound after which an answer so far is asked for."""
MAX_STREAMS: Final = 256
"""Voices open at once; when more begin, the one that began first is given up."""

Key = tuple[int, int, int]
"""Source, speaker and number of an utterance: what its text and its voice have in common."""


@dataclass(frozen=True, slots=True)
class Sounded:
    """A piece of a voice with its names resolved: `spoken` without text."""

    spoken: Spoken
    pcm: bytes
    samples: int
    rate: int
    file: str
    last: bool
    transcript: bool


@dataclass(slots=True)
class _Stream:
    spoken: Spoken
    rate: int
    pcm: bytearray = field(default_factory=bytearray)
    samples: int = 0
    unasked: int = 0
    asked: int = 0
    """Ticket of the latest partial question, or 0."""


@dataclass(frozen=True, slots=True)
class _Asked:
    spoken: Spoken
    final: bool
    transcript: bool
    seconds: float
    sound: Sound | None = None


class Voices:
    """Gathers pieces, hands them to the voice model, and gives the answers back by ticket. Never blocks.

    One utterance a speaker is open at a time; the next one gives up what was not ended. A partial answer that a newer
    one has overtaken is called off. Without a service every final piece fails with `perception_unavailable`.
    """

    def __init__(self, world: World, service: VoiceService | None, *, keep: bool = False) -> None:
        """`keep`: answers bring the sound they belong to, for a cross-modal network."""
        self._world = world
        self._service = service
        self._keep = keep
        self._streams: dict[int, _Stream] = {}
        self._waiting: dict[int, _Asked] = {}
        self._answered: dict[int, TextResult] = {}
        self._promised: dict[Key, bool] = {}
        self.abandoned = 0
        """Utterances given up because they were never ended."""

    @property
    def waiting(self) -> int:
        """Questions whose answer has not come in yet."""
        return len(self._waiting)

    def expects(self, key: Key) -> bool:
        """Whether the voice of this utterance is still to come: it is open, or its last answer is under way."""
        stream = self._streams.get(key[1])
        if stream is not None and key_of(stream.spoken) == key:
            return True
        return any(each.final and key_of(each.spoken) == key for each in self._waiting.values())

    def transcribed(self, key: Key) -> bool:
        """Whether a text was promised with this voice; asked once."""
        return self._promised.pop(key, False)

    def take(self, ticket: int, piece: Sounded) -> None:
        """A piece of sound came, as the question `ticket` if it is time for one."""
        speaker = piece.spoken.speaker
        stream = self._streams.get(speaker)
        if stream is not None and (key_of(stream.spoken) != key_of(piece.spoken) or stream.rate != piece.rate):
            self._abandon(speaker)
            stream = None
        if stream is None:
            stream = self._streams[speaker] = _Stream(piece.spoken, piece.rate)
            if len(self._streams) > MAX_STREAMS:
                self._abandon(next(iter(self._streams)))
        stream.pcm += piece.pcm
        del stream.pcm[: max(0, len(stream.pcm) - 2 * int(WINDOW_S * stream.rate))]
        stream.samples += piece.samples
        stream.unasked += piece.samples
        final = piece.last or bool(piece.file)
        if not final and stream.unasked < PARTIAL_S * stream.rate:
            return
        if stream.asked and self._service is not None:
            self._service.cancel(stream.asked)
        stream.unasked, stream.asked = 0, ticket
        if final:
            del self._streams[speaker]
        self._ask(ticket, piece, bytes(stream.pcm), stream.samples / stream.rate, final)

    def due(self, *, wait: bool) -> list[Understood]:
        """Answers that came in, by ticket. `wait`: all of them (lock-step)."""
        if not self._waiting:
            return []
        if self._service is not None:
            missing = len(self._waiting) - len(self._answered)
            arrived = self._service.wait(missing, LOCKSTEP_PATIENCE_S) if wait and missing else self._service.collect()
            self._answered.update({each.ticket: each for each in arrived if each.ticket in self._waiting})
            if wait:
                for ticket in self._waiting.keys() - self._answered.keys():
                    self._answered[ticket] = TextResult(ticket, (), failed="perception_failed")
        return [self._enter(ticket) for ticket in sorted(self._answered)]

    def unfinished(self) -> list[Spoken]:
        """Voices that are open, and those whose last answer is under way."""
        opened = [stream.spoken for stream in self._streams.values()]
        return [*opened, *(asked.spoken for asked in self._waiting.values() if asked.final)]

    def carry(self, before: Voices, subjects: NDArray[np.int64]) -> None:
        """Take over what is open and under way; `subjects` are new rows of old ones, or NOBODY."""

        def moved(spoken: Spoken) -> Spoken | None:
            speaker = int(subjects[spoken.speaker])
            to = NOBODY if spoken.addressed == NOBODY else int(subjects[spoken.addressed])
            return None if speaker == NOBODY else replace(spoken, speaker=speaker, addressed=to)

        self.abandoned = before.abandoned
        for stream in before._streams.values():
            if (spoken := moved(stream.spoken)) is not None:
                stream.spoken = spoken
                self._streams[spoken.speaker] = stream
        for ticket, asked in before._waiting.items():
            if (spoken := moved(asked.spoken)) is not None:
                self._waiting[ticket] = replace(asked, spoken=spoken)
        self._answered = {ticket: each for ticket, each in before._answered.items() if ticket in self._waiting}

    def health(self) -> Mapping[str, int]:
        """Voices open, questions under way, utterances never ended."""
        return {"open": len(self._streams), "waiting": len(self._waiting), "abandoned": self.abandoned}

    def _ask(self, ticket: int, piece: Sounded, pcm: bytes, seconds: float, final: bool) -> None:
        spoken = piece.spoken
        sound = Sound(pcm, piece.rate, piece.file) if self._keep and final else None
        self._waiting[ticket] = _Asked(spoken, final, piece.transcript, seconds, sound)
        if self._service is None:
            self._answered[ticket] = TextResult(ticket, (), failed="perception_unavailable")
            return
        name = self._world.names[spoken.speaker]
        job = VoiceJob(ticket, name, pcm, piece.rate, piece.file, final, spoken.addressed != NOBODY)
        if not self._service.submit(job):
            self._answered[ticket] = TextResult(ticket, (), failed="perception_shed")

    def _enter(self, ticket: int) -> Understood:
        asked, result = self._waiting.pop(ticket), self._answered.pop(ticket)
        if asked.final and asked.transcript:
            self._promised[key_of(asked.spoken)] = True
        labels = self._world.labels
        probabilities: tuple[float, ...] = ()
        known: tuple[bool, ...] = ()
        if not result.failed and self._service is not None:
            probabilities, known = told_in(self._service.health().labels, result.probabilities, labels)
        return Understood(
            ticket,
            asked.spoken,
            probabilities,
            result.seconds,
            result.failed,
            VOICE,
            partial=not asked.final,
            confidence=asked.seconds / (asked.seconds + 0.5),
            known=known,
            sound=asked.sound,
            lasts=asked.seconds,
        )

    def _abandon(self, speaker: int) -> None:
        del self._streams[speaker]
        self.abandoned += 1


def key_of(spoken: Spoken) -> Key:
    """What the text and the voice of one utterance have in common."""
    return spoken.source, spoken.speaker, spoken.number
