"""Owns lines to ask a teacher about besides the corpora's: sentences of a line, lines in another dialogue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from emotion_runtime.perception.results import Line
from emotion_runtime.training.text.corpus import Example

SENTENCE_END: Final = re.compile(r"(?<=[.!?\u2026])\s+")
EARLIER: Final = 4
"""Earlier lines that such a line keeps: more than any of the models reads."""


def sentences(examples: Sequence[Example]) -> list[Example]:
    """Each sentence of the lines that have two or more, after the line's own past and its earlier sentences.

    The label is the whole line's, which the sentence alone need not deserve.
    """
    found = []
    for example in examples:
        parts = [part for part in SENTENCE_END.split(example.text.strip()) if part]
        past = list(example.context)
        for part in parts if len(parts) > 1 else ():
            found.append(Example(part, example.label, tuple(past[-EARLIER:]), example.dialogue, example.speaker))
            past.append(Line(part, same_speaker=True))
    return found


def moved(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """`count` of the lines (all, if there are fewer), each after the past of another line, by chance."""
    random = np.random.default_rng(seed)
    found = []
    for place in random.permutation(len(examples))[:count]:
        other = examples[int(random.integers(len(examples)))]
        found.append(Example(examples[place].text, examples[place].label, other.context[-EARLIER:]))
    return found
