"""Owns bytes <-> messages: msgpack both ways, with every refusal a typed error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, Final, cast, get_args

import msgspec
from msgspec import Struct

from protocol.errors import (
    BadValueError,
    MalformedError,
    ProtocolError,
    TooLargeError,
    UnknownMessageError,
    WrongVersionError,
)
from protocol.ids import MAX_LINK_BYTES, PROTOCOL
from protocol.messages import AnyMessage, Command, Message, Reply, Request, Snapshot
from protocol.scan import scan

MESSAGE_TYPES: Final[dict[str, type[Message]]] = {str(t.__struct_config__.tag): t for t in get_args(AnyMessage)}
"""Message class by its `type` on the wire."""


class _Envelope(Struct):
    """What can be told of any message, even one of another protocol."""

    type: Any = None
    v: Any = None
    seq: Any = 0


_ENCODER: Final = msgspec.msgpack.Encoder()
_ENVELOPE: Final = msgspec.msgpack.Decoder(_Envelope)
_DECODERS: Final = {kind: msgspec.msgpack.Decoder(cls) for kind, cls in MESSAGE_TYPES.items()}
_AT: Final = re.compile(r"(?P<what>.*?) - at (?P<key>`key` in )?`(?P<where>\$[^`]*)`$", re.DOTALL)


def encode(message: Message) -> bytes:
    """Return the message as msgpack: a map with short field names, defaults left out except `v`.

    Ranges are the receiver's to check. Raises BadValueError for what msgpack cannot hold (in `payload`, `args`,
    `result`), and for a NaN or infinity there.
    """
    kind = str(type(message).__struct_config__.tag)
    try:
        data = _ENCODER.encode(message)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadValueError(f"cannot be encoded: {error}", kind=kind) from None
    _check_open_values(kind, message)
    return data


def decode(
    data: bytes | bytearray | memoryview,
    *,
    limit: int = MAX_LINK_BYTES,
    allowed: tuple[type[Message], ...] | None = None,
) -> AnyMessage:
    """Return the one message in `data`, fully checked; unknown fields are skipped.

    `limit` is in bytes; `allowed` names the message classes taken here (None: all).
    Raises a ProtocolError and nothing else, in this order of checks: too_large, malformed, wrong_version,
    unknown_message, bad_value (or too_large for one field).
    """
    if not isinstance(data, bytes):
        _check_size(data.nbytes if isinstance(data, memoryview) else len(data), limit)
        data = bytes(data)
    _check_size(len(data), limit)
    scan(data)
    kind, seq = _read_envelope(data)
    expected = MESSAGE_TYPES.get(kind)
    if expected is None or (allowed is not None and expected not in allowed):
        known = "is not taken here" if expected else "is not known here"
        raise UnknownMessageError(f"message type {kind[:64]!r} {known}", where="$.type", kind=kind, seq=seq)
    try:
        message = _DECODERS[kind].decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _typed(error, kind, seq) from None
    _check_open_values(kind, message, seq)
    return cast(AnyMessage, message)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLargeError(f"the message has {size} bytes, the limit is {limit}", remedy="send less at once")


def _read_envelope(data: bytes) -> tuple[str, int]:
    """Return `type` and `seq` (0 if unusable) of a message of this protocol, or say why it is none."""
    try:
        envelope = _ENVELOPE.decode(data)
    except UnicodeDecodeError as error:
        raise _typed(error, "", 0) from None
    except msgspec.DecodeError as error:
        raise MalformedError(
            f"a message is a map with text keys: {error}", remedy="send one msgpack map a frame"
        ) from None
    named = envelope.type if isinstance(envelope.type, str) else ""
    version = envelope.v
    if version is None or (type(version) is int and version != PROTOCOL):
        raise WrongVersionError(version, PROTOCOL, kind=named)
    seq = envelope.seq if type(envelope.seq) is int and envelope.seq > 0 else 0
    if type(version) is not int:
        raise BadValueError(f"Expected `int`, got {type(version).__name__}", where="$.v", kind=named, seq=seq)
    if not isinstance(envelope.type, str):
        raise MalformedError("the message has no text `type`", where="$.type", seq=seq)
    return envelope.type, seq


def _typed(error: Exception, kind: str, seq: int) -> ProtocolError:
    """Turn a decoder's error into ours, with its path."""
    if isinstance(error, UnicodeDecodeError):
        return MalformedError("a text is not valid UTF-8", remedy="send texts as UTF-8", kind=kind, seq=seq)
    text = str(error)
    found = _AT.match(text)
    what, where = (found["what"], found["where"]) if found else (text, "$")
    if found and found["key"]:
        what = f"map key: {what}"
    if not isinstance(error, msgspec.ValidationError):
        return MalformedError(what, where=where, kind=kind, seq=seq)
    if "of length <=" in what:
        return TooLargeError(what, where=where, kind=kind, seq=seq)
    if "`float` >" in what or "`float` <" in what:
        what += " and finite"
    return BadValueError(what, where=where, kind=kind, seq=seq)


_OPEN_VALUES: Final[dict[str, Callable[[Any], Iterator[tuple[str, dict[str, Any]]]]]] = {
    "snapshot": lambda m: _payloads("$.running", cast(Snapshot, m).running),
    "command": lambda m: _payloads("$.commands", cast(Command, m).commands),
    "request": lambda m: iter((("$.args", cast(Request, m).args),)),
    "reply": lambda m: iter((("$.result", cast(Reply, m).result),)),
}
"""Where each message carries maps of any shape, which no schema describes."""


def _payloads(where: str, items: tuple[Any, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, item in enumerate(items):
        payload = getattr(item, "payload", None)
        if payload:
            yield f"{where}[{index}].payload", payload


def _check_open_values(kind: str, message: Message, seq: int = 0) -> None:
    """Refuse NaN, infinity and keys other than text inside `payload`, `args` and `result`."""
    find = _OPEN_VALUES.get(kind)
    if find is None:
        return
    for where, values in find(message):
        if not _is_plain(values):
            fault, path = _find_fault(values, where)
            raise BadValueError(fault, where=path, kind=kind, seq=seq)


def _is_plain(root: dict[str, Any]) -> bool:
    stack: list[Any] = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if not all(type(key) is str for key in value):
                return False
            stack.extend(value.values())
        elif isinstance(value, (list, tuple)):
            stack.extend(value)
        elif isinstance(value, float) and not isfinite(value):
            return False
    return True


def _find_fault(root: dict[str, Any], where: str) -> tuple[str, str]:
    """Say what `_is_plain` found, and where: called only after it found something."""
    stack: list[tuple[Any, str]] = [(root, where)]
    while stack:
        value, path = stack.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                if type(key) is not str:
                    return f"map key: expected `str`, got `{type(key).__name__}`", path
                stack.append((item, f"{path}.{key[:64]}"))
        elif isinstance(value, (list, tuple)):
            stack.extend((item, f"{path}[{index}]") for index, item in enumerate(value))
        elif isinstance(value, float) and not isfinite(value):
            return "numbers must be finite", path
    return "holds a value that is not plain", where
