"""The C# core passes the golden vectors: bytes, refusals, columns and session sequences, as Python does."""

from __future__ import annotations

import json
from pathlib import Path

import protocol
from tests.engines.unity.mono import run

VECTORS = Path(protocol.__path__[0]) / "vectors"


def test_every_vector_passes_in_csharp(runner: Path) -> None:
    lines = run(runner, "vectors", str(VECTORS))
    passed, _, failed, _ = lines[-1].split()
    assert int(failed) == 0, "\n".join(lines)
    files = {name: json.loads((VECTORS / f"{name}.json").read_text("utf-8")) for name in ("messages", "malformed")}
    columns = json.loads((VECTORS / "columns.json").read_text("utf-8"))
    session = json.loads((VECTORS / "session.json").read_text("utf-8"))
    clients = sum(sequence["role"] == "client" for sequence in session["sequences"])
    tests = sum(document["count"] for document in (*files.values(), columns)) + clients
    # One more check a file: that none was left out.
    assert int(passed) == tests + 4


def test_a_frame_is_decoded_without_garbage_and_in_time_by_its_size(runner: Path) -> None:
    figures = {}
    for line in run(runner, "bench"):
        words = line.split()
        row = {name: float(value) for name, value in zip(words[::2], words[1::2], strict=True)}
        figures[int(row["characters"]), int(row["shapes"])] = row
    for row in figures.values():
        assert row["garbage"] < 64, row
        assert row["collections"] == 0, row
    # No absolute time: a hundred times the characters may cost two hundred times the time, not more.
    assert figures[10000, 0]["best_us"] < 200 * figures[100, 0]["best_us"]
    assert figures[1000, 52]["best_us"] < 12 * figures[1000, 0]["best_us"]
