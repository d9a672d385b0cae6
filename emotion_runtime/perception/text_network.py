"""Owns one run of a text network: token rows -> logits, plainly on a CPU, in fixed shapes and bound on a GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.perception.onnx_session import import_onnxruntime, open_session
from emotion_runtime.perception.providers import BUCKETS, CPU, Placement, bucket, fallen_back

INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT: Final = "logits"

MOST_SHAPES: Final = 128
"""Shapes that keep their buffers; others are made for one run."""

Row = tuple[tuple[int, ...], int]
"""Token ids of a line, and how many of them belong to segment A."""


class TextNetwork:
    """A session and the way to feed it.

    On a GPU rows are padded to fixed lengths and batches to powers of two; each such shape has its buffers there,
    bound once (IO binding) and written anew for each run; all shapes are run once beforehand, because the first run of
    a shape costs a search for kernels, or an engine. A network without `token_type_ids` is fed without.
    """

    def __init__(
        self,
        path: Path,
        longest: int,
        placement: Placement | None = None,
        *,
        bound: bool | None = None,
        most_rows: int = 1,
    ) -> None:
        """`longest` row and `most_rows` in a run, for which shapes are made ready. Raises ModelError.

        `bound`: feed as on a GPU even where it is none; by default as the placement says.
        """
        self.session = open_session(path, placement)
        self.inputs = tuple(value.name for value in self.session.get_inputs())
        self.notice = fallen_back(placement, self.session.get_providers()) if placement is not None else ""
        running = self.session.get_providers()[0]
        self._device = "cpu" if running == CPU else "cuda"
        self._bound = bound if bound is not None else running != CPU
        self._longest = longest
        self._ready: dict[tuple[int, int], _Shape] = {}
        if self._bound:
            lengths = {min(size, longest) for size in BUCKETS if size <= bucket(longest)}
            counts = [1 << power for power in range((most_rows - 1).bit_length() + 1)]
            for length in sorted(lengths):
                for count in counts:
                    self.logits([((0,) * length, length)] * count)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The (rows, length) that have their buffers."""
        return tuple(self._ready)

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
        shape = self._ready.get((count, length))
        if shape is None:
            shape = _Shape(self.session, feed, self._device)
            if len(self._ready) < MOST_SHAPES:
                self._ready[count, length] = shape
        return shape.run(feed)[: len(rows)]


class _Shape:
    """Buffers on the device for inputs of one shape, and their binding to a session."""

    def __init__(self, session: Any, feed: Mapping[str, NDArray[np.int64]], device: str) -> None:
        runtime = import_onnxruntime()
        self._session = session
        self._inputs = {name: runtime.OrtValue.ortvalue_from_numpy(each, device, 0) for name, each in feed.items()}
        self._binding = session.io_binding()
        for name, value in self._inputs.items():
            self._binding.bind_ortvalue_input(name, value)
        # the session places the answer in memory of the CPU: a few numbers, which are wanted there
        self._binding.bind_output(OUTPUT)

    def run(self, feed: Mapping[str, NDArray[np.int64]]) -> NDArray[np.floating[Any]]:
        """The answer for inputs of this shape."""
        for name, each in feed.items():
            self._inputs[name].update_inplace(each)
        self._session.run_with_iobinding(self._binding)
        (answer,) = self._binding.copy_outputs_to_cpu()
        return np.asarray(answer)
