"""Owns the readers of clips: the sound through the speech front end, the face through OpenFace's files."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from emotion_runtime.errors import MissingExtraError, UsageError
from emotion_runtime.training.baselines.interface import Floats

RATE: Final = 16_000
MOST_SECONDS: Final = 60.0
"""Of a longer clip the rest is not read."""


def read_sound(clip: Path) -> np.ndarray[Any, np.dtype[np.float32]] | None:
    """The sound of a clip as float32 in -1..1, mono, 16 kHz; None without sound or when it cannot be decoded.

    Raises MissingExtraError when PyAV is not installed.
    """
    av = pyav()
    parts: list[Any] = []
    held = 0
    try:
        with av.open(str(clip)) as container:
            if not container.streams.audio:
                return None
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in container.decode(audio=0):
                for changed in resampler.resample(frame):
                    parts.append(changed.to_ndarray().ravel())
                    held += parts[-1].size
                if held > MOST_SECONDS * RATE:
                    break
            parts += [changed.to_ndarray().ravel() for changed in resampler.resample(None)]
    except av.FFmpegError:
        return None
    if not held:
        return None
    return np.asarray(np.concatenate(parts)[: int(MOST_SECONDS * RATE)] / 32768.0, dtype=np.float32)


class SpeechReader:
    """Log-mel, pitch and their functionals of a clip's sound: the front end of the speech model, through ONNX."""

    name = "speech-functionals-1"

    def __init__(self) -> None:
        import onnxruntime  # noqa: PLC0415

        from emotion_runtime.training.speech.front_end import write_front_end  # noqa: PLC0415
        from emotion_runtime.training.speech.functionals import write_functionals  # noqa: PLC0415
        from emotion_runtime.training.speech.nodes import Graph  # noqa: PLC0415

        graph = Graph()
        row = write_functionals(graph, write_front_end(graph, "pcm"))
        model = graph.model({"pcm": [None]}, {graph.name(row, "features"): [1, None]})
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        self.size = len(self._run(np.zeros(RATE, dtype=np.float32)))

    def __call__(self, clip: Path) -> Floats | None:
        """(size,), or None for a clip without sound."""
        sound = read_sound(clip)
        return None if sound is None else self._run(sound)

    def _run(self, pcm: np.ndarray[Any, np.dtype[np.float32]]) -> Floats:
        (row,) = self._session.run(None, {"pcm": pcm})
        return np.asarray(row[0], dtype=np.float64)


class OpenFaceReader:
    """Means and deviations of the action units in the CSV files that OpenFace 2 wrote for the clips (NAME.csv)."""

    name = "openface-1"

    def __init__(self, folder: Path) -> None:
        """`folder`: the files, or folders like those of the clips. Raises UsageError when there is none."""
        first = next(iter(sorted(folder.rglob("*.csv"))), None) if folder.is_dir() else None
        if first is None:
            raise UsageError(
                "openface_missing", f"{folder}: there are no CSV files", "run OpenFace's FeatureExtraction"
            )
        self._folder = folder
        self._units = self._columns(first)
        self.size = 2 * len(self._units)

    def __call__(self, clip: Path) -> Floats | None:
        """(size,) over the frames in which a face was found; None without any."""
        places = (self._folder / clip.parent.name / f"{clip.stem}.csv", self._folder / f"{clip.stem}.csv")
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            return None
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{name.strip(): cell for name, cell in row.items()} for row in csv.DictReader(file)]
        try:
            seen = [[float(row[name]) for name in self._units] for row in rows if float(row.get("success", 1)) > 0]
        except (KeyError, ValueError) as error:
            raise UsageError(
                "openface_broken", f"{path}: {error} is missing or no number", "run OpenFace again"
            ) from error
        if not seen:
            return None
        table = np.array(seen)
        return np.concatenate((table.mean(axis=0), table.std(axis=0)))

    @staticmethod
    def _columns(path: Path) -> tuple[str, ...]:
        with path.open(encoding="utf-8", newline="") as file:
            header = [name.strip() for name in next(csv.reader(file), [])]
        units = tuple(name for name in header if name.startswith("AU") and name.endswith("_r"))
        if not units:
            raise UsageError("openface_broken", f"{path}: has no action units (AU.._r)", "run OpenFace with -aus")
        return units


def as_floats(row: Sequence[float]) -> Floats:
    """A row of features."""
    return np.asarray(row, dtype=np.float64)


def pyav() -> Any:
    """PyAV. Raises MissingExtraError."""
    if importlib.util.find_spec("av") is None:
        raise MissingExtraError(
            "missing_extra",
            "PyAV is not installed, and clips are decoded with it",
            'pip install "emotion-runtime[train]"',
        )
    import av  # noqa: PLC0415

    return av
