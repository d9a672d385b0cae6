"""Owns the shape of what engines observe: structs told apart by `kind`, which travel in `observations`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from protocol.fields import Count, Id, Name, Number, Point, Seconds, Text, Unit, Values
from protocol.ids import MAX_VOICE_BYTES


class Utterance(Struct, tag_field="kind", tag="utterance", kw_only=True, omit_defaults=True):
    """A character said something."""

    speaker: Id
    text: Text
    id: Count = 0
    """The client's number for it, returned in the perception."""
    to: Id | None = None
    conversation: Name = ""
    """Lines of different conversations are never each other's context."""
    heard: dict[str, Unit] | None = None
    """Probabilities that stand in for the model, by label."""
    timings: Values = {}
    """What the speech service told of the voice: `form` (azure, polly, plain, ...) and `data`, for the lips."""
    lasts: Seconds = 0.0
    """Seconds the voice takes, if known: without timings the lips are fitted to it. 0: not known."""
    voice: bytes = b""
    """The voice itself, mono int16 little-endian: finds pauses, and moves the lips of a line without text."""
    voice_rate: Count = 16000
    """Samples a second of `voice`."""


class Voice(Struct, tag_field="kind", tag="voice", kw_only=True, omit_defaults=True):
    """A piece of what a character says aloud: sound, or the name of a sound file."""

    speaker: Id
    id: Count = 0
    """The client's number for the utterance, the same in all its pieces; an `utterance` of this number is its text."""
    pcm: Annotated[bytes, Meta(max_length=MAX_VOICE_BYTES)] = b""
    """int16, little-endian, mono."""
    rate: Annotated[int, Meta(ge=8000, le=48000)] = 16000
    """Samples a second of `pcm`."""
    file: Name = ""
    """A WAV file in the sidecar's folder of sounds, instead of `pcm`: a whole utterance."""
    last: bool = False
    """The utterance ends with this piece."""
    transcript: bool = False
    """An `utterance` with the same `id` follows; both are understood together."""
    to: Id | None = None
    conversation: Name = ""


class Face(Struct, tag_field="kind", tag="face", kw_only=True, omit_defaults=True):
    """One frame of a captured face."""

    character: Id
    weights: dict[Name, Unit] = {}
    """ARKit's coefficients by name; those left out are 0."""
    neutral: bool = False
    """This is how the face rests. Until it was told, frames say nothing."""
    speaking: bool = False
    """The mouth is busy with words."""


class Event(Struct, tag_field="kind", tag="event", kw_only=True, omit_defaults=True):
    """Something declared in the scene's `events` happened."""

    name: Id
    cause: Id | None = None
    """Who or what did it."""
    target: Id | None = None
    """Whom it concerns: becomes the bearer of rules with `bearer: target`."""
    at: Point | None = None
    """Where, metres; only those within hearing notice. None: everybody does."""
    strength: Unit = 1.0


class Move(Struct, tag_field="kind", tag="move", kw_only=True, omit_defaults=True):
    """One character or object is somewhere else. For many at once use `positions`."""

    id: Id
    at: Point


class Positions(Struct, tag_field="kind", tag="positions", kw_only=True, omit_defaults=True):
    """Where many characters are: columns, rows as in the roster of `epoch`."""

    epoch: Count
    index: bytes
    """uint32 rows, strictly ascending."""
    xyz: bytes
    """float32, three metres for each index."""


class Variable(Struct, tag_field="kind", tag="variable", kw_only=True, omit_defaults=True):
    """A declared variable of an object (`campfire.lit`) or of the world (`world.night`) has a new value."""

    name: Id
    value: Number | bool


class Sight(Struct, tag_field="kind", tag="sight", kw_only=True, omit_defaults=True):
    """A character sees an object, or does not any more. Until told otherwise everybody sees everything."""

    character: Id
    object: Id
    sees: bool


class Result(Struct, tag_field="kind", tag="result", kw_only=True, omit_defaults=True):
    """An action the engine played has ended."""

    action: Count
    ok: bool
    detail: Text = ""


class Capture(Struct, tag_field="kind", tag="capture", kw_only=True, omit_defaults=True):
    """A performer's face drives a character from now on; half a second without another one gives its own back."""

    character: Id
    weights: dict[str, Unit] = {}
    """ARKit weights by name; a shape that is not named is 0. Empty: see `like`."""
    like: Id | None = None
    """Another character whose face drives this one until the next capture. Without it and weights: nobody does."""


Observation: TypeAlias = Utterance | Event | Move | Positions | Variable | Result | Capture | Sight | Voice | Face
