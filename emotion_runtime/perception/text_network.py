"""Owns one run of a text network: token rows -> logits, plainly on a CPU, in fixed shapes and bound on a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.perception.onnx_session import open_session
from emotion_runtime.perception.providers import BUCKETS, Placement, bucket, fallen_back

INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT: Final = "logits"

Row = tuple[tuple[int, ...], int]
"""Token ids of a line, and how many of them belong to segment A."""


class TextNetwork:
    """A session and the way to feed it.

    On a GPU rows are padded to fixed lengths and batches to powers of two, inputs and outputs are bound (IO binding),
    and every length up to `longest` is run once beforehand. A network without `token_type_ids` is fed without.
    """

    def __init__(
        self, path: Path, longest: int, placement: Placement | None = None, *, bound: bool | None = None
    ) -> None:
        """`bound`: feed as on a GPU even where it is none; by default as the placement says. Raises ModelError."""
        self.session = open_session(path, placement)
        self.inputs = tuple(value.name for value in self.session.get_inputs())
        self.notice = fallen_back(placement, self.session.get_providers()) if placement is not None else ""
        running = self.session.get_providers()[0]
        self._bound = bound if bound is not None else running != "CPUExecutionProvider"
        self._longest = longest
        if self._bound:
            for length in (size for size in BUCKETS if size <= bucket(longest)):
                self.logits([((0,) * min(length, longest), min(length, longest))])

    def logits(self, rows: Sequence[Row]) -> NDArray[np.floating[Any]]:
        """(n, labels) for n rows; shorter rows are padded behind, and masked there. Raises what ONNX Runtime raises."""
        length = max(len(ids) for ids, _ in rows)
        count = len(rows)
        if self._bound:
            length = max(length, min(bucket(length), self._longest))
            count = 1 << (count - 1).bit_length()
        feed = {name: np.zeros((count, length), np.int64) for name in INPUTS}
        for place, (ids, first) in enumerate(rows):
            feed["input_ids"][place, : len(ids)] = ids
            feed["attention_mask"][place, : len(ids)] = 1
            feed["token_type_ids"][place, first : len(ids)] = 1
        # a row of padding needs one token to look at, or its softmax is over nothing
        feed["attention_mask"][len(rows) :, 0] = 1
        feed = {name: feed[name] for name in self.inputs}
        if not self._bound:
            found: NDArray[np.floating[Any]] = self.session.run([OUTPUT], feed)[0]
            return found
        binding = self.session.io_binding()
        for name, value in feed.items():
            binding.bind_cpu_input(name, value)
        binding.bind_output(OUTPUT)
        self.session.run_with_iobinding(binding)
        (answer,) = binding.copy_outputs_to_cpu()
        return np.asarray(answer)[: len(rows)]
