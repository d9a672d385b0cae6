"""Owns the official MELD download: its CSV files and clips, and the features of voice and face taken from them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from emotion_runtime.errors import UsageError
from emotion_runtime.perception.dialogue import DialogueLine, read_dialogue
from emotion_runtime.training.baselines.interface import Corpus, Floats
from emotion_runtime.training.evaluation.features import stack_present
from emotion_runtime.training.text.corpus import LABELS

CSV_NAMES: Final = ("{part}_sent_emo.csv", "meld_{part}.csv")
CLIP_FOLDERS: Final = {
    "train": ("train_splits", "train"),
    "dev": ("dev_splits_complete", "dev"),
    "test": ("output_repeated_splits_test", "test_splits_complete", "test"),
}
"""Folders of clips as the download names them, and short forms."""
Progress = Callable[[str, int, int], None]


class ClipReader(Protocol):
    """Takes features from one clip: (size,) numbers, or None where there is nothing to be had."""

    name: str
    size: int

    def __call__(self, clip: Path) -> Floats | None:
        """The features of the clip."""
        ...


@dataclass(frozen=True, slots=True)
class RawPart:
    """One part of the download: its lines, and the clip of each (None where the file is missing)."""

    lines: tuple[DialogueLine, ...]
    clips: tuple[Path | None, ...]

    @property
    def missing(self) -> int:
        """Lines without a clip."""
        return sum(clip is None for clip in self.clips)


def read_raw_part(folder: Path, part: str) -> RawPart:
    """The lines and clips of `part` ("train", "dev", "test") in an unpacked MELD.Raw. Raises UsageError."""
    tables = [folder / name.format(part=part) for name in CSV_NAMES]
    table = next((path for path in tables if path.is_file()), None)
    if table is None:
        raise UsageError(
            "meld_missing",
            f"{folder}: there is no {tables[0].name}",
            "unpack MELD.Raw.tar.gz and the archives inside it, and put the CSV files beside them",
        )
    lines = read_dialogue(table, LABELS)
    places = [folder / name for name in CLIP_FOLDERS[part] if (folder / name).is_dir()]
    clips = [
        next((place / name for place in places if (place / name).is_file()), None)
        for name in (f"dia{line.conversation}_utt{line.number}.mp4" for line in lines)
    ]
    return RawPart(tuple(lines), tuple(clips))


def raw_corpus(
    part: RawPart,
    text: Floats,
    readers: dict[str, ClipReader],
    cache: Path,
    progress: Progress = lambda modality, done, all_: None,
) -> Corpus:
    """The corpus with text vectors (n, size) and what `readers` (modality -> reader) take from the clips.

    Each clip's features are kept in `cache` under the reader's name, the clip's name, size and time of change; a second
    run reads no clip. A clip that is missing or cannot be decoded is a missing modality of that utterance, no fault.
    """
    features: dict[str, Floats] = {"text": text}
    there = {"text": np.ones(len(part.lines), dtype=np.bool_)}
    for modality, reader in readers.items():
        rows: list[Floats | None] = []
        for done, clip in enumerate(part.clips, 1):
            rows.append(None if clip is None else _cached(clip, reader, cache))
            progress(modality, done, len(part.clips))
        features[modality], there[modality] = stack_present(rows, reader.size)
    return Corpus(
        texts=tuple(line.text for line in part.lines),
        labels=np.array([LABELS.index(line.emotion) for line in part.lines], dtype=np.int64),
        dialogues=tuple(line.conversation for line in part.lines),
        speakers=tuple(line.speaker for line in part.lines),
        features=features,
        there=there,
    )


def _cached(clip: Path, reader: ClipReader, cache: Path) -> Floats | None:
    stat = clip.stat()
    key = f"{reader.name}|{clip.parent.name}/{clip.name}|{stat.st_size}|{stat.st_mtime_ns}"
    place = cache / f"{reader.name}-{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
    if place.exists():
        held: Any = np.load(place, allow_pickle=False)
    else:
        found = reader(clip)
        held = np.zeros(0) if found is None else np.asarray(found, dtype=np.float32)
        cache.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(".part.npy")
        np.save(beside, held, allow_pickle=False)
        beside.replace(place)
    return held.astype(np.float64) if len(held) else None
