"""Owns hand-made ONNX files: real networks of a few hundred bytes, sound or wrong in one chosen way."""

from __future__ import annotations

import struct

FLOAT, INT64 = 1, 7


def number(field: int, value: int) -> bytes:
    """A varint field."""
    return varint(field << 3) + varint(value)


def block(field: int, payload: bytes | str) -> bytes:
    """A length-delimited field."""
    data = payload.encode() if isinstance(payload, str) else payload
    return varint(field << 3 | 2) + varint(len(data)) + data


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def node(kind: str, inputs: list[str], output: str, attributes: bytes = b"", domain: str = "") -> bytes:
    body = b"".join(block(1, name) for name in inputs) + block(2, output) + block(4, kind) + attributes
    return block(1, body + (block(7, domain) if domain else b""))


def integer_attribute(name: str, value: int) -> bytes:
    return block(5, block(1, name) + number(3, value) + number(20, 2))


def integers_attribute(name: str, value: int) -> bytes:
    return block(5, block(1, name) + number(8, value) + number(20, 7))


def graph_attribute(name: str, graph: bytes) -> bytes:
    return block(5, block(1, name) + block(6, graph) + number(20, 5))


def tensor(name: str, shape: list[int], values: list[float], *, external: bool = False) -> bytes:
    body = b"".join(number(1, size) for size in shape) + number(2, FLOAT) + block(8, name)
    if external:
        return block(5, body + block(13, block(1, "location") + block(2, "../weights.bin")) + number(14, 1))
    return block(5, body + block(9, struct.pack(f"<{len(values)}f", *values)))


def value(field: int, name: str, kind: int, *sizes: str) -> bytes:
    shape = b"".join(block(1, block(2, size)) for size in sizes)
    return block(field, block(1, name) + block(2, block(1, number(1, kind) + block(2, shape))))


def model(graph: bytes, opset: int = 17, extra: bytes = b"") -> bytes:
    return number(1, 8) + block(7, graph) + block(8, block(1, "") + number(2, opset)) + extra


def tiny_classifier(
    labels: int, *, output: str = "logits", last_weight: float = 0.001, external: bool = False
) -> bytes:
    """Logits = mean of the token ids times a row of weights: a network that takes and gives what ours does."""
    weights = [0.001 * (at + 1) for at in range(labels - 1)] + [last_weight]
    graph = (
        node("Cast", ["input_ids"], "ids", integer_attribute("to", FLOAT))
        + node("ReduceMean", ["ids"], "mean", integers_attribute("axes", 1))
        + node("MatMul", ["mean", "weights"], output)
        + block(2, "tiny")
        + tensor("weights", [1, labels], weights, external=external)
        + b"".join(value(11, name, INT64, "b", "s") for name in ("input_ids", "attention_mask", "token_type_ids"))
        + value(12, output, FLOAT, "b", "n")
    )
    return model(graph)
