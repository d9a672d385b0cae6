"""Owns the proof that `docs/protocol.md` says what the code does: fields, types, codes, limits, bytes, test names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from protocol import ids
from protocol.codec import encode
from protocol.columns import pack_f32, pack_u16
from protocol.messages import Ack, Roster, Tick
from protocol.views import TickView, parse_stream_frame, stream_frame
from tests.protocol.wire_types import rows, sections

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    found = re.search(rf"^#### `{heading}`\n(.*?)(?=^#)", DOC, re.DOTALL | re.MULTILINE)
    assert found, f"docs/protocol.md has no section #### `{heading}`"
    return found[1]


def table(text: str) -> list[tuple[str, ...]]:
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


@pytest.mark.parametrize(("heading", "cls"), list(sections()), ids=str)
def test_the_page_tells_every_field_with_its_type_and_default(heading: str, cls: type) -> None:
    told = [row[:3] for row in table(section(heading))]
    assert told == [(f"`{name}`", kind, default) for name, kind, default in rows(cls)]


@pytest.mark.parametrize(("heading", "cls"), list(sections()), ids=str)
def test_the_page_says_what_every_field_means(heading: str, cls: type) -> None:
    assert all(len(row) == 4 and len(row[3]) > 5 for row in table(section(heading)))


def test_the_page_has_no_section_for_what_does_not_exist() -> None:
    headings = re.findall(r"^#### `(.*)`$", DOC, re.MULTILINE)
    assert sorted(headings) == sorted(name for name, _ in sections())


def test_the_page_lists_every_code_with_its_meaning_and_no_other() -> None:
    part = DOC.partition("## 10. Codes")[2].partition("## 11.")[0]
    assert table(part) == [(f"`{code}`", meaning) for code, meaning in ids.ERROR_CODES.items()]


def test_the_page_names_every_operation_capability_and_stop_reason() -> None:
    operations = DOC.partition("### 9.1")[2].partition("## 10.")[0]
    assert [row[0] for row in table(operations)] == [f"`{op}`" for op in ids.OPERATIONS]
    for name in (*ids.CAPABILITIES, *ids.STOP_REASONS):
        assert f"`{name}`" in DOC


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (ids.PROTOCOL, "Protocol number **{}**"),
        (ids.DEFAULT_PORT, "| stream | {} |"),
        (ids.DEFAULT_PORT + 1, "| link | {} |"),
        (ids.DEFAULT_PORT + 2, "| control | {} |"),
        (ids.MAX_DEPTH, "Nesting goes to {} levels"),
        (ids.MAX_VALUES, "at most {:,} values"),
        (ids.MAX_ID_CHARS, "1 to {} characters"),
        (ids.MAX_NAME_CHARS, "0 to {} characters"),
        (ids.MAX_TEXT_CHARS, "0 to {:,} characters"),
        (ids.MAX_FLOAT, "magnitude up to {!r}"),
        (ids.MAX_SUBSCRIPTION_BYTES, "over {:,} bytes on the stream"),
        (ids.MAX_LINK_BYTES // 2**20, "{} MiB on the link"),
        (ids.MAX_CONTROL_BYTES // 2**20, "{} MiB on control"),
        (ids.MAX_STATE_BYTES // 2**20, "accept up to {} MiB"),
        (ids.COMMAND_WINDOW, "up to {} unacknowledged"),
        (ids.HEARTBEAT_INTERVAL_MS, "every {:,} ms"),
        (ids.HEARTBEAT_TIMEOUT_MS, "timeout {:,} ms"),
    ],
    ids=str,
)
def test_the_page_tells_the_limits_that_hold(limit: int | float, told: str) -> None:
    assert told.format(limit) in DOC


def test_every_test_the_page_names_exists() -> None:
    folders = (Path(__file__).parent, ROOT / "tests" / "unity_bridge")
    code = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)(?:\.py)?`", DOC))
    assert len(named) > 10
    for name in named:
        assert f"def {name}(" in code or (Path(__file__).parent / f"{name}.py").is_file(), name


def hex_blocks() -> list[bytes]:
    return [bytes.fromhex(block) for block in re.findall(r"^```\n([0-9a-f \n]+)```$", DOC, re.MULTILINE)]


def test_the_bytes_on_the_page_are_what_the_code_writes() -> None:
    ack, emotion, action, frame = hex_blocks()
    assert ack == encode(Ack(seq=300))
    assert emotion == pack_f32([[0.125, 0.75], [0.5, 0.25]])
    assert action == pack_u16([0, 258])
    moods = pack_f32([[0.0, 0.0, 0.0], [1.0, 0.5, -1.0]])
    tick = Tick(session=7, tick=60, time=1.0, epoch=1, n=2, emotion=emotion, mood=moods, action=pack_u16([0, 1]))
    assert frame == stream_frame(tick)
    assert f"stream frame of {len(frame)} bytes" in DOC


def test_the_frame_on_the_page_reads_as_the_page_says() -> None:
    tick = parse_stream_frame(hex_blocks()[3])
    roster = Roster(
        epoch=1, scene="s", characters=("ann", "bob"), labels=("anger", "joy"), actions=("", "greet"), rate=60.0
    )
    view = TickView.of(tick, roster)
    assert view.emotion.tolist() == [[0.125, 0.75], [0.5, 0.25]]
    assert view.mood.tolist() == [[0, 0, 0], [1, 0.5, -1]]
    assert view.action.tolist() == [0, 1]
