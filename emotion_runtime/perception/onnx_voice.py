"""Owns the voice model that runs: a clip and what is known of the speaker's voice -> ONNX network -> probabilities."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.onnx_session import installed_twice, open_session
from emotion_runtime.perception.pcm import Samples, sound_of
from emotion_runtime.perception.results import VoiceJob
from emotion_runtime.perception.voice_folder import VoiceFolder

STATE: Final = ("count", "total", "squares")
INPUTS: Final = ("pcm", *STATE)
OUTPUTS: Final = ("probabilities", "next_count", "next_total", "next_squares")
MAX_SPEAKERS: Final = 4096
"""When more have been heard, the one silent longest is a stranger again."""


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What is known of a voice: how many clips, the sums of their summaries and of those squared. Never changed."""

    count: NDArray[np.float32]
    total: NDArray[np.float32]
    squares: NDArray[np.float32]


class OnnxVoiceModel:
    """A `VoiceModel` from a verified folder, for one thread: it gets to know each speaker's voice as it listens.

    The network itself frames the sound, summarises it, compares it with the speaker's earlier clips (never later ones)
    and returns what is now known of the voice. Partial results learn nothing. A stranger is compared with the average
    voice of the training set.
    """

    def __init__(self, folder: VoiceFolder, *, sounds: Path | None = None) -> None:
        """`sounds`: the folder that jobs name files in; without it they bring their sound. Raises ModelError."""
        self._folder = folder
        self._sounds = sounds
        self._session = open_session(folder.model_path)
        self._check_signature()
        size = folder.manifest.features
        zeros = np.zeros(size, np.float32)
        self._stranger = Acquaintance(np.zeros(1, np.float32), zeros, zeros)
        self._known: OrderedDict[str, Acquaintance] = OrderedDict()
        self.notice = installed_twice()
        self.listen(np.zeros(folder.manifest.rate, np.float32))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        return self._folder.labels

    @property
    def reliability(self) -> float:
        """How far its word is to be trusted beside other modalities, 0..1."""
        return self._folder.manifest.reliability

    def hear(self, job: VoiceJob) -> tuple[float, ...]:
        """Probabilities of a clip. A final one makes the speaker better known; a partial one does not."""
        known = self._known.get(job.speaker, self._stranger)
        probabilities, learnt = self.listen(self._sound(job), known)
        if job.final:
            self._known[job.speaker] = learnt
            self._known.move_to_end(job.speaker)
            if len(self._known) > MAX_SPEAKERS:
                self._known.popitem(last=False)
        return probabilities

    def listen(self, pcm: Samples, known: Acquaintance | None = None) -> tuple[tuple[float, ...], Acquaintance]:
        """Probabilities of `pcm` (samples,) at the manifest's rate, and what is known of the voice afterwards.

        Raises ModelError `model_answer` when the network fails or gives no finite answer.
        """
        manifest = self._folder.manifest
        known = known or self._stranger
        clip = np.ascontiguousarray(pcm[-int(manifest.max_seconds * manifest.rate) :], np.float32)
        if not len(clip):
            clip = np.zeros(1, np.float32)
        inputs = {"pcm": clip, "count": known.count, "total": known.total, "squares": known.squares}
        try:
            answer, *learnt = self._session.run(list(OUTPUTS), inputs)
        except Exception as error:  # onnxruntime's own exceptions share no base class but this one
            raise self._no_answer(str(error)[:300]) from error
        row = np.asarray(answer, np.float64).reshape(-1)
        if len(row) != len(self.labels) or not all(np.isfinite(each).all() for each in (row, *learnt)):
            raise self._no_answer("gave no finite answer, or not one for each label")
        total = float(row.sum())
        if not 0.99 < total < 1.01 or row.min() < 0.0:
            raise self._no_answer("gave something that is no probability")
        return tuple(float(value) / total for value in row), Acquaintance(*learnt)

    def _sound(self, job: VoiceJob) -> Samples:
        return sound_of(job.pcm, job.rate, job.file, self._sounds, self._folder.manifest.rate)

    def _check_signature(self) -> None:
        inputs = {value.name: value.type for value in self._session.get_inputs()}
        outputs = tuple(value.name for value in self._session.get_outputs())
        sizes = {value.name: value.shape for value in self._session.get_inputs()}
        wanted = [self._folder.manifest.features]
        if (
            inputs != dict.fromkeys(INPUTS, "tensor(float)")
            or outputs != OUTPUTS
            or sizes["total"] != wanted
            or sizes["squares"] != wanted
        ):
            raise ModelError(
                "model_signature",
                f"{self._folder.model_path}: takes {inputs} and gives {outputs}",
                f"wanted float32 inputs {', '.join(INPUTS)} and outputs {', '.join(OUTPUTS)}; see docs/perception.md",
            )

    def _no_answer(self, what: str) -> ModelError:
        return ModelError("model_answer", f"{self._folder.model_path}: {what}", "check the model")
