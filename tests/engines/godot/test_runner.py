"""What the project's runner proves inside Godot: vectors, sessions, sockets, components; and what decoding costs."""

from __future__ import annotations

import re

from tests.engines.godot.conftest import REPOSITORY, Godot

VECTORS = REPOSITORY / "protocol" / "vectors"


def test_the_runner_passes_inside_godot(godot: Godot) -> None:
    output = godot.run("--script", "tests/run.gd", "--", f"vectors={VECTORS}")
    last = output.strip().splitlines()[-1]
    found = re.fullmatch(r"(\d+) passed, (\d+) failed", last)
    assert found, output[-4000:]
    assert int(found[1]) >= 40
    assert found[2] == "0"


def test_a_fault_in_a_test_makes_the_runner_fail(godot: Godot) -> None:
    broken = godot.project / "tests" / "test_broken.gd"
    broken.write_text('extends "case.gd"\n\n\nfunc test_it() -> void:\n\tpush_error("on purpose")\n', encoding="utf-8")
    try:
        process = godot.start("--script", "tests/run.gd", "--", "only=test_it")
        output, _ = process.communicate(timeout=60)
    finally:
        broken.unlink()
    assert process.returncode == 1, output
    assert output.strip().endswith("0 passed, 1 failed")


def test_reading_a_frame_of_a_thousand_characters_looks_at_no_value(godot: Godot) -> None:
    figures = godot.script("tests/bench.gd")
    print(figures)
    assert figures["taken"] == 300
    # Looking at every value once costs many times what reading the columns as blobs does.
    assert figures["decode_us_p50"] < figures["check_all_rows_us_p50"] / 2
    assert figures["with_faces"]["decode_us_p50"] < figures["with_faces"]["check_all_rows_us_p50"] / 2
