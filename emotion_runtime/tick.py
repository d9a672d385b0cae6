"""Owns the tick: one fixed order of stages, from what was told to what is published, and its digest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from behaviors.objects import Influence
from emotion_runtime.affect.dynamics import Flow, flow
from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.affect.stimuli import Stimuli
from emotion_runtime.appraisal import Appraisal
from emotion_runtime.behaving import Behaving, RunningAction
from emotion_runtime.contagion import Contagion, credit
from emotion_runtime.errors import InputError
from emotion_runtime.hearing import Hearing, Spoken, Understood
from emotion_runtime.inputs import Result
from emotion_runtime.intake import Happening, Intake, Moved, Written
from emotion_runtime.outputs import Perceived, Start, Stop, TickResult
from emotion_runtime.perception import TextService
from emotion_runtime.world import World

__all__ = ["STAGES", "RunningAction", "Ticker"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

STAGES: Final = ("take_in", "perceive", "appraise", "influence", "affect", "behave", "digest")
"""The stages in their order, as named in `TickResult.stage_seconds`. Faces are drawn when the state is published."""

LONGEST_TICK_S: Final = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What drives one channel of some characters this tick: rows (k,), a cause and a signed rate per second each."""

    characters: Ints
    channel: int
    causes: Ints
    rates: Floats


class Ticker:
    """Steps a world. Time is whole microseconds of simulated time, so that sums of ticks are exact.

    `clock` only measures stages; no result depends on it.
    """

    def __init__(
        self, world: World, service: TextService | None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.world = world
        self.tick = 0
        self.now_us = 0
        self.hearing = Hearing(world, service)
        self.behaving = Behaving(world)
        self.intake = Intake(world, self._is_running)
        self._appraisal = Appraisal(world.scene.appraisal, world)
        self._contagion = Contagion(world)
        self._influence = Influence(world.cast, [rule for thing in world.scene.objects for rule in thing.rules])
        self._stimuli = Stimuli()
        self._clock = clock
        self._spent: dict[str, float] = {}
        self._happened: list[Happening] = []

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
        return self.behaving.column()

    def running(self) -> tuple[RunningAction, ...]:
        """All actions under way."""
        return self.behaving.running(self.now_us)

    def stage_ms(self) -> dict[str, float]:
        """Wall milliseconds of each stage in the last tick."""
        return {stage: round(seconds * 1e3, 4) for stage, seconds in self._spent.items()}

    def report(self, action: int, *, ok: bool) -> None:
        """An action's result, for the coming tick; of one that does not run it is ignored."""
        if self._is_running(action):
            self.behaving.report(action, ok)

    def step(self, dt: float, *, wait: bool) -> TickResult:
        """One tick of `dt` seconds. Raises InputError for a length that is no positive time, with no effect."""
        if not 0.0 < dt <= LONGEST_TICK_S:
            raise InputError("bad_value", f"a tick lasts more than 0 and at most {LONGEST_TICK_S:g} s, not {dt!r}")
        span_us = max(1, round(dt * 1e6))
        self.tick += 1
        self.now_us += span_us
        self._spent = {}
        with self._stage("take_in"):
            self._take_in()
        with self._stage("perceive"):
            understood = self.hearing.due(wait=wait)
        with self._stage("appraise"):
            self._appraise(understood)
        with self._stage("influence"):
            excite, inhibit, shares = self._pressures()
        with self._stage("affect"):
            self._flow(excite, inhibit, shares, span_us * 1e-6)
        with self._stage("behave"):
            commands = self.behaving.tick(self.now_us, self._stimuli)
        with self._stage("digest"):
            digest = self.digest()
        return self._result(commands, understood, digest)

    def digest(self) -> bytes:
        """16 bytes (xxh3) over everything the future depends on, but lines still being understood."""
        world = self.world
        state = xxhash.xxh3_128(b"%d %d" % (self.tick, self.now_us))
        for column in (
            world.emotion,
            world.mood,
            world.position,
            world.variables,
            world.speaker,
            world.target,
            *world.ledger.columns(),
            *self.behaving.columns(),
        ):
            state.update(np.ascontiguousarray(column).data)
        return state.digest()

    def _take_in(self) -> None:
        world = self.world
        for accepted in self.intake.drain():
            match accepted:
                case Moved(rows=rows, xyz=xyz):
                    world.position[rows] = xyz
                case Written(row=row, value=value):
                    world.variables[row] = value
                case Spoken():
                    self.hearing.take(accepted)
                case Happening():
                    self._happened.append(accepted)
                case Result(action=action, ok=ok):
                    self.report(action, ok=ok)

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
            if each.failed:
                continue
            heard = dict(zip(world.labels, each.probabilities, strict=True))
            spoken = each.spoken
            noticed = self._appraisal.hear(spoken.speaker, spoken.addressed, heard, stimuli, world.ledger)
            world.speaker[noticed] = spoken.speaker
        world.emotion = stimuli.apply(world.emotion, world.ledger)

    def _pressures(self) -> tuple[Floats, Floats, list[Share]]:
        """Rates (n, c) of this tick, and shares of them for the ledger."""
        world = self.world
        shape = (world.n, len(world.labels))
        up, down = np.zeros(shape), np.zeros(shape)
        shares: list[Share] = []
        for effect in self._influence.act(world.surroundings(), up, down):
            rule = self._influence.rules[effect.rule]
            cause = world.ledger.number("object", effect.inflicter, rule.name)
            causes = np.full(len(effect.characters), cause, np.int32)
            shares.append(Share(effect.characters, world.channel[world.labels[effect.label]], causes, effect.rates))
        excite, inhibit = up[:, world.columns], down[:, world.columns]
        for drive in self.behaving.drives(world.ledger):
            rates = np.full(len(drive.characters), drive.rate)
            self._press(excite, inhibit, drive.channel, drive.characters, rates)
            causes = np.full(len(drive.characters), drive.cause, np.int32)
            shares.append(Share(drive.characters, drive.channel, causes, rates))
        for caught in self._contagion.spread(excite):
            shares.append(Share(caught.character, caught.channel, credit(caught, world, world.ledger), caught.rate))
        return excite, inhibit, shares

    @staticmethod
    def _press(excite: Floats, inhibit: Floats, channel: int, characters: Ints, rates: Floats) -> None:
        excite[characters, channel] += np.maximum(rates, 0.0)
        inhibit[characters, channel] += np.maximum(-rates, 0.0)

    def _flow(self, excite: Floats, inhibit: Floats, shares: list[Share], dt: float) -> None:
        world = self.world
        result: Flow = flow(world.constants, world.emotion, world.mood, excite, inhibit, dt)
        world.emotion, world.mood = result.emotion, result.mood
        world.ledger.decay(result)
        if shares:
            characters = np.concatenate([share.characters for share in shares])
            channels = np.repeat([share.channel for share in shares], [len(share.characters) for share in shares])
            rates = np.concatenate([share.rates for share in shares])
            cell = characters, channels
            amounts = rates * np.where(rates > 0.0, result.up[cell], result.down[cell])
            world.ledger.add(characters, channels, np.concatenate([share.causes for share in shares]), amounts)

    def _result(self, commands: list[Start | Stop], understood: list[Understood], digest: bytes) -> TickResult:
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
                )
                for each in understood
            ),
            refusals=(),
            digest=digest,
            stage_seconds=self._spent,
        )

    def _is_running(self, action: int) -> bool:
        return self.behaving.is_running(action)

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        began = self._clock()
        yield
        self._spent[name] = self._clock() - began
