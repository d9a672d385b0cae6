"""Owns a second source of timed sounds: the `flite` program, if the user installed it (English, ARPAbet)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from emotion_runtime.errors import MissingExtraError
from emotion_runtime.expression.speech.track import Phone

PATIENCE = 20.0
"""Seconds the program may take."""


def flite_phones(text: str, voice: str = "slt") -> list[Phone]:
    """The sounds of a text with milliseconds. Raises MissingExtraError without a working `flite`."""
    program = shutil.which("flite")
    if program is None:
        raise MissingExtraError("no_flite", "flite is not installed", "install it with your system's tools")
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "-voice", voice, "-psdur", "-t", f" {text}", "-o", str(Path(folder) / "speech.wav")]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)  # noqa: S603
        except (subprocess.SubprocessError, OSError) as error:
            raise MissingExtraError("no_flite", f"flite did not speak: {error}") from None
    return parse_durations(done.stdout.decode("utf-8", "replace"))


def parse_durations(printed: str) -> list[Phone]:
    """What `flite -psdur` prints: `phone:end` in seconds, parted by blanks."""
    phones, start = [], 0.0
    for mark in printed.split():
        symbol, _, end = mark.rpartition(":")
        try:
            stop = 1000.0 * float(end)
        except ValueError:
            continue
        if stop > start and symbol != "pau":
            phones.append(Phone(symbol.upper(), start, stop))
        start = max(start, stop)
    return phones
