"""Owns the way of an observation into a record and back, so that what is applied again is what was applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import msgspec
import numpy as np

from emotion_runtime.errors import InputError
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
from emotion_runtime.record.format import (
    AnyInput,
    Became,
    Driven,
    Ended,
    Faced,
    Happened,
    Moved,
    Place,
    Said,
    Saw,
    Shoved,
    Sounded,
    Stood,
)
from emotion_runtime.voiced import speech_of, voiced

_INDEX: Final = np.dtype("<u4")
_XYZ: Final = np.dtype("<f4")


def recorded(observation: Observation, source: int, batch: int) -> AnyInput:
    """The observation as plain values of its own: what is recorded is not changed by whoever sent it."""
    match observation:
        case Utterance():
            heard = None if observation.heard is None else _floats(observation.heard)
            return Said(
                source,
                batch,
                observation.speaker,
                observation.text,
                int(observation.number),
                observation.to,
                observation.conversation,
                heard,
                voiced(observation.speech),
            )
        case Voice():
            return Sounded(
                source,
                batch,
                observation.speaker,
                observation.samples,
                int(observation.number),
                observation.rate,
                observation.file,
                observation.last,
                observation.to,
                observation.conversation,
                observation.transcript,
            )
        case Face():
            shown = _floats(observation.weights)
            return Faced(source, batch, observation.character, shown, observation.neutral, observation.speaking)
        case Event():
            at = None if observation.at is None else _place(observation.at)
            strength = float(observation.strength)
            return Happened(source, batch, observation.name, observation.cause, observation.target, at, strength)
        case Move():
            return Moved(source, batch, observation.subject, _place(observation.at))
        case Positions():
            index = np.ascontiguousarray(observation.index, _INDEX)
            return Stood(source, batch, index.tobytes(), np.ascontiguousarray(observation.xyz, _XYZ).tobytes())
        case SetVariable():
            return Became(source, batch, observation.name, float(observation.value))
        case Sight():
            return Saw(source, batch, observation.character, observation.thing, bool(observation.sees))
        case Result():
            return Ended(source, batch, int(observation.action), bool(observation.ok), observation.detail)
        case Push():
            pushed = observation
            return Shoved(source, batch, pushed.character, pushed.label, float(pushed.amount), pushed.because)
        case Capture():
            weights = None if observation.weights is None else _floats(observation.weights)
            return Driven(source, batch, observation.character, weights, observation.like)


def encode(encoder: msgspec.msgpack.Encoder, item: AnyInput) -> bytes:
    """The bytes of an input. Raises InputError for what no file can hold: half a surrogate pair, a giant number."""
    try:
        return encoder.encode(item)
    except UnicodeEncodeError:
        raise InputError("bad_value", "a text with half a surrogate pair cannot be recorded", "send UTF-8") from None
    except OverflowError:
        raise InputError("bad_value", "a number of more than 64 bits cannot be recorded") from None


def lived(told: Observation, item: AnyInput) -> Observation:
    """What is applied now: as it will be read again, to the bit; and a voice with its sound, which is not kept."""
    again = observation(item)
    if isinstance(again, Voice) and isinstance(told, Voice):
        return replace(again, pcm=bytes(told.pcm), unheard=told.unheard)
    return again


def observation(item: AnyInput) -> Observation:
    """The observation that was recorded. Raises InputError where a file holds what cannot have been applied."""
    match item:
        case Said():
            speech = speech_of(item.speech)
            return Utterance(item.speaker, item.text, item.number, item.to, item.conversation, item.heard, speech)
        case Sounded():
            return Voice(
                item.speaker,
                b"",
                item.number,
                item.rate,
                item.file,
                item.last,
                item.to,
                item.conversation,
                item.transcript,
                item.samples,
            )
        case Faced():
            return Face(item.character, item.weights, item.neutral, item.speaking)
        case Happened():
            return Event(item.name, item.cause, item.target, item.at, item.strength)
        case Moved():
            return Move(item.subject, item.at)
        case Stood():
            if len(item.index) % _INDEX.itemsize or len(item.xyz) != 3 * len(item.index):
                raise InputError("bad_column", "recorded positions do not match their rows")
            xyz = np.frombuffer(item.xyz, _XYZ).reshape(-1, 3)
            return Positions(np.frombuffer(item.index, _INDEX), xyz)
        case Became():
            return SetVariable(item.name, item.value)
        case Saw():
            return Sight(item.character, item.thing, item.sees)
        case Ended():
            return Result(item.action, item.ok, item.detail)
        case Shoved():
            return Push(item.character, item.label, item.amount, item.because)
        case Driven():
            return Capture(item.character, item.weights, item.like)


def _floats(heard: Mapping[str, float]) -> dict[str, float]:
    return {label: float(value) for label, value in heard.items()}


def _place(at: Place) -> Place:
    x, y, z = at
    return float(x), float(y), float(z)
