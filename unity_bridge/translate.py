"""Owns the words between wire and runtime: wire messages to observations, tick results to wire messages."""

from __future__ import annotations

from msgspec.structs import replace

from emotion_runtime import inputs, outputs
from emotion_runtime.errors import InputError
from emotion_runtime.expression.speech.vendors import track_of_values
from protocol import messages as wire
from protocol.columns import pack_f32, pack_open_unit, pack_u16
from protocol.errors import ProtocolError
from protocol.views import read_positions
from unity_bridge.world import RunningAction, World


def observation(item: wire.Observation, *, rows: int, epoch: int) -> inputs.Observation:
    """Return what the runtime calls it; raises InputError for what can be refused without a world of `rows`."""
    match item:
        case wire.Utterance():
            return inputs.Utterance(
                speaker=item.speaker,
                text=item.text,
                number=item.id,
                to=item.to,
                conversation=item.conversation,
                heard=item.heard,
                speech=_speech(item),
            )
        case wire.Voice():
            return inputs.Voice(
                speaker=item.speaker,
                pcm=item.pcm,
                number=item.id,
                rate=item.rate,
                file=item.file,
                last=item.last,
                to=item.to,
                conversation=item.conversation,
                transcript=item.transcript,
            )
        case wire.Face():
            return inputs.Face(
                character=item.character, weights=item.weights, neutral=item.neutral, speaking=item.speaking
            )
        case wire.Event():
            return inputs.Event(
                name=item.name, cause=item.cause, target=item.target, at=item.at, strength=item.strength
            )
        case wire.Move():
            return inputs.Move(subject=item.id, at=item.at)
        case wire.Variable():
            return inputs.SetVariable(name=item.name, value=float(item.value))
        case wire.Sight():
            return inputs.Sight(character=item.character, thing=item.object, sees=item.sees)
        case wire.Result():
            return inputs.Result(action=item.action, ok=item.ok, detail=item.detail)
        case wire.Capture():
            return inputs.Capture(item.character, item.weights, item.like)
        case wire.Positions():
            return _positions(item, epoch, rows)


def _speech(item: wire.Utterance) -> inputs.Speech | None:
    if not (item.timings or item.lasts or item.voice):
        return None
    track = track_of_values(item.timings) if item.timings else None
    return inputs.Speech(track, item.lasts, item.voice, item.voice_rate)


def _positions(item: wire.Positions, epoch: int, rows: int) -> inputs.Positions:
    try:
        index, xyz = read_positions(item, epoch=epoch, rows=rows)
    except ProtocolError as error:
        raise InputError(error.code, f"{error.message} at {error.where}", error.remedy) from None
    return inputs.Positions(index=index, xyz=xyz)


def command(item: outputs.Start | outputs.Stop) -> wire.Start | wire.Stop:
    """Return a command as it goes to the engine."""
    if isinstance(item, outputs.Stop):
        return wire.Stop(action=item.action, character=item.character, rule=item.rule, reason=item.reason)
    return wire.Start(
        action=item.action,
        character=item.character,
        rule=item.rule,
        bearers=item.bearers,
        lasts=item.lasts,
        why=item.why,
        payload=dict(item.payload),
    )


def taken_over(item: RunningAction) -> wire.Start:
    """Return the start of an action that another engine began: it lasts what is left of it."""
    return wire.Start(
        action=item.action,
        character=item.character,
        rule=item.rule,
        bearers=item.bearers,
        lasts=max(0.0, item.lasts - item.elapsed),
        why="handed over",
        payload=dict(item.payload),
    )


def handed_over(item: RunningAction) -> wire.Stop:
    """Return the stop of an action that another engine goes on with."""
    return wire.Stop(action=item.action, character=item.character, rule=item.rule, reason="handed_over")


def perception(item: outputs.Perceived, tick: int) -> wire.Perception:
    """Return what was made of an utterance, entering the emotions at `tick`."""
    return wire.Perception(
        seq=0,
        tick=tick,
        utterance=item.utterance,
        character=item.character,
        labels=item.labels,
        probabilities=item.probabilities,
        label=item.label,
        latency=item.latency,
        failed=item.failed,
        modality=item.modality,
        partial=item.partial,
        confidence=item.confidence,
        age=item.age,
    )


def roster(world: World) -> wire.Roster:
    """Return what the numbers in a tick mean."""
    return wire.Roster(
        epoch=world.epoch,
        scene=world.scene_name,
        characters=world.characters,
        labels=world.labels,
        actions=world.actions,
        objects=world.objects,
        shapes=world.shapes,
        rate=world.rate,
    )


def tick(world: World, session: int, digest: bytes, *, paused: bool, sent: float) -> wire.Tick:
    """Return the whole state as it is, in little-endian columns; `sent` is our clock in seconds."""
    columns = world.columns()
    return replace(
        without_columns(world, session, digest, paused=paused, sent=sent),
        emotion=pack_open_unit(columns.emotion),
        mood=pack_f32(columns.mood),
        action=pack_u16(columns.action),
        face=pack_f32(columns.face) if columns.face.size else b"",
    )


def without_columns(world: World, session: int, digest: bytes, *, paused: bool, sent: float) -> wire.Tick:
    """Return the same without its columns, which are written elsewhere."""
    return wire.Tick(
        session=session,
        tick=world.tick,
        time=world.time,
        epoch=world.epoch,
        n=len(world.characters),
        emotion=b"",
        mood=b"",
        action=b"",
        digest=digest,
        paused=paused,
        sent=sent,
    )


def snapshot(world: World, session: int, digest: bytes, *, paused: bool, sent: float) -> wire.Snapshot:
    """Return everything a late joiner needs."""
    return wire.Snapshot(
        session=session,
        roster=roster(world),
        state=tick(world, session, digest, paused=paused, sent=sent),
        running=tuple(
            wire.Running(
                action=a.action,
                character=a.character,
                rule=a.rule,
                bearers=a.bearers,
                lasts=a.lasts,
                elapsed=a.elapsed,
                payload=dict(a.payload),
            )
            for a in world.running()
        ),
        variables=dict(world.variables()),
    )
