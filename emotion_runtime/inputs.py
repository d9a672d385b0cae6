"""Owns what can be told to a simulation: observations as plain immutable values, checked for shape and range here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from emotion_runtime.errors import InputError
from emotion_runtime.expression.shapes import COLUMN
from emotion_runtime.expression.speech.track import VisemeTrack
from emotion_runtime.kernels.choice import COMPILED_FROM, COMPILER


def _finite(value: float, what: str) -> None:
    if not math.isfinite(value):
        raise InputError("bad_value", f"{what} must be a finite number, not {value!r}")


LONGEST_SPEECH_S = 3600.0
LARGEST_VOICE = 2 * 1024 * 1024
"""Bytes of a voice: a minute at 16 kHz."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What moves the lips of an utterance, best first: `track` from timings, the text, the voice alone.

    `lasts`: seconds the voice takes, 0 if not known. `voice`: mono int16, little-endian, `voice_rate` samples a second.
    """

    track: VisemeTrack | None = None
    lasts: float = 0.0
    voice: bytes = b""
    voice_rate: int = 16000

    def __post_init__(self) -> None:
        _finite(self.lasts, "lasts")
        if not 0.0 <= self.lasts <= LONGEST_SPEECH_S:
            raise InputError("bad_value", f"a voice lasts 0 to {LONGEST_SPEECH_S:g} s, not {self.lasts!r}")
        if len(self.voice) > LARGEST_VOICE:
            raise InputError("too_large", f"a voice has at most {LARGEST_VOICE} bytes", "send 16 kHz, or the timings")
        if self.voice and not (4000 <= self.voice_rate <= 384_000 and len(self.voice) % 2 == 0):
            what = f"{len(self.voice)} bytes at {self.voice_rate} Hz"
            raise InputError("bad_audio", f"a voice is int16 at 4 to 384 kHz, not {what}")


@dataclass(frozen=True, slots=True)
class Utterance:
    """`speaker` said `text`, perhaps `to` somebody. `heard` (label -> 0..1) stands in for the text model.

    `speech` moves the speaker's lips better than the text alone can.
    """

    speaker: str
    text: str
    number: int = 0
    to: str | None = None
    conversation: str = ""
    heard: Mapping[str, float] | None = None
    speech: Speech | None = None

    def __post_init__(self) -> None:
        for label, value in (self.heard or {}).items():
            _finite(value, f"heard[{label!r}]")
            if not 0.0 <= value <= 1.0:
                raise InputError("bad_value", f"heard[{label!r}] must be in 0..1, not {value!r}")


@dataclass(frozen=True, slots=True)
class Event:
    """A declared event: `cause` did it, it concerns `target`, it happened `at` (metres; None: everybody notices)."""

    name: str
    cause: str | None = None
    target: str | None = None
    at: tuple[float, float, float] | None = None
    strength: float = 1.0

    def __post_init__(self) -> None:
        _finite(self.strength, "strength")
        if not 0.0 <= self.strength <= 1.0:
            raise InputError("bad_value", f"strength must be in 0..1, not {self.strength!r}")
        for value in self.at or ():
            _finite(value, "at")


@dataclass(frozen=True, slots=True)
class Move:
    """A character or object stands `at` (metres)."""

    subject: str
    at: tuple[float, float, float]

    def __post_init__(self) -> None:
        for value in self.at:
            _finite(value, "at")


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Many characters at once: `index` (k,) ascending rows, `xyz` (k, 3) metres."""

    index: NDArray[np.uint32]
    xyz: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.xyz.shape != (len(self.index), 3):
            raise InputError("bad_column", f"xyz must be ({len(self.index)}, 3), not {self.xyz.shape}")
        fault = _fault(self.index, self.xyz)
        if fault:
            raise InputError("bad_value", fault)


def _fault(index: NDArray[np.uint32], xyz: NDArray[np.float32]) -> str:
    """What is wrong with positions, if anything: of a crowd found in one pass, where the compiled form is there."""
    form = COMPILER.form if len(index) >= COMPILED_FROM else None
    if form is not None and index.dtype == np.uint32 and xyz.dtype == np.float32:
        lies_plainly = all(each.flags.c_contiguous and each.flags.aligned for each in (index, xyz))
        if lies_plainly and form.are_sound(index, xyz):
            return ""
    if not np.isfinite(xyz).all():
        return "positions must be finite"
    if len(index) > 1 and not (index[1:] > index[:-1]).all():
        return "position rows must be strictly ascending"
    return ""


@dataclass(frozen=True, slots=True)
class SetVariable:
    """A declared variable (`campfire.lit`, `world.night`) takes a value; booleans are 0 and 1."""

    name: str
    value: float

    def __post_init__(self) -> None:
        _finite(self.value, self.name)


class Result(Struct, frozen=True, gc=False):
    """An action the engine played ended well or badly."""

    action: int
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Push:
    """A designer moves one emotion of a character by hand: `amount` -1..1, an impulse as any other.

    `because`: on whose account, a character or an object; None: nobody's.
    """

    character: str
    label: str
    amount: float
    because: str | None = None

    def __post_init__(self) -> None:
        _finite(self.amount, "amount")
        if not -1.0 <= self.amount <= 1.0:
            raise InputError("bad_value", f"a push must be in -1..1, not {self.amount!r}")


@dataclass(frozen=True, slots=True)
class Capture:
    """A performer's face drives `character`: ARKit `weights` by name (missing ones are 0), or the face of `like`.

    With neither, nobody drives it any more.
    """

    character: str
    weights: Mapping[str, float] | None = None
    like: str | None = None

    def __post_init__(self) -> None:
        if self.weights and self.like is not None:
            raise InputError("bad_capture", "a face is driven by weights or is like another's, not both")
        for name, weight in (self.weights or {}).items():
            if name not in COLUMN:
                raise InputError("unknown_shape", f"ARKit has no blendshape `{name[:80]}`", "docs/expression.md")
            if not 0.0 <= weight <= 1.0:
                raise InputError("bad_value", f"`{name}` must be in 0..1, not {weight!r}")


@dataclass(frozen=True, slots=True)
class Sight:
    """`character` sees `thing`, or does not any more. Until told otherwise everybody sees everything."""

    character: str
    thing: str
    sees: bool


MAX_VOICE_BYTES: Final = 192_000
"""Sound in one observation: two seconds at 48,000 samples a second."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A piece of what `speaker` says aloud: 16-bit little-endian mono `pcm` at `rate`, or a whole `file`.

    Pieces with one `number` are one utterance, until the `last`. `file` is relative to the sidecar's folder of sounds.
    `transcript`: an `Utterance` of the same number follows, and both are understood together. `unheard`: samples whose
    sound is not here, because a recording keeps none.
    """

    speaker: str
    pcm: bytes = b""
    number: int = 0
    rate: int = 16_000
    file: str = ""
    last: bool = False
    to: str | None = None
    conversation: str = ""
    transcript: bool = False
    unheard: int = 0

    def __post_init__(self) -> None:
        if not 8_000 <= self.rate <= 48_000:
            raise InputError("bad_value", f"a rate of {self.rate} samples a second", "use 8000 to 48000")
        if len(self.pcm) > MAX_VOICE_BYTES:
            raise InputError("too_large", f"{len(self.pcm)} bytes of sound in one piece", f"{MAX_VOICE_BYTES} at most")
        if len(self.pcm) % 2:
            raise InputError("bad_value", f"{len(self.pcm)} bytes are no whole 16-bit samples")
        parts = self.file.replace("\\", "/").split("/")
        if self.file and (".." in parts or not parts[0] or ":" in self.file):
            raise InputError(
                "bad_value", f"`{self.file}` is no file inside the folder of sounds", "give a relative name"
            )
        if self.file and self.pcm:
            raise InputError("bad_value", "a voice is either pcm or a file", "leave one away")

    @property
    def samples(self) -> int:
        """How many samples it has, heard or not."""
        return len(self.pcm) // 2 + self.unheard


@dataclass(frozen=True, slots=True)
class Face:
    """A frame of `character`'s captured face: ARKit's coefficients by name, 0..1, absent ones 0.

    `neutral`: this is how the face rests, to be captured once; before that its frames say nothing. `speaking`: the
    mouth is busy with words.
    """

    character: str
    weights: Mapping[str, float]
    neutral: bool = False
    speaking: bool = False


Observation: TypeAlias = (
    Utterance | Event | Move | Positions | SetVariable | Result | Push | Capture | Sight | Voice | Face
)  # fmt: skip
