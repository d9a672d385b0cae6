"""Owns taking a state: everything in a running simulation that its future depends on, as a `Saved`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from emotion_runtime.affect.ledger import NOBODY
from emotion_runtime.errors import UsageError
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.faces_seen import Shown
from emotion_runtime.hearing import Spoken
from emotion_runtime.inputs import Result
from emotion_runtime.intake import Captured, Happening, Moved, Pushed, Seen, Written
from emotion_runtime.saving.format import (
    AnyQueued,
    Array,
    Clock,
    Column,
    Origin,
    QueuedCapture,
    QueuedEvent,
    QueuedLine,
    QueuedPlaces,
    QueuedPush,
    QueuedResult,
    QueuedSight,
    QueuedValue,
    Remembered,
    Saved,
    SavedTree,
    Waiting,
    column,
)
from emotion_runtime.saving.halves import faces, halves
from emotion_runtime.voiced import voiced
from emotion_runtime.voices import Sounded

if TYPE_CHECKING:
    from emotion_runtime.tick import Ticker


@dataclass(frozen=True, slots=True)
class Outside:
    """What a simulation keeps beside its ticker. `ends`: of the nominal player's actions, None without a player."""

    compiled: str
    epoch: int
    seed: int
    utterances: int
    ends: dict[int, float] | None
    faces: Mapping[str, Array] = field(default_factory=dict)
    """`SceneFaces.state`, empty where nobody asked for faces."""


def take(ticker: Ticker, outside: Outside) -> Saved:
    """The state between two ticks. Raises UsageError for a scene with behaviours that nobody can save."""
    hearing = ticker.hearing.state()
    arrays = {**world_arrays(ticker), **behavior_arrays(ticker), "last_heard": hearing.last, **held_arrays(ticker)}
    return Saved(
        origin=_origin(ticker, outside),
        clock=Clock(
            tick=ticker.tick,
            now_us=ticker.now_us,
            epoch=outside.epoch,
            seed=outside.seed,
            utterances=outside.utterances,
            next_ticket=hearing.next_ticket,
        ),
        columns={name: column(array) for name, array in arrays.items()},
        waiting=tuple(
            Waiting(
                ticket,
                spoken.speaker,
                spoken.addressed,
                spoken.text,
                spoken.number,
                spoken.conversation,
                spoken.source,
                tuple((line.text, line.same_speaker) for line in context),
            )
            for ticket, (spoken, context) in hearing.waiting.items()
        ),
        remembered=tuple(Remembered(number, *line) for number, line in hearing.lines.items()),
        # no save keeps sound: a voice that is lost is among the halves
        queue=tuple(_queued(ticker, each) for each in ticker.intake.queued if not isinstance(each, Sounded | Shown)),
        player=None if outside.ends is None else tuple(outside.ends.items()),
        stops=tuple((stop.action, stop.character, stop.rule) for stop in ticker.stops),
        faces={name: column(array) for name, array in outside.faces.items()},
        halves=halves(ticker),
        seen=faces(ticker),
    )


def world_arrays(ticker: Ticker) -> dict[str, Array]:
    """Columns of the world, borrowed."""
    world = ticker.world
    ledger = world.ledger.columns
    return {
        "emotion": world.feelings.emotion,
        "mood": world.feelings.mood,
        "position": world.position,
        "variables": world.variables,
        "speaker": world.speaker,
        "target": world.target,
        "cause": ledger.cause,
        "amount": ledger.amount,
        "other": ledger.other,
        "scale": ledger.scale,
        "strongest": ledger.strongest,
    }


def behavior_arrays(ticker: Ticker) -> dict[str, Array]:
    """Columns of trees and actions, copies; and which tree each character has."""
    behaving = ticker.behaving
    found: dict[str, Array] = {"tree": behaving.kinds[1]}
    for state in (behaving.executor.state(), behaving.actions.state()):
        found.update({each.name: getattr(state, each.name) for each in fields(state)})
    return found


def held_arrays(ticker: Ticker) -> dict[str, Array]:
    """What only some scenes have: what a crowd keeps for several ticks; sight, places held, and chance."""
    influence = {f"influence.{name}": array for name, array in ticker.influence.held().items()}
    contagion = {f"contagion.{name}": array for name, array in ticker.contagion.held().items()}
    return {**influence, **contagion, **rare_arrays(ticker)}


def rare_arrays(ticker: Ticker) -> dict[str, Array]:
    """Who sees what, who holds which place, and streams of chance, borrowed; only where a scene has any."""
    found = {
        "sight.watched": np.array(ticker.world.watched, np.int32),
        "sight.seen": ticker.world.sight,
        "claims": ticker.influence.claims,
        "chance": ticker.behaving.streams,
    }
    return {name: array for name, array in found.items() if array.size}


@lru_cache(1)
def _package() -> str:
    return version("emotion-runtime")


def _origin(ticker: Ticker, outside: Outside) -> Origin:
    world = ticker.world
    kinds, _ = ticker.behaving.kinds
    if ticker.behaving.strangers:
        raise UsageError(
            "save_foreign",
            f"the py_trees behaviour `{ticker.behaving.strangers[0]}` keeps its state to itself and cannot be saved",
            "say what it does as one of the forms, or save without it",
        )
    return Origin(
        scene=world.scene.name,
        compiled=outside.compiled,
        package=_package(),
        characters=world.names,
        objects=world.objects,
        channels=world.channels,
        variables=tuple(world.variable),
        causes=world.ledger.codes.details,
        trees=tuple(SavedTree(mark, nodes, rules) for mark, nodes, rules in kinds),
    )


def _queued(
    ticker: Ticker, accepted: Spoken | Happening | Moved | Written | Pushed | Result | Captured | Seen
) -> AnyQueued:
    world = ticker.world
    subjects = world.names + world.objects

    def named(subject: int) -> str | None:
        return None if subject == NOBODY else subjects[subject]

    match accepted:
        case Spoken():
            heard = None if accepted.heard is None else {label: float(share) for label, share in accepted.heard.items()}
            return QueuedLine(
                subjects[accepted.speaker],
                accepted.text,
                accepted.number,
                named(accepted.addressed),
                accepted.conversation,
                heard,
                accepted.source,
                voiced(accepted.speech),
            )
        case Captured():
            weights = accepted.weights
            shown = None if weights is None else dict(zip(ARKIT, weights.astype(float).tolist(), strict=True))
            return QueuedCapture(subjects[accepted.character], shown, named(accepted.like))
        case Happening():
            cause, target = named(accepted.cause), named(accepted.target)
            return QueuedEvent(accepted.name, cause, target, accepted.at, float(accepted.strength))
        case Moved():
            return QueuedPlaces(column(np.asarray(accepted.rows, np.uint32)), _places(accepted))
        case Written():
            name = next(name for name, row in world.variable.items() if row == accepted.row)
            return QueuedValue(name, accepted.value)
        case Pushed():
            because = named(accepted.because)
            return QueuedPush(subjects[accepted.character], accepted.label, accepted.amount, because)
        case Seen():
            return QueuedSight(subjects[accepted.character], world.objects[accepted.thing], accepted.sees)
        case Result():
            return QueuedResult(accepted.action, accepted.ok, accepted.detail)


def _places(moved: Moved) -> Column:
    """In float64: what a world keeps of them."""
    return column(np.asarray(moved.xyz, np.float64))
