"""Owns a game's authored lines annotated ahead of time: the file, the lookup, and a model that asks it first."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.label_maps import in_labels
from emotion_runtime.perception.results import Line, TextModel
from emotion_runtime.perception.text_cleanup import clean_text

FORMAT: Final = 2
FORMATS: Final = (1, 2)
"""What is read. 2 says how many earlier lines its lines were annotated after; before that it was one."""
MAX_BYTES: Final = 1 << 30
SCALE: Final = 65535
"""Probabilities are kept as 16-bit shares."""

_Shares = tuple[Annotated[int, msgspec.Meta(ge=0, le=SCALE)], ...]


class BakedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of a baked file: `lines` maps the key of a line (see `key`) to its shares, in order of `labels`."""

    format: int
    model: str
    """SHA-256 of the network that annotated it; a look at what is old."""
    labels: tuple[str, ...]
    lines: dict[bytes, _Shares]
    context_lines: Annotated[int, msgspec.Meta(ge=0, le=64)] = 1
    """Earlier lines, at most, that a line was annotated after: as many as the model looks at."""


def key(text: str, context: Sequence[Line] = ()) -> bytes:
    """16 bytes that tell a line from others: its cleaned text and, if it has one, the context it was annotated in."""
    parts = [clean_text(text)]
    parts += [("me: " if line.same_speaker else "you: ") + clean_text(line.text) for line in context]
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8"), digest_size=16).digest()


def shares(probabilities: Sequence[float]) -> _Shares:
    """Probabilities as whole numbers."""
    return tuple(min(SCALE, max(0, round(value * SCALE))) for value in probabilities)


class Baked:
    """A baked file, read. A line is found after as many of its earlier lines as are known, or else without."""

    def __init__(self, file: BakedFile) -> None:
        self.labels = file.labels
        self.model = file.model
        self.context_lines = file.context_lines
        self._lines: Mapping[bytes, _Shares] = file.lines

    def __len__(self) -> int:
        return len(self._lines)

    @classmethod
    def read(cls, path: Path) -> Baked:
        """Raises UsageError `baked_missing` or `baked_broken`."""
        remedy = "make it with `emotion-runtime bake`"
        try:
            size = path.stat().st_size
            data = path.read_bytes() if size <= MAX_BYTES else b""
        except OSError as error:
            raise UsageError("baked_missing", f"{path}: cannot be read ({error.strerror or error})", remedy) from error
        try:
            file = msgspec.msgpack.decode(data, type=BakedFile)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError("baked_broken", f"{path}: is no baked file ({error})", remedy) from error
        wrong = next((row for row in file.lines.values() if len(row) != len(file.labels) or not sum(row)), None)
        if file.format not in FORMATS or wrong is not None:
            raise UsageError("baked_broken", f"{path}: is of another format", remedy)
        return cls(file)

    def find(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...] | None:
        """Probabilities in the order of `labels`, or None for a line that was not baked."""
        near = tuple(context)[max(0, len(context) - self.context_lines) :]
        places = (key(text, near[first:]) for first in range(len(near) + 1))
        row = next((self._lines[place] for place in places if place in self._lines), None)
        if row is None:
            return None
        total = sum(row)
        return tuple(value / total for value in row)


class BakedModel:
    """A `TextModel` that answers baked lines without running the network, and asks `model` about all others."""

    def __init__(self, model: TextModel, baked: Baked) -> None:
        self._model = model
        self._baked = baked
        self.labels: tuple[str, ...] = tuple(model.labels)
        self.notice = str(getattr(model, "notice", ""))
        self.found = 0
        """Lines answered without the network."""

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        """Probabilities of `text`, baked or computed."""
        known = self._baked.find(text, context)
        if known is None:
            return tuple(self._model.classify(text, context))
        self.found += 1
        if self._baked.labels == self.labels:
            return known
        return in_labels(self._baked.labels, known, self.labels)
