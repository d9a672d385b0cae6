"""Owns the cross-modal network that runs: a few utterances -> a row for each modality and mask -> probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.front_ends import SoundFrontEnd, TextFrontEnd
from emotion_runtime.perception.joint_folder import JointFolder
from emotion_runtime.perception.manifest import MODEL, SOUND_FRONT_END, TEXT_FRONT_END
from emotion_runtime.perception.moments import Moment, Row
from emotion_runtime.perception.onnx_session import installed_twice, open_session
from emotion_runtime.perception.onnx_text import softmax
from emotion_runtime.perception.pcm import sound_of

OUTPUT: Final = "logits"


class OnnxJointModel:
    """A `JointModel` from a verified folder, for one thread.

    A modality that an utterance does not have is masked, at that time step alone. A line or a sound is put through its
    front end once: what came of it stays with the moment.
    """

    def __init__(self, folder: JointFolder, *, sounds: Path | None = None) -> None:
        """`sounds`: the folder in which voice observations may name files. Raises ModelError or MissingExtraError."""
        manifest = folder.manifest
        self._folder = folder
        self._sounds = sounds
        self.names = manifest.names
        self._text = self._sound = None
        if "text" in self.names:
            network = folder.path / TEXT_FRONT_END
            self._text = TextFrontEnd(network, folder.tokenizer, max_tokens=manifest.max_tokens)
            self._expect("text", self._text.size)
        if "acoustic" in self.names:
            self._sound = SoundFrontEnd(folder.path / SOUND_FRONT_END, max_seconds=manifest.max_seconds)
            self._expect("acoustic", self._sound.size)
        self._session = open_session(folder.path / MODEL)
        self._check_signature()
        self.notice = installed_twice()
        self.judge([Moment("A trial line.", None, None), Moment("Another.", None, None)])

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        return self._folder.labels

    def judge(self, moments: Sequence[Moment]) -> tuple[float, ...]:
        """Probabilities of the last of `moments`, the oldest first. Raises ModelError `model_answer`."""
        manifest = self._folder.manifest
        steps = moments[-manifest.steps :]
        feed: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32 | np.bool_]]] = {}
        for name in self.names:
            rows = [self._row(name, moment) for moment in steps]
            table = np.zeros((1, len(steps), manifest.modalities[name].size), np.float32)  # type: ignore[index]
            for place, row in enumerate(rows):
                if row is not None:
                    table[0, place] = row
            feed[name] = table
            feed[f"{name}_mask"] = np.array([[row is not None for row in rows]], np.bool_)
        try:
            (logits,) = self._session.run([OUTPUT], feed)
        except Exception as error:  # onnxruntime's own exceptions share no base class but this one
            raise self._no_answer(str(error)[:300]) from error
        if logits.shape != (1, len(self.labels)) or not np.isfinite(logits).all():
            raise self._no_answer(f"gave no finite answer, or {logits.shape} logits for {len(self.labels)} labels")
        return softmax(logits[0], manifest.temperature)

    def _row(self, name: str, moment: Moment) -> Row | None:
        if name not in moment.vectors:
            moment.vectors[name] = self._made(name, moment)
        return moment.vectors[name]

    def _made(self, name: str, moment: Moment) -> Row | None:
        row: Row | None = None
        if name == "text" and self._text is not None and moment.text.strip():
            row = self._text(moment.text)
        elif name == "acoustic" and self._sound is not None and moment.sound is not None:
            sound = moment.sound
            row = self._sound(sound_of(sound.pcm, sound.rate, sound.file, self._sounds))
        elif name == "visual" and moment.face is not None:
            row = np.asarray(moment.face, np.float32)
        return row if row is not None and np.isfinite(row).all() else None

    def _expect(self, name: str, size: int) -> None:
        stated = self._folder.manifest.modalities[name].size  # type: ignore[index]
        if size != stated:
            raise ModelError(
                "model_signature",
                f"{self._folder.path}: the front end of {name} gives {size} numbers, the manifest says {stated}",
                "export it again",
            )

    def _check_signature(self) -> None:
        inputs = {value.name: value.type for value in self._session.get_inputs()}
        outputs = [value.name for value in self._session.get_outputs()]
        wanted = dict.fromkeys(self.names, "tensor(float)")
        wanted |= {f"{name}_mask": "tensor(bool)" for name in self.names}
        if inputs != wanted or outputs != [OUTPUT]:
            raise ModelError(
                "model_signature",
                f"{self._folder.path / MODEL}: takes {inputs} and gives {outputs}",
                f"wanted {wanted} and the output {OUTPUT}; see docs/perception.md",
            )

    def _no_answer(self, what: str) -> ModelError:
        return ModelError("model_answer", f"{self._folder.path / MODEL}: {what}", "check the model")
