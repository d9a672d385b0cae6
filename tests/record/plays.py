"""Owns random plays for recordings: what is told in which tick, a slow listener, and files made of both."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st

from emotion_runtime.inputs import Event, Face, Move, Observation, Positions, Result, SetVariable, Utterance, Voice
from emotion_runtime.perception import PerceptionHealth, TextJob, TextResult, VoiceJob
from emotion_runtime.player import NominalPlayer
from emotion_runtime.record import Recorder
from emotion_runtime.record.format import MAGIC, AnyRecord, Header, frame
from emotion_runtime.record.reader import RecordReader
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.simulation import Simulation

TAVERN = load_scene(bundled_scene("tavern"))
NAMES = tuple(person.id for person in TAVERN.characters)
THINGS = tuple(thing.id for thing in TAVERN.objects)

numbers = st.floats(-20.0, 20.0, allow_nan=False, width=32)
places = st.tuples(numbers, numbers, numbers)
names = st.sampled_from(NAMES)
heard = st.dictionaries(st.sampled_from(TAVERN.labels), st.floats(0.0, 1.0), max_size=4)

observations: st.SearchStrategy[Observation] = st.one_of(
    st.builds(
        Utterance,
        speaker=names,
        text=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        number=st.integers(0, 2),
        to=st.none() | names,
        conversation=st.sampled_from(["", "a"]),
        heard=st.none() | heard,
    ),
    st.builds(
        Event,
        name=st.sampled_from(TAVERN.events),
        cause=st.none() | st.sampled_from(NAMES + THINGS),
        target=st.none() | names,
        at=st.none() | places,
        strength=st.floats(0.0, 1.0),
    ),
    st.builds(Move, subject=st.sampled_from(NAMES + THINGS), at=places),
    st.lists(places, min_size=1, max_size=len(NAMES)).map(
        lambda rows: Positions(np.arange(len(rows), dtype=np.uint32), np.array(rows, np.float32))
    ),
    st.builds(
        SetVariable, name=st.sampled_from(["world.brawl", "campfire.heat", "baby.crying"]), value=st.floats(0, 1)
    ),
    st.builds(Result, action=st.integers(1, 12), ok=st.booleans()),
    st.builds(Event, name=st.just("earthquake")),  # refused: the scene declares none
)


sensed: st.SearchStrategy[Observation] = st.one_of(
    st.builds(
        Voice,
        speaker=names,
        unheard=st.integers(0, 3).map(lambda halves: 8_000 * halves),
        number=st.integers(0, 2),
        last=st.booleans(),
        to=st.none() | names,
        transcript=st.booleans(),
    ),
    st.builds(
        Face,
        character=names,
        weights=st.dictionaries(st.sampled_from(["jawOpen", "mouthSmileLeft", "browInnerUp"]), st.floats(0.0, 1.0)),
        neutral=st.booleans(),
        speaking=st.booleans(),
    ),
)
"""Voices and faces, which a saved game does not hold."""


@dataclass(frozen=True)
class Turn:
    """One tick of a play: what is told, its length, whether it waits, and how many answers come (-n: the newest)."""

    told: list[tuple[Observation, int]]
    dt: float
    wait: bool
    arrive: int


turns = st.builds(
    Turn,
    told=st.lists(st.tuples(observations, st.integers(0, 2)), max_size=4),
    dt=st.sampled_from([1 / 60, 1 / 30, 0.1, 0.0333337]),
    wait=st.booleans(),
    arrive=st.integers(-2, 3),
)
plays = st.lists(turns, min_size=1, max_size=12)
sensed_plays = st.lists(
    st.builds(
        Turn,
        told=st.lists(st.tuples(observations | sensed, st.integers(0, 2)), max_size=4),
        dt=st.sampled_from([1 / 60, 0.1]),
        wait=st.booleans(),
        arrive=st.integers(-2, 3),
    ),
    min_size=1,
    max_size=12,
)
"""Plays with voices and faces too."""


class SlowListener:
    """A `TextService` whose answers arrive when the play says so; now and then it refuses a job or fails."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels
        self.arriving = 0
        self._under_way: list[TextJob | VoiceJob] = []
        self._count = 0

    def submit(self, job: TextJob | VoiceJob) -> bool:
        self._count += 1
        if self._count % 7 == 0:
            return False
        self._under_way.append(job)
        return True

    def collect(self) -> list[TextResult]:
        waiting, first = self._under_way, self.arriving
        if first >= 0:
            ready, self._under_way = waiting[:first], waiting[first:]
        else:  # the newest are there before older ones
            ready, self._under_way = waiting[first:], waiting[:first]
        return [self._answer(job) for job in ready]

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[TextResult]:
        ready, self._under_way = self._under_way, []
        return [self._answer(job) for job in ready]

    def cancel(self, ticket: int) -> None:
        pass

    def health(self) -> PerceptionHealth:
        return PerceptionHealth("ready", self._count, 0, 0, 0, 0, 0.0, "", self.labels)

    def close(self) -> None:
        pass

    def _answer(self, job: TextJob | VoiceJob) -> TextResult:
        # like a model that looks at one earlier line: the golden recording was made by such a one
        asked = (job.text, job.context[-1:]) if isinstance(job, TextJob) else (job.speaker, len(job.pcm))
        drawn = hashlib.sha256(repr(asked).encode()).digest()
        if drawn[0] < 40:
            return TextResult(job.ticket, (), 0.25, "perception_failed")
        weights = [value + 1 for value in drawn[: len(self.labels)]]
        return TextResult(job.ticket, tuple(weight / sum(weights) for weight in weights), drawn[9] / 1000)


def record_play(path: Path, play: Sequence[Turn], **options: Any) -> list[bytes]:
    """Record a play on the tavern; returns the digest of every tick. What is refused is refused."""
    listener, other = SlowListener(TAVERN.labels), SlowListener(("anger", "boredom", "joy"))
    simulation = Simulation(
        TAVERN, seed=3, perception=listener, voice=other, voice_reliability=0.7, player=NominalPlayer()
    )
    digests = []
    with Recorder(simulation, path, overwrite=True, **options) as recorder:
        for turn in play:
            for observation, source in turn.told:
                try:
                    recorder.apply(observation, source=source)
                except ValueError as error:
                    raise AssertionError from error
                except Exception as error:
                    assert getattr(error, "code", "").startswith(("unknown_", "bad_")), error
            listener.arriving = other.arriving = turn.arrive
            digests.append(recorder.step(turn.dt, wait=turn.wait).digest)
    return digests


def a_play(ticks: int) -> list[Turn]:
    """A fixed play with a bit of everything."""
    play = []
    for tick in range(ticks):
        told: list[tuple[Observation, int]] = []
        if tick % 6 == 1:
            told.append((Utterance("guard", f"Stop that, number {tick}!", tick, "thief"), 1))
        if tick % 10 == 2:
            told.append((Event("theft_seen", cause="thief", strength=0.7), 2))
        if tick % 9 == 4:
            told.append((Move("guard", (8.0, 0.0, 4.5 - tick / 20)), 1))
        play.append(Turn(told, 1 / 60, tick % 4 == 0, 1))
    return play


def records(path: Path) -> tuple[Header, list[AnyRecord]]:
    """Header and all records of a sound file."""
    with RecordReader(path) as reader:
        found = list(reader)
        assert reader.fault is None
        return reader.header, found


def write(path: Path, header: Header, rest: Iterable[object]) -> None:
    """A file with sound checksums of whatever it is given."""
    encode = msgspec.msgpack.encode
    path.write_bytes(MAGIC + frame(encode(header)) + b"".join(frame(encode(record)) for record in rest))


def borders(data: bytes) -> Iterator[int]:
    """Every offset at which a record ends, the header's first."""
    at = len(MAGIC)
    while at < len(data):
        at += 8 + struct.unpack_from("<I", data, at)[0]
        yield at


def with_text(header: Header, name: str, old: str, new: str) -> Header:
    """A header with one place of one scene file changed."""
    text = header.files[name]
    assert text.count(old) == 1
    return msgspec.structs.replace(header, files={**header.files, name: text.replace(old, new)})


__all__ = ["Turn", "a_play", "borders", "plays", "record_play", "records", "replace", "with_text", "write"]
