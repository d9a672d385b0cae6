"""The program in docs/replay.md runs, and its tables name what the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emotion_runtime.record import format as records

PAGE = Path(__file__).resolve().parents[2] / "docs" / "replay.md"


def test_the_program_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(program, "replay.md", "exec"), {})
    assert (tmp_path / "evening.emr").exists()


def test_the_page_names_every_field_of_the_header_and_the_magic() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in (*records.Header.__struct_fields__, *records.Profile.__struct_fields__):
        assert f"`{name}`" in text
    assert " ".join(f"{byte:02X}" for byte in records.MAGIC) in text
