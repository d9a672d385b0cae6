"""Owns which words of a line mattered: what becomes of the answer when each of them is taken out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from emotion_runtime.perception.results import Line, TextModel

MAX_WORDS: Final = 128
"""Words looked at; each costs one run of the model."""
_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class WordWeight:
    """`word` stands at characters `start` to `end`; `weight`: the label's probability with it less that without."""

    word: str
    start: int
    end: int
    weight: float


def words_that_mattered(
    model: TextModel, text: str, context: Sequence[Line] = (), label: str | None = None
) -> tuple[str, tuple[WordWeight, ...]]:
    """The label asked about (None: the most probable) and each word's weight for it, -1..1, in the order of the line.

    Occlusion (Zeiler and Fergus 2014): a word's weight is how much of the label's probability goes with it. Raises
    ValueError for a label the model does not have.
    """
    whole = tuple(model.classify(text, context))
    place = model.labels.index(label) if label is not None else max(range(len(whole)), key=whole.__getitem__)
    weights = []
    for found in list(_WORD.finditer(text))[:MAX_WORDS]:
        without = text[: found.start()] + text[found.end() :]
        weight = whole[place] - tuple(model.classify(without, context))[place]
        weights.append(WordWeight(found.group(), found.start(), found.end(), weight))
    return model.labels[place], tuple(weights)
