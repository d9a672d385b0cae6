"""Owns the words in which an engine tells what happened: one method for each kind of observation."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from emotion_runtime.errors import InputError
from protocol import messages
from protocol.columns import pack_f32, pack_u32
from protocol.errors import ProtocolError

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(messages.Observation)


def require_sendable(observation: messages.Observation) -> None:
    """Raise InputError for what the sidecar could not read: its whole batch would be refused for it."""
    try:
        _DECODER.decode(_ENCODER.encode(observation))
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
        raise InputError("bad_value", f"{type(observation).__name__.lower()}: {error}") from None


class Telling:
    """Numbers utterances and makes observations; `_tell` takes them in order, to be sent by `flush` or `poll`.

    Every method raises InputError for a value that is out of range or not finite, and takes nothing then.
    """

    def __init__(self) -> None:
        self._utterances = 0

    def _tell(self, observation: messages.Observation) -> None:
        raise NotImplementedError

    def _epoch(self) -> int:
        raise NotImplementedError

    def say(
        self,
        speaker: str,
        text: str,
        *,
        to: str | None = None,
        conversation: str = "",
        heard: dict[str, float] | None = None,
        timings: Any = None,
        form: str = "plain",
        lasts: float = 0.0,
        voice: ArrayLike | None = None,
        voice_rate: int = 16000,
    ) -> int:
        """A character says something; returns the number its perception carries. May raise ObservationOverflowError.

        For the lips: `timings` of the speech service in its `form` (azure, polly, elevenlabs, cartesia, rhubarb,
        plain) as JSON text or read, else how long the voice `lasts` in seconds, or the mono int16 `voice` itself.
        """
        number = self._utterances + 1
        self._tell(
            messages.Utterance(
                speaker=speaker,
                text=text,
                id=number,
                to=to,
                conversation=conversation,
                heard=heard,
                timings={} if timings is None else {"form": form, "data": timings},
                lasts=lasts,
                voice=b"" if voice is None else np.asarray(voice, "<i2").tobytes(),
                voice_rate=voice_rate,
            )
        )
        self._utterances = number
        return number

    def voice(
        self,
        speaker: str,
        pcm: bytes = b"",
        *,
        number: int = 0,
        rate: int = 16_000,
        file: str = "",
        last: bool = False,
        transcript: bool = False,
        to: str | None = None,
        conversation: str = "",
    ) -> None:
        """A piece of what a character says aloud: 16-bit mono sound, or a file in the sidecar's folder of sounds.

        Pieces of one utterance have one `number`. Perceptions of modality `voice` answer: partial ones about every
        second, the final one after the `last` piece. May raise ObservationOverflowError.
        """
        self._tell(
            messages.Voice(
                speaker=speaker,
                id=number,
                pcm=pcm,
                rate=rate,
                file=file,
                last=last,
                transcript=transcript,
                to=to,
                conversation=conversation,
            )
        )

    def face(self, character: str, weights: dict[str, float], *, neutral: bool = False, speaking: bool = False) -> None:
        """A frame of a captured face: ARKit's coefficients by name. Tell the resting face once, as `neutral`."""
        self._tell(messages.Face(character=character, weights=weights, neutral=neutral, speaking=speaking))

    def event(
        self,
        name: str,
        *,
        cause: str | None = None,
        target: str | None = None,
        at: tuple[float, float, float] | None = None,
        strength: float = 1.0,
    ) -> None:
        """A declared event happens. May raise ObservationOverflowError."""
        self._tell(messages.Event(name=name, cause=cause, target=target, at=at, strength=strength))

    def move(self, subject: str, x: float, y: float, z: float) -> None:
        """A character or object stands at (x, y, z) metres."""
        self._tell(messages.Move(id=subject, at=(x, y, z)))

    def positions(self, index: ArrayLike, xyz: ArrayLike) -> None:
        """Characters with these roster rows, strictly ascending, stand at `xyz` (k, 3) metres."""
        try:
            rows, metres = pack_u32(np.asarray(index), "index"), pack_f32(xyz, "xyz")
        except ProtocolError as error:
            raise InputError(error.code, f"positions: {error.message} at {error.where}") from None
        self._tell(messages.Positions(epoch=self._epoch(), index=rows, xyz=metres))

    def sight(self, character: str, thing: str, sees: bool) -> None:
        """Whether a character sees an object, for effects that are `in_sight`."""
        self._tell(messages.Sight(character=character, object=thing, sees=sees))

    def set(self, variable: str, value: float | bool) -> None:
        """A variable of an object or of the world takes a value."""
        self._tell(messages.Variable(name=variable, value=value))

    def capture(self, character: str, weights: dict[str, float] | None = None, *, like: str | None = None) -> None:
        """A performer's ARKit weights by name, or another character's face, drive a character's face from now on.

        Half a second without another capture of weights, or a capture of neither, gives its own face back.
        """
        self._tell(messages.Capture(character=character, weights=weights or {}, like=like))

    def succeed(self, action: int) -> None:
        """An action was played to its end. May raise ObservationOverflowError."""
        self._tell(messages.Result(action=action, ok=True))

    def fail(self, action: int, detail: str = "") -> None:
        """An action could not be played. May raise ObservationOverflowError."""
        self._tell(messages.Result(action=action, ok=False, detail=detail))
