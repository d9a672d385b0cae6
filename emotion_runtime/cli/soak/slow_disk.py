"""Owns a disk that is slow on purpose: the command itself, with recordings that take little at once, and late."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from emotion_runtime.cli import main
from emotion_runtime.record import recorder, writer
from emotion_runtime.record.writer import RawFile

MOST_BYTES = 4096
SLOW_S = 0.02


class SlowFile:
    """A raw file whose every fourth write or so waits, and none of which takes more than 4 KiB."""

    def __init__(self, file: RawFile) -> None:
        self._file = file
        self._rng = random.Random(1)

    def write(self, data: memoryview, /) -> int | None:
        """Write a little."""
        if self._rng.random() < 0.25:
            time.sleep(self._rng.random() * SLOW_S)
        return self._file.write(data[:MOST_BYTES])

    def seek(self, offset: int, /) -> int:
        """As the file does."""
        return self._file.seek(offset)

    def truncate(self, size: int, /) -> int:
        """As the file does."""
        return self._file.truncate(size)

    def close(self) -> None:
        """As the file does."""
        self._file.close()


def create(path: Path, *, overwrite: bool) -> RawFile:
    """A new slow file."""
    return SlowFile(writer.create(path, overwrite=overwrite))


if __name__ == "__main__":
    vars(recorder)["create"] = create
    main()
    sys.exit(0)
