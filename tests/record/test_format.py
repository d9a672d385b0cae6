"""A file is trusted exactly as far as it is whole: cuts, flipped bytes, moved records and hostile lengths."""

from __future__ import annotations

import bisect
import struct
import tracemalloc
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.record import Fault, RecordingError, RecordReader, Replay
from emotion_runtime.record.format import (
    FRAME_BYTES,
    LARGEST_RECORD,
    LARGEST_TICK,
    MAGIC,
    MOST_ITEMS,
    AnyInput,
    End,
    Said,
    Ticked,
    Told,
    frame,
)
from tests.record.plays import a_play, borders, record_play, records, write


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "play.emr"
    record_play(path, a_play(40), keyframe_seconds=0.3)
    return path.read_bytes()


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("short") / "play.emr"
    record_play(path, a_play(9))
    return path.read_bytes()


def read(path: Path, data: bytes) -> tuple[int, Fault | None, int]:
    """Records read of a file with these bytes, its fault, and the offset up to which it is sound."""
    path.write_bytes(data)
    with RecordReader(path) as reader:
        return len(list(reader)), reader.fault, reader.offset


def test_every_cut_keeps_every_whole_record(short: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.emr"
    ends = list(borders(short))
    for cut in range(len(short)):
        # the file is cut at every byte behind the header, and at some within it: all of that is one record
        if cut < ends[0]:
            if cut % 97 == 0 or cut <= len(MAGIC) + FRAME_BYTES:
                path.write_bytes(short[:cut])
                with pytest.raises(RecordingError) as refused:
                    RecordReader(path)
                assert refused.value.code in ("no_recording", "bad_recording")
            continue
        kept = bisect.bisect_right(ends, cut) - 1
        count, fault, offset = read(path, short[:cut])
        assert (count, offset) == (kept, ends[kept])
        if cut == ends[kept]:
            assert fault is None
        else:
            assert fault is not None
            assert (fault.kind, fault.offset) == ("torn", ends[kept])


def test_every_flipped_byte_is_found_and_nothing_behind_it_is_used(short: bytes, tmp_path: Path) -> None:
    path = tmp_path / "flipped.emr"
    ends = list(borders(short))
    for at in [*range(0, ends[0], 53), *range(ends[0], len(short))]:
        data = bytearray(short)
        data[at] ^= 1 << at % 8
        if at < ends[0]:
            with pytest.raises(RecordingError):
                read(path, bytes(data))
            continue
        before = bisect.bisect_right(ends, at) - 1
        count, fault, offset = read(path, bytes(data))
        assert fault is not None
        assert (count, offset, fault.offset) == (before, ends[before], ends[before])


def test_a_record_moved_doubled_or_left_out_is_found(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    path.write_bytes(whole)
    header, rest = records(path)
    at = next(i for i, r in enumerate(rest) if isinstance(r, Ticked) and r.tick == 20)
    twice, without = [*rest[: at + 1], *rest[at:]], [*rest[:at], *rest[at + 1 :]]
    swapped = [*rest[:at], rest[at + 1], rest[at], *rest[at + 2 :]]
    more = [*rest, rest[-1]]
    other = tmp_path / "other.emr"
    for changed, ticks in ((twice, 20), (without, 19), (swapped, 19), (more, 40)):
        write(other, header, changed)
        with RecordReader(other) as reader:
            list(reader)
            assert reader.fault is not None
            assert reader.fault.kind == "damaged"
            assert reader.ticks == ticks


def test_a_tail_of_zeros_is_no_record(whole: bytes, tmp_path: Path) -> None:
    # some file systems leave these behind when the power fails
    path = tmp_path / "zeros.emr"
    path.write_bytes(whole)
    header, rest = records(path)
    write(path, header, rest[:-1])
    with path.open("ab") as file:
        file.write(bytes(4096))
    with RecordReader(path) as reader:
        assert len(list(reader)) == len(rest) - 1
        assert reader.fault is not None


def test_a_length_that_is_not_there_allocates_nothing(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "long.emr"
    head = whole[: next(borders(whole))]
    for length in (LARGEST_RECORD, LARGEST_RECORD + 1, 2**32 - 1):
        path.write_bytes(head + struct.pack("<II", length, 0) + b"abc")
        tracemalloc.start()
        try:
            with RecordReader(path) as reader:
                list(reader)
                assert reader.fault is not None
            assert tracemalloc.get_traced_memory()[1] < 2**20
        finally:
            tracemalloc.stop()


def test_a_sound_record_of_the_largest_size_is_read_in_bounded_memory(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.emr"
    head = whole[: next(borders(whole))]
    # an array of millions of nothings: each would be an object if it were decoded before it is checked
    nothings = b"\x92\x00\xdd" + struct.pack(">I", LARGEST_TICK - 7) + b"\xc0" * (LARGEST_TICK - 7)
    nested = b"\x91" * (LARGEST_TICK - 1) + b"\xc0"
    too_large = b"\x92\x00\xdd" + struct.pack(">I", LARGEST_RECORD - 7) + b"\xc0" * (LARGEST_RECORD - 7)
    for bomb in (nothings, nested, too_large):
        path.write_bytes(head + frame(bomb))
        tracemalloc.start()
        try:
            with RecordReader(path) as reader:
                assert list(reader) == []
                assert reader.fault is not None
                assert reader.fault.kind == "damaged"
            assert tracemalloc.get_traced_memory()[1] < 3 * len(bomb)
        finally:
            tracemalloc.stop()
    # as many small values as there can be, and all of them right
    heard: dict[str, float] = {f"{number:x}": 0 for number in range(MOST_ITEMS)}
    said: list[AnyInput] = [Said(0, 0, "", "", 0, None, "", heard)] * 200
    path.write_bytes(head + frame(msgspec.msgpack.encode(Told(1, said))))
    assert LARGEST_TICK * 0.8 < path.stat().st_size < LARGEST_TICK
    tracemalloc.start()
    try:
        with RecordReader(path) as reader:
            assert len(list(reader)) == 1
        assert tracemalloc.get_traced_memory()[1] < 40 * LARGEST_TICK
    finally:
        tracemalloc.stop()


@given(payload=st.binary(max_size=200))
def test_sound_frames_of_anything_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, payload: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.emr"
    count, fault, _ = read(path, whole[: next(borders(whole))] + frame(payload))
    assert count == (fault is None)
    path.write_bytes(MAGIC + frame(payload))
    with pytest.raises(RecordingError):
        RecordReader(path)


def test_the_checksum_covers_the_length() -> None:
    assert frame(b"abc") == struct.pack("<II", 3, zlib.crc32(b"\x03\x00\x00\x00abc")) + b"abc"


def test_another_format_says_which(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    path.write_bytes(whole)
    header, rest = records(path)
    write(path, msgspec.structs.replace(header, format=3), rest)
    with pytest.raises(RecordingError, match="has format 3, this version reads up to 2"):
        RecordReader(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 something else", MAGIC, MAGIC.replace(b"\r\n", b"\n") + b"x" * 40])
def test_what_is_no_recording_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "no.emr"
    path.write_bytes(data)
    with pytest.raises(RecordingError):
        Replay(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.emr", tmp_path):
        with pytest.raises(RecordingError) as refused:
            Replay(path)
        assert refused.value.code == "recording_missing"


def test_a_cut_recording_replays_as_far_as_it_goes(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.emr"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with Replay(path) as replay:
        outcome = replay.run()
    assert outcome.equal
    assert 0 < outcome.ticks < 40
    assert outcome.ended == ""


def test_the_footer_tells_how_many_ticks_there_are(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "play.emr"
    path.write_bytes(whole)
    assert records(path)[1][-1] == End(40, "closed")
