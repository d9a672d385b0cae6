"""Owns the tick: one fixed order of stages, from what was told to what is published, and its digest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from behaviors.actions import Sighted
from behaviors.executor import Outcomes
from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.affect.stimuli import Stimuli
from emotion_runtime.appraisal import Appraisal
from emotion_runtime.behaving import Behaving, RunningAction
from emotion_runtime.contagion import Contagion
from emotion_runtime.digesting import digest_beside, digest_of
from emotion_runtime.errors import InputError
from emotion_runtime.faces_seen import FacesSeen, Shown
from emotion_runtime.hearing import Hearing, Spoken, Understood
from emotion_runtime.influence import Influence
from emotion_runtime.inputs import Result
from emotion_runtime.intake import Captured, Happening, Intake, Moved, Pushed, Seen, Written
from emotion_runtime.joining import Joining, Joint
from emotion_runtime.kernels.choice import Kernels
from emotion_runtime.kernels.tables import BLOCK, PART, Drives
from emotion_runtime.meeting import Meeting
from emotion_runtime.outputs import Answered, Perceived, Start, Stop, TickResult
from emotion_runtime.past import Past, PastActs
from emotion_runtime.perception import TextService, VoiceService
from emotion_runtime.reload import Carrying
from emotion_runtime.voices import Sounded, Voices
from emotion_runtime.world import World

__all__ = ["STAGES", "RunningAction", "Ticker"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

STAGES: Final = ("take_in", "perceive", "appraise", "influence", "affect", "behave", "digest")
"""The stages in their order, as named in `TickResult.stage_seconds`; commands are put into words with the digest. Faces
are drawn when the state is published."""

LONGEST_TICK_S: Final = 3600.0


class Ticker:
    """Steps a world. Time is whole microseconds of simulated time, so that sums of ticks are exact.

    `clock` only measures stages; no result depends on it.
    """

    def __init__(
        self,
        world: World,
        service: TextService | None,
        clock: Callable[[], float] = time.perf_counter,
        kernels: Kernels | None = None,
        seed: int = 0,
        voice: VoiceService | None = None,
        voice_reliability: float = 0.0,
        joint: Joint | None = None,
    ) -> None:
        self.world = world
        self.kernels = kernels or Kernels(world.n)
        self.tick = 0
        self.now_us = 0
        self.hearing = Hearing(world, service, self.kernels)
        self.voices = Voices(world, voice, keep=joint is not None)
        self.faces = FacesSeen(world, keep=joint is not None)
        self.joining = Joining(world, joint, self.kernels)
        self.meeting = Meeting(self.voices, self.faces, self.joining, voice_reliability)
        self.behaving = Behaving(world, seed, self.kernels)
        self.intake = Intake(world, self.behaving.is_running)
        self._appraisal = Appraisal(world.scene.appraisal, world, self.kernels)
        self.contagion = Contagion(world, self.kernels)
        rules = [rule for thing in world.scene.objects for rule in thing.rules]
        self.influence = Influence(world, rules, self.kernels)
        rows = 3 * len(world.channels) + 7
        wide = max(BLOCK, PART)
        self._work = np.zeros((rows, wide)), np.zeros((rows, wide))
        self._stimuli = Stimuli()
        self._clock = clock
        self._spent: dict[str, float] = {}
        self._happened: list[Happening] = []
        self.stops: list[Stop] = []
        """Stops that a reload left for the coming tick."""
        self.said: list[Spoken] = []
        self.captured: list[Captured] = []
        """What was said, and whose face was driven, in the last tick: for faces, which no emotion depends on."""

    @property
    def half_heard(self) -> bool:
        """Whether an utterance is under way that no saved state keeps whole: a voice, or half of one."""
        queued = any(isinstance(each, Sounded) for each in self.intake.queued)
        under_way = self.voices.waiting + self.meeting.waiting
        return queued or under_way > 0 or bool(self.voices.unfinished())

    def carry(self, before: Ticker) -> Carrying:
        """Go on where a ticker of another scene stopped; actions that cannot go on stop in the coming tick."""
        carrying = Carrying(Past.of(before.world), self.world)
        self.tick, self.now_us = before.tick, before.now_us
        carrying.carry()
        self.stops = [*before.stops, *carrying.carry_actions(PastActs.of(before.behaving), self.behaving)]
        self.influence.carry(before.influence, carrying.stay, carrying.rows)
        self.behaving.changed()
        self.hearing.carry(before.hearing, carrying.subjects, carrying.stay)
        self.voices.carry(before.voices, carrying.subjects)
        self.faces.carry(before.faces, carrying.subjects)
        self.meeting.carry(before.meeting, carrying.subjects)
        self.intake.carry(before.intake, carrying.subjects)
        return carrying

    @property
    def time(self) -> float:
        """Simulated seconds."""
        return self.now_us * 1e-6

    @property
    def actions(self) -> tuple[str, ...]:
        """Names behind the action column; the first is empty."""
        return self.behaving.rule_names

    def action_column(self) -> NDArray[np.uint16]:
        """(n,) what each character acts out, as numbers into `actions`."""
        return self.behaving.column().copy()

    def running(self) -> tuple[RunningAction, ...]:
        """All actions under way."""
        return self.behaving.running(self.now_us)

    def stage_ms(self) -> dict[str, float]:
        """Wall milliseconds of each stage in the last tick."""
        return {stage: round(seconds * 1e3, 4) for stage, seconds in self._spent.items()}

    def report(self, action: int, *, ok: bool) -> None:
        """An action's result, for the coming tick; of one that does not run it is ignored."""
        if self.behaving.is_running(action):
            self.behaving.report(action, ok)

    def step(self, dt: float, *, wait: bool) -> TickResult:
        """One tick of `dt` seconds. Raises InputError for a length that is no positive time, with no effect."""
        if not 0.0 < dt <= LONGEST_TICK_S:
            raise InputError("bad_value", f"a tick lasts more than 0 and at most {LONGEST_TICK_S:g} s, not {dt!r}")
        span_us = max(1, round(dt * 1e6))
        self.tick += 1
        self.now_us += span_us
        self.kernels.begin_tick()
        marks = [self._clock()]
        self._take_in()
        marks.append(self._clock())
        texts, voices = self.hearing.due(wait=wait), self.voices.due(wait=wait)
        understood = self.meeting.join(texts, voices, self.now_us, wait=wait)
        marks.append(self._clock())
        self._appraise(understood)
        marks.append(self._clock())
        self.influence.look(self.tick)
        self.contagion.spread(self.tick)
        drives = self.influence.joined(self.behaving.drives())
        marks.append(self._clock())
        self._flow(drives, span_us * 1e-6)
        marks.append(self._clock())
        changes = self.behaving.tick(self.now_us, self._stimuli)
        marks.append(self._clock())
        tell = partial(self.behaving.commands, changes)
        state = self.state()
        digest, told = digest_beside(
            self.kernels, self.tick, self.now_us, state, tell, len(changes.ended) + len(changes.on)
        )
        commands = [*self.stops, *told]
        self.stops.clear()
        marks.append(self._clock())
        self._spent = {stage: end - began for stage, (began, end) in zip(STAGES, pairwise(marks), strict=True)}
        return self._result(commands, [*understood, *self.faces.news(self.now_us)], [*texts, *voices], digest)

    def open(self) -> tuple[list[Understood], list[Understood], list[Understood]]:
        """The first stages of a tick, up to the flow of affect: for a leap. Texts, voices, and what was understood."""
        self.kernels.begin_tick()
        self._take_in()
        texts, voices = self.hearing.due(wait=True), self.voices.due(wait=True)
        understood = self.meeting.join(texts, voices, self.now_us, wait=True)
        self._appraise(understood)
        self.influence.look(self.tick)
        return texts, voices, understood

    @property
    def is_waiting(self) -> bool:
        """Whether the coming tick must be asked for something that this one cannot know: answers, faces, stops."""
        waiting = self.hearing.waiting or self.voices.waiting or self.meeting.waiting or self.faces.any_seen
        return bool(waiting or self.stops)

    def shut(
        self,
        outcomes: Outcomes,
        sight: Sighted,
        texts: list[Understood],
        voices: list[Understood],
        understood: list[Understood],
    ) -> TickResult:
        """The end of a leap's last tick: what the trees did takes effect. Without a digest."""
        changes = self.behaving.finish(self.now_us, outcomes, sight, self._stimuli)
        commands = [*self.stops, *self.behaving.commands(changes)]
        self.stops.clear()
        self._spent = {}
        return self._result(commands, [*understood, *self.faces.news(self.now_us)], [*texts, *voices], b"")

    def digest(self) -> bytes:
        """16 bytes (xxh3) over everything the future depends on, but lines still being understood."""
        return digest_of(self.tick, self.now_us, self.state())

    def state(self) -> dict[str, Sequence[NDArray[np.generic]]]:
        """The borrowed arrays that the digest covers, by group, in its order."""
        world = self.world
        state: dict[str, Sequence[NDArray[np.generic]]] = {
            "emotion": (world.feelings.emotion,),
            "mood": (world.feelings.mood,),
            "position": (world.position,),
            "variables": (world.variables,),
            "speaker": (world.speaker,),
            "target": (world.target,),
            "ledger": world.ledger.parts(self.tick),
            "behavior": self.behaving.columns(self.tick),
        }
        for name, column in (
            ("sight", world.sight),
            ("claims", self.influence.claims),
            ("chance", self.behaving.streams),
        ):
            if column.size:
                state[name] = (column,)
        return state

    def _take_in(self) -> None:
        world = self.world
        self.said.clear()
        self.captured.clear()
        for accepted in self.intake.drain():
            match accepted:
                case Moved():
                    accepted.write(world.position)
                case Result(action=action, ok=ok):
                    self.report(action, ok=ok)
                case Written(row=row, value=value):
                    world.variables[row] = value
                case Spoken():
                    self.hearing.take(accepted)
                    self.said.append(accepted)
                case Captured():
                    self.captured.append(accepted)
                case Sounded():
                    self.voices.take(self.hearing.ticket(), accepted)
                case Shown():
                    self.faces.take(accepted, self.now_us)
                case Happening():
                    self._happened.append(accepted)
                case Seen(character=character, thing=thing, sees=sees):
                    if thing in world.watched:
                        world.sight[world.watched.index(thing), character] = sees
                case Pushed(character=character, label=label, amount=amount, because=because):
                    # as if somebody, or nobody, had said so: a code that all ledgers have, so that older recordings
                    # keep their digests
                    cause = world.ledger.number("said", because, label)
                    self._stimuli.add(character, world.channel[label], amount, cause)

    def _appraise(self, understood: list[Understood]) -> None:
        world, stimuli = self.world, self._stimuli
        for happening in self._happened:
            noticed = self._appraisal.happen(
                happening.name, happening.cause, happening.at, happening.strength, stimuli, world.ledger
            )
            if happening.target != NOBODY:
                world.target[noticed] = happening.target
        self._happened.clear()
        for each in understood:
            if each.failed or each.partial:
                continue
            heard = dict(zip(world.labels, each.probabilities, strict=True))
            spoken = each.spoken
            noticed = self._appraisal.hear(spoken.speaker, spoken.addressed, heard, stimuli, world.ledger)
            world.speaker[noticed] = spoken.speaker
        if len(stimuli):
            world.settle(stimuli.apply(world.emotion, world.ledger))

    def _flow(self, drives: Drives, dt: float) -> None:
        """Step affect under all that acts on it."""
        world, kernels = self.world, self.kernels
        kernels.split(
            kernels.form.advance,
            dt,
            world.feelings,
            world.fixed,
            world.constants.mood_gone(dt),
            self.influence.hits,
            self.influence.active,
            drives,
            self.contagion.caught,
            world.ledger.columns,
            works=self._work,
        )

    def _result(
        self, commands: list[Start | Stop], understood: list[Understood], answers: list[Understood], digest: bytes
    ) -> TickResult:
        world = self.world
        return TickResult(
            tick=self.tick,
            time=self.time,
            commands=tuple(commands),
            perceptions=tuple(
                Perceived(
                    utterance=each.spoken.number,
                    character=world.names[each.spoken.speaker],
                    labels=world.labels if each.probabilities else (),
                    probabilities=each.probabilities,
                    latency=each.seconds,
                    failed=each.failed,
                    source=each.spoken.source,
                    ticket=each.ticket,
                    modality=each.modality,
                    partial=each.partial,
                    confidence=each.confidence,
                    age=each.age,
                )
                for each in understood
            ),
            refusals=(),
            digest=digest,
            stage_seconds=self._spent,
            changed=self._changed(),
            answers=tuple(
                Answered(each.ticket, each.probabilities, each.seconds, each.failed)
                for each in sorted((*answers, *self.joining.answers), key=lambda each: each.ticket)
            ),
        )

    def _changed(self) -> tuple[tuple[str, float], ...]:
        """Variables that rules wrote in this tick, in the order of the scene."""
        written = self.behaving.written
        if not written:
            return ()
        world = self.world
        names = list(world.variable)
        return tuple((names[row], float(world.variables[row])) for row in sorted(written))
