"""Owns the text model that runs: a line and the lines before it -> tokens -> network and n-grams -> probabilities."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.manifest import TOKENIZER
from emotion_runtime.perception.model_folder import ModelFolder
from emotion_runtime.perception.onnx_session import installed_twice, placed
from emotion_runtime.perception.pairs import PairTokenizer
from emotion_runtime.perception.providers import Device
from emotion_runtime.perception.results import CACHED_LINES, Line, TextJob
from emotion_runtime.perception.text_cleanup import clean_text
from emotion_runtime.perception.text_network import INPUTS, OUTPUT, Row, TextNetwork


class OnnxTextModel:
    """A `TextModel` from a verified folder. Safe to call from several threads.

    The network reads what `PairTokenizer` makes of the line and its context. Where the folder has n-grams, the answer
    is softmax((log p_network + w log p_ngrams) / T), with w and the temperature T from the manifest.

    Unless the manifest says otherwise, each run holds exactly one line, without padding. The bundled network is
    dynamically quantised: the scale of its
    int8 activations is taken over the whole batch, padding included, so a line's answer would depend on its neighbours.
    Measured on MELD test, batches of 32 against one at a time: probabilities off by 0.019 in the median and by up to
    0.18, another label for 85 lines of 2,610. What it would gain on one thread: 0.7 to 0.9 of the speed in the order in
    which lines come, 1.1 to 1.4 of it when they are first sorted by length.
    """

    def __init__(
        self,
        folder: ModelFolder,
        *,
        cached_lines: int = CACHED_LINES,
        device: Device = "cpu",
        fp16: bool = False,
    ) -> None:
        """Loads tokenizer and network and asks one trial line. Raises ModelError or MissingExtraError."""
        self._folder = folder
        self._temperature = folder.manifest.temperature
        self._pairs = PairTokenizer(
            folder.tokenizer,
            max_tokens=folder.manifest.max_tokens,
            context_lines=folder.manifest.context_lines,
            source=str(folder.path / TOKENIZER),
        )
        placement = None if device == "cpu" else placed(device, fp16=fp16)
        self._network = TextNetwork(
            folder.model_path, folder.manifest.max_tokens, placement, most_rows=folder.manifest.max_batch
        )
        self._check_signature()
        self.notice = self._network.notice or installed_twice()
        self.max_batch = folder.manifest.max_batch
        self._answer = functools.lru_cache(maxsize=cached_lines)(self._run)
        self._run(*self._pairs.pair("A trial line."), "a trial line.")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities: the network's own, or what the manifest says they mean."""
        return tuple(dict.fromkeys(self._folder.manifest.meanings)) or self._folder.labels

    @property
    def max_tokens(self) -> int:
        """The length of the longest input, special tokens included."""
        return self._folder.manifest.max_tokens

    @property
    def context_lines(self) -> int:
        """How many earlier lines are looked at."""
        return self._folder.manifest.context_lines

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        """Probabilities of `text` in the order of `labels`, summing to 1 to rounding.

        Raises ModelError `model_answer` when the network fails or gives no finite answer.
        """
        return self._answer(*self._pairs.pair(text, context), self._said(text))

    def ask_all(self, jobs: Sequence[TextJob]) -> list[tuple[float, ...]]:
        """Probabilities of several lines in one run, for a network whose manifest allows it."""
        rows = [self._pairs.pair(job.text, job.context) for job in jobs]
        return self._rows(rows, [self._said(job.text) for job in jobs])

    def _said(self, text: str) -> str:
        """The line as the n-grams see it."""
        return clean_text(text).lower() if self._folder.ngrams else ""

    def _run(self, ids: tuple[int, ...], first: int, said: str) -> tuple[float, ...]:
        return self._rows([(ids, first)], [said])[0]

    def _rows(self, rows: Sequence[Row], said: Sequence[str]) -> list[tuple[float, ...]]:
        try:
            logits = self._network.logits(rows)
        except Exception as error:  # onnxruntime's own exceptions share no base class but this one
            raise self._no_answer(str(error)[:300]) from error
        if logits.shape != (len(rows), len(self._folder.labels)):
            raise self._no_answer(f"gave {logits.shape} logits for {len(self._folder.labels)} labels")
        answers = [
            self._meant(softmax(self._with_ngrams(row, line), self._temperature))
            for row, line in zip(logits, said, strict=True)
        ]
        if not all(math.isfinite(value) for answer in answers for value in answer):
            raise self._no_answer("gave no finite answer")
        return answers

    def _meant(self, probabilities: tuple[float, ...]) -> tuple[float, ...]:
        """The network's probabilities as those of the labels they mean."""
        meanings = self._folder.manifest.meanings
        if not meanings:
            return probabilities
        shares = dict.fromkeys(meanings, 0.0)
        for meaning, value in zip(meanings, probabilities, strict=True):
            shares[meaning] += value
        return tuple(shares.values())

    def _no_answer(self, what: str) -> ModelError:
        return ModelError("model_answer", f"{self._folder.model_path}: {what}", "check the model and its tokenizer")

    def _with_ngrams(self, logits: NDArray[np.floating[Any]], said: str) -> NDArray[np.floating[Any]]:
        """Logits of the product of both opinions, the second one raised to the manifest's weight."""
        if self._folder.ngrams is None:
            return logits
        second = self._folder.ngrams.scores(said)
        # A constant per line drops out of the softmax, so the logarithms need not be normalised.
        return np.asarray(logits, dtype=np.float64) + self._folder.manifest.ngram_weight * second

    def _check_signature(self) -> None:
        session = self._network.session
        inputs = {value.name: value.type for value in session.get_inputs()}
        outputs = [value.name for value in session.get_outputs()]
        needed = dict.fromkeys(INPUTS, "tensor(int64)")
        without_types = {name: kind for name, kind in needed.items() if name != "token_type_ids"}
        if inputs not in (needed, without_types) or outputs != [OUTPUT]:
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
