"""Owns RoBERTa-MEN as a text model: trained on MELD by the common loop, kept in a folder, asked for its weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from emotion_runtime.errors import ModelError
from emotion_runtime.training.networks.roberta_men import RobertaMen
from emotion_runtime.training.text.batches import collate, tokenise
from emotion_runtime.training.text.classifier import load_encoder, load_pair_tokenizer, log_softmax, predict
from emotion_runtime.training.text.corpus import LABELS, Example, labels_of, root_inverse_frequency
from emotion_runtime.training.text.fit import FitOptions, Report, fit, soft_targets

SETTINGS: Final = "men.json"
WEIGHTS: Final = "network.pt"


@dataclass(frozen=True, slots=True)
class MenSettings:
    """`base`: an encoder's folder or hub id; `start`: a stage of the text recipe whose encoder is taken, or ""."""

    base: str
    start: str = ""
    max_tokens: int = 40
    context_lines: int = 1
    hidden: int = 128
    heads: int = 8


@dataclass(frozen=True, slots=True)
class Explained:
    """The tokens of a line, the weights (heads, tokens) of each, and the probabilities (k,)."""

    words: tuple[str, ...]
    weights: NDArray[np.float64]
    probabilities: NDArray[np.float64]


class MenModel:
    """A RoBERTa-MEN network with its tokenizer."""

    def __init__(self, settings: MenSettings) -> None:
        """The untrained network. Raises ModelError."""
        self.settings = settings
        encoder = load_encoder(settings.base)
        if settings.start:
            held = torch.load(settings.start, weights_only=True)
            encoder.load_state_dict(
                {name.removeprefix("encoder."): v for name, v in held.items() if name.startswith("encoder.")}
            )
        self.network = RobertaMen(encoder, len(LABELS), settings.hidden, settings.heads)
        self._tokenizer = load_pair_tokenizer(
            settings.base, max_tokens=settings.max_tokens, context_lines=settings.context_lines
        )

    def fit(
        self,
        train: Sequence[Example],
        options: FitOptions,
        *,
        checkpoint: Path | None = None,
        report: Report = lambda step, steps, loss: None,
    ) -> None:
        """Trains by the loop and the loss of the shipped model."""
        labels = labels_of(train)
        fit(
            self.network,
            tokenise(train, self._tokenizer),
            soft_targets(labels, len(LABELS)),
            root_inverse_frequency(labels),
            options,
            pad=0,
            checkpoint=checkpoint,
            report=report,
        )

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """(n, k)."""
        return np.exp(log_softmax(predict(self.network, tokenise(examples, self._tokenizer), 0, len(LABELS))))

    def explain(self, text: str) -> Explained:
        """What the network says of a line, and how much its last state looked at each token."""
        rows = tokenise([Example(text, 0)], self._tokenizer)
        batch = collate(rows, np.zeros(1, dtype=np.int64), 0)
        self.network.eval()
        with torch.inference_mode():
            logits, weights = self.network.explain(batch.input_ids, batch.attention_mask, batch.token_type_ids)
        return Explained(
            tuple(self._tokenizer.words(rows[0].ids)),
            weights[0].double().numpy(),
            np.exp(log_softmax(logits.double().numpy()))[0],
        )

    def save(self, folder: Path) -> None:
        """Writes settings and weights."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS).write_text(json.dumps(asdict(self.settings), indent=2) + "\n", encoding="utf-8")
        torch.save(self.network.state_dict(), folder / WEIGHTS)


def load_men(folder: Path) -> MenModel:
    """The model of a folder; only tensors are read from its weights. Raises ModelError."""
    try:
        held = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        settings = MenSettings(**{**held, "start": ""})
        weights = torch.load(folder / WEIGHTS, weights_only=True)
    except (OSError, ValueError, TypeError) as error:
        raise ModelError("model_file_missing", f"{folder}: {error}", "name a folder that `train men` wrote") from error
    model = MenModel(settings)
    model.network.load_state_dict(weights)
    return model
