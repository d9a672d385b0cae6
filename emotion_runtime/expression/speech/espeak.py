"""Owns a source of true timings: libespeak-ng, if the user installed it; sounds, times and audio of a spoken text.

espeak-ng is GPL-3, so it is no part of this package and of none of its extras: `apt install libespeak-ng1` or the like.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import MissingExtraError
from emotion_runtime.expression.speech.track import Phone

SYNCHRONOUS: Final = 0x02
PHONEME_EVENTS: Final = 0x01
IPA_EVENTS: Final = 0x02
DONT_EXIT: Final = 0x8000
UTF8: Final = 1
PHONEME_EVENT: Final = 7
END_EVENT: Final = 6
RATE_PARAMETER: Final = 1


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p), ("id", _Id),
    )  # fmt: skip


_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A spoken text: IPA sounds with times, 16-bit mono samples and their rate."""

    phones: tuple[Phone, ...]
    samples: NDArray[np.int16]
    rate: int


class Espeak:
    """A synthetic voice that tells when it says what. One a process: the library keeps global state."""

    def __init__(self, voice: str = "en-us", words_per_minute: int = 165) -> None:
        """Raises MissingExtraError when libespeak-ng is not installed or has no such voice."""
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise MissingExtraError("no_espeak", "libespeak-ng is not installed", "install it with your system's tools")
        self._library: Any = ctypes.CDLL(name)
        self._rate = int(self._library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS | IPA_EVENTS | DONT_EXIT))
        if self._rate <= 0 or self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise MissingExtraError("no_espeak", f"libespeak-ng has no voice '{voice}' here")
        self._library.espeak_SetParameter(RATE_PARAMETER, words_per_minute, 0)

    def say(self, text: str) -> Spoken:
        """Speak a text into memory."""
        marks: list[tuple[float, str]] = []
        samples: list[NDArray[np.int16]] = []

        def hear(wave: Any, count: int, events: Any) -> int:
            if count > 0 and wave:
                samples.append(np.ctypeslib.as_array(wave, (count,)).copy())
            index = 0
            while events and events[index].type != 0:
                event = events[index]
                if event.type == PHONEME_EVENT:
                    symbol = bytes(event.id.string).split(b"\0")[0].decode("utf-8", "replace")
                    marks.append((float(event.audio_position), symbol))
                elif event.type == END_EVENT:
                    marks.append((float(event.audio_position), ""))
                index += 1
            return 0

        callback = _CALLBACK(hear)
        self._library.espeak_SetSynthCallback(callback)
        raw = text.encode("utf-8")
        self._library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, UTF8, None, None)
        audio = np.concatenate(samples) if samples else np.zeros(0, dtype=np.int16)
        marks.append((1000.0 * len(audio) / self._rate, ""))
        phones = [
            Phone(symbol, start, end)
            for (start, symbol), (end, _) in pairwise(marks)
            if symbol.strip("_: ") and end > start
        ]
        return Spoken(tuple(phones), audio, self._rate)
