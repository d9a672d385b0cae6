"""Owns the verbs with which anything that takes observations is told what happens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from emotion_runtime.inputs import (
    Capture,
    Event,
    Face,
    Move,
    Observation,
    Push,
    Result,
    SetVariable,
    Sight,
    Speech,
    Utterance,
    Voice,
)


class Telling(ABC):
    """`say`, `event`, `move`, `set`, `succeed` and `fail` as observations given to `apply`."""

    _utterances = 0

    @abstractmethod
    def apply(self, observation: Observation, *, source: int = 0, batch: int = 0) -> None:
        """Queue an observation for the next tick. Raises InputError at once, with no effect, if it is refused."""

    def say(
        self,
        speaker: str,
        text: str,
        to: str | None = None,
        *,
        heard: Mapping[str, float] | None = None,
        conversation: str = "",
        speech: Speech | None = None,
    ) -> int:
        """`speaker` says `text`, in the next tick. `heard` (label -> 0..1) stands in for the model.

        `speech`: timings, length or sound of the voice, for the lips.

        Returns the utterance's number, as in `TickResult.perceptions`. Raises InputError for unknown names.
        """
        self._utterances += 1
        self.apply(Utterance(speaker, text, self._utterances, to, conversation, heard, speech))
        return self._utterances

    def voice(
        self,
        speaker: str,
        pcm: bytes = b"",
        to: str | None = None,
        *,
        number: int = 0,
        rate: int = 16_000,
        file: str = "",
        last: bool = False,
        transcript: bool = False,
        conversation: str = "",
    ) -> None:
        """A piece of what `speaker` says aloud, in the next tick; see `inputs.Voice`."""
        self.apply(Voice(speaker, pcm, number, rate, file, last, to, conversation, transcript))

    def face(
        self, character: str, weights: Mapping[str, float], *, neutral: bool = False, speaking: bool = False
    ) -> None:
        """A frame of a captured face, in the next tick; see `inputs.Face`."""
        self.apply(Face(character, weights, neutral, speaking))

    def event(
        self,
        name: str,
        *,
        cause: str | None = None,
        target: str | None = None,
        at: tuple[float, float, float] | None = None,
        strength: float = 1.0,
    ) -> None:
        """An event the scene declares happens, in the next tick."""
        self.apply(Event(name, cause, target, at, strength))

    def move(self, subject: str, x: float, y: float, z: float) -> None:
        """A character or object stands here (metres, y up) from the next tick on."""
        self.apply(Move(subject, (x, y, z)))

    def sight(self, character: str, thing: str, sees: bool) -> None:
        """Whether a character sees an object from the next tick on, for effects that are `in_sight`."""
        self.apply(Sight(character, thing, sees))

    def set(self, name: str, value: float | bool) -> None:
        """A variable (`campfire.lit`, `world.night`) takes a value in the next tick."""
        self.apply(SetVariable(name, float(value)))

    def push(self, character: str, label: str, amount: float, because: str | None = None) -> None:
        """Move one emotion by hand in the next tick: an impulse in -1..1, as an editor's slider gives it."""
        self.apply(Push(character, label, amount, because))

    def capture(self, character: str, weights: Mapping[str, float] | None = None, *, like: str | None = None) -> None:
        """A performer's ARKit weights, or another character's face, drive a face from the next tick on."""
        self.apply(Capture(character, weights, like))

    def succeed(self, action: int) -> None:
        """An action played to its end; for those who play them themselves."""
        self.apply(Result(action, True))

    def fail(self, action: int, detail: str = "") -> None:
        """An action could not be played."""
        self.apply(Result(action, False, detail))
