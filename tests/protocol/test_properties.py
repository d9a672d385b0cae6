"""Owns the laws of the codec: what is written is read back, and no bytes whatever do anything but be refused."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from protocol.codec import decode, encode
from protocol.errors import MalformedError, ProtocolError
from protocol.ids import ERROR_CODES
from protocol.messages import Tick
from protocol.scan import scan
from protocol.vectors.forms import Form, pack
from protocol.vectors.samples import FULL
from protocol.views import parse_stream_frame, stream_frame
from tests.protocol.strategies import OPEN_VALUES, messages, of

FORMS = st.builds(
    Form,
    unsigned=st.sampled_from((0, 8, 16, 32, 64)),
    text=st.sampled_from((0, 8, 16, 32)),
    blob=st.sampled_from((0, 8, 16, 32)),
    array=st.sampled_from((0, 16, 32)),
    map=st.sampled_from((0, 16, 32)),
)


@given(messages())
@settings(max_examples=200, deadline=None)
def test_what_is_encoded_is_decoded_equal(message: Any) -> None:
    assert decode(encode(message)) == message


@given(messages())
@settings(deadline=None)
def test_msgpack_reads_what_we_write_and_we_read_what_msgpack_writes(message: Any) -> None:
    data = encode(message)
    assert decode(msgpack.packb(msgpack.unpackb(data))) == message


@given(messages(), FORMS)
@settings(deadline=None)
def test_every_legal_form_of_a_message_means_the_same(message: Any, form: Form) -> None:
    assert decode(pack(msgpack.unpackb(encode(message)), form)) == message


@given(OPEN_VALUES, FORMS)
@settings(deadline=None)
def test_the_scan_takes_what_msgpack_takes(value: Any, form: Form) -> None:
    scan(pack(value, form))


@given(OPEN_VALUES, st.data())
@settings(deadline=None)
def test_the_scan_refuses_every_cut(value: Any, data: st.DataObject) -> None:
    whole = pack(value)
    with pytest.raises(MalformedError):
        scan(whole[: data.draw(st.integers(0, len(whole) - 1))])


def refused_or_taken(data: bytes) -> None:
    """Anything but a message or a ProtocolError with a known code fails."""
    for read in (decode, parse_stream_frame):
        try:
            read(data)
        except ProtocolError as error:
            assert error.code in ERROR_CODES
            assert str(error).startswith(error.code)
            assert len(str(error)) < 1000


@given(st.binary(max_size=64))
@settings(max_examples=400, deadline=None)
def test_arbitrary_bytes_are_refused_or_taken(data: bytes) -> None:
    refused_or_taken(data)
    refused_or_taken(b"tick" + data)


@given(OPEN_VALUES | st.dictionaries(st.sampled_from(("type", "v", "seq", "items", "x")), OPEN_VALUES))
@settings(deadline=None)
def test_arbitrary_msgpack_is_refused_or_taken(value: Any) -> None:
    refused_or_taken(pack(value))


@given(st.sampled_from(FULL), st.data())
@settings(max_examples=400, deadline=None)
def test_a_message_with_changed_bytes_is_refused_or_taken(message: Any, data: st.DataObject) -> None:
    changed = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        assume(changed)
    refused_or_taken(bytes(changed))


@given(st.sampled_from(FULL), st.data())
@settings(max_examples=300, deadline=None)
def test_a_message_with_one_field_of_any_value_is_refused_or_taken(message: Any, data: st.DataObject) -> None:
    value = msgpack.unpackb(encode(message))
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(OPEN_VALUES)
    refused_or_taken(pack(value))


@given(of(inspect.type_info(Tick)))
@settings(deadline=None)
def test_a_stream_frame_is_the_topic_and_the_message(message: Tick) -> None:
    frame = stream_frame(message)
    assert frame == b"tick" + encode(message)
    assert parse_stream_frame(frame) == message
