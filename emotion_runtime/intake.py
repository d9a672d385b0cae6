"""Owns the door: checks each observation against the scene, resolves its names, and queues it for the next tick."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.errors import InputError
from emotion_runtime.expression.shapes import COLUMN
from emotion_runtime.faces_seen import Shown
from emotion_runtime.hearing import Spoken
from emotion_runtime.inputs import (
    Capture,
    Event,
    Face,
    Move,
    Observation,
    Positions,
    Push,
    Result,
    SetVariable,
    Sight,
    Utterance,
    Voice,
)
from emotion_runtime.perception.face_decoder import frame_of
from emotion_runtime.voices import Sounded
from emotion_runtime.world import World

MAX_QUEUED = 65_536
"""Observations waiting for one tick; more are refused with `too_large`, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with its names resolved; `cause` and `target` are subjects or NOBODY."""

    name: str
    cause: int
    target: int
    at: tuple[float, float, float] | None
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """Subjects `rows` (k,), ascending, stand at `xyz` (k, 3) metres."""

    rows: NDArray[np.uint32]
    xyz: NDArray[np.float32] | NDArray[np.float64]

    def write(self, position: NDArray[np.float64]) -> None:
        """Move them. Rows without a gap are written in one go."""
        if not len(self.rows):
            return
        first, last = int(self.rows[0]), int(self.rows[-1]) + 1
        position[slice(first, last) if last - first == len(self.rows) else self.rows] = self.xyz


@dataclass(frozen=True, slots=True)
class Written:
    """Variable `row` takes `value`."""

    row: int
    value: float


@dataclass(frozen=True, slots=True)
class Pushed:
    """Channel `label` of `character` (a row) is moved by hand, on account of a subject (a row) or of nobody."""

    character: int
    label: str
    amount: float
    because: int = NOBODY


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """The face of `character` (a row) is driven by `weights` (52,) float32, by the face of row `like`, or by nobody."""

    character: int
    weights: NDArray[np.float32] | None
    like: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether `character` (a row) sees object `thing` (0 = the first)."""

    character: int
    thing: int
    sees: bool


Accepted = Spoken | Happening | Moved | Written | Result | Pushed | Captured | Seen | Sounded | Shown


class Intake:
    """Refuses with InputError and no effect, or queues. What is queued is applied in order by the next tick.

    `is_running` tells whether an action number is under way: results are taken for those only.
    """

    def __init__(self, world: World, is_running: Callable[[int], bool]) -> None:
        self._world = world
        self._is_running = is_running
        self._queue: list[Accepted] = []

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, observation: Observation, source: int = 0) -> None:
        """Queue one observation. Raises InputError (unknown_*, bad_value, stale_epoch, too_large)."""
        if len(self._queue) >= MAX_QUEUED:
            raise InputError("too_large", f"more than {MAX_QUEUED} observations for one tick", "send fewer at a time")
        self._queue.append(self._resolve(observation, source))

    @property
    def queued(self) -> tuple[Accepted, ...]:
        """What waits, in order."""
        return tuple(self._queue)

    def requeue(self, moved: Moved) -> None:
        """Queue places by row again, as they came out of a saved state."""
        self._queue.append(moved)

    def drain(self) -> list[Accepted]:
        """Everything queued, in order; the queue is empty afterwards."""
        queued, self._queue = self._queue, []
        return queued

    def carry(self, before: Intake, subjects: NDArray[np.int64]) -> int:
        """Take over what was queued for an old world, by names; returns how many have no meaning in the new one.

        `subjects` are new subjects of old ones, or NOBODY.
        """
        dropped = 0
        for accepted in before.drain():
            carried = self._carried(accepted, before._world, subjects)
            dropped += carried is None
            if carried is not None:
                self._queue.append(carried)
        return dropped

    def _carried(self, accepted: Accepted, old: World, subjects: NDArray[np.int64]) -> Accepted | None:
        def known(subject: int) -> int:
            return NOBODY if subject == NOBODY else int(subjects[subject])

        match accepted:
            case Spoken():
                speaker = known(accepted.speaker)
                carried = replace(accepted, speaker=speaker, addressed=known(accepted.addressed))
                return None if speaker == NOBODY else carried
            case Sounded():
                speaker = known(accepted.spoken.speaker)
                spoken = replace(accepted.spoken, speaker=speaker, addressed=known(accepted.spoken.addressed))
                return None if speaker == NOBODY else replace(accepted, spoken=spoken)
            case Seen():
                character = known(accepted.character)
                return None if character == NOBODY else replace(accepted, character=character)
            case Happening():
                carried_event = replace(accepted, cause=known(accepted.cause), target=known(accepted.target))
                return carried_event if accepted.name in self._world.scene.events else None
            case Moved():
                rows = subjects[accepted.rows]
                there = np.flatnonzero(rows != NOBODY)
                there = there[np.argsort(rows[there])]
                return Moved(rows[there].astype(np.uint32), accepted.xyz[there]) if len(there) else None
            case Pushed():
                pushed = replace(accepted, character=known(accepted.character), because=known(accepted.because))
                return pushed if pushed.character != NOBODY and pushed.label in self._world.channels else None
            case Captured(character=driven, weights=weights, like=like):
                place, source = known(driven), known(like)
                return Captured(place, weights, source) if place != NOBODY else None
            case Seen(character=onlooker, thing=thing, sees=sees):
                who, what = known(onlooker), known(old.n + thing)
                return None if NOBODY in (who, what) else Seen(who, what - self._world.n, sees)
            case Written():
                name = next(name for name, row in old.variable.items() if row == accepted.row)
                try:
                    return self._variable(name, accepted.value)
                except InputError:
                    return None
            case _:
                return accepted

    def _resolve(self, observation: Observation, source: int) -> Accepted:
        match observation:
            case Result(action=action):
                if not self._is_running(action):
                    raise InputError("unknown_action", f"no action {action} is running; it may have been stopped")
                return observation
            case Utterance():
                return self._utterance(observation, source)
            case Voice():
                return self._voice(observation, source)
            case Face():
                frame = frame_of(observation.weights)
                character = self._character(observation.character)
                return Shown(character, frame, observation.neutral, observation.speaking, source)
            case Event():
                return self._event(observation)
            case Move(subject=subject, at=at):
                row = self._subject(subject)
                return Moved(np.array([row], np.uint32), np.array([at], dtype=np.float64))
            case Positions(index=index, xyz=xyz):
                if len(index) and int(index[-1]) >= self._world.n:
                    raise InputError("unknown_character", f"there is no row {int(index[-1])} in the roster")
                return Moved(index, xyz)
            case SetVariable(name=name, value=value):
                return self._variable(name, value)
            case Push():
                return self._push(observation)
            case Capture():
                return self._capture(observation)
            case Sight(character=character, thing=thing, sees=sees):
                return Seen(self._character(character), self._object(thing), sees)

    def character(self, name: str) -> int:
        """Row of a character. Raises InputError with the nearest name."""
        return self._character(name)

    def _utterance(self, said: Utterance, source: int) -> Spoken:
        speaker = self._character(said.speaker)
        addressed = NOBODY if said.to is None else self._character(said.to)
        for label in said.heard or ():
            if label not in self._world.labels:
                raise InputError("unknown_label", f"there is no emotion `{label}`", _near(label, self._world.labels))
        return Spoken(speaker, addressed, said.text, said.number, said.conversation, said.heard, source, said.speech)

    def _voice(self, voice: Voice, source: int) -> Sounded:
        speaker = self._character(voice.speaker)
        addressed = NOBODY if voice.to is None else self._character(voice.to)
        spoken = Spoken(speaker, addressed, "", voice.number, voice.conversation, None, source)
        return Sounded(spoken, voice.pcm, voice.samples, voice.rate, voice.file, voice.last, voice.transcript)

    def _event(self, event: Event) -> Happening:
        declared = self._world.scene.events
        if event.name not in declared:
            raise InputError(
                "unknown_event", f"the scene declares no event `{event.name}`", _near(event.name, declared)
            )
        cause = NOBODY if event.cause is None else self._subject(event.cause)
        target = NOBODY if event.target is None else self._subject(event.target)
        return Happening(event.name, cause, target, event.at, event.strength)

    def _variable(self, name: str, value: float) -> Written:
        row = self._world.variable.get(name)
        if row is None:
            raise InputError("unknown_variable", f"there is no variable `{name}`", _near(name, self._world.variable))
        declared = self._world.declared(name)
        if not declared.low <= value <= declared.high:
            raise InputError("bad_value", f"`{name}` runs from {declared.low:g} to {declared.high:g}, not {value:g}")
        if declared.boolean and value not in (0.0, 1.0):
            raise InputError("bad_value", f"`{name}` is true or false, not {value:g}")
        return Written(row, float(value))

    def _push(self, push: Push) -> Pushed:
        row, channels = self._character(push.character), self._world.channels
        if push.label not in channels:
            raise InputError("unknown_label", f"no emotion `{push.label}` can be pushed", _near(push.label, channels))
        because = NOBODY if push.because is None else self._subject(push.because)
        return Pushed(row, push.label, float(push.amount), because)

    def _capture(self, capture: Capture) -> Captured:
        row = self._character(capture.character)
        if capture.like is not None:
            return Captured(row, None, self._character(capture.like))
        if not capture.weights:
            return Captured(row, None, NOBODY)
        weights = np.zeros(len(COLUMN), dtype=np.float32)
        for name, weight in capture.weights.items():
            weights[COLUMN[name]] = weight
        return Captured(row, weights, NOBODY)

    def _object(self, name: str) -> int:
        row = self._world.subject.get(name, NOBODY) - self._world.n
        if row < 0:
            raise InputError("unknown_subject", f"there is no object `{name}`", _near(name, self._world.objects))
        return row

    def _character(self, name: str) -> int:
        row = self._world.subject.get(name)
        if row is None or row >= self._world.n:
            raise InputError("unknown_character", f"there is no character `{name}`", _near(name, self._world.names))
        return row

    def _subject(self, name: str) -> int:
        row = self._world.subject.get(name)
        if row is None:
            raise InputError(
                "unknown_subject", f"there is no character or object `{name}`", _near(name, self._world.subject)
            )
        return row


def _near(name: str, known: Iterable[str]) -> str:
    options = sorted(known)
    close = difflib.get_close_matches(name, options, 1)
    if close:
        return f"did you mean `{close[0]}`?"
    return "known here: " + ", ".join(options[:12]) if options else "the scene declares none"
