"""Owns the look inside an ONNX file before it is run: opset, operator domains, outside data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MAX_DEPTH: Final = 16
"""Nesting of messages (graph in attribute in node in graph ...) beyond which a file is refused."""

_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5


class OnnxStructureError(ValueError):
    """The bytes are not an ONNX model."""


@dataclass(slots=True)
class OnnxStructure:
    """`opset` of the standard domain (0: it names none); `domains` of the operators used, subgraphs included."""

    opset: int = 0
    domains: set[str] = field(default_factory=set)
    local_functions: int = 0
    external_data: bool = False


class _Field(NamedTuple):
    number: int
    value: int
    payload: memoryview


# Field numbers of onnx.proto3: message -> {field: message inside it}.
_NESTED: Final[dict[str, dict[int, str]]] = {
    "Model": {7: "Graph", 8: "OpsetId", 25: "Function"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Function": {7: "Node", 9: "OpsetId", 11: "Attribute"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor"},
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
}
_NODE_DOMAIN, _OPSET_DOMAIN, _OPSET_VERSION = 7, 1, 2
_TENSOR_EXTERNAL_DATA, _TENSOR_DATA_LOCATION = 13, 14


def read_structure(data: bytes) -> OnnxStructure:
    """Reads the structure of a serialised ModelProto. Weights are stepped over, not copied.

    Raises OnnxStructureError when the bytes are cut short, nested too deeply or hold no graph.
    """
    found = OnnxStructure()
    if not _read_message("Model", memoryview(data), found, 0):
        raise OnnxStructureError("there is no graph in it")
    return found


def _read_message(kind: str, view: memoryview, found: OnnxStructure, depth: int) -> bool:
    """Collects what the message holds; True when a Graph was directly inside."""
    if depth > MAX_DEPTH:
        raise OnnxStructureError("it is nested too deeply")
    nested = _NESTED.get(kind, {})
    has_graph = False
    domain, version = "", 0
    for number, value, payload in _fields(view):
        inside = nested.get(number)
        if inside is not None:
            has_graph = has_graph or inside == "Graph"
            found.local_functions += inside == "Function"
            _read_message(inside, payload, found, depth + 1)
        elif kind == "Node" and number == _NODE_DOMAIN:
            found.domains.add(_text(payload))
        elif kind == "OpsetId" and number == _OPSET_DOMAIN:
            domain = _text(payload)
        elif kind == "OpsetId" and number == _OPSET_VERSION:
            version = value
        elif kind == "Tensor" and (number == _TENSOR_EXTERNAL_DATA or (number == _TENSOR_DATA_LOCATION and value)):
            found.external_data = True
    if kind == "OpsetId" and domain in ("", "ai.onnx"):
        found.opset = version
    return has_graph


def _fields(view: memoryview) -> Iterator[_Field]:
    """The fields of one protobuf message, in the order of the file."""
    empty = view[:0]
    at, end = 0, len(view)
    while at < end:
        key, at = _varint(view, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(view, at)
            yield _Field(number, value, empty)
            continue
        if wire == _DELIMITED:
            size, at = _varint(view, at)
        elif wire == _FIXED64:
            size = 8
        elif wire == _FIXED32:
            size = 4
        else:
            raise OnnxStructureError(f"byte {at} starts no known kind of field")
        if size > end - at:
            raise OnnxStructureError("it is cut short")
        yield _Field(number, 0, view[at : at + size])
        at += size


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(view):
            raise OnnxStructureError("it is cut short")
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise OnnxStructureError("a number in it is too long")


def _text(payload: memoryview) -> str:
    return bytes(payload[:256]).decode("utf-8", errors="replace")
