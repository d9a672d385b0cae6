"""Owns sound as numbers: 16-bit PCM and WAV files -> mono float32 at 16 kHz, within limits."""

from __future__ import annotations

import io
import math
import wave
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import ModelError, UsageError

Samples = NDArray[np.float32]

RATE: Final = 16_000
"""Samples a second that voice models are fed with."""
RATES: Final = range(8_000, 48_001)
MAX_FILE_BYTES: Final = 64 << 20
_HALF_TAPS: Final = 24
_BLOCK: Final = 1 << 16


def from_pcm16(data: bytes) -> Samples:
    """Little-endian 16-bit samples as float32 in -1..1. An odd byte at the end is left out."""
    return np.frombuffer(data, "<i2", count=len(data) // 2).astype(np.float32) * np.float32(1.0 / 32768.0)


def read_wav(path: Path) -> Samples:
    """A WAV file of 8, 16, 24 or 32-bit integers, any rate in `RATES`, its channels averaged, at 16 kHz.

    Raises UsageError `audio_missing`, `audio_too_large` or `audio_format`.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise UsageError("audio_too_large", f"{path}: is larger than {MAX_FILE_BYTES:,} bytes", "cut it")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            "audio_missing", f"{path}: cannot be read ({error.strerror or error})", "name a WAV file"
        ) from error
    remedy = "convert it: ffmpeg -i FILE -ac 1 -ar 16000 -c:a pcm_s16le voice.wav"
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError) as error:
        raise UsageError("audio_format", f"{path}: is no WAV file of integers ({error})", remedy) from error
    if rate not in RATES or width not in (1, 2, 3, 4):
        raise UsageError("audio_format", f"{path}: {rate} samples a second of {8 * width} bits", remedy)
    whole = len(frames) // (width * channels) * channels
    return resample(_integers(frames, width)[:whole].reshape(-1, channels).mean(axis=1, dtype=np.float32), rate)


def _integers(frames: bytes, width: int) -> Samples:
    """Samples of 1 to 4 bytes as float32 in -1..1; those of one byte are unsigned, as WAV has it."""
    if width == 1:
        return (np.frombuffer(frames, np.uint8).astype(np.float32) - 128.0) / 128.0
    if width == 3:
        usable = len(frames) // 3 * 3
        wide = np.zeros((usable // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(frames[:usable], np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    usable = len(frames) // width * width
    return np.frombuffer(frames[:usable], f"<i{width}").astype(np.float32) / np.float32(2 ** (8 * width - 1))


def resample(samples: Samples, rate: int, target: int = RATE) -> Samples:
    """The same sound at `target` samples a second: a windowed sinc that cuts off below both Nyquist frequencies."""
    if rate == target or not len(samples):
        return samples
    narrow = min(1.0, target / rate)
    reach = math.ceil(_HALF_TAPS / narrow)
    padded = np.pad(samples, (reach, reach + 1))
    count = len(samples) * target // rate
    taps = np.arange(-reach + 1, reach + 1)
    out = np.empty(count, np.float32)
    for first in range(0, count, _BLOCK):
        place = np.arange(first, min(first + _BLOCK, count)) * (rate / target)
        whole = np.floor(place).astype(np.int64)
        away = taps[None] - (place - whole)[:, None]
        weight = np.sinc(away * narrow * 0.95) * (0.5 + 0.5 * np.cos(np.pi * np.clip(away / reach, -1.0, 1.0)))
        weight *= (1.0 / weight.sum(axis=1))[:, None]
        near = padded[whole[:, None] + taps[None] + reach]
        out[first : first + len(place)] = (near * weight).sum(axis=1)
    return out


def sound_of(pcm: bytes, rate: int, file: str, folder: Path | None, target: int = RATE) -> Samples:
    """The sound of an utterance at `target` samples a second: 16-bit `pcm`, or a WAV `file` inside `folder`.

    Links are followed first. Raises ModelError `audio_folder`, or UsageError as `read_wav`.
    """
    if not file:
        return resample(from_pcm16(pcm), rate, target)
    if folder is None:
        raise ModelError("audio_folder", "voice files need a folder of sounds", "serve --sounds FOLDER")
    root = folder.resolve()
    path = (root / file).resolve()
    if not path.is_relative_to(root):
        raise ModelError("audio_folder", f"{file}: leads out of {root}", "name a file inside it")
    return resample(read_wav(path), RATE, target)
