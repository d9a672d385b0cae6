"""Owns writing an ONNX graph by hand: operators as functions on value names, constants kept once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET: Final = 17
"""The newest opset whose every operator used here has a CPU kernel in ONNX Runtime 1.20 and later."""


class Graph:
    """Nodes in order of use. Every method returns the name of a value, which other methods take as an operand."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._initializers: list[onnx.TensorProto] = []

    def const(self, value: ArrayLike, dtype: Any = np.float32) -> str:
        """The name of a constant; equal ones are stored once."""
        array = np.array(value, dtype=dtype, order="C")
        key = (str(array.dtype), array.shape, array.tobytes())
        if key not in self._constants:
            name = f"c{len(self._constants)}"
            self._constants[key] = name
            self._initializers.append(numpy_helper.from_array(array, name))
        return self._constants[key]

    def ints(self, *values: int) -> str:
        """A constant vector of int64."""
        return self.const(values, np.int64)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """One operator with one output."""
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(self, kind: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        """One operator with several outputs."""
        number = len(self._nodes)
        names = [f"v{number}_{place}" for place in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def add(self, left: str, right: str) -> str:
        """Left + right."""
        return self.op("Add", left, right)

    def sub(self, left: str, right: str) -> str:
        """Left - right."""
        return self.op("Sub", left, right)

    def mul(self, left: str, right: str) -> str:
        """Left x right."""
        return self.op("Mul", left, right)

    def div(self, left: str, right: str) -> str:
        """Left / right."""
        return self.op("Div", left, right)

    def sum(self, value: str, axis: int, *, keep: bool = False) -> str:
        """The sum along one axis."""
        return self.op("ReduceSum", value, self.ints(axis), keepdims=int(keep))

    def max(self, value: str, axis: int, *, keep: bool = False) -> str:
        """The largest along one axis."""
        return self.op("ReduceMax", value, axes=[axis], keepdims=int(keep))

    def cut(self, value: str, first: int, last: int, axis: int) -> str:
        """value[first:last] along one axis; `last` may be beyond the end."""
        return self.op("Slice", value, self.ints(first), self.ints(last), self.ints(axis))

    def join(self, *values: str, axis: int) -> str:
        """The values one after the other."""
        return self.op("Concat", *values, axis=axis)

    def reshape(self, value: str, *shape: int) -> str:
        """The same numbers in another shape."""
        return self.op("Reshape", value, self.ints(*shape))

    def length(self, value: str, axis: int = 0) -> str:
        """The size of one axis, int64, shape (1,)."""
        return self.op("Gather", self.op("Shape", value), self.ints(axis), axis=0)

    def float(self, value: str) -> str:
        """As float32."""
        return self.op("Cast", value, to=TensorProto.FLOAT)

    def range(self, count: str) -> str:
        """0, 1 ... count - 1 as int64; `count` has shape (1,)."""
        zero, one = self.const(0, np.int64), self.const(1, np.int64)
        return self.op("Range", zero, self.op("Squeeze", count), one)

    def safe_div(self, left: str, right: str) -> str:
        """Left / max(right, tiny)."""
        return self.div(left, self.op("Max", right, self.const(1e-6)))

    def name(self, value: str, name: str) -> str:
        """The same value under a name of its own, for an output."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        return name

    def model(self, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> onnx.ModelProto:
        """The finished model; all inputs and outputs are float32 of the given shapes. Checked by `onnx.checker`."""
        graph = helper.make_graph(
            self._nodes,
            "speech",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            self._initializers,
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="emotion-runtime")
        made.ir_version = 8
        onnx.checker.check_model(made)
        return made


def triangles(bands: int, low: float, high: float, bins: int, rate: float) -> NDArray[np.float32]:
    """Mel filters (bins, bands): triangles of equal width in mel (2595 log10(1 + f/700)), each summing to 1."""
    mel = np.linspace(2595 * np.log10(1 + low / 700), 2595 * np.log10(1 + high / 700), bands + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.linspace(0, rate / 2, bins)[:, None]
    up = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    filters = np.clip(np.minimum(up, down), 0, None)
    return np.asarray(filters / np.maximum(filters.sum(axis=0), 1e-9), dtype=np.float32)


def cosines(bands: int, count: int) -> NDArray[np.float32]:
    """The orthonormal DCT-II (bands, count) without its zeroth row, which is loudness."""
    place = (np.arange(bands) + 0.5)[:, None] * np.arange(1, count + 1) * np.pi / bands
    return np.asarray(np.cos(place) * np.sqrt(2.0 / bands), dtype=np.float32)
