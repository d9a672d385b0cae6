"""Owns the proof of the codec's rules: order of checks, what an error tells, limits, and bounded work."""

from __future__ import annotations

import math
from typing import Any

import msgpack
import pytest

import protocol
from protocol.codec import MESSAGE_TYPES, decode, encode
from protocol.errors import (
    BadValueError,
    MalformedError,
    ProtocolError,
    TooLargeError,
    UnknownMessageError,
    WrongVersionError,
)
from protocol.ids import ERROR_CODES, MAX_DEPTH, MAX_VALUES, PROTOCOL
from protocol.messages import Ack, Bye, Command, Hello, Observations, Reply, Request, Start, Tick
from protocol.scan import scan
from protocol.vectors.samples import FULL, MINIMAL, TICK


def packed(**fields: Any) -> bytes:
    data: bytes = msgpack.packb({"v": PROTOCOL, **fields})
    return data


def refusal(data: bytes, **options: Any) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        decode(data, **options)
    return caught.value


@pytest.mark.parametrize("message", [*MINIMAL, *FULL], ids=lambda m: type(m).__name__)
def test_every_message_carries_its_type_and_the_protocol_number(message: Any) -> None:
    value = msgpack.unpackb(encode(message))
    assert value["type"] == message.__struct_config__.tag
    assert value["v"] == PROTOCOL


def test_defaults_are_left_out_of_the_bytes() -> None:
    assert msgpack.unpackb(encode(Hello(client="unity"))) == {"type": "hello", "client": "unity", "v": 1}


def test_bytes_bytearray_and_memoryview_read_alike() -> None:
    data = encode(TICK)
    assert decode(data) == decode(bytearray(data)) == decode(memoryview(data)) == TICK


def test_a_blob_that_was_read_does_not_change_with_the_buffer_it_came_from() -> None:
    buffer = bytearray(encode(TICK))
    tick = decode(buffer)
    buffer[:] = bytes(len(buffer))
    assert tick == TICK


def test_a_frame_over_the_limit_is_refused_before_it_is_looked_at() -> None:
    data = encode(Ack(seq=1))
    assert decode(data, limit=len(data)) == Ack(seq=1)
    for given in (data, bytearray(data), memoryview(data)):
        with pytest.raises(TooLargeError, match=f"limit is {len(data) - 1}"):
            decode(given, limit=len(data) - 1)
    assert refusal(b"\xc1" * 9, limit=8).code == "too_large"


def test_a_type_that_is_not_taken_here_is_unknown_here() -> None:
    error = refusal(encode(Bye()), allowed=(Hello, Ack))
    assert isinstance(error, UnknownMessageError)
    assert "not taken here" in error.message
    assert decode(encode(Bye()), allowed=(Hello, Bye)) == Bye()


def test_a_message_not_taken_here_is_not_looked_into() -> None:
    assert refusal(packed(type="ack", seq="nonsense"), allowed=(Hello,)).code == "unknown_message"


@pytest.mark.parametrize(("theirs", "older"), [(2, "side that reports this"), (0, "peer")])
def test_a_wrong_version_names_both_numbers_and_who_is_to_be_updated(theirs: int, older: str) -> None:
    error = refusal(packed(type="hello", client=3, v=theirs))
    assert isinstance(error, WrongVersionError)
    assert (error.theirs, error.ours, error.where) == (theirs, PROTOCOL, "$.v")
    assert str(theirs) in error.message
    assert str(PROTOCOL) in error.message
    assert older in error.remedy


def test_a_peer_of_a_later_protocol_is_told_so_whatever_its_messages_look_like() -> None:
    for value in ({"v": 2}, {"v": 2, "type": [1]}, {"v": 2, "type": "hullo"}, {"v": 2, "type": "ack", "seq": "x"}):
        assert refusal(msgpack.packb(value)).code == "wrong_version"


def test_a_refused_batch_tells_its_type_and_number() -> None:
    error = refusal(packed(type="observations", seq=7, items=[{"kind": "move", "id": "a", "at": [0.0]}]))
    assert (error.code, error.where, error.kind, error.seq) == ("bad_value", "$.items[0].at", "observations", 7)


@pytest.mark.parametrize("seq", [-1, 1.5, "7", None, True, [1]])
def test_a_number_that_is_none_is_told_as_zero(seq: Any) -> None:
    error = refusal(packed(type="observations", seq=seq, items=[]))
    assert (error.code, error.kind, error.seq) == ("bad_value", "observations", 0)


def test_an_error_reads_as_code_place_cause_and_remedy() -> None:
    assert str(refusal(packed(type="ack", seq=-1))) == "bad_value at `$.seq`: Expected `int` >= 0"
    assert str(refusal(b"\xc0")).startswith("malformed: a message is a map with text keys: ")


def test_an_error_does_not_repeat_a_long_type_name() -> None:
    assert len(str(refusal(packed(type="x" * 100_000)))) < 300


def test_every_error_class_has_a_declared_code() -> None:
    classes = ProtocolError.__subclasses__()
    assert len({cls.code for cls in classes}) == len(classes) == 7
    assert {cls.code for cls in classes} <= set(ERROR_CODES)


def test_the_last_level_is_taken_and_the_next_is_not() -> None:
    def nested(levels: int) -> bytes:
        return b"\x91" * levels + b"\xc0"

    scan(nested(MAX_DEPTH))
    with pytest.raises(MalformedError, match="nested deeper"):
        scan(nested(MAX_DEPTH + 1))


def test_more_values_than_a_message_may_have_are_refused() -> None:
    def flat(items: int) -> bytes:
        return b"\xdd" + items.to_bytes(4, "big") + b"\x01" * items

    scan(flat(MAX_VALUES - 1))
    with pytest.raises(TooLargeError):
        scan(flat(MAX_VALUES))


class CountingBytes(bytes):
    """Bytes that count how often they are looked at."""

    looks = 0

    def __getitem__(self, key: Any) -> Any:
        self.looks += 1
        return super().__getitem__(key)


def test_the_scan_steps_over_blobs_and_texts() -> None:
    small, large = (CountingBytes(packed(type="bye", a=bytes(n), b="x" * n)) for n in (70_000, 1_000_000))
    scan(small)
    scan(large)
    assert small.looks == large.looks < 20


def test_a_hostile_nesting_is_refused_after_a_few_looks() -> None:
    data = CountingBytes(b"\x91" * 1_000_000)
    with pytest.raises(MalformedError):
        scan(data)
    assert data.looks <= MAX_DEPTH + 1


def test_an_announced_size_is_not_believed() -> None:
    for head in (b"\xdd", b"\xdf", b"\xdb", b"\xc6"):
        assert refusal(b"\x81\xa1a" + head + b"\xff\xff\xff\xff").code == "malformed"


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_not_sent_either(odd: float) -> None:
    start = Start(action=1, character="a", rule="r", payload={"x": [1, {"y": odd}]})
    with pytest.raises(BadValueError) as caught:
        encode(Command(seq=1, tick=1, commands=(start,)))
    assert caught.value.where == "$.commands[0].payload.x[1].y"
    with pytest.raises(BadValueError):
        encode(Reply(id=1, result={"x": odd}))


def test_what_msgpack_cannot_hold_is_not_sent() -> None:
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    for args in ({"x": object()}, {"x": 2**64}, {"x": "\ud800"}, cycle, {"x": {1: 2}}):
        with pytest.raises(BadValueError):
            encode(Request(client="t", id=1, op="ping", args=args))


def test_an_unknown_kind_of_observation_refuses_its_batch() -> None:
    """Capabilities decide what is sent: a client never has to guess which kinds are known."""
    error = refusal(packed(type="observations", seq=1, items=[{"kind": "smell", "id": "a"}]))
    assert (error.code, error.where) == ("bad_value", "$.items[0].kind")


def test_the_public_surface_is_what_it_says() -> None:
    assert sorted(protocol.__all__, key=str) == sorted(set(protocol.__all__), key=str)
    for name in protocol.__all__:
        assert getattr(protocol, name) is not None
    assert {cls.__name__ for cls in MESSAGE_TYPES.values()} <= set(protocol.__all__)
    assert set(MESSAGE_TYPES) >= {"hello", "tick", "observations"}
    assert MESSAGE_TYPES["tick"] is Tick
    assert MESSAGE_TYPES["observations"] is Observations
