"""Owns faces of clips as ARKit coefficients: what MediaPipe sees in a clip, and CSV files that phones record."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import MissingExtraError, UsageError
from emotion_runtime.expression.shapes import ARKIT, COLUMN
from emotion_runtime.perception.face_statistics import FACE_FRAMES_PER_SECOND, face_statistics
from emotion_runtime.training.baselines.interface import Floats
from emotion_runtime.training.evaluation.clips import MOST_SECONDS, as_floats, pyav

SIZE: Final = 2 * len(ARKIT)


class ArkitReader:
    """`face_statistics` of CSV files that recorders of ARKit faces write (NAME.csv), a column a coefficient."""

    name = "arkit-csv-1"
    size = SIZE

    def __init__(self, folder: Path) -> None:
        """`folder`: the files, or folders like those of the clips. Raises UsageError when there is none."""
        if not folder.is_dir() or next(folder.rglob("*.csv"), None) is None:
            raise UsageError("arkit_missing", f"{folder}: there are no CSV files", "one for each clip, dia0_utt0.csv")
        self._folder = folder

    def __call__(self, clip: Path) -> Floats | None:
        """(104,) over the frames; None without any."""
        places = (self._folder / clip.parent.name / f"{clip.stem}.csv", self._folder / f"{clip.stem}.csv")
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            return None
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {name: _column(name) for name in (rows[0] if rows else {}) if _column(name) is not None}
        if rows and not columns:
            raise UsageError("arkit_broken", f"{path}: its header names no ARKit coefficient", "columns as jawOpen")
        frames = []
        try:
            for row in rows:
                frame = [0.0] * len(ARKIT)
                for name, column in columns.items():
                    frame[column or 0] = float(row[name])
                frames.append(frame)
        except (TypeError, ValueError) as error:
            raise UsageError("arkit_broken", f"{path}: {error}", "every cell is a number in 0..1") from error
        return as_floats(face_statistics(frames)) if frames else None


class MediaPipeReader:
    """`face_statistics` of what MediaPipe's face landmarker sees of a clip, five frames a second.

    It has an order of its own, without `tongueOut` and with a `_neutral`: names count, not places.
    """

    name = "mediapipe-2"
    size = SIZE

    def __init__(self, task: Path) -> None:
        """`task`: face_landmarker.task, which MediaPipe's site offers. Raises MissingExtraError or UsageError."""
        if importlib.util.find_spec("mediapipe") is None:
            raise MissingExtraError("missing_extra", "mediapipe is not installed", "pip install mediapipe")
        if not task.is_file():
            raise UsageError("face_model_missing", f"{task}: there is no such file", "download face_landmarker.task")
        import mediapipe  # type: ignore[import-not-found, unused-ignore] # noqa: PLC0415

        vision = mediapipe.tasks.vision
        self._mediapipe = mediapipe
        options = vision.FaceLandmarkerOptions(
            base_options=mediapipe.tasks.BaseOptions(model_asset_path=str(task)), output_face_blendshapes=True
        )
        try:
            self._landmarker = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            why = str(error).splitlines()[0][:200]
            raise UsageError(
                "face_model_broken", f"{task}: MediaPipe refuses it ({why})", "download it again"
            ) from error

    def __call__(self, clip: Path) -> Floats | None:
        """(104,) over the frames in which a face was found; None without any."""
        seen = []
        for pixels in frames_of(clip):
            image = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=pixels)
            found = self._landmarker.detect(image).face_blendshapes
            if found:
                seen.append(arkit_frame(found[0]))
        return as_floats(face_statistics(seen)) if seen else None


def frames_of(clip: Path) -> Iterator[NDArray[np.uint8]]:
    """FACE_FRAMES_PER_SECOND pictures a second of a clip, (height, width, 3) red, green, blue; none if it has no film.

    A clip that breaks off gives what came before. Raises MissingExtraError without PyAV.
    """
    av = pyav()
    due = 0.0
    try:
        with av.open(str(clip)) as container:
            if not container.streams.video:
                return
            for frame in container.decode(video=0):
                if frame.time is None or frame.time < due:
                    continue
                if frame.time > MOST_SECONDS:
                    return
                due = frame.time + 1.0 / FACE_FRAMES_PER_SECOND - 1e-6
                yield np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
    except av.FFmpegError:
        return


def arkit_frame(categories: Any) -> list[float]:
    """(52,) in the order of ARKIT from MediaPipe's list of named scores."""
    frame = [0.0] * len(ARKIT)
    for each in categories:
        column = COLUMN.get(each.category_name)
        if column is not None:
            frame[column] = float(each.score)
    return frame


def _column(name: str) -> int | None:
    plain = name.strip()
    return COLUMN.get(plain, COLUMN.get(plain[:1].lower() + plain[1:]))
