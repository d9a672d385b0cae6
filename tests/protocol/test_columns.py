"""Owns the proof that columns keep their numbers, byte order and ranges, and that arrays read are read-only."""

from __future__ import annotations

import struct
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from protocol.columns import (
    LEAST_OPEN,
    MOST_OPEN,
    f32,
    pack_f32,
    pack_open_unit,
    pack_u16,
    pack_u32,
    require_inside,
    u16,
    u32,
)
from protocol.errors import BadColumnError, BadValueError, MalformedError, StaleEpochError, UnknownMessageError
from protocol.messages import Tick
from protocol.vectors.samples import ROSTER, TICK
from protocol.views import TickView, parse_stream_frame, stream_frame


def changed(**fields: Any) -> Tick:
    return msgspec.structs.replace(TICK, **fields)


def test_floats_are_little_endian_row_by_row() -> None:
    assert pack_f32([[1.0, 2.0], [3.0, 4.0]]) == struct.pack("<4f", 1, 2, 3, 4)
    assert pack_u16([1, 258]) == b"\x01\x00\x02\x01"
    assert pack_u32([1, 0x01020304]) == b"\x01\x00\x00\x00\x04\x03\x02\x01"


@pytest.mark.parametrize("layout", ["C", "F", "strided", "big-endian"])
def test_an_array_of_any_layout_packs_alike(layout: str) -> None:
    plain = np.arange(12, dtype=np.float64).reshape(4, 3)
    array = {
        "C": plain,
        "F": np.asfortranarray(plain),
        "strided": np.repeat(plain, 2, axis=1)[:, ::2],
        "big-endian": plain.astype(">f8"),
    }[layout]
    assert pack_f32(array) == struct.pack("<12f", *range(12))


@given(
    hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(-(2.0**99), 2.0**99, width=32))
)
@settings(deadline=None)
def test_floats_come_back_as_they_were(array: Any) -> None:
    back = f32(pack_f32(array), array.shape[0], array.shape[1], "column")
    assert back.dtype == np.dtype("<f4")
    assert np.array_equal(back, array)


@given(st.lists(st.integers(0, 65535)), st.lists(st.integers(0, 2**32 - 1)))
@settings(deadline=None)
def test_integers_come_back_as_they_were(small: list[int], large: list[int]) -> None:
    assert u16(pack_u16(small), len(small), "column").tolist() == small
    assert u32(pack_u32(large), len(large), "column").tolist() == large


@given(st.lists(st.floats(0, 1), max_size=8))
@settings(deadline=None)
def test_an_emotion_stays_strictly_inside_when_it_is_rounded_to_float32(values: list[float]) -> None:
    packed = f32(pack_open_unit(values), 1, len(values), "emotion")
    require_inside(packed, 0.0, 1.0, "emotion", strictly=True)
    assert np.abs(packed - values).max(initial=0) <= 2.0**-24


def test_the_ends_of_the_open_unit_are_the_nearest_float32() -> None:
    assert np.nextafter(np.float32(1), np.float32(0)) == MOST_OPEN
    assert np.finfo(np.float32).tiny == LEAST_OPEN
    assert f32(pack_open_unit([0.0, 1.0]), 1, 2, "x").tolist() == [[LEAST_OPEN, MOST_OPEN]]


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e39])
def test_what_is_not_finite_as_float32_is_not_packed(odd: float) -> None:
    with pytest.raises(BadValueError) as caught:
        pack_f32([[0.0, 1.0], [odd, 2.0]], "mood")
    assert caught.value.where == "$.mood[1][0]"


@pytest.mark.parametrize("odd", [np.nan, -0.1, 1.1])
def test_an_emotion_outside_is_not_packed(odd: float) -> None:
    with pytest.raises(BadValueError):
        pack_open_unit([0.5, odd])


@pytest.mark.parametrize("odd", [[-1], [65536], [1.5], ["1"]])
def test_what_is_no_uint16_is_not_packed(odd: list[Any]) -> None:
    with pytest.raises(BadValueError):
        pack_u16(odd)


@given(st.binary(max_size=40), st.integers(0, 4), st.integers(0, 4))
@settings(deadline=None)
def test_a_blob_of_any_other_length_is_refused(blob: bytes, rows: int, columns: int) -> None:
    if len(blob) == 4 * rows * columns:
        assert f32(blob, rows, columns, "x").shape == (rows, columns)
    else:
        with pytest.raises(BadColumnError) as caught:
            f32(blob, rows, columns, "x")
        assert caught.value.where == "$.x"


def test_arrays_of_a_tick_are_read_only_and_share_its_bytes() -> None:
    view = TickView.of(TICK, ROSTER)
    for array in (view.emotion, view.mood, view.action, view.face):
        assert array is not None
        assert not array.flags.writeable
        assert not array.flags.owndata
    assert np.shares_memory(view.emotion, np.frombuffer(TICK.emotion, dtype=np.uint8))


def test_a_tick_view_holds_the_tick() -> None:
    view = TickView.of(TICK, ROSTER)
    assert view.emotion.shape == (3, 2)
    assert view.mood[1].tolist() == [0.5, -0.5, 0.25]
    assert [ROSTER.actions[a] for a in view.action] == ["", "flee_fire", "greet"]
    assert (view.tick, view.time, view.session, view.paused) == (TICK.tick, TICK.time, TICK.session, True)


def test_a_tick_without_characters_is_a_tick() -> None:
    roster = msgspec.structs.replace(ROSTER, characters=())
    view = TickView.of(changed(n=0, emotion=b"", mood=b"", action=b"", face=b""), roster)
    assert view.emotion.shape == (0, 2)


def test_a_tick_of_another_roster_is_told_apart_before_its_columns_are_read() -> None:
    with pytest.raises(StaleEpochError, match=r"epoch 2.*epoch 3"):
        TickView.of(changed(epoch=2, emotion=b"garbage"), ROSTER)


def test_a_stream_frame_of_another_topic_is_to_be_skipped() -> None:
    with pytest.raises(UnknownMessageError):
        parse_stream_frame(b"mood" + stream_frame(TICK)[4:])
    with pytest.raises(MalformedError):
        parse_stream_frame(b"")
