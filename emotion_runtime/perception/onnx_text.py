"""Owns the text model that runs: a line and the lines before it -> tokens -> ONNX network -> probabilities."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.manifest import TOKENIZER
from emotion_runtime.perception.model_folder import ModelFolder
from emotion_runtime.perception.onnx_session import installed_twice, open_session
from emotion_runtime.perception.results import CACHED_LINES, Line
from emotion_runtime.perception.text_cleanup import clean_text

INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT: Final = "logits"

SAME_SPEAKER: Final = "me: "
OTHER_SPEAKER: Final = "you: "


class OnnxTextModel:
    """A `TextModel` from a verified folder. Safe to call from several threads.

    Segment A is the line. Segment B holds the last `context_lines` earlier lines, oldest first, each tagged "me: "
    (same speaker) or "you: ". The line is never shortened for its context; of that, the newest is kept.

    Each run holds exactly one line, without padding. The bundled network is dynamically quantised: the scale of its
    int8 activations is taken over the whole batch, padding included, so a line's answer would depend on its neighbours.
    Measured on MELD test, batches of 32 against one at a time: probabilities off by 0.019 in the median and by up to
    0.18, another label for 85 lines of 2,610. What it would gain on one thread: 0.7 to 0.9 of the speed in the order in
    which lines come, 1.1 to 1.4 of it when they are first sorted by length.
    """

    def __init__(self, folder: ModelFolder, *, cached_lines: int = CACHED_LINES) -> None:
        """Loads tokenizer and network and asks one trial line. Raises ModelError or MissingExtraError."""
        self._folder = folder
        self._temperature = folder.manifest.temperature
        self._tokenizer = _open_tokenizer(folder)
        self._begin, self._end = (self._special(token) for token in ("[CLS]", "[SEP]"))
        self._session = open_session(folder.model_path)
        self._check_signature()
        self.notice = installed_twice()
        self._answer = functools.lru_cache(maxsize=cached_lines)(self._run)
        self._run(*self._tokens("A trial line.", ()))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        return self._folder.labels

    @property
    def context_lines(self) -> int:
        """How many earlier lines are looked at."""
        return self._folder.manifest.context_lines

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        """Probabilities of `text` in the order of `labels`, summing to 1 to rounding.

        Raises ModelError `model_answer` when the network fails or gives no finite answer.
        """
        return self._answer(*self._tokens(text, context))

    def _tokens(self, text: str, context: Sequence[Line]) -> tuple[tuple[int, ...], int]:
        """The network's input ids, and how many of them belong to segment A."""
        room = self._folder.manifest.max_tokens - 3
        line = self._encode(clean_text(text))[:room]
        earlier: list[int] = []
        for said in reversed(context[-self.context_lines :] if self.context_lines else ()):
            tag = SAME_SPEAKER if said.same_speaker else OTHER_SPEAKER
            ids = self._encode(tag + clean_text(said.text))
            left = room - len(line) - len(earlier)
            if len(ids) > left:
                # The newest one is worth having in part; half of an older one only confuses.
                earlier = earlier or ids[:left]
                break
            earlier = ids + earlier
        first = (self._begin, *line, self._end)
        return (*first, *earlier, self._end) if earlier else first, len(first)

    def _run(self, ids: tuple[int, ...], first: int) -> tuple[float, ...]:
        length = len(ids)
        types = np.zeros((1, length), dtype=np.int64)
        types[0, first:] = 1
        inputs = {
            "input_ids": np.array((ids,), dtype=np.int64),
            "attention_mask": np.ones((1, length), dtype=np.int64),
            "token_type_ids": types,
        }
        try:
            (logits,) = self._session.run([OUTPUT], inputs)
        except Exception as error:  # onnxruntime's own exceptions share no base class but this one
            raise self._no_answer(str(error)[:300]) from error
        if logits.shape != (1, len(self.labels)):
            raise self._no_answer(f"gave {logits.shape} logits for {len(self.labels)} labels")
        probabilities = softmax(logits[0], self._temperature)
        if not all(map(math.isfinite, probabilities)):
            raise self._no_answer("gave no finite answer")
        return probabilities

    def _no_answer(self, what: str) -> ModelError:
        return ModelError("model_answer", f"{self._folder.model_path}: {what}", "check the model and its tokenizer")

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _special(self, token: str) -> int:
        found: int | None = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelError(
                "broken_tokenizer",
                f"{self._folder.path / TOKENIZER}: has no {token}",
                "only tokenizers of BERT's form are read so far",
            )
        return found

    def _check_signature(self) -> None:
        inputs = {value.name: value.type for value in self._session.get_inputs()}
        outputs = [value.name for value in self._session.get_outputs()]
        if inputs != dict.fromkeys(INPUTS, "tensor(int64)") or outputs != [OUTPUT]:
            raise ModelError(
                "model_signature",
                f"{self._folder.model_path}: takes {inputs} and gives {outputs}",
                f"wanted the int64 inputs {', '.join(INPUTS)}, [batch, length] each, and the one output {OUTPUT}",
            )


def softmax(logits: NDArray[np.floating[Any]], temperature: float = 1.0) -> tuple[float, ...]:
    """exp(x/T) / sum exp(x/T) of (n,) logits, computed in float64 around the largest, so that nothing overflows."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    powers = np.exp(scaled - scaled.max())
    return tuple(float(value) for value in powers / powers.sum())


def _open_tokenizer(folder: ModelFolder) -> Any:
    try:
        tokenizer = Tokenizer.from_str(folder.tokenizer)
    except Exception as error:  # the Rust side raises bare Exception
        raise ModelError(
            "broken_tokenizer", f"{folder.path / TOKENIZER}: {str(error)[:300]}", "export the tokenizer again"
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # A player may type "[SEP]": it must be read as those characters, not as the end of the line.
    tokenizer.encode_special_tokens = True
    return tokenizer
