"""Owns putting a saved state into a fresh world: as it was for the same scene, by names for any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from behaviors.actions import ActionsState
from behaviors.errors import StateError
from behaviors.executor import ExecutorState
from emotion_runtime.affect.ledger import NOBODY, Codes
from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.hearing import HearingState, Spoken
from emotion_runtime.inputs import Capture, Event, Observation, Push, Result, SetVariable, Sight, Utterance
from emotion_runtime.intake import Moved
from emotion_runtime.outputs import Stop
from emotion_runtime.past import Past, PastActs, Trees
from emotion_runtime.perception.results import Line
from emotion_runtime.reload import Carrying
from emotion_runtime.saving.checks import columns
from emotion_runtime.saving.format import (
    AnyQueued,
    Array,
    Origin,
    QueuedCapture,
    QueuedEvent,
    QueuedLine,
    QueuedPlaces,
    QueuedPush,
    QueuedResult,
    QueuedSight,
    QueuedValue,
    Saved,
    SaveError,
    array,
)
from emotion_runtime.saving.halves import place_faces, place_halves
from emotion_runtime.saving.taking import rare_arrays, world_arrays
from emotion_runtime.voiced import speech_of

if TYPE_CHECKING:
    from emotion_runtime.tick import Ticker

Kind = Literal["character", "object", "emotion", "variable", "action", "observation", "line"]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """One thing of a saved state that the present scene has no place for; `why` is one sentence."""

    kind: Kind
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a saved state. `exact`: the scene is the one that was saved, and all goes on to the bit.

    `unplaced`: what found no place in a changed scene. `new`: characters and objects the save knows nothing of; they
    begin as the scene says.
    """

    exact: bool
    tick: int
    unplaced: tuple[Unplaced, ...] = ()
    new: tuple[str, ...] = ()


def place(saved: Saved, ticker: Ticker, compiled: str, *, sources: bool) -> Restored:
    """Put a state into a ticker that has not been stepped. Raises SaveError; the ticker is then of no use any more.

    `sources`: perceptions of lines under way are for whoever said them; else for nobody.
    """
    found = columns(saved)
    ticker.tick, ticker.now_us = saved.clock.tick, saved.clock.now_us
    ticker.stops = [Stop(action, character, rule, "reload") for action, character, rule in saved.stops]
    hearing = _hearing(saved, found, sources=sources)

    def place_rest(subjects: Array) -> None:
        place_halves(saved.halves, ticker, subjects, sources=sources)
        place_faces(saved.seen, ticker, subjects)

    try:
        if saved.origin.compiled == compiled:
            subjects = np.arange(len(ticker.world.subject))
            _exact(ticker, found)
            unplaced = _refill(saved, ticker, subjects, sources=sources)
            ticker.hearing.take_over(hearing, subjects, subjects[: ticker.world.n])
            place_rest(subjects)
            return Restored(True, ticker.tick, tuple(unplaced))
        return _by_name(saved, ticker, found, hearing, place_rest, sources=sources)
    except (StateError, UsageError, ValueError, IndexError, KeyError, TypeError) as error:
        raise SaveError("bad_save", f"the saved state contradicts itself: {error}"[:500]) from error


def playing(saved: Saved, ticker: Ticker, restored: Restored) -> dict[int, float]:
    """When the actions under way end, in seconds, if a nominal player goes on with them."""
    known = dict(saved.player or ())
    if restored.exact and saved.player is not None:
        return known
    return {
        each.action: known.get(each.action, ticker.time + max(0.0, each.lasts - each.elapsed))
        for each in ticker.running()
    }


def _exact(ticker: Ticker, found: Mapping[str, Array]) -> None:
    for name, mine in world_arrays(ticker).items():
        if mine.shape != found[name].shape:
            raise ValueError(f"column `{name}` has shape {found[name].shape}, and the scene makes it {mine.shape}")
        mine[...] = found[name]
    world, behaving = ticker.world, ticker.behaving
    for name, row in world.variable.items():
        declared, value = world.declared(name), float(found["variables"][row])
        if not declared.low <= value <= declared.high:
            raise ValueError(f"`{name}` is {value:g}")
    if not np.array_equal(behaving.kinds[1], found["tree"]):
        raise ValueError("characters have other trees than their scene gives them")
    behaving.executor.restore(_tree(found))
    behaving.actions.restore(_acts(found))
    if not np.array_equal(behaving.executor.running, behaving.actions.running):
        raise ValueError("an action runs whose leaf does not, or the reverse")
    for name, mine in rare_arrays(ticker).items():
        if name in found and mine.shape == found[name].shape:
            mine[...] = found[name]
    behaving.changed()
    for part, prefix in ((ticker.influence, "influence."), (ticker.contagion, "contagion.")):
        held = {name.removeprefix(prefix): each for name, each in found.items() if name.startswith(prefix)}
        if held:
            part.hold(held)


def _by_name(
    saved: Saved,
    ticker: Ticker,
    found: Mapping[str, Array],
    hearing: HearingState,
    place_rest: Callable[[Array], None],
    *,
    sources: bool,
) -> Restored:
    world, origin = ticker.world, saved.origin
    carrying = Carrying(_past(origin, found), world)
    carrying.carry()
    kinds = tuple(Trees(each.mark, each.nodes, each.rules) for each in origin.trees)
    ended = carrying.carry_actions(PastActs(kinds, found["tree"], _tree(found), _acts(found)), ticker.behaving)
    ticker.stops.extend(ended)
    ticker.behaving.changed()
    unplaced = _missing(origin, found, ticker)
    unplaced += [Unplaced("action", f"{stop.character}: {stop.rule}", "it cannot go on here") for stop in ended]
    unplaced += _refill(saved, ticker, carrying.subjects, sources=sources)
    names = origin.characters
    for spoken in ticker.hearing.take_over(hearing, carrying.subjects, carrying.stay):
        unplaced.append(Unplaced("line", names[spoken.speaker], f"nobody of this name says {spoken.text[:80]!r}"))
    place_rest(carrying.subjects)
    known = {*origin.characters, *origin.objects}
    new = tuple(name for name in world.subject if name not in known)
    return Restored(False, ticker.tick, tuple(unplaced), new)


def _past(origin: Origin, found: Mapping[str, Array]) -> Past:
    details: dict[str, list[str]] = {}
    for kind, detail in origin.causes:
        details.setdefault(kind, []).append(detail)
    codes = Codes(len(origin.characters) + len(origin.objects), details)
    if codes.details != origin.causes:
        raise ValueError("the kinds of causes are not in their order")
    return Past(
        names=origin.characters,
        objects=origin.objects,
        channel={label: row for row, label in enumerate(origin.channels)},
        variable={name: row for row, name in enumerate(origin.variables)},
        emotion=found["emotion"][:-1].T,
        mood=found["mood"].T,
        codes=codes,
        watched=tuple(found["sight.watched"].tolist()) if "sight.watched" in found else (),
        sight=found.get("sight.seen", np.zeros((0, len(origin.characters)), np.bool_)),
        **{name: found[name] for name in PLAIN},
    )


PLAIN = ("position", "variables", "speaker", "target", "cause", "amount", "other", "scale")


def _tree(found: Mapping[str, Array]) -> ExecutorState:
    return ExecutorState(**{each.name: found[each.name].copy() for each in fields(ExecutorState)})


def _acts(found: Mapping[str, Array]) -> ActionsState:
    return ActionsState(**{each.name: found[each.name].copy() for each in fields(ActionsState)})


def _hearing(saved: Saved, found: Mapping[str, Array], *, sources: bool) -> HearingState:
    waiting = {}
    for line in saved.waiting:
        context = tuple(Line(text, same) for text, same in line.context)
        source = line.source if sources else 0
        spoken = Spoken(line.speaker, line.addressed, line.text, line.number, line.conversation, None, source)
        waiting[line.ticket] = (spoken, context)
    lines = {line.ticket: (line.speaker, line.text, line.conversation, line.before) for line in saved.remembered}
    return HearingState(saved.clock.next_ticket, waiting, lines, found["last_heard"].copy())


def _missing(origin: Origin, found: Mapping[str, Array], ticker: Ticker) -> list[Unplaced]:
    """What of the names of a save the scene does not have, or not any more as it was."""
    world = ticker.world
    unplaced: list[Unplaced] = []
    characters: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("character", origin.characters),
        ("object", origin.objects),
    )
    for kind, names in characters:
        there = world.names if kind == "character" else world.objects
        unplaced += [Unplaced(kind, name, "the scene has none of this name") for name in sorted({*names} - {*there})]
    unplaced += [
        Unplaced("emotion", label, "the scene has no such emotion")
        for label in origin.channels
        if label not in world.channel
    ]
    for name, value in zip(origin.variables, found["variables"].tolist(), strict=True):
        if name not in world.variable:
            unplaced.append(Unplaced("variable", name, "the scene has no such variable"))
        elif world.variables[world.variable[name]] != value:
            unplaced.append(Unplaced("variable", name, f"{value:g} is out of its range now; it begins anew"))
    return unplaced


def _refill(saved: Saved, ticker: Ticker, subjects: Array, *, sources: bool) -> list[Unplaced]:
    """Queue again what waited for the coming tick; returns what has no meaning here."""
    unplaced = []
    for each in saved.queue:
        try:
            if isinstance(each, QueuedPlaces):
                _requeue(each, ticker, subjects)
            else:
                told, source = _observation(each)
                ticker.intake.put(told, source if sources else 0)
        except InputError as error:
            unplaced.append(Unplaced("observation", type(each).__name__.removeprefix("Queued").lower(), error.message))
    return unplaced


def _requeue(places: QueuedPlaces, ticker: Ticker, subjects: Array) -> None:
    rows, xyz = array("rows", places.rows), array("xyz", places.xyz)
    sound = rows.dtype == np.uint32 and rows.ndim == 1 and xyz.dtype == np.float64 and xyz.shape == (len(rows), 3)
    if not sound or not np.isfinite(xyz).all() or (len(rows) and int(rows.max()) >= len(subjects)):
        raise ValueError("queued places do not fit their rows")
    if (np.diff(rows.astype(np.int64)) <= 0).any():
        raise ValueError("rows of queued places do not ascend")
    there = np.flatnonzero(subjects[rows] != NOBODY)
    there = there[np.argsort(subjects[rows][there])]
    if len(there):
        ticker.intake.requeue(Moved(subjects[rows][there].astype(np.uint32), xyz[there]))
    if len(there) < len(rows):
        raise InputError("unknown_subject", f"{len(rows) - len(there)} of {len(rows)} places are of nobody here")


def _observation(queued: AnyQueued) -> tuple[Observation, int]:
    match queued:
        case QueuedLine():
            said = Utterance(queued.speaker, queued.text, queued.number, queued.to, queued.conversation, queued.heard)
            said = replace(said, speech=speech_of(queued.speech))
            return said, queued.source
        case QueuedEvent():
            return Event(queued.name, queued.cause, queued.target, queued.at, queued.strength), 0
        case QueuedValue():
            return SetVariable(queued.name, queued.value), 0
        case QueuedPush():
            return Push(queued.character, queued.label, queued.amount, queued.because), 0
        case QueuedCapture():
            return Capture(queued.character, queued.weights, queued.like), 0
        case QueuedSight():
            return Sight(queued.character, queued.thing, queued.sees), 0
        case QueuedResult():
            return Result(queued.action, queued.ok, queued.detail), 0
        case _:
            raise ValueError("no observation")
