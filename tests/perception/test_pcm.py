"""Rules of sound: every width of a WAV file means the same, resampling keeps a tone, what is no sound is refused."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.pcm import RATE, from_pcm16, read_wav, resample

WAVE = 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(8000) / 16000.0)


def write(path: Path, width: int, *, rate: int = RATE, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        if width == 1:
            data = np.round(WAVE * 127 + 128).astype(np.uint8).tobytes()
        else:
            wide = np.round(WAVE * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)
            data = wide[:, 4 - width :].tobytes()
        step = width
        pieces = [data[k : k + step] * channels for k in range(0, len(data), step)]
        file.writeframes(b"".join(pieces))
    return path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_width_means_the_same_sound(tmp_path: Path, width: int, channels: int) -> None:
    heard = read_wav(write(tmp_path / "a.wav", width, channels=channels))
    assert heard.dtype == np.float32
    assert np.abs(heard - WAVE).max() < 0.01


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_resampling_keeps_a_tone_and_its_length(rate: int) -> None:
    tone = np.sin(2 * np.pi * 500.0 * np.arange(rate) / rate).astype(np.float32)
    heard = resample(tone, rate)
    assert abs(len(heard) - RATE) <= 1
    wanted = np.sin(2 * np.pi * 500.0 * np.arange(len(heard)) / RATE)
    assert np.abs(heard - wanted)[200:-200].max() < 0.01


def test_what_lies_over_half_the_new_rate_is_filtered_out() -> None:
    tone = np.sin(2 * np.pi * 15_000.0 * np.arange(48_000) / 48_000).astype(np.float32)
    assert np.abs(resample(tone, 48_000)[200:-200]).max() < 0.02


def test_sixteen_bits_are_read_as_little_endian_and_an_odd_byte_is_left_out() -> None:
    assert from_pcm16(b"\x00\x80\xff\x7f\x01").tolist() == [-1.0, pytest.approx(1.0, abs=1e-4)]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "audio_format"), (b"RIFF no", "audio_format"), (None, "audio_missing")],
)
def test_what_is_no_sound_is_refused_with_a_remedy(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_wav(path)
    assert caught.value.code == code
    assert caught.value.remedy
