"""Owns the numbers that a cross-modal network is fed with: of a line and a sound, one row for each utterance.

Training computes its features with these same classes, so that what runs sees what was learnt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.joint_folder import SOUND_RATE
from emotion_runtime.perception.moments import Row
from emotion_runtime.perception.onnx_session import open_session
from emotion_runtime.perception.pairs import PairTokenizer
from emotion_runtime.perception.pcm import Samples

_TEXT_INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")


class TextFrontEnd:
    """A line -> the encoder's mean over its tokens, (size,). One line a run: padding changes nothing then."""

    def __init__(self, network: Path, tokenizer: str, *, max_tokens: int) -> None:
        """`tokenizer`: the text of a tokenizer.json. Raises ModelError."""
        self._pairs = PairTokenizer(tokenizer, max_tokens=max_tokens, context_lines=0, source=str(network))
        self._session = open_session(network)
        self._inputs = [value.name for value in self._session.get_inputs()]
        if not {"input_ids", "attention_mask"} <= set(self._inputs) <= set(_TEXT_INPUTS):
            raise ModelError("model_signature", f"{network}: takes {self._inputs}", f"wanted {', '.join(_TEXT_INPUTS)}")
        self._output = _one_output(self._session, network)
        self.size = len(self("A trial line."))

    def __call__(self, text: str) -> Row:
        """The vector of `text`. Raises what ONNX Runtime raises."""
        ids, _ = self._pairs.pair(text)
        feed = {
            "input_ids": np.array([ids], np.int64),
            "attention_mask": np.ones((1, len(ids)), np.int64),
            "token_type_ids": np.zeros((1, len(ids)), np.int64),
        }
        (found,) = self._session.run([self._output], {name: feed[name] for name in self._inputs})
        return np.asarray(found, np.float32).reshape(-1)


class SoundFrontEnd:
    """A sound at 16 kHz -> what the graph makes of it, (size,); of a longer one the last `max_seconds` are used."""

    def __init__(self, network: Path, *, max_seconds: float) -> None:
        """Raises ModelError."""
        self._session = open_session(network)
        names = [value.name for value in self._session.get_inputs()]
        if names != ["pcm"]:
            raise ModelError("model_signature", f"{network}: takes {names}", "wanted the one float32 input pcm")
        self._output = _one_output(self._session, network)
        self._most = int(max_seconds * SOUND_RATE)
        self.size = len(self(np.zeros(SOUND_RATE, np.float32)))

    def __call__(self, samples: Samples) -> Row:
        """The numbers of `samples` (n,). Raises what ONNX Runtime raises."""
        clip = np.ascontiguousarray(samples[-self._most :], np.float32)
        (found,) = self._session.run([self._output], {"pcm": clip if len(clip) else np.zeros(1, np.float32)})
        return np.asarray(found, np.float32).reshape(-1)


def _one_output(session: Any, network: Path) -> str:
    names = [value.name for value in session.get_outputs()]
    if len(names) != 1:
        raise ModelError("model_signature", f"{network}: gives {names}", "wanted one output, a row of numbers")
    return str(names[0])
